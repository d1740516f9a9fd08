"""Two machines, each with pages and a worker, on one queue: each edit is done once, by whichever is free."""

from collections import Counter
from io import BytesIO
from itertools import cycle

from PIL import Image

from tests.distributed.conftest import MOST_AT_ONCE
from tests.distributed.machines import Machine
from tests.installation import eventually
from tests.provider import Provider
from tests.provider_calls import Entry
from tests.provider_pictures import color_of

EDITS = 18


def most_at_once(diary: list[Entry]) -> int:
    """Calls that the provider had taken and not begun to answer."""
    moves = [(entry.began, 1) for entry in diary] + [(entry.answering or entry.began, -1) for entry in diary]
    count = most = 0
    for _, step in sorted(moves):
        count += step
        most = max(most, count)
    return most


def test_edits_sent_through_both_are_each_done_once_and_seen_on_both(
    first: Machine, second: Machine, upstream: Provider
) -> None:
    upstream.latency_seconds = 0.3
    first.run()
    second.run()
    alice, bob = first.visited_by("alice"), second.visited_by("bob")
    upstream.gate.clear()
    for number, person in zip(range(EDITS), cycle((alice, bob)), strict=False):
        person.submit(f"wish {number}")
    eventually(lambda: upstream.running == MOST_AT_ONCE)
    upstream.gate.set()
    eventually(lambda: first.states() == {"succeeded": EDITS})

    assert Counter(entry.prompt for entry in upstream.diary) == {
        f"wish {number}": 1 for number in range(EDITS)
    }
    assert most_at_once(upstream.diary) <= MOST_AT_ONCE
    assert first.rows("SELECT count(*), max(number) FROM edits_attempt") == [(EDITS, 1)]
    assert {entry.path.split("/")[1] for entry in upstream.diary} == {"machine0", "machine1"}

    alice.url = second.url  # her session is good there too
    tags = {entry.prompt: entry.tag for entry in upstream.diary}
    hers = "owner_id = (SELECT id FROM edits_user WHERE username = 'alice')"
    for public_id, prompt in first.rows(f"SELECT public_id, prompt FROM edits_editrequest WHERE {hers}"):
        answer = alice.session.get(f"{second.url}/edits/{public_id}/result/", timeout=60)
        assert answer.status_code == 200
        assert Image.open(BytesIO(answer.content)).convert("RGB").getpixel((0, 0)) == color_of(tags[prompt])


def test_what_a_lost_machine_was_doing_is_sent_once_more_by_the_other(
    first: Machine, second: Machine, upstream: Provider
) -> None:
    first.settings = first.settings | {"LEASE_SECONDS": "3"}
    second.settings = second.settings | {"LEASE_SECONDS": "3"}
    first.run()
    alice = first.visited_by("alice")
    upstream.gate.clear()
    alice.submit("a wish")
    eventually(lambda: len(upstream.received) == 1)
    first.kill()
    second.run("worker")
    eventually(lambda: len(upstream.received) == 2)
    upstream.gate.set()
    eventually(lambda: second.states() == {"succeeded": 1})
    assert upstream.calls == 2
    assert len({entry.seed for entry in upstream.diary}) == 1
    attempts = second.rows("SELECT fault, charged FROM edits_attempt ORDER BY number")
    assert attempts == [("no_answer", "maybe"), ("", "yes")]
