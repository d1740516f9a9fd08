"""How an answer of 200 is read: leniently, but what a filter stopped stays stopped."""

import base64
import json
from collections.abc import Mapping

import pytest

from edits.providers import Answer, ProviderError, UnsafeLink, Unusable
from edits.providers.answers import MOST_ID_CHARS, looks_like_picture, read_json, read_models
from edits.providers.dialects.stepfun import StepFunDialect
from tests.provider import provider
from tests.provider_client import PICTURE, PROMPT, ask, client_of
from tests.provider_pictures import PICTURES, tagged

SENT_SEED = 123838


def answer_to(fault: str) -> Answer:
    """What the client makes of one of the provider's oddities; it must be a single call."""
    with provider(fault) as p:
        answer = ask(client_of(p))
    assert (p.calls, p.charged) == (1, 1)
    return answer


def read(result: Mapping[str, object], **others: object) -> Answer:
    """What comes of a document with one result, where links lead nowhere."""

    def nowhere(link: str) -> bytes:
        raise UnsafeLink("nowhere")

    body = json.dumps({"data": [result]} | others).encode()
    return StepFunDialect().read(body, status=200, trace_id="t", fetch=nowhere)


@pytest.mark.parametrize("fault", ["b64_newlines", "b64_nopad", "b64_urlsafe", "b64_data_uri"])
def test_base64_is_read_in_each_of_its_spellings(fault: str) -> None:
    expected = tagged(f"{PROMPT} {SENT_SEED}", size_px=(624, 416))
    assert answer_to(fault).image == expected


@pytest.mark.parametrize("text", ["AAAA*AAA", "=AAA", "data:image/png;base64", "data:,", " \n", "ü", "A"])
def test_bad_base64_is_not_patched_up(text: str) -> None:
    with pytest.raises(Unusable):
        read({"b64_json": text, "finish_reason": "success"})


@pytest.mark.parametrize("fault", ["bom_json", "nan_json", "no_created", "created_string", "b64_when_url"])
def test_what_is_odd_beside_the_picture_does_not_lose_it(fault: str) -> None:
    answer = answer_to(fault)
    assert answer.finish_reason == "success"
    assert answer.image is not None


def test_of_two_results_the_first_is_taken_and_the_second_noted(caplog: pytest.LogCaptureFixture) -> None:
    answer = answer_to("two_data")
    assert answer.image != tagged("the second")
    assert (answer.answer_bytes or 0) > 500
    assert answer.notes == ("two_results",)
    assert "two_results" in caplog.text


def test_a_picture_in_the_answer_is_preferred_to_a_link() -> None:
    with provider("both") as p:
        answer = ask(client_of(p))
    assert answer.image is not None
    assert p.downloads == []


def test_a_link_is_used_where_the_picture_in_the_answer_is_broken() -> None:
    def fetch(link: str) -> bytes:
        return PICTURE

    body = json.dumps({"data": [{"b64_json": "*", "url": "x", "finish_reason": "success"}]}).encode()
    answer = StepFunDialect().read(body, status=200, trace_id="", fetch=fetch)
    assert answer.image == PICTURE
    assert answer.notes == ("b64_unreadable", "from_url")


@pytest.mark.parametrize(
    "fault", ["seed_missing", "seed_null", "seed_string", "seed_float", "seed_negative", "seed_huge"]
)
def test_a_seed_that_makes_no_sense_is_not_confirmed_and_the_paid_edit_kept(fault: str) -> None:
    answer = answer_to(fault)
    assert answer.seed is None
    assert answer.image is not None


def test_another_seed_than_the_one_sent_is_the_one_used() -> None:
    assert answer_to("seed_other").seed == 124


@pytest.mark.parametrize(("seed", "kept"), [(0, 0), (2**63 - 1, 2**63 - 1), (2**63, None), (True, None)])
def test_a_seed_is_any_whole_number_that_a_database_holds(seed: object, kept: int | None) -> None:
    encoded = base64.b64encode(PICTURE).decode()
    assert read({"b64_json": encoded, "finish_reason": "success", "seed": seed}).seed == kept


