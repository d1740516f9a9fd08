"""Uploads: source pictures as they are sent or kept at full size, each stored once no matter how often it is used."""

from django.db import models
from django.db.models import Q

LIKENESS = tuple(f"likeness_{number}" for number in range(4))
"""The four parts of 16 bits of a picture's difference hash: of two alike, at least one part is mostly the same."""
UNREADABLE = -1
"""In the first part: the picture has no likeness."""


class Upload(models.Model):
    """A source picture: upright, flattened, within the limits, and identified by its SHA-256.

    ``file`` holds exactly the bytes that go to the provider, so that a re-run sends the same; where that was made of
    a larger picture, another row holds the original, without metadata.  Masks and painted regions are uploads too.
    The worker makes the renditions; a blank one is not made yet, nor is a likeness that is NULL.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    file = models.FileField(max_length=200)
    format = models.CharField(max_length=4)
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    size_bytes = models.PositiveIntegerField()
    thumb_320 = models.FileField(max_length=200, blank=True)
    thumb_1024 = models.FileField(max_length=200, blank=True)
    placeholder = models.CharField(max_length=600, blank=True)
    likeness_0 = models.IntegerField(null=True, blank=True, editable=False)
    likeness_1 = models.IntegerField(null=True, blank=True, editable=False)
    likeness_2 = models.IntegerField(null=True, blank=True, editable=False)
    likeness_3 = models.IntegerField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            *(
                models.Index(
                    name=f"upload_{column}", fields=[column], condition=Q((f"{column}__isnull", False))
                )
                for column in LIKENESS
            ),
            models.Index(
                name="upload_without_likeness",
                fields=["-id"],
                condition=Q(likeness_0__isnull=True) & ~Q(thumb_320=""),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="upload_format_known", condition=Q(format__in=["JPEG", "PNG", "WEBP"])
            ),
            models.CheckConstraint(
                name="upload_has_pixels", condition=Q(width_px__gt=0, height_px__gt=0, size_bytes__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.width_px}×{self.height_px}"
