"""Faults in plain words for administrators: none without words, none with what is nobody's business."""

from typing import get_args

import pytest

from edits.fault_words import WORDS
from edits.faults import Fault
from edits.languages import in_language
from edits.models import Provider
from edits.providers import NotAuthorized, Rejected, ServerFailed, Unanswered, Unreachable
from edits.providers.errors import Blames, UnreachableCause
from edits.services.provider.error_messages import MOST_CHARS, OF_CAUSE, OF_STATUS, explain, reason_words


@pytest.mark.parametrize("cause", get_args(UnreachableCause))
def test_every_way_of_not_reaching_the_service_has_words(cause: UnreachableCause) -> None:
    said = explain(
        Unreachable("NewConnectionError while connecting", cause=cause), provider=Provider(from_settings=True)
    )
    assert said == (OF_CAUSE[cause][0] if cause in OF_CAUSE else WORDS[Fault.NOT_SENT].advice)
    assert "NewConnectionError" not in said


def test_the_status_and_the_trace_id_stand_at_the_end() -> None:
    error = NotAuthorized("HTTP 402", status=402, trace_id="trace-9")
    assert (
        explain(error, provider=Provider(from_settings=True))
        == "The account has no balance left. Top it up (HTTP 402, trace trace-9)"
    )


def test_a_key_that_no_header_can_carry_is_told_apart_from_a_refused_one() -> None:
    error = NotAuthorized("the key has characters that no header can carry")
    assert (
        explain(error, provider=Provider(from_settings=True))
        == "The key cannot be used: the key has characters that no header can carry"
    )


def test_the_services_own_words_are_not_repeated() -> None:
    error = Rejected("HTTP 400", status=400, detail="prompt: a private prompt")
    error.provider_message = "a private prompt is too odd"
    assert (
        explain(error, provider=Provider(from_settings=True)) == "The service refused the request (HTTP 400)"
    )


@pytest.mark.parametrize("error", [ServerFailed("x" * 500, status=503, trace_id="t" * 400), Unanswered("y")])
def test_it_is_one_short_line_without_a_full_stop(error: ServerFailed | Unanswered) -> None:
    said = explain(error, provider=Provider(from_settings=True))
    assert len(said) <= MOST_CHARS
    assert "\n" not in said
    assert not said.endswith(".")


@pytest.mark.parametrize(("blames", "status"), [("key", 401), ("balance", 402), ("model", 404)])
def test_what_the_answer_blames_counts_more_than_its_status(blames: Blames, status: int) -> None:
    named = NotAuthorized("HTTP 400", status=400)
    named.blames = blames
    plain = NotAuthorized(f"HTTP {status}", status=status)
    gpu = Provider(name="GPU")
    words = explain(named, provider=gpu)
    assert words == explain(plain, provider=gpu).replace(f"HTTP {status}", "HTTP 400")
    assert "STEPFUN" not in words


def test_http_500_is_called_an_error_and_503_an_overload() -> None:
    gpu = Provider(name="GPU")
    error, busy = (explain(ServerFailed("x", status=status), provider=gpu) for status in (500, 503))
    assert error.startswith("The service had an error")
    assert busy.startswith("The service is overloaded")


class TestInTheReadersLanguage:
    """What is stored is English; pages show it in the reader's language."""

    def test_what_is_stored_is_english_in_any_language_of_its_cause(self) -> None:
        error = NotAuthorized("HTTP 401", status=401, trace_id="t-1")
        with in_language("zh-hans"):
            said = explain(error, provider=Provider(name="GPU"))
        assert said == "The service refused the key. Check its key (HTTP 401, trace t-1)"

    def test_it_is_shown_as_a_sentence_with_its_facts(self) -> None:
        assert reason_words("Connection refused. Check its URL and the firewall") == (
            "Connection refused. Check its URL and the firewall."
        )
        assert reason_words("The account has no balance left. Top it up (HTTP 402, trace t-9)") == (
            "The account has no balance left. Top it up (HTTP 402, trace t-9)."
        )

    @pytest.mark.parametrize(
        "words", [each for pair in [*OF_STATUS.values(), *OF_CAUSE.values()] for each in pair]
    )
    def test_each_has_another_form_in_chinese_that_keeps_the_facts(self, words: str) -> None:
        with in_language("zh-hans"):
            said = reason_words(f"{words} (HTTP 418, trace t-7)")
        assert words not in said
        assert "HTTP 418, trace t-7" in said

    def test_what_an_older_version_stored_is_shown_as_it_is(self) -> None:
        with in_language("zh-hans"):
            assert "The key was refused" in reason_words("The key was refused")
