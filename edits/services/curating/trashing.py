"""Moves edits to the trash, restores them, and empties the trash after TRASH_DAYS."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from edits.models import Batch, EditRequest, MergedPicture, RecipeRun, ReturnedImage, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.budgets.spending import keep_spent
from edits.services.curating.tagging import untag_wholly
from edits.services.pictures.storing import delete_pictures
from edits.services.pictures.unused_uploads import take_if_unused
from edits.services.queue.canceling import cancel_edits


def trash_edits(
    *, owner: User, edits: EditRequestQuerySet, now: datetime, trashed_at: datetime | None = None
) -> int:
    """Move the owner's edits to the trash and cancel those that have not ended; returns how many.

    ``trashed_at`` is the moment of the action that this belongs to, if it began before now.
    """
    mine = edits.of(owner).not_trashed()
    cancel_edits(edits=mine, now=now)
    return mine.update(trashed_at=trashed_at or now)


def restore_edits(*, owner: User, edits: EditRequestQuerySet) -> int:
    """Restore the owner's edits as they were; returns how many."""
    return edits.of(owner).trashed().update(trashed_at=None)


def purge_trash(*, now: datetime, most: int = 20) -> int:
    """Permanently delete edits that were in the trash for TRASH_DAYS, with their pictures; returns how many."""
    old = EditRequest.objects.filter(trashed_at__lt=now - timedelta(days=settings.TRASH_DAYS))
    edits = list(old.order_by("trashed_at")[:most])
    for edit in edits:
        _delete_for_good(edit, now=now)
    return len(edits)


def _delete_for_good(edit: EditRequest, *, now: datetime) -> None:
    with transaction.atomic():
        if not EditRequest.objects.select_for_update().trashed().filter(pk=edit.pk).first():
            return  # restored just now, or another worker was first
        result = ReturnedImage.objects.select_for_update().filter(edit=edit).first()
        files = [result.file, result.thumb_320, result.thumb_1024, result.change_map] if result else []
        merged = MergedPicture.objects.select_for_update().filter(edit=edit).first()
        files += [merged.file, merged.thumb_320, merged.thumb_1024] if merged else []
        uploads = [edit.upload_id, edit.mask_id, edit.original_id, merged.paint_id if merged else None]
        uploads += [*edit.references.values_list("upload", flat=True)]
        untag_wholly(edit=edit)
        keep_spent(edit, now=now)
        batch = Batch.objects.select_for_update().filter(edits=edit).first()
        run = RecipeRun.objects.select_for_update(of=("self",)).filter(rows__edit=edit).first()
        edit.delete()
        if run and not run.rows.filter(edit__isnull=False).exists():
            run.delete()
        if batch and not batch.edits.exists():  # its last one
            batch.delete()
        # The same bytes may be the source of somebody else's edit.
        for upload in dict.fromkeys(filter(None, uploads)):
            files += take_if_unused(upload)
    delete_pictures(*files)
