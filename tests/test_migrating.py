"""Migrating: who starts at the same time as another waits, and finds the work done."""

import logging
import threading

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from edits.management.commands import up
from edits.models import User
from edits.services import migrating
from edits.services.migrating import alone_migrating, announce, known_migrations
from tests.factories import edit_of


@pytest.mark.django_db
def test_who_waited_for_another_to_migrate_does_not_migrate_again(monkeypatch: pytest.MonkeyPatch) -> None:
    behind = iter([True, False])
    monkeypatch.setattr(up, "is_behind", lambda: next(behind))
    monkeypatch.setattr(up, "call_command", lambda *_, **__: pytest.fail("it migrated again"))
    up.migrate()


@pytest.mark.django_db
def test_the_first_one_migrates(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(up, "is_behind", lambda: True)
    monkeypatch.setattr(up, "call_command", lambda name, **_: called.append(name))
    up.migrate()
    assert called == ["migrate"]


@pytest.mark.django_db
def test_on_one_machine_the_second_one_waits_for_the_first() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has a lock of its own, which tests/distributed looks at")
    steps: list[str] = []

    def other() -> None:
        started.set()
        with alone_migrating():
            steps.append("second")

    started, thread = threading.Event(), threading.Thread(target=other)
    with alone_migrating():
        thread.start()
        assert started.wait(60)
        steps.append("first")
    thread.join(60)
    assert steps == ["first", "second"]


@pytest.mark.django_db
def test_a_migration_that_fails_lets_the_next_one_try() -> None:
    def fail() -> None:
        with alone_migrating():
            raise RuntimeError("a broken migration")

    with pytest.raises(RuntimeError, match="a broken migration"):
        fail()
    with alone_migrating():
        pass


def test_before_a_long_migration_it_is_said_that_nothing_can_be_written(
    alice: User, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit_of(alice)
    name = next(name for name in known_migrations() if name.startswith("edits."))
    migration = MigrationLoader(None).disk_migrations["edits", name.removeprefix("edits.")]
    with caplog.at_level(logging.WARNING):
        announce(plan=[(migration, False)])
        assert not caplog.messages, "few edits"
        monkeypatch.setattr(migrating, "MANY_EDITS", 1)
        announce(plan=[])
        assert not caplog.messages, "nothing of ours"
        announce(plan=[(migration, False)])
    assert "Nothing can be written meanwhile" in caplog.messages[0]
