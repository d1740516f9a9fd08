"""Changes people: their profile, time zone, language and role, and whether they may sign in.

The team always keeps an administrator; a change that would remove the last one is refused by returning False.
"""

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.db import transaction
from django.db.models import F
from django.utils.text import format_lazy

from edits.models import EditRequest, Invitation, Role, User, rights
from edits.services.budgets.budgeting import OverBudget
from edits.services.drafts import delete_draft
from edits.services.queue.canceling import cancel_with_owner, canceled_with, queue_again
from edits.services.team.auditing import record
from edits.services.team.password_links import PasswordLinkKeys


def save_profile(
    *,
    user: User,
    name: str,
    email: str,
    shortcuts: bool,
    recipe_in_links: bool = False,
    now: datetime,
) -> None:
    """Change the user's own profile.  A new email address replaces the old one for signing in."""
    with transaction.atomic():
        if email != user.email:
            change = f"{user.email or 'none'} to {email or 'none'}"
            record(
                actor=user,
                action="changed their email address",
                subject=user.username,
                detail=change,
                now=now,
            )
            EmailAddress.objects.filter(user=user).delete()
            if email:
                EmailAddress.objects.create(user=user, email=email, primary=True)
        user.first_name, user.last_name, user.email, user.shortcuts = name, "", email, shortcuts
        user.recipe_in_links = recipe_in_links
        columns = ["first_name", "first_name_folded", "last_name", "last_name_folded", "email", "shortcuts"]
        columns += ["recipe_in_links"]
        user.save(update_fields=columns)


def take_time_zone(*, user: User, name: str) -> bool:
    """Store the time zone of the user's browser.  False if they have one already or chose one in the settings."""
    unset = User.objects.filter(pk=user.pk, time_zone="", time_zone_is_chosen=False)
    taken = bool(name) and bool(unset.update(time_zone=name))
    if taken:
        user.time_zone = name
    return taken


def choose_recipe_in_files(*, user: User, with_recipe: bool) -> None:
    """Remember whether the files that this person downloads say how they were made."""
    if user.recipe_in_files != with_recipe:
        user.recipe_in_files = with_recipe
        user.save(update_fields=["recipe_in_files"])


def choose_time_zone(*, user: User, name: str) -> None:
    """Set the time zone by hand; blank means the server's.  After that, browsers no longer change it."""
    User.objects.filter(pk=user.pk).update(time_zone=name, time_zone_is_chosen=True)
    user.time_zone, user.time_zone_is_chosen = name, True


def take_language(*, user: User, code: str) -> None:
    """Store the language in which the user signed in, unless they have one."""
    if code and User.objects.filter(pk=user.pk, language="").update(language=code):
        user.language = code


def choose_language(*, user: User, code: str) -> None:
    """Set the language by hand; blank means the browser's."""
    User.objects.filter(pk=user.pk).update(language=code)
    user.language = code


@transaction.atomic
def is_last_administrator(user: User) -> bool:
    """Whether this user is the only one who can manage the team."""
    administrators = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)
    # Locked, so that two administrators cannot each step down because the other is still there.
    pks = list(administrators.select_for_update().order_by("pk").values_list("pk", flat=True))
    return pks == [user.pk]


def set_role(*, user: User, role: str, by: User, now: datetime) -> bool:
    """Change the user's role.  False for the last administrator, who has to appoint another one first."""
    with transaction.atomic():
        if role != Role.ADMINISTRATOR and is_last_administrator(user):
            return False
        changed = User.objects.filter(pk=user.pk).exclude(role=role).update(**rights(role))
        if changed:
            detail = format_lazy("{} to {}", Role(user.role).label, Role(role).label)
            record(actor=by, action="changed a role", subject=user.username, detail=detail, now=now)
            if role != Role.ADMINISTRATOR:
                _end_links(user, now)
    user.refresh_from_db(fields=["role", "is_staff", "is_superuser", "link_stamp"])
    return True


def deactivate(*, user: User, by: User, now: datetime) -> bool:
    """Deactivate the user immediately.  False for the last administrator.

    - Sessions end, and waiting edits are canceled.
    - What they left unsent in the studio is deleted.
    - Links to set their password stop working.
    - Invitations and password links that they created stop working.
    """
    with transaction.atomic():
        if is_last_administrator(user):
            return False
        changed = User.objects.filter(pk=user.pk, is_active=True).update(
            is_active=False, session_stamp=F("session_stamp") + 1
        )
        if changed:
            _end_links(user, now)
            delete_draft(user)
            record(actor=by, action="deactivated", subject=user.username, now=now)
    user.refresh_from_db(fields=["is_active", "session_stamp", "link_stamp"])
    for edit in EditRequest.objects.of(user).queued():
        cancel_with_owner(edit=edit, now=now)
    return True


def reactivate(*, user: User, by: User, with_edits: bool = False, now: datetime) -> int:
    """Let the user sign in again; returns how many edits are queued again.

    ``with_edits`` queues the edits that were canceled with their account, oldest first, as far as their budget
    allows. The others then count as ordinarily canceled.
    """
    queued = 0
    with transaction.atomic():
        if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
            queued = _queue_again(user, now) if with_edits else 0
            canceled_with(user).update(canceled_with_owner=False)
            detail = f"{queued} of their edits wait again" if queued else ""
            record(actor=by, action="reactivated", subject=user.username, detail=detail, now=now)
    user.is_active = True
    return queued


def _queue_again(user: User, at: datetime) -> int:
    queued = 0
    try:
        for edit in canceled_with(user).select_related("provider", "owner").order_by("pk"):
            queued += queue_again(edit=edit, now=at)
    except OverBudget:  # earlier ones stay queued: each has its own savepoint
        pass
    return queued


def make_reset_key(*, user: User, by: User, now: datetime) -> tuple[str, str]:
    """(uid, key) of a link with which the user can set a new password once, within PASSWORD_RESET_TIMEOUT."""
    record(actor=by, action="made a password link", subject=user.username, now=now)
    return user_pk_to_url_str(user), PasswordLinkKeys(by).make_token(user)


def _end_links(user: User, at: datetime) -> None:
    """Links that the user created as an administrator must not outlive the role, nor those to their own account."""
    Invitation.objects.open(at).filter(created_by=user).update(revoked_at=at)
    User.objects.filter(pk=user.pk).update(link_stamp=F("link_stamp") + 1)
