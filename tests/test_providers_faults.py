"""How each fault between Retake and the provider ends: its class, its charge, and a single call."""

import logging
import os
import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest

from edits.providers import (
    GatewayFailed,
    NotAuthorized,
    ProviderError,
    RateLimited,
    Rejected,
    ServerFailed,
    Unanswered,
    Unexpected,
    Unreachable,
    Unusable,
)
from tests.certificates import server_context
from tests.provider import provider
from tests.provider_client import KEY, PICTURE, PROMPT, ask, client_of

ENDINGS: dict[type[ProviderError], tuple[str, str, str]] = {
    ServerFailed: ("busy", "no", "reset_before close_before 408 425 500 503 529 500_html 503_html 503_retry"),
    RateLimited: ("busy", "no", "429 429:3 429_date:5 429_bad 429_zero 429_negative 429_huge"),
    GatewayFailed: ("gateway", "maybe", "502 504 520 502_html"),
    Unanswered: (
        "no_answer",
        "maybe",
        "reset_after_body close_no_response reset_mid_body close_mid_body chunked_cut length_too_long bad_http "
        "huge_header",
    ),
    Unusable: (
        "unusable",
        "yes",
        "html_200 invalid_json truncated_json empty_body json_string json_null json_number json_list utf16_json "
        "latin1_json deep_json gzip_broken gzip_bomb:20 no_data data_null empty_data data_object data_strings "
        "error_in_200 wrong_types b64_number url_number url_null neither bad_b64 b64_nonimage b64_html b64_svg "
        "b64_empty b64_null huge_body:40 endless_body",
    ),
    NotAuthorized: ("account", "no", "401 402 403 404 405"),
    Rejected: ("rejected", "no", "400 413 415 422 early_413 400_html"),
}


@pytest.mark.parametrize(
    ("fault", "kind"), [(fault, kind) for kind, ending in ENDINGS.items() for fault in ending[2].split()]
)
def test_each_fault_ends_as_its_kind_of_error_after_one_call(fault: str, kind: type[ProviderError]) -> None:
    name, charged, _ = ENDINGS[kind]
    with provider(fault) as p, pytest.raises(kind) as failed:
        ask(client_of(p), image=PICTURE + bytes(12_000_000) if fault.endswith("_before") else PICTURE)
    assert (failed.value.fault, failed.value.charged) == (name, charged)
    assert p.calls == 1
    if p.charged:
        assert charged != "no", "what was charged must not be called free"


@pytest.mark.parametrize("fault", ["409", "418", "501", "204", "206", "299"])
def test_a_status_that_no_edit_should_get_is_neither_success_nor_retried(fault: str) -> None:
    with provider(fault) as p, pytest.raises(Unexpected) as failed:
        ask(client_of(p))
    assert failed.value.status == int(fault)
    assert failed.value.charged == ("maybe" if fault.startswith("2") else "no")
    assert p.calls == 1


@pytest.mark.parametrize("fault", ["307_canary", "302_canary", "301_self"])
def test_a_redirect_is_not_followed_and_the_picture_goes_nowhere_else(
    fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    with provider() as elsewhere, provider(fault, elsewhere=elsewhere.host) as p:
        with caplog.at_level(logging.WARNING, "edits.security"), pytest.raises(Unexpected):
            ask(client_of(p))
        assert (p.calls, p.downloads) == (1, [])
        assert (elsewhere.calls, elsewhere.downloads) == (0, [])
    assert [record.name for record in caplog.records] == ["edits.security"]
    assert elsewhere.host not in caplog.text


def test_an_error_carries_what_support_asks_for() -> None:
    with provider("400") as p, pytest.raises(Rejected) as failed:
        ask(client_of(p))
    assert (failed.value.status, failed.value.trace_id) == (400, "trace-1")
    assert failed.value.provider_message == "provider says 400"
    assert "provider says 400" in failed.value.detail


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [("400", 50, 200), ("html_200", 18, 18), ("huge_body:40", 32_000_000, 32_000_000)],
)
def test_an_error_says_how_much_of_the_answer_was_read(fault: str, least: int, most: int) -> None:
    with provider(fault) as p, pytest.raises(ProviderError) as failed:
        ask(client_of(p))
    assert least <= (failed.value.answer_bytes or 0) <= most


def test_an_answer_that_broke_off_says_how_far_it_came() -> None:
    with provider("close_mid_body") as p, pytest.raises(Unanswered) as failed:
        ask(client_of(p))
    assert (failed.value.answer_bytes or 0) > 100
    with provider("close_no_response") as p, pytest.raises(Unanswered) as failed:
        ask(client_of(p))
    assert failed.value.answer_bytes is None


def test_a_page_of_html_is_not_shown_to_who_edits() -> None:
    with provider("400_html") as p, pytest.raises(Rejected) as failed:
        ask(client_of(p))
    assert failed.value.provider_message == ""
    assert "Bad day" in failed.value.detail


