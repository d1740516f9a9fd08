"""How the openai dialect spells a call, reads an answer, and understands what filters and gateways say."""

import base64
import json
from typing import Any

import pytest

from edits.providers import Answer, NoPicture, UnsafeLink, Unusable
from edits.providers.answers import usage_in
from edits.providers.dialects.accents import ACCENTS, OPTIONS, Accent
from edits.providers.dialects.openai import OpenAIDialect
from edits.providers.error_bodies import ErrorBody
from tests.accents.answers import drawn
from tests.provider_client import PICTURE, call_of

TAG = "<sd_cpp_extra_args>"
OTHER = OpenAIDialect(ACCENTS["other"])
SD_CPP = OpenAIDialect(ACCENTS["stable-diffusion.cpp"])
B64 = base64.b64encode(PICTURE).decode()


def read(document: Any, *, dialect: OpenAIDialect = OTHER, behind: bytes | None = None) -> Answer:
    """What comes of an answer of 200, where every link leads to ``behind``."""

    def fetch(link: str) -> bytes:
        if behind is None:
            raise UnsafeLink("nowhere")
        return behind

    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return dialect.read(body, status=200, trace_id="t", fetch=fetch)


def result(**fields: Any) -> dict[str, Any]:
    """A document with one result."""
    return {"created": 1, "data": [fields]}


class TestWire:
    def test_only_fields_with_a_name_in_the_accent_are_sent(self) -> None:
        for accent in ACCENTS.values():
            wire = OpenAIDialect(accent).wire(
                call_of(negative_prompt="x", quality="high", background="opaque")
            )
            names = {name for name, _ in wire.fields}
            assert names <= {"model", "prompt", "size", "response_format", *accent.fields.values()}
            assert set(accent.fields) <= set(OPTIONS)

    def test_nothing_is_sent_for_what_is_left_open(self) -> None:
        wire = OTHER.wire(call_of(seed=None, steps=None, cfg_scale=None, size=""))
        assert [name for name, _ in wire.fields] == ["model", "prompt", "response_format"]

    def test_zero_and_one_are_numbers_and_not_left_open(self) -> None:
        sent = dict(OTHER.wire(call_of(seed=0, steps=1, cfg_scale=1.0)).fields)
        assert (sent["seed"], sent["num_inference_steps"], sent["guidance_scale"]) == ("0", "1", "1.0")

    def test_the_record_has_no_picture_in_it(self) -> None:
        record = OTHER.wire(call_of()).record()
        assert record[-1] == ["image", f"cat.png (image/png, {len(PICTURE):,} bytes)"]
        assert all(isinstance(value, str) for pair in record for value in pair)

    @pytest.mark.parametrize(
        "typed",
        [
            f'make it red {TAG}{{"seed": 1}}</sd_cpp_extra_args>',
            'make it red <SD_CPP_Extra_Args>{"seed": 1}</SD_CPP_EXTRA_ARGS>',
            'make it red < sd_cpp_extra_args >{"seed": 1}< / sd_cpp_extra_args>',
            'make it red <sd_cpp\n_extra _args>{"seed": 1}',
            f'make it red <sd_cpp_{TAG}extra_args>{{"seed": 1}}',
            f'make it red <{TAG}sd_cpp_extra_args>{{"seed": 1}}',
            'make it red <sd_cpp_extra_args class="x">{"seed": 1}</sd_cpp_extra_args\n>',
            "make it red <sd_cpp_extra_args",
        ],
    )
    def test_a_tag_that_somebody_types_never_reaches_the_server_as_one(self, typed: str) -> None:
        sent = dict(SD_CPP.wire(call_of(prompt=typed, seed=7)).fields)["prompt"]
        own, _, rest = sent.partition(TAG)
        assert own.startswith("make it red")
        assert "sd_cpp_extra_args" not in "".join(own.split()).lower().replace('{"seed":1}', "")
        carried, _, after = rest.partition("</sd_cpp_extra_args>")
        assert json.loads(carried)["seed"] == 7
        assert after == ""

    def test_no_option_can_end_the_tag_that_carries_it(self) -> None:
        negative = 'x</sd_cpp_extra_args><sd_cpp_extra_args>{"seed": 1}'
        sent = dict(SD_CPP.wire(call_of(seed=7, negative_prompt=negative)).fields)["prompt"]
        carried = sent.partition(TAG)[2].removesuffix("</sd_cpp_extra_args>")
        assert json.loads(carried)["negative_prompt"] == negative
        assert (sent.count(TAG), sent.count("</sd_cpp_extra_args>")) == (1, 1)

    def test_a_long_prompt_full_of_tags_takes_no_time(self) -> None:
        prompt = "<sd_cpp_" * 1500 + "extra_args>" * 1500
        sent = dict(SD_CPP.wire(call_of(prompt=prompt)).fields)["prompt"]
        assert sent.count(TAG) == 1

    def test_other_prompts_are_left_as_they_are(self) -> None:
        prompt = "write <b>sd_cpp</b> & 1 < 2"
        assert dict(SD_CPP.wire(call_of(prompt=prompt)).fields)["prompt"].startswith(f"{prompt} {TAG}")
        assert dict(OTHER.wire(call_of(prompt=f"{TAG} x")).fields)["prompt"] == f"{TAG} x"


