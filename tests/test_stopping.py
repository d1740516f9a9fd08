"""Stopping and killing everything, seen from the provider: what was asked for once is not asked for again."""

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation, answers, eventually, installed
from tests.provider import Provider, provider
from tests.soak.evidence import Evidence
from tests.soak.invariants import Promise, broken_promises, every_file_has_its_row
from tests.soak.story import report

pytestmark = pytest.mark.processes

THREADS = 50
PATIENCE_SECONDS = 400
"""Hundreds of edits take half a minute; on a machine with other things to do, much longer."""
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
Image.linear_gradient("L").resize((96, 96)).convert("RGB").save(stream, "PNG")
picture = check_image(stream.getvalue(), spec=MODEL_SPECS["step-1x-edit"])
alice, _ = User.objects.get_or_create(username="alice")
for number in range({first}, {first} + {count}):
    submit_edit(
        model=ProviderModel.objects.default(),
        owner=alice,
        source=Source.of_upload(picture, name="gradient.png"),
        options=EditOptions(f"wish {{number}}", None, 28, 6.0, "512x512"),
        submission_key=uuid.uuid4(),
        now=timezone.now(),
    )
answer({count})
"""


@pytest.fixture
def upstream() -> Iterator[Provider]:
    """A provider whose pictures are small and all different."""
    with provider() as p:
        p.numbers_pictures, p.picture_px = True, (96, 96)
        yield p


@pytest.fixture
def place(tmp_path: Path, upstream: Provider) -> Iterator[Installation]:
    settings = {
        "STEPFUN_BASE_URL": upstream.base_url,
        "STEPFUN_API_KEY": "sk-test",
        "STEPFUN_MAX_CONCURRENT": str(THREADS),
        "STEPFUN_MAX_PER_MINUTE": "100000",
        "WORKER_THREADS": str(THREADS),
    }
    with installed(tmp_path, **settings) as installation:
        installation.migrate()
        yield installation


def counts(place: Installation) -> Counter[str]:
    """How many edits stand where."""
    return Counter(status for (status,) in place.rows("SELECT status FROM edits_editrequest"))


def wishes(count: int) -> list[str]:
    """The prompts of that many edits."""
    return [f"wish {number}" for number in range(count)]


def stop(place: Installation) -> None:
    """Ask everything to stop, and wait until it has."""
    process = place.processes[-1]
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE_SECONDS) == 0


def holds(place: Installation, upstream: Provider, *, edits: int, but: Promise | None = None) -> None:
    """Every promise of the soak is kept here too."""
    found = Evidence(place, upstream, accepted=wishes(edits))
    found.plan = found.plan.__class__(concurrent=THREADS)
    broken = broken_promises(found, but=but)
    assert not broken, report(broken, found)


def test_a_stop_finishes_all_that_runs_begins_nothing_and_leaves_the_rest_for_later(
    place: Installation, upstream: Provider
) -> None:
    running, waiting = THREADS, 200
    place.start_all()
    place.python(SUBMIT.format(first=0, count=1))
    eventually(lambda: counts(place)["succeeded"] == 1)  # until a call has worked, only two go out at once
    upstream.gate.clear()
    place.python(SUBMIT.format(first=1, count=running + waiting - 1))
    eventually(lambda: upstream.running == running, seconds=PATIENCE_SECONDS)

    place.processes[-1].send_signal(signal.SIGTERM)
    eventually(lambda: "Stopping" in place.log("up") and not answers(place.url))
    begun = upstream.calls
    upstream.gate.set()
    assert place.processes[-1].wait(timeout=PATIENCE_SECONDS) == 0
    assert upstream.calls == begun == running + 1
    assert counts(place) == {"succeeded": running + 1, "queued": waiting - 1}

    place.start("manage.py", "up", log="up")
    eventually(lambda: counts(place) == {"succeeded": running + waiting}, seconds=PATIENCE_SECONDS)
    stop(place)
    assert upstream.calls == upstream.charged == running + waiting
    # Thumbnails that a stop cut off are made a minute later, and what is left of them goes then.
    holds(place, upstream, edits=running + waiting, but=every_file_has_its_row)


def test_an_edit_whose_worker_dies_twice_is_failed_and_not_asked_for_a_third_time(
    place: Installation, upstream: Provider
) -> None:
    upstream.gate.clear()
    place.python(SUBMIT.format(first=0, count=1))
    for call in (1, 2):
        worker = place.start_worker()
        eventually(lambda asked=call: upstream.calls == asked)  # type: ignore[misc]
        worker.kill()
        worker.wait()
    place.start_worker()
    eventually(lambda: counts(place) == {"failed": 1})
    upstream.gate.set()
    assert place.rows("SELECT reason FROM edits_editrequest") == [("interrupted",)]
    stop(place)
    assert upstream.calls == 2
    holds(place, upstream, edits=1)


def test_a_worker_killed_when_its_answers_come_leaves_each_edit_with_one_picture(
    place: Installation, upstream: Provider
) -> None:
    edits = 8
    place.python(SUBMIT.format(first=0, count=edits))
    worker = place.start_worker()
    assert upstream.found(
        lambda diary: sum(bool(call.ended) for call in diary) >= 3, seconds=PATIENCE_SECONDS
    )
    worker.kill()
    worker.wait()
    place.start_worker()
    eventually(lambda: counts(place) == {"succeeded": edits})
    bare = "SELECT count(*) FROM edits_returnedimage WHERE thumb_320 = ''"
    eventually(lambda: place.rows(bare) == [(0,)], seconds=PATIENCE_SECONDS)
    stop(place)
    assert upstream.calls <= edits + THREADS
    holds(place, upstream, edits=edits)
