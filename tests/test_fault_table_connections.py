"""The table of faults, end to end: connections that do not come about, break off, or never end."""

import re
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from edits.models import EditRequest, Provider, Reason, Status, User
from edits.services.calls.retry_policy import UNREACHABLE_FOR
from tests.certificates import server_context
from tests.conftest import signed_in
from tests.editors import NOW
from tests.fault_table import Outcome, Row, check, one_round, played, submitted, worked_off
from tests.provider import provider
from tests.provider_client import PICTURE, client_of
from tests.test_fault_table_refusals import HELD, UNKNOWN

LARGE = PICTURE + bytes(12_000_000)
"""More than the network takes before the other side reads."""

UNREACHED = Row(
    "ok",
    calls=0,
    status=Status.FAILED,
    reason=Reason.SERVICE_UNAVAILABLE,
    card="The service could not be reached",
    detail="Nothing was sent or charged.",
)
MISTRUSTED = Row("ok", calls=0, status=Status.QUEUED, held=True, card="StepFun is on hold", detail=HELD)


def not_taken(fault: str) -> Row:
    """Hung up before the picture was read."""
    return Row(
        fault,
        calls=5,
        status=Status.FAILED,
        reason=Reason.SERVICE_UNAVAILABLE,
        card="The service is overloaded",
        detail="Tried 5 times, nothing was delivered.",
        source=LARGE,
    )


def unanswered(fault: str, *, source: bytes = PICTURE, **client: Any) -> Row:
    """No whole answer after the picture went out."""
    return Row(
        fault,
        calls=1,
        status=Status.FAILED,
        reason=Reason.OUTCOME_UNKNOWN,
        charged="maybe",
        card="No answer arrived",
        detail=UNKNOWN,
        source=source,
        client=client,
    )


CONNECTIONS = [
    not_taken("reset_before"),
    not_taken("close_before"),
    Row("reset_before ok", calls=2, status=Status.SUCCEEDED, charged="yes", card="Done", source=LARGE),
    Row(
        "early_413",
        calls=1,
        status=Status.FAILED,
        reason=Reason.SERVICE_REJECTED,
        card="The service refused this edit",
        detail="It says: too large",
    ),
    unanswered("no_read", source=LARGE, write_seconds=0.5, timeout_seconds=60.0),
    *[
        unanswered(fault)
        for fault in (
            "reset_after_body",
            "close_no_response",
            "reset_mid_body",
            "close_mid_body",
            "chunked_cut",
            "length_too_long",
            "bad_http",
            "huge_header",
        )
    ],
    *[
        unanswered(fault, timeout_seconds=1.5)
        for fault in ("hang", "hang_mid_body", "hang_no_length", "slow_drip:0.05", "slow_headers:0.05")
    ],
]


@pytest.mark.parametrize("row", CONNECTIONS, ids=str)
def test_a_broken_connection_ends_as_the_table_says(row: Row, alice: User) -> None:
    with played(row, alice) as outcome:
        check(row, outcome)


def unreached(owner: User, **client: Any) -> None:
    """An edit for a provider that cannot be reached, until it is given up: by time, not after some tries."""
    pause = timedelta(minutes=2)
    with provider() as there, provider() as elsewhere:
        outcome = worked_off(
            submitted(owner), client_of(there, **client), there=there, elsewhere=elsewhere, at_least=pause
        )
    check(UNREACHED, outcome)
    assert UNREACHABLE_FOR <= outcome.at - NOW <= UNREACHABLE_FOR + pause
    assert len(outcome.charges) == 16
    assert set(outcome.charges) == {"no"}