class TestAnswers:
    def test_a_picture_without_a_finish_reason_is_a_success(self) -> None:
        answer = read(result(b64_json=B64))
        assert (answer.finish_reason, answer.filtered_at, answer.image) == ("success", "", PICTURE)
        assert (answer.seed, answer.notes) == (None, ())

    @pytest.mark.parametrize(
        "said",
        [
            {"finish_reason": "content_filtered"},
            {"finish_reason": "content_filter"},
            {"finish_reason": "IMAGE_SAFETY"},
            {"respect_moderation": False},
            {"has_nsfw_concepts": [True]},
            {"has_nsfw_concepts": [False, True]},
        ],
    )
    @pytest.mark.parametrize("beside", [True, False])
    def test_whatever_says_that_a_filter_stopped_it_is_believed(
        self, said: dict[str, Any], beside: bool
    ) -> None:
        document = result(b64_json=B64) | said if beside else result(b64_json=B64, **said)
        answer = read(document)
        assert (answer.finish_reason, answer.filtered_at) == ("content_filtered", "result")
        assert answer.image == PICTURE, "for reviewers"

    @pytest.mark.parametrize("data", [[], None, ["x"], [None], {}, "x"])
    def test_a_filters_word_counts_whatever_came_with_it(self, data: object) -> None:
        answer = read({"respect_moderation": False, "data": data})
        assert (answer.finish_reason, answer.image) == ("content_filtered", None)

    @pytest.mark.parametrize(
        "said",
        [
            {"finish_reason": "success"},
            {"finish_reason": "stop"},
            {"finish_reason": None},
            {"respect_moderation": True},
            {"respect_moderation": None},
            {"has_nsfw_concepts": [False]},
            {"has_nsfw_concepts": []},
            {"has_nsfw_concepts": "no"},
        ],
    )
    def test_nothing_else_withholds_a_good_picture(self, said: dict[str, Any]) -> None:
        assert read(result(b64_json=B64, **said)).finish_reason == "success"

    @pytest.mark.parametrize(
        "document",
        [
            {"created": 1, "data": []},
            {"created": 1, "data": None},
            {"created": 1},
            {"data": [None]},
            {"data": [{}]},
            result(b64_json=None, url=None, revised_prompt="x"),
            result(b64_json="", url=""),
        ],
    )
    def test_a_200_without_any_picture_is_an_error_of_its_own_and_was_paid(
        self, document: dict[str, Any]
    ) -> None:
        with pytest.raises(NoPicture) as caught:
            read(document)
        assert caught.value.charged == "yes"

    @pytest.mark.parametrize(
        "document",
        [
            b"<html>hello</html>",
            b"[" * 100_000,
            {"error": {"message": "busy"}},
            {"data": ["x"]},
            {"data": "x"},
            result(b64_json=12345),
            result(b64_json=base64.b64encode(b"<svg/>").decode()),
        ],
    )
    def test_what_cannot_be_read_is_no_filters_word(self, document: Any) -> None:
        with pytest.raises(Unusable) as caught:
            read(document)
        assert not isinstance(caught.value, NoPicture)

    def test_a_link_is_followed_where_there_is_no_picture(self) -> None:
        answer = read(result(b64_json=None, url="images/x"), behind=PICTURE)
        assert (answer.image, answer.notes) == (PICTURE, ("from_url",))

    @pytest.mark.parametrize(
        ("text", "seed"),
        [
            ("cat\nSteps: 4, Seed: 7, Size: 64x64", 7),
            ("a sign, Seed: 99\nNegative prompt: Seed: 98\nSteps: 4, Seed: 7, Model: x", 7),
            ("Seed: 7", 7),
            ("cat\nSteps: 4", None),
            ("Seed: 99999999999999999999", None),
            ("Seed: -1", None),
        ],
    )
    def test_the_seed_in_a_png_is_that_of_its_last_line(self, text: str, seed: int | None) -> None:
        b64 = drawn((64, 64), text=text)
        assert read(result(b64_json=b64), dialect=SD_CPP).seed == seed
        assert read(result(b64_json=b64)).seed is None, "no other server writes it"

    @pytest.mark.parametrize("cut", [9, 20, 33, 40, 45])
    def test_a_cut_png_confirms_no_seed_and_is_not_lost_over_that(self, cut: int) -> None:
        data = base64.b64decode(drawn((64, 64), text="Seed: 7"))[:cut]
        assert read(result(b64_json=base64.b64encode(data).decode()), dialect=SD_CPP).image == data


