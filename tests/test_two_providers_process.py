"""Workers that are killed and restarted while two providers run: nothing is lost, swapped or paid in silence."""

import signal
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from tests.installation import Installation, eventually, installed
from tests.provider import provider
from tests.provider_calls import Provider
from tests.provider_pictures import color_of

pytestmark = pytest.mark.processes
EDITS = 24
QUEUE = """
import uuid
from io import BytesIO
from PIL import Image
from django.utils import timezone
from edits.edit_call import EditOptions
from edits.images import check_image
from edits.model_specs import MODEL_SPECS
from edits.models import Provider, ProviderModel, User
from edits.services.queue.submitting import Source, submit_edit
gpu = Provider.objects.create(
    name="GPU", slug="gpu", preset="other", is_private=True, stored_url="{url}",
    stored_max_concurrent=3, stored_max_per_minute=10000,
)
spec = MODEL_SPECS["step-1x-edit"].to_json()
flux = ProviderModel.objects.create(provider=gpu, name="flux", spec_json=spec)
models = [ProviderModel.objects.default(), flux]
stream = BytesIO()
Image.linear_gradient("L").convert("RGB").save(stream, "PNG")
source = Source.of_upload(check_image(stream.getvalue(), spec=models[0].spec), name="gradient.png")
people = [User.objects.create_user(name) for name in ("alice", "bob")]
for number in range({count}):
    submit_edit(
        owner=people[number % 4 // 2],
        model=models[number % 2],
        source=source,
        options=EditOptions(f"edit {{number}}", None, 28, 6.0, "512x512"),
        submission_key=uuid.uuid4(),
        now=timezone.now(),
    )
answer(gpu.pk)
"""
STATES = "SELECT status, count(*) FROM edits_editrequest GROUP BY status"
WAYS = """
SELECT e.prompt, p.slug, e.status, e.reason,
       (SELECT count(*) FROM edits_attempt a WHERE a.edit_id = e.id),
       (SELECT count(*) FROM edits_attempt a WHERE a.edit_id = e.id AND a.account_id != e.provider_id),
       (SELECT group_concat(i.file) FROM edits_returnedimage i WHERE i.edit_id = e.id)
FROM edits_editrequest e JOIN edits_provider p ON p.id = e.provider_id
"""


@pytest.fixture
def servers() -> Iterator[dict[str, Provider]]:
    """Two that take their time; no two pictures of theirs have the same color."""
    with provider() as stepfun, provider() as gpu:
        for each in (stepfun, gpu):
            each.latency_seconds, each.numbers_pictures, each.picture_px = 0.6, True, (96, 96)
        yield {"stepfun": stepfun, "gpu": gpu}


@pytest.fixture
def place(tmp_path: Path, servers: dict[str, Provider]) -> Iterator[Installation]:
    """Both in one installation, and edits for them."""
    settings = {
        "STEPFUN_BASE_URL": servers["stepfun"].base_url,
        "STEPFUN_API_KEY": "sk-test",
        "STEPFUN_MAX_CONCURRENT": "3",
        "STEPFUN_MAX_PER_MINUTE": "10000",
    }
    with installed(tmp_path, **settings) as installation:
        installation.migrate()
        installation.python(QUEUE.format(url=servers["gpu"].base_url, count=EDITS))
        yield installation


def done(place: Installation) -> int:
    """How many edits are final."""
    states = dict(place.rows(STATES))
    return sum(states.get(status, 0) for status in ("succeeded", "failed", "filtered", "canceled"))


def _called(servers: dict[str, Provider], *, at_least: int) -> bool:
    return min(each.calls for each in servers.values()) >= at_least


def test_killed_and_restarted_workers_lose_nothing_of_either(
    place: Installation, servers: dict[str, Provider]
) -> None:
    for number, how in enumerate((signal.SIGKILL, signal.SIGTERM, signal.SIGKILL), start=1):
        worker = place.start_worker()
        eventually(partial(_called, servers, at_least=2 * number))
        eventually(lambda: any(each.running for each in servers.values()))
        worker.send_signal(how)
        worker.wait(timeout=60)
    place.start_worker()
    eventually(lambda: done(place) == EDITS)
    assert all(each.is_idle_within(10) for each in servers.values())
    ways = place.rows(WAYS)
    assert len(ways) == EDITS
    for prompt, slug, status, reason, attempts, elsewhere, file in ways:
        mine = [entry for entry in servers[slug].diary if entry.prompt == prompt]
        assert (status, reason) in {("succeeded", ""), ("failed", "interrupted")}, prompt
        assert elsewhere == 0
        assert 1 <= attempts <= 2
        assert len(mine) <= attempts, "a call is on record before it is made"
        assert len({entry.seed for entry in mine}) <= 1, "each further call is the same request"
        if status == "succeeded":
            with Image.open(place.folder / "pictures" / file) as picture:
                shown = picture.convert("RGB").getpixel((5, 5))
            assert shown in [color_of(entry.tag) for entry in mine], f"{prompt} shows somebody else's picture"
    _check_calls(place, servers)


def _check_calls(place: Installation, servers: dict[str, Provider]) -> None:
    """Both together: no call without an attempt, no attempt of what was answered without its call."""
    by_slug = {slug: {prompt for prompt, other, *_ in place.rows(WAYS) if other == slug} for slug in servers}
    for slug, there in servers.items():
        # A worker that was killed while it sent the picture left a call without a prompt.
        assert {entry.prompt for entry in there.diary} - {""} == by_slug[slug]
        assert there.most_running <= 2 * 3, (
            "those of a killed worker still run there when the next one begins"
        )
    accounts = Counter(
        slug
        for (slug,) in place.rows(
            "SELECT p.slug FROM edits_attempt a JOIN edits_provider p ON p.id = a.account_id"
        )
    )
    calls = sum(each.calls for each in servers.values())
    assert (
        sum(accounts.values())
        - place.rows("SELECT count(*) FROM edits_attempt WHERE fault = 'no_answer'")[0][0]
        <= calls
    )
    assert calls <= sum(accounts.values())
    assert place.rows("SELECT count(*) FROM edits_attempt WHERE ended_at IS NULL") == [(0,)]
    images = place.rows("SELECT count(*), count(DISTINCT edit_id) FROM edits_returnedimage")[0]
    assert images[0] == images[1] == dict(place.rows(STATES))["succeeded"]
    assert EDITS <= calls <= EDITS + 2 * 6, "at most what ran when a worker was killed is sent again"
