"""Restores an archive: pictures first, then all rows at once, so that no row names a missing picture.

Edits that were running when the archive was made are not sent again automatically: their outcome since then is
not known here, and they may have been charged.
"""

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_noop

from editor_site import env
from edits.faults import Fault
from edits.models import Attempt, Charged, EditRequest, Provider, Reason, Status, Upload, User
from edits.services.backups.archive import KEY, PICTURES, ROWS, BadArchive, entries, examine
from edits.services.backups.backing_up import some
from edits.services.backups.row_lines import empty_tables, load_rows
from edits.services.calls import spooling
from edits.services.migrating import known_migrations
from edits.services.pictures.storing import delete_files, put_back
from edits.services.provider.keys import KeyUnreadable, read_key
from edits.services.recipes.run_actions import stop_restored_runs
from edits.services.transitions import Event, apply_to_all
from edits.services.webhooks import give_up_all

RESTORED = gettext_noop("This was in a backup that was restored. It may have been sent before.")
"""The reason for giving up webhook deliveries: a copy restored only for a test must notify nobody."""


class Refused(Exception):
    """Restoring would destroy something or could not work.  The message is for the person at the terminal."""


@dataclass
class Restored:
    """What was restored.

    ``interrupted`` counts edits that were running, ``missing`` pictures that the archive lacks, ``set_aside``
    paid answers on this machine whose edit no longer exists.  ``keyless`` lists providers whose key cannot be
    read here, each with the reason.
    """

    rows: dict[str, int]
    made_at: datetime
    pictures: int = 0
    missing: int = 0
    interrupted: int = 0
    set_aside: int = 0
    secret_key: bool = False
    keyless: list[str] = field(default_factory=list)


def restore(path: Path, *, now: datetime, replace: bool = False, keep_queue: bool = False) -> Restored:
    """Restore the archive.  ``replace`` deletes existing rows, ``keep_queue`` lets waiting edits be sent.

    Raises BadArchive and Refused before anything is touched; OSError and DatabaseError leave the rows as they
    were.
    """
    card, seal = examine(path)
    _check_version(card)
    if User._meta.db_table in connection.introspection.table_names():
        _check_place(replace=replace, now=now)
    call_command("migrate", interactive=False, verbosity=0)
    made_at = datetime.fromisoformat(card["made_at"])
    restored = Restored(card["rows"], made_at, missing=len(seal.get("missing", ())))
    for name, content, size_bytes in entries(path):
        if name.startswith(PICTURES):
            _put_picture(name.removeprefix(PICTURES), content, size_bytes=size_bytes)
            restored.pictures += 1
    try:
        with transaction.atomic():
            empty_tables()
            _load(path)
            restored.interrupted = interrupt(now=now, made_at=made_at, keep_queue=keep_queue)
    except (IntegrityError, KeyError, ValueError) as error:
        raise BadArchive(f"The rows of {path} do not fit together; the database is as it was.") from error
    restored.set_aside = _set_strangers_aside()
    restored.secret_key = _keep_secret_key(path)
    if not restored.secret_key or env.text(
        "SECRET_KEY"
    ):  # otherwise the restored key applies from the next start
        restored.keyless = _without_key()
    return restored


def _check_version(card: dict[str, Any]) -> None:
    ours, theirs = set(known_migrations()), set(card["migrations"])
    if newer := theirs - ours:
        raise Refused(f"A newer Retake made this backup ({some(newer)}). Install that version, then restore.")
    if older := ours - theirs:
        raise Refused(
            f"An older Retake made this backup (without {some(older)}). Restore it with the version that made "
            "it, into a database of its own, then install this one and run manage.py migrate."
        )


def _check_place(*, replace: bool, now: datetime) -> None:
    if not replace and any(model.objects.exists() for model in (User, Upload, EditRequest)):
        raise Refused("There is something in this database already. To delete all of it: --replace.")
    silent_for = timedelta(seconds=5 * settings.SWEEP_SECONDS)
    if Provider.objects.filter(worker_seen_at__gt=now - silent_for).exists():
        raise Refused(
            "A worker runs on this database, or did a moment ago. Stop Retake on all machines, wait "
            f"{silent_for.seconds} seconds and try again."
        )


def _put_picture(name: str, content: IO[bytes], *, size_bytes: int) -> None:
    """Store a picture.

    A name is never reused for other bytes, so an existing file of the same size is this picture.
    """
    if default_storage.exists(name):
        if default_storage.size(name) == size_bytes:
            return
        delete_files(name)
    put_back(name, content.read())


def _load(path: Path) -> None:
    for name, content, _ in entries(path):
        if name == ROWS:
            load_rows(content)
            return


def interrupt(*, now: datetime, made_at: datetime, keep_queue: bool) -> int:
    """Fail the edits that were active when the archive was made; returns how many.

    Includes queued ones, because they may have been sent and charged since, unless ``keep_queue`` says that they
    were not.  Queued ones get no fault, which is how their cards know that they were queued.  Owners can try
    each again.
    """
    detail = f"Under way in the backup of {made_at:%Y-%m-%d %H:%M} UTC; what came of it is not known."
    Provider.objects.update(worker_seen_at=None)  # from the installation that made the backup
    open_ones = Attempt.objects.filter(ended_at__isnull=True)
    open_ones.update(ended_at=now, fault=Fault.NO_ANSWER, charged=Charged.MAYBE, detail=detail)
    columns = {"reason": Reason.INTERRUPTED, "last_fault": Fault.NO_ANSWER, "not_before": None}
    sent = EditRequest.objects.filter(status__in=(Status.RUNNING, Status.SAVING))
    interrupted = apply_to_all(sent, Event.RESTORE_BACKUP, columns=columns, now=now)
    if not keep_queue:
        give_up_all(RESTORED)
        stop_restored_runs()
        queued = EditRequest.objects.queued()
        unsent = {**columns, "last_fault": ""}
        interrupted += apply_to_all(queued, Event.RESTORE_BACKUP, columns=unsent, now=now)
    return interrupted


def _set_strangers_aside() -> int:
    """Set aside paid answers for edits newer than the archive: their primary keys may soon belong to other edits."""
    aside = 0
    for public_id, path in spooling.of_edits():
        if not EditRequest.objects.filter(public_id=public_id).exists():
            spooling.put_aside(path)
            aside += 1
    return aside


def _without_key() -> list[str]:
    """Providers with an unreadable key.

    Their rows are kept: with the right SECRET_KEY or variable they work again.
    """
    found = []
    for provider in Provider.objects.current():
        try:
            read_key(provider)
        except KeyUnreadable as error:
            found.append(f"{provider.title} ({error})")
    return found


def _keep_secret_key(path: Path) -> bool:
    """If the archive has a secret key, replace the one that was generated at the first start."""
    for name, content, _ in entries(path):
        if name == KEY:
            kept = Path(settings.DATA_DIR) / "secret_key"
            draft = kept.with_name(".secret_key.restored")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content.read())
            draft.replace(kept)
            return True
        if name.startswith(PICTURES):
            break
    return False
