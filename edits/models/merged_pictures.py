"""Merged pictures: what a model changed, put back into the picture at its full size.

WAITING ──the edit is done, the worker has merged it──▶ READY
   └──it cannot be merged──▶ REFUSED, with a reason
"""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from edits.models.edit_requests import EditRequest
from edits.models.uploads import Upload


class MergeKind(models.TextChoices):
    """What is put back: a region that was chosen before, or whatever the model changed."""

    REGION = "region", _("Only here")
    DETAIL = "detail", _("Keep detail")


class MergeState(models.TextChoices):
    """Whether the merged picture is there."""

    WAITING = "waiting", pgettext_lazy("merged picture", "Waiting")
    READY = "ready", pgettext_lazy("merged picture", "Ready")
    REFUSED = "refused", pgettext_lazy("merged picture", "Not possible")


class MergeRefusal(models.TextChoices):
    """Why it is not, in words for the owner."""

    CHANGED = (
        "changed",
        _(
            "The model changed more than 60 percent of what it was sent, so nothing was put into the original."
        ),
    )
    ALIGNMENT = (
        "alignment",
        _("The model’s answer does not lie over the original, so nothing was put into the original."),
    )
    NOTHING = "nothing", _("The model changed nothing that could be put into the original.")
    SHAPE = (
        "shape",
        _(
            "The picture was cropped or given a border before it was sent, so it does not lie over the original."
        ),
    )
    ORIGINAL_GONE = "original_gone", _("The original is no longer stored.")
    UNREADABLE = "unreadable", _("The original or the model’s answer could not be read.")


class MergedPicture(models.Model):
    """A further version of an edit's picture, beside the model's own answer and never in its place.

    ``region`` says which part may change and which was sent: ``{"box": [left, top, right, bottom], "crop": […],
    "feather_px": 24}`` in pixels of the original; ``paint`` is its painted shape where it is no box.
    """

    edit = models.OneToOneField(EditRequest, on_delete=models.CASCADE, related_name="merged")
    kind = models.CharField(max_length=8, choices=MergeKind)
    region: Any = models.JSONField(null=True, blank=True)
    paint = models.ForeignKey(
        Upload, on_delete=models.PROTECT, null=True, blank=True, related_name="paints",
        help_text="The painted region, small, in the shape of the original: white where it may change.",
    )  # fmt: skip
    state = models.CharField(max_length=8, choices=MergeState, default=MergeState.WAITING)
    refusal = models.CharField(max_length=16, choices=MergeRefusal, blank=True)
    file = models.FileField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    width_px = models.PositiveIntegerField(null=True, blank=True)
    height_px = models.PositiveIntegerField(null=True, blank=True)
    size_bytes = models.PositiveIntegerField(null=True, blank=True)
    thumb_320 = models.FileField(max_length=200, blank=True)
    thumb_1024 = models.FileField(max_length=200, blank=True)
    changed_share = models.FloatField(null=True, blank=True, help_text="Share of the original, 0 to 1.")
    shift_px = models.FloatField(null=True, blank=True, help_text="How far the answer had moved.")
    tries = models.PositiveSmallIntegerField(default=0)
    again_at = models.DateTimeField(null=True, blank=True, help_text="It is not tried before.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="merged_kind_known", condition=Q(kind__in=MergeKind.values)),
            models.CheckConstraint(
                name="merged_region_is_given",
                condition=Q(kind=MergeKind.REGION, region__isnull=False)
                | Q(kind=MergeKind.DETAIL, region__isnull=True, paint__isnull=True),
            ),
            models.CheckConstraint(
                name="merged_ready_has_file",
                condition=Q(state=MergeState.READY, size_bytes__gt=0) & ~Q(file="")
                | ~Q(state=MergeState.READY) & Q(file="", thumb_320="", thumb_1024=""),
            ),
            models.CheckConstraint(
                name="merged_refused_has_reason",
                condition=Q(state=MergeState.REFUSED, refusal__in=MergeRefusal.values)
                | Q(state__in=[MergeState.WAITING, MergeState.READY], refusal=""),
            ),
        ]
        indexes = [models.Index(name="merged_waiting", fields=["id"], condition=Q(state=MergeState.WAITING))]

    def __str__(self) -> str:
        return f"{self.kind} of edit {self.edit_id} ({self.state})"

    @property
    def is_ready(self) -> bool:
        """Whether there is a picture to show."""
        return self.state == MergeState.READY
