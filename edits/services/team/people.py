"""Changes people: their profile, their role, and whether they may sign in.

Nothing here may leave the team without an administrator; what would is refused with False.
"""

from collections.abc import Callable
from datetime import datetime

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from edits.models import EditRequest, Invitation, Role, User, rights
from edits.services.queue.canceling import cancel_edit
from edits.services.team.auditing import record


def save_profile(*, user: User, name: str, email: str, shortcuts: bool) -> None:
    """Change what a person says of themselves.  A new address takes the old one's place for signing in."""
    with transaction.atomic():
        if email != user.email:
            EmailAddress.objects.filter(user=user).delete()
            if email:
                EmailAddress.objects.create(user=user, email=email, primary=True)
        user.first_name, user.last_name, user.email, user.shortcuts = name, "", email, shortcuts
        user.save(update_fields=["first_name", "last_name", "email", "shortcuts"])


@transaction.atomic
def is_last_administrator(user: User) -> bool:
    """Whether nobody else could manage the team."""
    administrators = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)
    # Locked, so that two administrators cannot each step down because the other is still there.
    pks = list(administrators.select_for_update().order_by("pk").values_list("pk", flat=True))
    return pks == [user.pk]


def set_role(*, user: User, role: str, by: User, now: Callable[[], datetime] = timezone.now) -> bool:
    """Give the person another role.  False for the last administrator, who has to name another first."""
    with transaction.atomic():
        if role != Role.ADMINISTRATOR and is_last_administrator(user):
            return False
        changed = User.objects.filter(pk=user.pk).exclude(role=role).update(**rights(role))
        if changed:
            detail = f"{user.get_role_display()} to {Role(role).label}"
            record(actor=by, action="changed a role", subject=user.username, detail=detail, now=now)
            if role != Role.ADMINISTRATOR:
                _revoke_open_invitations(user, now())
    user.refresh_from_db(fields=["role", "is_staff", "is_superuser"])
    return True


def deactivate(*, user: User, by: User, now: Callable[[], datetime] = timezone.now) -> bool:
    """Lock the person out at once: sessions end, queued edits are canceled, their open invitations revoked.

    False for the last administrator.
    """
    with transaction.atomic():
        if is_last_administrator(user):
            return False
        changed = User.objects.filter(pk=user.pk, is_active=True).update(is_active=False)
        if changed:
            _revoke_open_invitations(user, now())
            record(actor=by, action="deactivated", subject=user.username, now=now)
    user.is_active = False
    end_sessions(user)
    for edit in EditRequest.objects.of(user).queued():
        cancel_edit(edit=edit)
    return True


def reactivate(*, user: User, by: User, now: Callable[[], datetime] = timezone.now) -> None:
    """Let the person sign in again."""
    with transaction.atomic():
        if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
            record(actor=by, action="reactivated", subject=user.username, now=now)
    user.is_active = True


def make_reset_key(*, user: User, by: User, now: Callable[[], datetime] = timezone.now) -> tuple[str, str]:
    """(who, key) of a link with which the person sets a new password once, within PASSWORD_RESET_TIMEOUT."""
    record(actor=by, action="made a password link", subject=user.username, now=now)
    return user_pk_to_url_str(user), default_token_generator.make_token(user)


def end_sessions(user: User) -> None:
    """Sign the person out everywhere.  A session names its person only inside, so that each is opened."""
    mine = [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    Session.objects.filter(pk__in=mine).delete()


def _revoke_open_invitations(user: User, at: datetime) -> None:
    """Links that somebody made as an administrator must not outlive the role."""
    Invitation.objects.open(at).filter(created_by=user).update(revoked_at=at)
