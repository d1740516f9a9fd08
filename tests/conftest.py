"""The cast and the fixtures that every test may use."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from edits.models import Role, User
from edits.services.queue import cached_value
from edits.services.queue.queue_snapshot import queue_snapshot
from edits.services.queue.run_times import run_times
from tests.first_rows import make_first_rows
from tests.stored import forget

pytest_plugins = ["tests.garbage", "tests.prepared_tables", "tests.starting"]

WAITING = ("soak", "processes", "servers", "browser")
"""Marks of tests that mostly wait for other programs, those that take longest first."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits: quick tests then run beside it, and the longest is not left alone at the end."""
    items.sort(key=turn_of)


def turn_of(item: pytest.Item) -> int:
    """Lower comes first; among equals the order stays."""
    return next((turn for turn, mark in enumerate(WAITING) if item.get_closest_marker(mark)), len(WAITING))


@pytest.fixture(autouse=True)
def _nothing_left_over() -> Iterator[None]:
    """Pictures, paid answers and throttles of one test do not reach the next."""
    yield
    forget()
    shutil.rmtree(settings.DATA_DIR / "spool", ignore_errors=True)
    if settings.CACHE_URL:  # in the database it goes back with the transaction
        cache.clear()


@pytest.fixture(scope="session")
def _flushed() -> list[bool]:
    """Holds something while the rows that migrations make are gone from the database of this process."""
    return []


@pytest.fixture(autouse=True)
def _read_the_queue_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test has read of the queue says nothing of what it does next, or another one."""
    monkeypatch.setattr(cached_value, "KEPT_SECONDS", 0.0)


@pytest.fixture
def keep_the_queue(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it when the edits are there: what follows finds the queue read by another page a moment ago."""

    def keep() -> None:
        queue_snapshot().turns  # noqa: B018
        run_times()
        monkeypatch.setattr(cached_value, "KEPT_SECONDS", 3600.0)

    return keep


@pytest.fixture(autouse=True)
def _rows_of_migrations(request: pytest.FixtureRequest, _flushed: list[bool]) -> Iterator[None]:
    """Tests that really commit are followed by a flush, which takes the rows that migrations made.

    Who comes next may be any test: several processes take tests from each other.  It commits them again.
    """
    marker, names = request.node.get_closest_marker("django_db"), set(request.fixturenames)
    commits = bool(
        (marker and marker.kwargs.get("transaction")) or names & {"transactional_db", "live_server"}
    )
    if not (commits or marker or "db" in names):
        yield
        return
    request.getfixturevalue("django_db_setup")
    if _flushed:
        with request.getfixturevalue("django_db_blocker").unblock():
            make_first_rows()
        _flushed.clear()
    request.getfixturevalue("transactional_db" if commits else "db")
    yield
    if commits:
        _flushed.append(True)


def person(name: str, role: Role = Role.MEMBER) -> User:
    """Somebody of the cast, who can sign in with the password "open sesame 7"."""
    if role == Role.ADMINISTRATOR:
        return User.objects.create_superuser(name, f"{name}@example.com", "open sesame 7")
    return User.objects.create_user(
        name, f"{name}@example.com", "open sesame 7", role=role, is_staff=role == Role.REVIEWER
    )


@pytest.fixture
def alice(db: None) -> User:
    """Edits."""
    return person("alice")


@pytest.fixture
def bob(db: None) -> User:
    """A colleague of Alice."""
    return person("bob")


@pytest.fixture
def rita(db: None) -> User:
    """Reviews."""
    return person("rita", Role.REVIEWER)


@pytest.fixture
def root(db: None) -> User:
    """Administers."""
    return person("root", Role.ADMINISTRATOR)


@pytest.fixture
def stranger(db: None) -> Client:
    """Somebody who is not signed in."""
    return Client()


def signed_in(user: User) -> Client:
    """The browser of somebody who is signed in."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def media_root() -> Path:
    """Where pictures lie during a test."""
    return Path(settings.MEDIA_ROOT)