def test_a_filtered_picture_comes_back_marked() -> None:
    answer = answer_to("filtered_image")
    assert (answer.finish_reason, answer.filtered_at) == ("content_filtered", "result")
    assert answer.image is not None


@pytest.mark.parametrize("fault", ["filtered_noimage", "filtered_null", "filtered_empty"])
def test_a_filtered_edit_needs_no_picture(fault: str) -> None:
    answer = answer_to(fault)
    assert (answer.finish_reason, answer.filtered_at, answer.image) == ("content_filtered", "result", None)


@pytest.mark.parametrize("result", [{"b64_json": "*"}, {"url": "https://10.0.0.1/"}, {"url": 7}])
def test_trouble_with_a_filtered_picture_does_not_make_it_a_failure(result: dict[str, object]) -> None:
    answer = read(result | {"finish_reason": "content_filtered"})
    assert (answer.finish_reason, answer.image) == ("content_filtered", None)
    assert "filtered_image_unreadable" in answer.notes


@pytest.mark.parametrize(
    ("fault", "note"),
    [
        ("finish_unknown", "finish_reason_unknown"),
        ("finish_missing", "finish_reason_missing"),
        ("finish_null", "finish_reason_missing"),
    ],
)
def test_an_answer_that_does_not_say_success_is_held_back(fault: str, note: str) -> None:
    answer = answer_to(fault)
    assert (answer.finish_reason, answer.filtered_at) == ("content_filtered", "result")
    assert answer.notes == (note,)


@pytest.mark.parametrize("reason", ["SUCCESS", " success", "stop", "", 0, True, [], {}])
def test_only_the_word_success_publishes(reason: object) -> None:
    encoded = base64.b64encode(PICTURE).decode()
    assert read({"b64_json": encoded, "finish_reason": reason}).finish_reason == "content_filtered"


@pytest.mark.parametrize("fault", ["451", "403_content"])
def test_a_refused_request_is_an_outcome_without_a_picture(fault: str) -> None:
    with provider(fault) as p:
        answer = ask(client_of(p))
    assert (answer.finish_reason, answer.filtered_at) == ("content_filtered", "request")
    assert (answer.image, answer.seed, answer.status) == (None, None, int(fault[:3]))
    assert (answer.trace_id, p.calls, p.charged) == ("trace-1", 1, 0)


@pytest.mark.parametrize(
    "name",
    [
        "jpeg_result",
        "webp_result",
        "gif_result",
        "png_half",
        "png_bad_crc",
        "png_liar",
        "tiny_1px",
        "apng_result",
    ],
)
def test_a_picture_of_any_kind_is_handed_on_as_it_came(name: str) -> None:
    assert answer_to(name).image == PICTURES[name]()


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (b"RIFF....WEBPVP8 ", True),
        (b"RIFF....WAVEfmt ", False),
        (b"\x00\x00\x00 ftypavif", True),
        (b"\x00\x00\x00 ftypisom", False),
        (b"BM", True),
        (b"", False),
        (b"<svg", False),
        (b"%PDF", False),
    ],
)
def test_it_knows_a_picture_by_its_first_bytes(data: bytes, verdict: bool) -> None:
    assert looks_like_picture(data) is verdict


def test_ids_are_kept_in_one_line_without_control_characters() -> None:
    encoded = base64.b64encode(PICTURE).decode()
    result = {"b64_json": encoded, "finish_reason": "success"}
    assert read(result, id="a\0b\r\nc" + "x" * 500).provider_id == "a b c" + "x" * (MOST_ID_CHARS - 5)
    assert read(result, id={"not": "text"}).provider_id == ""


@pytest.mark.parametrize("body", [b"{" * 100_000, b"\xff\xfe{", b"1" * 10_000, b'"\\ud800'])
def test_any_body_is_either_read_or_unusable(body: bytes) -> None:
    with pytest.raises(Unusable):
        read_json(body)


def test_models_are_read_from_objects_and_from_names() -> None:
    body = b'{"data": [{"id": "step-1x-edit"}, "other", 7, {"id": null}]}'
    assert read_models(body) == ["step-1x-edit", "other"]
    with pytest.raises(ProviderError):
        read_models(b'{"models": []}')