def nobody() -> str:
    """The base URL of a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


def test_a_name_that_does_not_resolve_is_tried_for_half_an_hour(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo

    def unknown(host: str, *words: Any, **more: Any) -> Any:
        if host == "stub.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *words, **more)

    monkeypatch.setattr("urllib3.util.connection.socket.getaddrinfo", unknown)
    unreached(alice, base_url="http://stub.invalid/v1")


def test_a_refused_connection_is_tried_for_half_an_hour(alice: User) -> None:
    unreached(alice, base_url=nobody())


def test_connecting_takes_no_more_than_its_own_time(alice: User) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            unreached(
                alice,
                base_url=f"http://127.0.0.1:{port}/v1",
                connect_seconds=0.02,
                timeout_seconds=600.0,
            )


@pytest.mark.slow
def test_the_card_says_until_when_and_it_succeeds_when_the_listener_is_back(alice: User) -> None:
    edit = submitted(alice)
    with provider() as there, provider() as elsewhere:
        outcome = Outcome(edit, there, elsewhere, NOW)
        for _ in range(12):
            assert one_round(outcome, client_of(there, base_url=nobody()))
            assert outcome.card.title == "StepFun cannot be reached"
            assert outcome.card.detail == "Nothing was sent or charged."
            assert (outcome.card.again, outcome.card.again_at) == ("until", NOW + UNREACHABLE_FOR)
            outcome.at = edit.not_before or outcome.at
        assert there.calls == 0
        assert one_round(outcome, client_of(there))
        assert (there.calls, there.charged) == (1, 1)
    assert edit.status == Status.SUCCEEDED


def test_the_page_says_it_in_one_sentence_and_folds_the_tries(alice: User) -> None:
    edit = submitted(alice)
    with provider() as there, provider() as elsewhere:
        outcome = Outcome(edit, there, elsewhere, timezone.now())
        for _ in range(3):
            assert one_round(outcome, client_of(there, base_url=nobody()))
            outcome.at = edit.not_before or outcome.at
    html = text_of(signed_in(alice).get(reverse("edits:viewer", args=[edit.public_id])))
    assert "StepFun cannot be reached Nothing was sent or charged. Trying again until" in html
    assert "(4 of" not in html
    assert "Not reached, 3 tries" in html


def text_of(response: Any) -> str:
    """The words of a page, without its marks."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def test_when_one_comes_through_the_others_do_not_wait_on(alice: User, bob: User) -> None:
    first, second = submitted(alice), submitted(bob)
    with provider() as there, provider() as elsewhere:
        outcome = Outcome(first, there, elsewhere, NOW)
        for _ in range(4):
            while one_round(outcome, client_of(there, base_url=nobody())):
                pass
            second.refresh_from_db()
            outcome.at = max(first.not_before or NOW, second.not_before or NOW)
        for edit in (first, second):
            edit.refresh_from_db()
        EditRequest.objects.filter(pk=second.pk).update(not_before=outcome.at + timedelta(seconds=59))
        assert one_round(outcome, client_of(there))
        assert one_round(outcome, client_of(there)), "the other one still waits for its back-off"
        assert there.calls == 2


def mistrusted(owner: User, *, tls: Any = None, **client: Any) -> None:
    """A connection that is not what it should be: the queue is held, and nothing was sent."""
    with provider(tls=tls) as there, provider() as elsewhere:
        if tls is None:
            client["base_url"] = there.base_url.replace("http:", "https:")
        outcome = worked_off(submitted(owner), client_of(there, **client), there=there, elsewhere=elsewhere)
    check(MISTRUSTED, outcome)
    assert outcome.charges == ["no"]
    assert there.received == []
    assert "certificate" in Provider.objects.get().held_reason


def test_a_certificate_that_nobody_vouches_for_holds_the_queue(alice: User, tmp_path: Path) -> None:
    context, _ = server_context(tmp_path, name="127.0.0.1")
    mistrusted(alice, tls=context)


def test_a_certificate_for_another_host_holds_the_queue(alice: User, tmp_path: Path) -> None:
    context, trusted = server_context(tmp_path, name="somebody.example")
    mistrusted(alice, tls=context, ca_bundle=trusted)


def test_garbage_instead_of_tls_holds_the_queue_and_is_not_asked_in_plain_text(alice: User) -> None:
    mistrusted(alice)


def test_a_storage_of_ours_that_is_away_is_not_called_the_providers_fault(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OSError("the bucket does not answer")

    edit = submitted(alice)
    with provider() as there, provider() as elsewhere:
        outcome = Outcome(edit, there, elsewhere, NOW)
        with monkeypatch.context() as patched:
            patched.setattr(default_storage, "open", away)
            assert one_round(outcome, client_of(there))
        assert outcome.card.title == "Our storage does not answer"
        assert outcome.card.detail == "Nothing was sent or charged."
        assert (outcome.card.again_at, there.calls) == (NOW + UNREACHABLE_FOR, 0)
        outcome.at = edit.not_before or NOW
        assert one_round(outcome, client_of(there))
        assert (edit.status, there.calls) == (Status.SUCCEEDED, 1)
