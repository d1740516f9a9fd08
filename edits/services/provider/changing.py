"""Changes a provider: its name, address, limits and key, and its place in the order."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from edits.models import Provider, User
from edits.models.provider import ProviderQuerySet
from edits.services.provider.naming import NameTaken, is_taken
from edits.services.provider.ordering import moved_by_one
from edits.services.queue.notify_worker import notify_worker
from edits.services.team.auditing import record

COLUMNS = {
    "name": gettext_noop("name"),
    "stored_url": gettext_noop("URL"),
    "is_private": gettext_noop("private network"),
    "stored_timeout_seconds": gettext_noop("timeout"),
    "stored_max_concurrent": gettext_noop("calls at once"),
    "stored_max_per_minute": gettext_noop("calls a minute"),
    "stored_result_hosts": gettext_noop("result hosts"),
}
"""What may be changed, as the audit log says it; pages translate it."""
KEY = gettext_noop("key")


@dataclass(frozen=True)
class Key:
    """A key as it is stored: encrypted, or the name of an environment variable; both blank for none."""

    encrypted: str = ""
    variable: str = ""


def change_provider(
    provider: Provider, wanted: Provider, *, actor: User, now: datetime, key: Key | None = None
) -> list[str]:
    """Give a provider the columns of ``wanted``, and another key if there is one; returns what changed.

    In the English words of the audit log.

    Raises NameTaken.
    """
    changes = {
        column: getattr(wanted, column)
        for column in COLUMNS
        if getattr(wanted, column) != getattr(provider, column)
    }
    try:
        with transaction.atomic():
            list(Provider.objects.select_for_update(no_key=True))
            if "name" in changes and is_taken(wanted.name, but=provider):
                raise NameTaken
            if changes:
                _editable(provider).update(**changes)
                _record(provider, changes, actor=actor, now=now)
            if key is not None:
                replace_key(provider, key, actor=actor, now=now)
    except IntegrityError as error:
        raise NameTaken from error
    return [COLUMNS[column] for column in changes] + ([KEY] if key is not None else [])


def replace_key(provider: Provider, key: Key, *, actor: User, now: datetime) -> None:
    """Store another key.  A provider that is on hold is tried with it at once."""
    with transaction.atomic():
        _editable(provider).update(encrypted_key=key.encrypted, key_variable=key.variable)
        Provider.objects.filter(pk=provider.pk, held_since__isnull=False).update(probe_at=None)
        detail = f"from the variable {key.variable}" if key.variable else "" if key.encrypted else "to none"
        record(actor=actor, action="replaced a key", subject=provider.title, detail=detail, now=now)
        transaction.on_commit(notify_worker)


def move_provider(provider: Provider, *, up: bool, actor: User, now: datetime) -> bool:
    """Move a provider one place up or down; False where it is the first or the last already."""
    with transaction.atomic():
        rows = list(Provider.objects.current().select_for_update(no_key=True))
        order = moved_by_one(rows, provider.pk, up=up)
        if order is None:
            return False
        for position, row in enumerate(order):
            Provider.objects.filter(pk=row.pk).exclude(position=position).update(position=position)
        record(
            actor=actor,
            action="moved a provider",
            subject=provider.title,
            detail="up" if up else "down",
            now=now,
        )
    return True


def _editable(provider: Provider) -> ProviderQuerySet:
    """The row, as long as it is one that administrators may change."""
    return Provider.objects.current().filter(pk=provider.pk, from_settings=False)


def _record(provider: Provider, changes: dict[str, object], *, actor: User, now: datetime) -> None:
    words = [f"{COLUMNS[column]}: {_shown(value)}" for column, value in changes.items()]
    record(
        actor=actor,
        action="changed a provider",
        subject=provider.title,
        detail="; ".join(words),
        now=now,
    )


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
