"""Creates, revokes and redeems invitations, the only way to get an account after the first one.

open ──▶ used | revoked | expired        (all final)
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from edits.models import Invitation, Role, User, rights
from edits.services.team.auditing import record

TOKEN_BYTES = 32


def invite(*, by: User, role: str, note: str = "", days: int, now: datetime) -> tuple[Invitation, str]:
    """Create an invitation that is valid for ``days``.

    Returns it with its token, which cannot be retrieved later.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        invitation = Invitation.objects.create(
            token_hash=_hash(token),
            role=role,
            note=note,
            created_by=by,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        record(actor=by, action="invited", subject=str(invitation), detail=Role(role).label, now=now)
    return invitation, token


def find_invitation(token: str) -> Invitation | None:
    """The invitation for a token, whatever its state; None for an unknown token."""
    return Invitation.objects.filter(token_hash=_hash(token)).first()


def revoke_invitation(*, invitation: Invitation, by: User, now: datetime) -> bool:
    """Invalidate the link.  False if the invitation was no longer open."""
    with transaction.atomic():
        revoked = Invitation.objects.open(now).filter(pk=invitation.pk).update(revoked_at=now)
        if revoked:
            record(actor=by, action="revoked an invitation", subject=str(invitation), now=now)
    return bool(revoked)


def accept_invitation(*, invitation: Invitation, user: User, now: datetime) -> bool:
    """Save the new ``user`` with the invitation's role.

    Returns False, without saving, if the invitation is no longer open.  It is redeemed by a conditional UPDATE
    in the same transaction: of two people with one link, only one gets an account.  Raises IntegrityError if the
    username is taken.
    """
    for column, value in rights(invitation.role).items():
        setattr(user, column, value)
    with transaction.atomic():
        user.save()
        accepted = Invitation.objects.open(now).filter(pk=invitation.pk).update(used_at=now, used_by=user)
        if accepted:
            record(
                actor=user, action="joined", subject=str(invitation), detail=Role(user.role).label, now=now
            )
        else:
            transaction.set_rollback(True)
    return bool(accepted)


def _hash(token: str) -> str:
    """The stored form of a token.  Tokens are long and random, so that a plain hash cannot be reversed by search."""
    return hashlib.sha256(token.encode()).hexdigest()
