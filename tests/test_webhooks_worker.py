"""The worker as a process of its own tells receivers: again after it was killed, once from two, with no late stop."""

import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.installation import Installation, eventually, installed
from tests.receiver import Receiver, receiver
from tests.test_worker_process import SUBMIT, states

pytestmark = pytest.mark.processes

HOOK = """
from django.utils import timezone
from edits.models import User
from edits.services.webhooks import make_webhook
alice, _ = User.objects.get_or_create(username="alice")
make_webhook(owner=alice, url="{url}", now=timezone.now())
answer(True)
"""


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose database is ready, to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    with installed(folder) as place:
        place.migrate()
    return folder


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver(204, free=False) as found:
        yield found


@pytest.fixture
def place(migrated: Path, tmp_path: Path, there: Receiver) -> Iterator[Installation]:
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    with installed(tmp_path, WEBHOOK_PRIVATE_HOSTS=there.host) as found:
        found.python(HOOK.format(url=there.url))
        found.start_engine()
        yield found


def deliveries(place: Installation) -> list[tuple[object, ...]]:
    """Tries, and whether they were taken and are still due."""
    return place.rows(
        "SELECT tries, delivered_at IS NOT NULL, due_at IS NOT NULL FROM edits_webhookdelivery ORDER BY id"
    )


def end_leases(place: Installation) -> None:
    """As if a minute had passed."""
    with closing(sqlite3.connect(place.folder / "retake.sqlite3", timeout=30)) as database, database:
        database.execute("UPDATE edits_webhookdelivery SET due_at = created_at WHERE due_at IS NOT NULL")


def test_what_a_killed_worker_had_posted_and_not_recorded_comes_again_under_the_same_id(
    place: Installation, there: Receiver
) -> None:
    worker = place.start_worker()
    place.python(SUBMIT.format(count=1))
    there.wait_for_posts()
    assert states(place) == ["succeeded"]  # it does not wait for the receiver
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert deliveries(place) == [(1, 0, 1)]
    there.free.set()
    end_leases(place)
    place.start_worker()
    there.wait_for_posts()
    eventually(lambda: deliveries(place) == [(2, 1, 0)])
    first, second = there.posts
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.event["id"] == second.event["id"]


def test_two_workers_send_each_once(place: Installation, there: Receiver) -> None:
    there.free.set()
    for _ in range(2):
        place.start_worker()
    place.python(SUBMIT.format(count=12))
    eventually(lambda: deliveries(place) == [(1, 1, 0)] * 12)
    assert len({post.headers["webhook-id"] for post in there.posts}) == len(there.posts) == 12


def test_a_stop_does_not_wait_for_a_slow_receiver(place: Installation, there: Receiver) -> None:
    worker = place.start_worker()
    place.python(SUBMIT.format(count=4))
    there.wait_for_posts()
    eventually(lambda: states(place) == ["succeeded"] * 4)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=60) == 0
    assert not there.free.is_set()
    assert [delivered for _, delivered, _ in deliveries(place)] == [0] * 4
    assert [due for _, _, due in deliveries(place)] == [1] * 4
