"""Votes of colleagues on contact sheets: one for each person and sheet, which can be changed and taken back.

A sheet is a batch, or the edits that its address names, in any order.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from edits.models import Batch, EditRequest, User, Vote
from edits.models.edit_lookups import EditRequestQuerySet


def sheet_name_of_batch(batch: Batch) -> str:
    """The name of a batch's sheet."""
    return f"b-{batch.public_id.hex}"


def sheet_name_of_ids(public_ids: Iterable[UUID]) -> str:
    """The name of the sheet of these edits."""
    named = ",".join(sorted({public_id.hex for public_id in public_ids}))
    return f"s-{sha256(named.encode()).hexdigest()[:32]}"


def open_to_votes_of(user: User) -> EditRequestQuerySet:
    """What this person may vote for: edits of colleagues that are shared, so done and not in the trash."""
    return EditRequest.objects.shared().exclude(owner=user)


def vote(*, voter: User, edit: EditRequest, sheet: str, now: datetime) -> bool:
    """Vote for an edit, in place of the person's earlier vote on the sheet; False if it is not open to their vote."""
    if not open_to_votes_of(voter).filter(pk=edit.pk).exists():
        return False
    Vote.objects.update_or_create(
        voter=voter, sheet=sheet, defaults={"edit": edit}, create_defaults={"edit": edit, "created_at": now}
    )
    return True


def take_back(*, voter: User, sheet: str) -> None:
    """Without a vote there is nothing to do."""
    Vote.objects.on(sheet).filter(voter=voter).delete()
