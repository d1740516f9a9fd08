"""A call ends on time, whatever the server does."""

import socket
import threading
import time
from pathlib import Path

import pytest

from edits.providers import ServerFailed, Unanswered, Unreachable
from edits.providers.deadline import Deadline
from tests.certificates import server_context
from tests.provider import provider
from tests.provider_client import PICTURE, ask, client_of


@pytest.mark.parametrize("fault", ["hang", "hang_mid_body", "slow_drip:0.05", "slow_headers:0.05", "no_read"])
def test_a_slow_answer_ends_at_the_deadline_as_unanswered(fault: str) -> None:
    started = time.monotonic()
    with provider(fault) as p, pytest.raises(Unanswered) as failed:
        ask(client_of(p, timeout_seconds=0.25))
    assert 0.2 < time.monotonic() - started < 2
    assert (failed.value.fault, failed.value.charged, p.calls) == ("no_answer", "maybe", 1)


def test_an_upload_that_nobody_reads_ends_at_the_write_limit() -> None:
    started = time.monotonic()
    with provider("no_read") as p, pytest.raises(Unanswered):
        ask(client_of(p, write_seconds=0.2, timeout_seconds=20.0), image=PICTURE + bytes(20_000_000))
    assert time.monotonic() - started < 5


def test_an_upload_that_nobody_reads_ends_at_the_deadline_too() -> None:
    started = time.monotonic()
    with provider("no_read") as p, pytest.raises(Unanswered):
        ask(client_of(p, write_seconds=20.0, timeout_seconds=0.3), image=PICTURE + bytes(20_000_000))
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("fault", ["reset_before", "close_before"])
def test_a_server_that_hangs_up_during_the_upload_has_not_done_it(fault: str) -> None:
    with provider(fault) as p, pytest.raises(ServerFailed, match="the picture was not taken") as failed:
        ask(client_of(p), image=PICTURE + bytes(20_000_000))
    assert (failed.value.status, failed.value.charged, p.received) == (None, "no", [])


def test_a_handshake_that_does_not_end_is_cut_off_and_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute, provider() as p:
        base_url = f"https://127.0.0.1:{mute.getsockname()[1]}/v1"
        with pytest.raises(Unreachable) as failed:
            ask(client_of(p, base_url=base_url, timeout_seconds=0.3, connect_seconds=20.0))
    assert failed.value.charged == "no"


def test_it_holds_over_tls_as_well(tmp_path: Path) -> None:
    context, trusted = server_context(tmp_path, name="127.0.0.1")
    with provider("slow_drip:0.05", tls=context) as p, pytest.raises(Unanswered):
        ask(client_of(p, ca_bundle=trusted, timeout_seconds=0.5))


def test_half_an_answer_without_a_length_is_not_taken_for_a_whole_one() -> None:
    """A connection that the deadline cut looks like one that the server closed."""
    with provider("hang_no_length") as p, pytest.raises(Unanswered):
        ask(client_of(p, timeout_seconds=0.3))


def test_a_connection_made_after_the_end_is_shut_down_at_once() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, Deadline(0) as deadline:
        deadline.wait(5)
        assert deadline.passed
        deadline.watch(ours)
        assert ours.recv(1) == b""


def test_a_connection_that_ended_in_time_is_left_alone() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with Deadline(60) as deadline:
            deadline.watch(ours)
            assert not deadline.peer_hung_up()
        theirs.sendall(b"x")
        assert ours.recv(1) == b"x"
        assert not deadline.passed


def test_it_sees_that_the_other_side_hung_up() -> None:
    ours, theirs = socket.socketpair()
    with ours, Deadline(60) as deadline:
        assert not deadline.peer_hung_up()
        deadline.watch(ours)
        theirs.close()
        assert deadline.peer_hung_up(wait_seconds=1)


def test_a_call_that_ended_leaves_no_timer_behind() -> None:
    before = set(threading.enumerate())
    with Deadline(60):
        [timer] = set(threading.enumerate()) - before
    timer.join(5)
    assert not timer.is_alive()
