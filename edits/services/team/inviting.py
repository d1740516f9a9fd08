"""Makes, revokes and redeems invitations: the only way to an account after the first.

open ──▶ used | revoked | expired        (nothing leads back)
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from edits.models import Invitation, Role, User, rights
from edits.services.team.auditing import record

TOKEN_BYTES = 32


def invite(
    *, by: User, role: str, note: str = "", days: int, now: Callable[[], datetime] = timezone.now
) -> tuple[Invitation, str]:
    """Make an invitation that lasts ``days``; gives it with its token, which is never to be had again."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    at = now()
    with transaction.atomic():
        invitation = Invitation.objects.create(
            token_hash=_hash(token),
            role=role,
            note=note,
            created_by=by,
            created_at=at,
            expires_at=at + timedelta(days=days),
        )
        record(actor=by, action="invited", subject=str(invitation), detail=Role(role).label, now=now)
    return invitation, token


def find_invitation(token: str) -> Invitation | None:
    """The invitation of a link, whatever its state; None for a token that was never given out."""
    return Invitation.objects.filter(token_hash=_hash(token)).first()


def revoke_invitation(
    *, invitation: Invitation, by: User, now: Callable[[], datetime] = timezone.now
) -> bool:
    """Make the link useless.  False when it was no longer open."""
    at = now()
    with transaction.atomic():
        revoked = Invitation.objects.open(at).filter(pk=invitation.pk).update(revoked_at=at)
        if revoked:
            record(actor=by, action="revoked an invitation", subject=str(invitation), now=now)
    return bool(revoked)


def accept_invitation(
    *, invitation: Invitation, user: User, now: Callable[[], datetime] = timezone.now
) -> bool:
    """Save the new ``user`` with the invitation's role.  False, and nobody is saved, when it is no longer open.

    The invitation moves by a conditional update in the same transaction: of two people with one link, one gets in.
    Raises IntegrityError when the username is taken.
    """
    at = now()
    for column, value in rights(invitation.role).items():
        setattr(user, column, value)
    with transaction.atomic():
        user.save()
        accepted = Invitation.objects.open(at).filter(pk=invitation.pk).update(used_at=at, used_by=user)
        if accepted:
            record(
                actor=user, action="joined", subject=str(invitation), detail=user.get_role_display(), now=now
            )
        else:
            transaction.set_rollback(True)
    return bool(accepted)


def _hash(token: str) -> str:
    """What is kept of a token.  It is long and random, so that a plain hash cannot be searched."""
    return hashlib.sha256(token.encode()).hexdigest()