def test_a_paid_answer_that_cannot_be_read_keeps_its_ids() -> None:
    with provider("neither") as p, pytest.raises(Unusable) as failed:
        ask(client_of(p))
    assert (failed.value.provider_id, failed.value.trace_id) == ("edit-1", "trace-1")


@pytest.mark.parametrize("fault", ["401", "400", "503", "html_200", "bad_b64", "b64_html", "hang"])
def test_no_error_tells_the_key_the_prompt_or_the_picture(fault: str) -> None:
    with provider(fault) as p, pytest.raises(ProviderError) as failed:
        ask(client_of(p, timeout_seconds=0.2))
    text = f"{failed.value} {failed.value.detail}"
    assert KEY not in text
    assert PROMPT not in text
    assert "iVBORw0KGgo" not in text


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [("429:3", 3, 3), ("429_date:5", 3, 5), ("429_huge", 86_400, 86_400), ("503_retry", 7, 7)],
)
def test_it_passes_on_the_wait_that_was_asked_for(fault: str, least: float, most: float) -> None:
    with provider(fault) as p, pytest.raises((RateLimited, ServerFailed)) as failed:
        ask(client_of(p))
    assert failed.value.retry_after is not None
    assert least <= failed.value.retry_after <= most


@pytest.mark.parametrize("fault", ["429", "429_bad", "429_zero", "429_negative"])
def test_a_wait_that_makes_no_sense_is_none(fault: str) -> None:
    with provider(fault) as p, pytest.raises(RateLimited) as failed:
        ask(client_of(p))
    assert failed.value.retry_after is None


def test_a_name_that_does_not_resolve_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with provider() as p:
        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        with pytest.raises(Unreachable) as failed:
            ask(client_of(p, base_url="http://stub.invalid/v1"))
    assert (failed.value.cause, failed.value.charged, p.calls) == ("name", "no", 0)


def test_a_refused_connection_is_unreachable_until_the_listener_is_back() -> None:
    with provider() as p:
        client = client_of(p)
    with pytest.raises(Unreachable) as failed:
        ask(client)
    assert (failed.value.cause, failed.value.fault, failed.value.charged) == ("refused", "not_sent", "no")


def test_connecting_has_a_limit_of_its_own() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), provider() as p:
            client = client_of(
                p, base_url=f"http://127.0.0.1:{port}/v1", connect_seconds=0.2, timeout_seconds=30.0
            )
            started = time.monotonic()
            with pytest.raises(Unreachable) as failed:
                ask(client)
    assert failed.value.cause == "timeout"
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("base_url", ["", "api.stepfun.ai/v1", "http://", "http://[::1/v1", "file:///v1"])
def test_an_address_that_is_none_is_for_the_operator(base_url: str) -> None:
    with provider() as p, pytest.raises(Unreachable) as failed:
        ask(client_of(p, base_url=base_url))
    assert failed.value.cause == "address"


def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    context, _ = server_context(tmp_path, name="127.0.0.1")
    with provider(tls=context) as p, pytest.raises(Unreachable) as failed:
        ask(client_of(p))
    assert (failed.value.cause, failed.value.charged, p.calls) == ("tls", "no", 0)


def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    context, trusted = server_context(tmp_path, name="somebody.example")
    with provider(tls=context) as p, pytest.raises(Unreachable) as failed:
        ask(client_of(p, ca_bundle=trusted))
    assert (failed.value.cause, p.calls) == ("tls", 0)


def test_a_server_that_does_not_speak_tls_is_not_asked_in_plain_text() -> None:
    with provider() as p, pytest.raises(Unreachable) as failed:
        ask(client_of(p, base_url=p.base_url.replace("http:", "https:")))
    assert (failed.value.cause, p.calls) == ("tls", 0)


def test_a_trusted_certificate_is_taken(tmp_path: Path) -> None:
    context, trusted = server_context(tmp_path, name="127.0.0.1")
    with provider(tls=context) as p:
        assert ask(client_of(p, ca_bundle=trusted)).finish_reason == "success"
    assert p.calls == 1


@pytest.mark.parametrize("fault", ["endless_body", "slow_drip:0.01"])
def test_a_connection_is_dropped_at_once_when_the_client_gives_up(fault: str) -> None:
    with provider(fault) as p:
        with pytest.raises(ProviderError) as failed:
            ask(client_of(p, timeout_seconds=0.5))
        assert p.is_idle_within(5), f"still sending after {failed.value}"


@pytest.mark.parametrize("fault", ["ok", "503", "html_200", "reset_mid_body", "hang"])
def test_calls_leave_no_sockets_open(fault: str) -> None:
    with provider(fault) as p:
        client = client_of(p, timeout_seconds=0.05 if fault == "hang" else 5.0)
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(10):
            with suppress(ProviderError):
                ask(client)
        p.closing.set()
        assert p.is_idle_within(5)
        assert len(os.listdir("/proc/self/fd")) < before + 5
