"""Puts edits into the trash, brings them back, and empties it after its days are over."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from edits.models import EditRequest, ReturnedImage, User
from edits.models.edit_requests import EditRequestQuerySet
from edits.services.budgets.spending import keep_spent
from edits.services.curating.tagging import untag_wholly
from edits.services.pictures.forgetting import take_if_unused
from edits.services.pictures.storing import delete_pictures
from edits.services.queue.canceling import cancel_edit


def trash_edits(*, owner: User, edits: EditRequestQuerySet, now: datetime | None = None) -> int:
    """Move the owner's edits to the trash, canceling those that have not ended; returns how many."""
    at = now or timezone.now()
    mine = edits.of(owner).kept()
    for edit in mine.active():
        cancel_edit(edit=edit, now=at)
    return mine.update(trashed_at=at)


def restore_edits(*, owner: User, edits: EditRequestQuerySet) -> int:
    """Bring the owner's edits back as they were; returns how many."""
    return edits.of(owner).trashed().update(trashed_at=None)


def purge_trash(*, now: datetime, most: int = 20) -> int:
    """Delete for good what has lain in the trash for its days, pictures included; returns how many."""
    old = EditRequest.objects.filter(trashed_at__lt=now - timedelta(days=settings.TRASH_DAYS))
    edits = list(old[:most])
    for edit in edits:
        _delete_for_good(edit, now=now)
    return len(edits)


def _delete_for_good(edit: EditRequest, *, now: datetime) -> None:
    with transaction.atomic():
        if not EditRequest.objects.select_for_update().trashed().filter(pk=edit.pk).first():
            return  # restored a moment ago, or another worker was first
        result = ReturnedImage.objects.select_for_update().filter(edit=edit).first()
        files = [result.file, result.thumb_320, result.thumb_1024, result.change_map] if result else []
        uploads = [edit.upload_id, edit.mask_id, *edit.references.values_list("upload", flat=True)]
        untag_wholly(edit=edit)
        keep_spent(edit, now=now)
        edit.delete()
        # The same bytes may be the source of somebody else's edit.
        for upload in dict.fromkeys(filter(None, uploads)):
            files += take_if_unused(upload)
    delete_pictures(*files)
