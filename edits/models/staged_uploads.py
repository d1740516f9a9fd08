"""Staged uploads: pictures that a person or a program has uploaded and may use in edits, drafts and batches."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from edits.models.api_keys import ApiKey
from edits.models.people import User
from edits.models.uploads import Upload

KEPT = timedelta(days=1)


class StagedUploadQuerySet(models.QuerySet["StagedUpload"]):
    """Staged uploads by owner, and by whether they are still of use."""

    def of(self, user: User) -> Self:
        """The user's own; nobody else can use them."""
        return self.filter(owner=user)

    def usable_by(self, user: User, *, key: ApiKey | None = None) -> Self:
        """The user's own; with a ``key``, only those that were uploaded with it."""
        found = self.of(user).select_related("upload", "kept")
        return found.filter(api_key=key) if key else found

    def stale(self, now: datetime) -> Self:
        """Those that nobody used for a day and that no draft holds."""
        return self.filter(used_at__lte=now - KEPT, drafts__isnull=True)


class StagedUpload(models.Model):
    """One person's picture that was checked and stored before an edit of it was asked for.

    ``upload`` is what is sent to the model for which it was checked.  ``original`` are the bytes that came, kept only
    where they had to be changed, so that a model with other limits gets a picture made of them, not of the copy.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="staged_uploads")
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.CASCADE, null=True, blank=True, related_name="staged_uploads",
        help_text="The API key that uploaded it; blank: uploaded in the browser.",
    )  # fmt: skip
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="staged")
    original = models.FileField(max_length=200, blank=True)
    kept = models.ForeignKey(
        Upload, on_delete=models.PROTECT, null=True, blank=True, related_name="kept_for",
        help_text="The picture at its full size, without metadata, where that is larger than what is sent.",
    )  # fmt: skip
    name = models.CharField(max_length=255, blank=True)
    width_px = models.PositiveIntegerField(help_text="Of the uploaded picture, upright.")
    height_px = models.PositiveIntegerField()
    size_bytes = models.PositiveIntegerField()
    shape = models.CharField(
        max_length=4, blank=True, choices=[("crop", "Cropped"), ("pad", "With a border")]
    )
    notes = models.JSONField(
        default=list, blank=True, help_text="Changes made to the upload, as the card lists them."
    )
    marks = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="What the file said of itself; not to be trusted."
    )
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(help_text="When it was uploaded or last used.")

    objects = StagedUploadQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="staged_upload_has_pixels",
                condition=Q(width_px__gt=0, height_px__gt=0, size_bytes__gt=0),
            ),
            models.CheckConstraint(
                name="staged_upload_shape_known", condition=Q(shape__in=["", "crop", "pad"])
            ),
        ]
        indexes = [models.Index(name="staged_upload_stale", fields=["used_at"])]

    def __str__(self) -> str:
        return self.name or str(self.public_id)
