"""Shows edits to the team, and marks them with stars."""

from datetime import datetime

from django.utils import timezone

from edits.models import EditRequest, Star, Status, User


def share_edit(*, edit: EditRequest, with_source: bool = False, now: datetime | None = None) -> bool:
    """Show a finished edit to the team, its source picture only if asked; False when it has nothing to show."""
    done = EditRequest.objects.kept().filter(pk=edit.pk, status=Status.SUCCEEDED)
    changed = done.filter(shared_at__isnull=True).update(shared_at=now or timezone.now())
    return bool(done.update(source_is_shared=with_source) or changed)


def unshare_edit(*, edit: EditRequest) -> bool:
    """Make a shared edit private again; False when it was not shared."""
    return bool(
        EditRequest.objects.filter(pk=edit.pk, shared_at__isnull=False).update(
            shared_at=None, source_is_shared=False
        )
    )


def set_star(*, edit: EditRequest, user: User, starred: bool, now: datetime | None = None) -> None:
    """Put or take the person's own star; doing it twice changes nothing."""
    if starred:
        Star.objects.get_or_create(edit=edit, user=user, defaults={"created_at": now or timezone.now()})
    else:
        Star.objects.filter(edit=edit, user=user).delete()
