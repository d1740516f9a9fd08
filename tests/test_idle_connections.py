"""With PostgreSQL a process has fewer connections than threads: who waits for the next round holds none."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from editor_site import databases
from edits.models import Provider
from edits.services.idle_connections import give_back
from edits.services.webhooks import Sender, sending
from edits.tasks import keep_running

pytestmark = pytest.mark.django_db(transaction=True)
with_pool = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no pool")


class Round(threading.Event):
    """Says that a round is over and whether its thread still holds a connection; then waits to be stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.over, self.holds = threading.Event(), True

    def wait(self, timeout: float | None = None) -> bool:
        self.holds = connection.connection is not None
        self.over.set()
        return super().wait(60)

    def clear(self) -> None:
        """The sender is woken once, to end it."""


def test_inside_a_transaction_nothing_is_given_back(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if connection.in_atomic_block:
        give_back()
        assert connection.connection is not None


@with_pool
def test_more_threads_sweep_than_there_are_connections() -> None:
    size = connection.settings_dict["OPTIONS"]["pool"]["max_size"]
    asked: list[int] = []

    def step(*, lease: timedelta, now: Any) -> None:
        asked.append(Provider.objects.count())

    rounds = [Round() for _ in range(size + 5)]
    threads = [
        threading.Thread(
            target=keep_running, args=(each,), kwargs={"steps": [step], "every": timedelta(hours=1)}
        )
        for each in rounds
    ]
    for thread in threads:
        thread.start()
    try:
        assert all(each.over.wait(60) for each in rounds)
        assert len(asked) == len(rounds)
        assert not any(each.holds for each in rounds)
        assert Provider.objects.count() == asked[0], "a page still gets one"
    finally:
        for each, thread in zip(rounds, threads, strict=True):
            each.set()
            thread.join()


@with_pool
def test_the_sender_of_webhooks_holds_none_between_its_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    woken, stop = Round(), threading.Event()
    monkeypatch.setattr(sending, "woken", woken)
    thread = threading.Thread(target=Sender().keep_sending, args=(stop,))
    thread.start()
    try:
        assert woken.over.wait(60)
        assert not woken.holds
    finally:
        stop.set()
        woken.set()
        thread.join()


def test_the_pool_has_the_size_of_the_setting() -> None:
    postgresql = {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {"sslmode": "require"}}
    options = databases.tuned(postgresql, pool_size=7)["OPTIONS"]
    assert (options["pool"]["max_size"], options["sslmode"]) == (7, "require")
