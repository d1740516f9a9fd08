"""The worker as a process of its own: it takes edits from a folder of messages, and survives being killed."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation, eventually, installed

pytestmark = pytest.mark.processes

SUBMIT = """
import uuid
from io import BytesIO
from PIL import Image
from django.utils import timezone
from edits.edit_call import EditOptions
from edits.images import check_image
from edits.models import ProviderModel, User
from edits.model_specs import MODEL_SPECS
from edits.services.queue.submitting import Source, submit_edit
stream = BytesIO()
Image.linear_gradient("L").convert("RGB").save(stream, "PNG")
source = Source.of_upload(check_image(stream.getvalue(), spec=MODEL_SPECS["step-1x-edit"]), name="gradient.png")
alice, _ = User.objects.get_or_create(username="alice")
edits = [
    submit_edit(
        model=ProviderModel.objects.default(),
        owner=alice,
        source=source,
        options=EditOptions("sepia", None, 28, 6.0, "512x512"),
        submission_key=uuid.uuid4(),
        now=timezone.now(),
    )
    for _ in range({count})
]
answer([edit.pk for edit in edits])
"""


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as place:
        place.migrate()
        yield place


def states(place: Installation) -> list[str]:
    return [status for (status,) in place.rows("SELECT status FROM edits_editrequest ORDER BY id")]


def test_an_idle_worker_takes_new_edits_and_finishes_them(installation: Installation) -> None:
    installation.start_engine()
    installation.start_worker()
    installation.python(SUBMIT.format(count=3))
    eventually(lambda: states(installation) == ["succeeded"] * 3)


def test_edits_wait_for_a_worker_that_is_not_there_yet(installation: Installation) -> None:
    installation.python(SUBMIT.format(count=2))
    assert states(installation) == ["queued", "queued"]
    installation.start_engine()
    installation.start_worker()
    eventually(lambda: states(installation) == ["succeeded"] * 2)


def test_an_edit_is_finished_after_its_worker_was_killed(installation: Installation) -> None:
    installation.start_engine(latency=3.0)
    installation.python(SUBMIT.format(count=1))
    worker = installation.start_worker()
    eventually(lambda: states(installation) == ["running"])
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    installation.start_worker()
    eventually(lambda: states(installation) == ["succeeded"])
    attempts = installation.rows("SELECT fault, charged, seed_sent FROM edits_attempt ORDER BY number")
    assert [attempt[:2] for attempt in attempts] == [("no_answer", "maybe"), ("", "yes")]
    assert attempts[0][2] == attempts[1][2]
    assert installation.rows("SELECT count(*) FROM edits_returnedimage") == [(1,)]


def test_a_worker_that_is_asked_to_stop_finishes_what_runs_and_begins_nothing(
    installation: Installation,
) -> None:
    installation.start_engine(latency=3.0)
    installation.python(SUBMIT.format(count=4))
    worker = installation.start_worker()
    eventually(lambda: "running" in states(installation))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=30) == 0
    assert set(states(installation)) == {"succeeded", "queued"}
    assert set(installation.rows("SELECT max(number) FROM edits_attempt GROUP BY edit_id")) == {(1,)}
