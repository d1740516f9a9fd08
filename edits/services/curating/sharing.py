"""Shares edits with the team and stars them."""

from collections.abc import Collection
from datetime import datetime

from edits.models import EditRequest, Star, Status, User
from edits.models.edit_lookups import EditRequestQuerySet


def share_edit(*, edit: EditRequest, with_source: bool = False, now: datetime) -> bool:
    """Share a finished edit with the team, its source picture only if requested; False if it is not finished."""
    done = EditRequest.objects.not_trashed().filter(pk=edit.pk, status=Status.SUCCEEDED)
    changed = done.filter(shared_at__isnull=True).update(shared_at=now)
    return bool(done.update(source_is_shared=with_source) or changed)


def unshare_edit(*, edit: EditRequest) -> bool:
    """Make a shared edit private again; False if it was not shared."""
    return bool(
        EditRequest.objects.filter(pk=edit.pk, shared_at__isnull=False).update(
            shared_at=None, source_is_shared=False
        )
    )


def set_star(*, edit: EditRequest, user: User, starred: bool, now: datetime) -> None:
    """Set or remove the user's own star.  Idempotent."""
    if starred:
        Star.objects.get_or_create(edit=edit, user=user, defaults={"created_at": now})
    else:
        Star.objects.filter(edit=edit, user=user).delete()


def share_edits(*, owner: User, edits: EditRequestQuerySet, now: datetime) -> int:
    """Share the owner's finished edits, without their sources; returns how many were private before."""
    private = edits.of(owner).not_trashed().filter(status=Status.SUCCEEDED, shared_at__isnull=True)
    return private.update(shared_at=now, source_is_shared=False)


def unshare_edits(*, owner: User, shared_at: datetime, among: Collection[int] | None = None) -> int:
    """Make the edits private again that the owner shared at exactly this time, all or those ``among`` some keys.

    Returns how many.
    """
    shared = EditRequest.objects.of(owner).filter(shared_at=shared_at)
    shared = shared if among is None else shared.filter(pk__in=among)
    return shared.update(shared_at=None, source_is_shared=False)


def star_edits(*, user: User, edits: EditRequestQuerySet, now: datetime) -> int:
    """Star edits that the user may see; returns how many had no star of theirs."""
    plain = edits.order_by().exclude(stars__user=user).values_list("pk", flat=True)
    new = [Star(user=user, edit_id=pk, created_at=now) for pk in plain]
    Star.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def unstar_edits(*, user: User, starred_at: datetime, among: Collection[int] | None = None) -> int:
    """Remove the stars that the user set at exactly this time, all or those of edits ``among`` some keys.

    Returns how many.
    """
    stars = Star.objects.filter(user=user, created_at=starred_at)
    return (stars if among is None else stars.filter(edit__in=among)).delete()[0]
