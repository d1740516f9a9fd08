"""Returned images: the picture returned for an edit, shown or withheld."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from edits.models.edit_requests import EditRequest


class FinishReason(models.TextChoices):
    """The finish reason that the provider reported."""

    SUCCESS = "success", "Success"
    CONTENT_FILTERED = "content_filtered", "Content filtered"


class Verdict(models.TextChoices):
    """How the picture of a re-run compares with the original."""

    IDENTICAL = "identical", _("identical")
    NEAR_IDENTICAL = "near-identical", _("near-identical")
    DIFFERENT = "different", _("different")


class ReturnedImage(models.Model):
    """The picture of an edit.  A withheld one is stored apart, has no thumbnails and is served to reviewers only.

    The worker makes the renditions; a blank one is not made yet.
    """

    edit = models.OneToOneField(EditRequest, on_delete=models.CASCADE, related_name="result")
    file = models.FileField(max_length=200)
    sha256 = models.CharField(max_length=64, db_index=True)
    format = models.CharField(max_length=4)
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    size_bytes = models.PositiveIntegerField()
    seed_used = models.BigIntegerField(
        null=True, blank=True, help_text="Blank: not confirmed by the provider."
    )
    finish_reason = models.CharField(max_length=16, choices=FinishReason)
    withheld = models.BooleanField(default=False)
    thumb_320 = models.FileField(max_length=200, blank=True)
    thumb_1024 = models.FileField(max_length=200, blank=True)
    change_map = models.FileField(max_length=200, blank=True)
    changed_share = models.FloatField(null=True, blank=True, help_text="Share of the picture, 0 to 1.")
    placeholder = models.CharField(max_length=600, blank=True)
    render_tries = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Attempts to make its missing renditions."
    )
    render_again_at = models.DateTimeField(
        null=True, blank=True, help_text="Missing renditions are not attempted before then."
    )
    receipt = models.CharField(max_length=16, choices=Verdict, blank=True)
    similarity = models.FloatField(
        null=True, blank=True, help_text="Similarity to the edit it repeats, 0 to 1."
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="result_withheld_has_no_renditions",
                condition=Q(withheld=False) | Q(thumb_320="", thumb_1024="", placeholder="", change_map=""),
            ),
            models.CheckConstraint(
                name="result_format_known", condition=Q(format__in=["JPEG", "PNG", "WEBP"])
            ),
            models.CheckConstraint(
                name="result_has_pixels", condition=Q(width_px__gt=0, height_px__gt=0, size_bytes__gt=0)
            ),
        ]
        indexes = [
            models.Index(name="result_seed", fields=["seed_used"]),
            models.Index(name="result_undrawn", fields=["id"], condition=Q(thumb_320="", withheld=False)),
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.width_px}×{self.height_px}"
