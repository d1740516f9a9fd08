"""PostgreSQL, Redis and the bucket are taken away in the middle of things: nothing is lost, nothing paid twice."""

import time
import uuid

import pytest
import requests
from redis import Redis

from tests.distributed.conftest import LEASE_SECONDS, NewMachine
from tests.distributed.machines import Machine
from tests.installation import eventually
from tests.provider import Provider
from tests.servers import Servers, client_of
from tests.soak.people import Person, source_of

UNAVAILABLE = 503


@pytest.fixture
def alice(first: Machine) -> Person:
    """In front of the first machine, which runs."""
    first.run()
    return first.visited_by("alice")


def hold_one(alice: Person, upstream: Provider) -> None:
    """An edit is sent, and its call is held by the provider."""
    upstream.gate.clear()
    alice.submit("a wish")
    eventually(lambda: len(upstream.received) == 1)


def sending(person: Person, prompt: str) -> requests.Response:
    """The answer to one edit, sent once."""
    form = {
        "submission_key": str(uuid.uuid4()),
        "prompt": prompt,
        "size": "512x512",
        "steps": "28",
        "cfg_scale": "6",
    }
    form["csrfmiddlewaretoken"] = person.cookie("csrf")
    files = {"image": ("a.png", source_of(person.name), "image/png")}
    return person.session.post(f"{person.url}/", data=form, files=files, timeout=60, allow_redirects=False)


def let_go(upstream: Provider) -> None:
    """The provider answers whom it held."""
    upstream.gate.set()
    assert upstream.is_idle_within(60)


def is_done_once(machine: Machine, upstream: Provider) -> None:
    """The one edit succeeds with the one call, and nothing is left to be stored."""
    eventually(lambda: machine.states() == {"succeeded": 1} and not machine.spooled())
    assert (upstream.calls, upstream.charged) == (1, 1)
    assert machine.rows("SELECT count(*) FROM edits_attempt") == [(1,)]
    assert machine.rows("SELECT count(*) FROM edits_returnedimage") == [(1,)]


def picture_of(person: Person) -> requests.Response:
    """The result of the edit they sent last, as their browser gets it."""
    return person.session.get(f"{person.url}/edits/{person.latest}/result/", timeout=60)


class TestTheDatabase:
    def test_pages_say_that_it_is_away_and_a_paid_answer_is_saved_when_it_is_back(
        self, alice: Person, first: Machine, servers: Servers, upstream: Provider
    ) -> None:
        hold_one(alice, upstream)
        servers.postgresql.stop()
        for page in ("/", "/history/"):
            answer = alice.session.get(f"{alice.url}{page}", timeout=60)
            assert (answer.status_code, answer.headers["Retry-After"]) == (UNAVAILABLE, "5")
            assert "Back in a moment" in answer.text
        as_program = alice.session.get(
            f"{alice.url}/history/", headers={"Accept": "application/json"}, timeout=60
        )
        assert (as_program.status_code, as_program.json()["error"]["code"]) == (UNAVAILABLE, "unavailable")
        assert requests.get(f"{alice.url}/healthz", timeout=60).status_code == 200
        assert requests.get(f"{alice.url}/readyz", timeout=60).status_code == UNAVAILABLE
        let_go(upstream)
        eventually(lambda: first.spooled() == 1)
        servers.postgresql.start()
        eventually(lambda: alice.look("/history/").status == 200)
        for _ in range(20):  # no page gets a connection of before
            assert alice.look("/history/").status == 200
        is_done_once(first, upstream)
        assert picture_of(alice).status_code == 200

    def test_another_machine_does_not_send_again_what_could_not_be_renewed(
        self, alice: Person, first: Machine, second: Machine, servers: Servers, upstream: Provider
    ) -> None:
        second.run("worker")
        hold_one(alice, upstream)
        servers.postgresql.stop()
        time.sleep(LEASE_SECONDS + 1)  # the outage outlasts the lease
        servers.postgresql.start()
        eventually(lambda: first.rows("SELECT lease_until > now() FROM edits_editrequest") == [(True,)])
        let_go(upstream)
        is_done_once(first, upstream)


class TestTheBucket:
    def test_a_paid_answer_waits_for_it_and_nothing_is_taken_in_that_cannot_be_stored(
        self, alice: Person, first: Machine, servers: Servers, upstream: Provider
    ) -> None:
        hold_one(alice, upstream)
        servers.bucket.stop()
        assert sending(alice, "another wish").status_code == UNAVAILABLE
        assert first.states() == {"running": 1}
        let_go(upstream)
        eventually(lambda: first.states() == {"saving": 1})
        assert alice.look("/history/").status == 200
        servers.bucket.start()
        is_done_once(first, upstream)
        answer = picture_of(alice)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
        listed = client_of(first.settings).list_objects_v2(Bucket=first.settings["AWS_STORAGE_BUCKET_NAME"])
        results = [item["Key"] for item in listed["Contents"] if item["Key"].endswith("full.png")]
        assert len([name for name in results if name.startswith("results/")]) == len(results)


class TestRedis:
    def test_calls_and_pages_go_on_without_it_and_what_it_forgot_is_done_all_the_same(
        self, alice: Person, first: Machine, servers: Servers, upstream: Provider
    ) -> None:
        hold_one(alice, upstream)
        servers.redis.stop()
        let_go(upstream)
        is_done_once(first, upstream)
        for number in range(3):
            alice.submit(f"wish {number}")
        assert alice.sent_again == 0
        assert first.states() == {"queued": 3, "succeeded": 1}
        assert alice.look("/history/").status == 200
        with pytest.raises(AssertionError, match=f"could not sign in: {UNAVAILABLE}"):
            first.visited_by("bob")  # tries cannot be counted
        servers.redis.start()
        eventually(lambda: first.states() == {"succeeded": 4})
        first.visited_by("bob")
        Redis.from_url(servers.redis.url).flushall()
        for number in range(3, 6):
            alice.submit(f"wish {number}")
        eventually(lambda: first.states() == {"succeeded": 7})
        wishes = ["a wish", *(f"wish {number}" for number in range(6))]
        assert sorted(entry.prompt for entry in upstream.diary) == wishes

    def test_messages_that_were_lost_are_sent_again(
        self, new_machine: NewMachine, servers: Servers, upstream: Provider
    ) -> None:
        pages, worker = new_machine(), new_machine()
        pages.run("web")
        alice = pages.visited_by("alice")
        for number in range(3):
            alice.submit(f"wish {number}")
        Redis.from_url(servers.redis.url).flushall()
        assert pages.states() == {"queued": 3}
        worker.run("worker")
        eventually(lambda: pages.states() == {"succeeded": 3})
        assert sorted(entry.prompt for entry in upstream.diary) == ["wish 0", "wish 1", "wish 2"]

    def test_a_message_that_comes_a_second_time_sends_nothing(
        self, new_machine: NewMachine, upstream: Provider
    ) -> None:
        place = new_machine()
        place.run("web")
        place.start(
            "-m",
            "celery",
            "-A",
            "tests.distributed.impatient",
            "worker",
            "-P",
            "threads",
            "-c",
            "2",
            log="up",
        )
        alice = place.visited_by("alice")
        messages = Redis.from_url(place.settings["CELERY_BROKER_URL"])
        hold_one(alice, upstream)
        eventually(
            lambda: messages.hlen("unacked") == 0
        )  # it was delivered again, and its receiver found nothing to do
        assert upstream.running == 1
        let_go(upstream)
        is_done_once(place, upstream)