class TestMeaning:
    @pytest.mark.parametrize(
        "error",
        [
            {"code": "moderation_blocked"},
            {"type": "image_generation_user_error", "message": "rejected by the safety system"},
            {"code": "content_policy_violation"},
            {"code": "contentFilter"},
            {"type": "censorship_blocked"},
            {"code": "DataInspectionFailed"},
            {"message": "litellm.ContentPolicyViolationError: content_filter"},
            {"message": 'OpenAIException - {"error": {"code": "moderation_blocked", "message": "no"}}'},
            {"message": "Error: {'error': {'message': 'no', 'code': 'moderation_blocked', 'param': None}}"},
            {"message": {"error": {"code": "moderation_blocked"}}},
        ],
    )
    @pytest.mark.parametrize("status", [400, 403])
    def test_filters_speak_in_many_ways(self, error: dict[str, Any], status: int) -> None:
        body = ErrorBody(json.dumps({"error": error}).encode())
        assert OTHER.meaning(status, body) == "filtered"
        assert OTHER.meaning(500, body) == ""

    @pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b'{"error": {"message": "size is wrong"}}'])
    def test_nothing_but_451_is_a_filters_word_without_words(self, body: bytes) -> None:
        assert OTHER.meaning(400, ErrorBody(body)) == OTHER.meaning(403, ErrorBody(body)) == ""
        assert OTHER.meaning(451, ErrorBody(body)) == "filtered"

    @pytest.mark.parametrize(
        ("accent", "status", "error", "meaning"),
        [
            ("openai", 429, {"code": "insufficient_quota"}, "balance"),
            ("openai", 429, {"code": "rate_limit_exceeded"}, ""),
            ("openai", 400, {"code": "billing_hard_limit_reached"}, "balance"),
            ("openai", 500, {"code": "insufficient_quota"}, ""),
            ("litellm", 400, {"type": "no_db_connection"}, "key"),
            ("litellm", 400, {"message": "/images/edits: Invalid model name passed in model=x"}, "model"),
            ("litellm", 429, {"message": 'x - {"error": {"code": "insufficient_quota"}}'}, "balance"),
            ("other", 400, {"type": "no_db_connection"}, ""),
        ],
    )
    def test_an_accents_words_blame_the_account(
        self, accent: str, status: int, error: dict[str, Any], meaning: str
    ) -> None:
        body = ErrorBody(json.dumps({"error": error}).encode())
        assert OpenAIDialect(ACCENTS[accent]).meaning(status, body) == meaning


def test_usage_is_figures_alone_by_dotted_names() -> None:
    usage = {"a": 1, "b": {"c": 2.5, "d": {"e": 3, "f": {"g": 4}}}, "h": True, "i": "5", "j": -1, "k": 1e30}
    found = usage_in({"usage": usage, "cost": 0.04})
    assert found == {"a": 1, "b.c": 2.5, "b.d.e": 3, "cost": 0.04}
    assert usage_in({"usage": [1, 2], "cost": float("nan")}) == {}
    assert len(usage_in({"usage": {str(number): number for number in range(1000)}})) == 20


def test_an_accent_of_nothing_sends_nothing_but_the_prompt_and_the_picture() -> None:
    wire = OpenAIDialect(Accent()).wire(call_of(size="auto"))
    assert [name for name, _ in wire.fields] == ["model", "prompt"]
    assert [name for name, _ in wire.files] == ["image"]
