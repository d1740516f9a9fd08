"""Edits that are asked for in JSON, with their pictures as data URLs or Base64: checked and joined as forms are."""

import base64
import errno
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from edits.http.upload_errors import IncomingFile
from edits.models import EditRequest, User
from edits.services.api.body_limits import limits_of
from edits.services.pictures.storing import picture_bytes
from tests.api_calls import ADDRESS, AT_ONCE, PHOTO, PROMPT, ask, error_of, refusal_of, taken
from tests.callers import caller_of
from tests.factories import finished_edit_of
from tests.pictures import photo, transparent
from tests.second_provider import TAKES_ALL, model_at, second_provider

JSON = "application/json"


@pytest.fixture
def program(alice: User) -> Client:
    """A script of Alice's."""
    return caller_of(alice)


def b64(picture: bytes = PHOTO) -> str:
    return base64.b64encode(picture).decode()


def data_url(picture: bytes = PHOTO) -> str:
    return f"data:image/jpeg;base64,{b64(picture)}"


def send(program: Client, body: Any, *, content_type: str = JSON, **headers: str) -> Any:
    text = body if isinstance(body, str | bytes) else json.dumps({"prompt": PROMPT} | body)
    return program.generic("POST", ADDRESS, text, content_type=content_type, headers=AT_ONCE | headers)


def source_of(edit: EditRequest) -> bytes:
    return picture_bytes(edit.upload.file)


class TestPictures:
    @pytest.mark.parametrize(
        "sent",
        [{"image": data_url()}, {"image": b64()}, {"image": [data_url()]}, {"images": [{"image_url": data_url()}]},
         {"images": {"image_url": data_url()}}, {"image[]": [b64()]}, {"image": {"image_url": b64()}},
         {"image": data_url().replace("data:image/jpeg", "DATA:image/png;charset=utf-8")},
         {"image": data_url(), "mask": None, "images": None, "user": "x", "metadata": {"a": [1]}}],
        ids=["data URL", "Base64", "list", "OpenAI", "one object", "image[]", "object", "head", "left out"],
    )  # fmt: skip
    def test_each_form_of_a_picture_is_taken(self, program: Client, sent: dict[str, Any]) -> None:
        assert source_of(taken(send(program, sent))) == source_of(taken(ask(program)))

    @pytest.mark.parametrize(
        "escaped",
        [lambda text: text.replace("/", "\\/"), lambda text: text.replace("+", "\\u002B"),
         lambda text: "\\r\\n".join(text[at : at + 76] for at in range(0, len(text), 76)),
         lambda text: "".join(f"\\u{ord(char):04x}" for char in text)],
        ids=["PHP", ".NET", "lines", "everything"],
    )  # fmt: skip
    @pytest.mark.parametrize("filler", [0, 1, 2, 3, 65_536 - 120])
    def test_escapes_are_read_wherever_the_body_is_cut(
        self, program: Client, escaped: Callable[[str], str], filler: int
    ) -> None:
        body = f'{{"x": "{"x" * filler}", "prompt": "sepia", "image": "{escaped(data_url())}"}}'
        assert source_of(taken(send(program, body))) == source_of(taken(ask(program)))

    def test_a_picture_so_small_that_it_is_not_lifted_is_checked_as_well(self, program: Client) -> None:
        assert refusal_of(send(program, {"image": b64(b"GIF89a")})) == ("image", "format")
        assert refusal_of(send(program, {"image": "data:image/png;base64,"})) == ("image", "empty")

    def test_references_and_a_mask_come_along_where_the_model_takes_them(self, program: Client) -> None:
        model_at(second_provider(), spec=TAKES_ALL)
        pictures = [{"image_url": data_url(photo(seed=number))} for number in range(3)]
        cut = data_url(transparent())
        edit = taken(send(program, {"model": "flux", "images": pictures, "mask": {"image_url": cut}}))
        assert edit.references.count() == 2
        assert edit.mask is not None

    def test_a_result_can_be_named_instead(self, program: Client, alice: User) -> None:
        parent = finished_edit_of(alice)
        assert taken(send(program, {"source_edit": str(parent.public_id)})).parent == parent


class TestValues:
    def test_numbers_and_booleans_are_those_of_json(self, program: Client) -> None:
        edit = taken(send(program, {"image": b64(), "steps": 20.0, "cfg_scale": 7.25, "seed": 5, "n": 1,
                                    "stream": False, "fit": True}))  # fmt: skip
        assert (edit.steps, edit.cfg_scale, edit.seed) == (20, 7.25, 5)

    @pytest.mark.parametrize(
        ("name", "value"),
        [("steps", 101), ("steps", 1.5), ("steps", True), ("steps", [4]), ("steps", {"a": 1}), ("seed", 10**400),
         ("cfg_scale", "x"), ("stream", True), ("n", 11), ("size", 512), ("prompt", ["x"]), ("prompt", {}),
         ("prompt", "\ud800"), ("note", "\udfff"), ("source_edit", ["x"])],
    )  # fmt: skip
    def test_what_is_wrong_is_named(self, program: Client, name: str, value: Any) -> None:
        sent = {name: value} if name == "source_edit" else {"image": b64(), name: value}
        assert refusal_of(send(program, sent)) == (name, "invalid")

    def test_a_figure_that_no_computer_holds_is_refused(self, program: Client) -> None:
        body = f'{{"prompt": "x", "image": "{b64()}", "cfg_scale": 1e400}}'
        assert refusal_of(send(program, body)) == ("cfg_scale", "invalid")

    @pytest.mark.parametrize(("sent", "name"), [({"image": b64(), "prompt": None}, "prompt"), ({}, "image"),
                                                ({"image": ""}, "image"), ({"images": []}, "image")])  # fmt: skip
    def test_what_is_missing_is_named(self, program: Client, sent: dict[str, Any], name: str) -> None:
        assert refusal_of(send(program, sent)) == (name, "required")

    def test_a_long_prompt_is_too_long_and_no_picture(self, program: Client) -> None:
        assert refusal_of(send(program, {"image": b64(), "prompt": "x" * 5000})) == ("prompt", "too_long")

    def test_more_pictures_than_the_model_takes_are_refused(self, program: Client) -> None:
        two = {"images": [data_url(), data_url(photo(seed=2))]}
        assert refusal_of(send(program, two)) == ("image", "several")
        assert refusal_of(send(program, {"images": [b64()] * 40})) == ("image", "several")


class TestNothingIsFetched:
    @pytest.mark.parametrize("address", ["http://127.0.0.1:9/cat.png", "https://example.com/cat.png?" + "x" * 3000,
                                         "file:///etc/passwd", "blob:https://example.com/1"])  # fmt: skip
    @pytest.mark.parametrize("name", ["image", "images", "mask"])
    def test_an_address_is_refused_in_words(self, program: Client, name: str, address: str) -> None:
        sent = {"image": b64()} | {name: {"image_url": address}}
        response = send(program, sent)
        assert refusal_of(response) == (name, "invalid")
        assert "does not load pictures from URLs" in error_of(response)["message"]

    def test_a_file_id_is_refused_in_words(self, program: Client) -> None:
        response = send(program, {"images": [{"file_id": "file-abc"}]})
        assert refusal_of(response) == ("images", "invalid")
        assert "file_id" in error_of(response)["message"]


class TestNoPictures:
    @pytest.mark.parametrize(
        "value",
        [5, True, [[b64()]], {"url": b64()}, {"image_url": {"url": b64()}}, "cat.png", b64()[:-1], b64() + "=",
         b64()[:1600] + "==" + b64()[1600:], b64().replace("a", "-"), b64()[:2000] + "ü", "data:image/png," + b64(),
         "data:image/png;base64", data_url() + "===="],
    )  # fmt: skip
    def test_what_is_neither_a_data_url_nor_base64_is_refused(self, program: Client, value: Any) -> None:
        param, code = refusal_of(send(program, {"image": value}))
        assert (param, code) == ("image", "invalid")

    @pytest.mark.parametrize("field", ["image", "mask"])
    def test_a_data_url_in_a_field_of_a_form_is_told_how_to_be_sent(
        self, program: Client, field: str
    ) -> None:
        model_at(second_provider(), spec=TAKES_ALL)
        fields: dict[str, Any] = {field: data_url()}
        response = ask(program, picture=None if field == "image" else PHOTO, model="flux", **fields)
        assert refusal_of(response) == (field, "invalid")
        assert "in JSON as a data URL" in error_of(response)["message"]


class TestNoJson:
    @pytest.mark.parametrize(
        "body",
        ["[]", "4", "null", "{", '{"prompt": "x"', '{"prompt": "x', '"same"', "\x00", "[" * 100_000, '{"a":' * 21,
         b'{"prompt": "\xff"}', '{"prompt": "\\u12"}', '{"image": "\\', '{"n": NaN}', '{"n": -Infinity}',
         '{"prompt": "x", "prompt": "y"}', '{"image": "' + "x\\q" * 2000 + '"}', '{"n": 01}', "{} {}",
         '{"image": "' + b64()],
    )  # fmt: skip
    def test_what_cannot_be_read_is_refused_in_a_sentence(self, program: Client, body: str | bytes) -> None:
        assert refusal_of(send(program, body)) == (None, "bad_request")

    def test_another_encoding_is_refused(self, program: Client) -> None:
        response = send(program, '{"prompt": "x"}'.encode("utf-16"), content_type=f"{JSON}; charset=utf-16")
        assert refusal_of(response) == (None, "bad_request")

    def test_a_mark_of_utf_8_at_its_beginning_does_no_harm(self, program: Client) -> None:
        body = json.dumps({"prompt": PROMPT, "image": b64()})
        taken(send(program, body.encode("utf-8-sig"), content_type=f"{JSON}; charset=UTF-8"))

    @pytest.mark.slow
    def test_text_of_megabytes_is_refused(self, program: Client) -> None:
        for note in ("x" * 2_700_000, ["x" * 1000] * 2700, [[0]] * 900_000):
            response = send(program, {"image": b64(), "note": note})
            assert refusal_of(response) == (None, "bad_request")
            assert "2,621,440 bytes" in error_of(response)["message"]

    def test_too_many_fields_are_refused(self, program: Client) -> None:
        more = {f"field{number}": "x" for number in range(2000)}
        assert refusal_of(send(program, {"image": b64()} | more)) == (None, "bad_request")


class TestOnceAndNotTwice:
    def test_the_same_body_is_the_same_edit(self, program: Client) -> None:
        headers = {"Idempotency-Key": "order-7"}
        first = taken(send(program, {"image": data_url()}, **headers))
        assert taken(send(program, {"image": data_url()}, **headers)) == first
        assert taken(send(program, f'{{"image":"{b64()}",\n"prompt":"{PROMPT}"}}', **headers)) == first

    @pytest.mark.parametrize("other", [{"image": data_url(photo(seed=9))}, {"image": data_url(), "seed": 5},
                                       {"image": data_url(), "metadata": {"order": 8}}])  # fmt: skip
    def test_another_body_under_the_same_key_is_refused(self, program: Client, other: dict[str, Any]) -> None:
        headers = {"Idempotency-Key": "order-7"}
        taken(send(program, {"image": data_url()}, **headers))
        assert send(program, other, **headers).status_code == 422
        assert EditRequest.objects.count() == 1

    def test_a_client_that_repeats_by_itself_joins(self, program: Client) -> None:
        first = taken(send(program, {"image": data_url()}))
        assert taken(send(program, {"image": data_url()}, **{"X-Stainless-Retry-Count": "1"})) == first

    def test_a_refused_call_leaves_its_key_free(self, program: Client) -> None:
        headers = {"Idempotency-Key": "order-7"}
        assert refusal_of(send(program, {"image": data_url(), "steps": 101}, **headers))[0] == "steps"
        taken(send(program, {"image": data_url(), "steps": 100}, **headers))


class TestLimits:
    def test_the_largest_picture_of_a_model_is_taken(self, program: Client) -> None:
        spare = limits_of([]).picture_bytes - len(PHOTO)
        assert source_of(taken(send(program, {"image": data_url(PHOTO + b"\0" * spare)})))

    def test_one_byte_more_is_refused_as_it_is_in_a_form(self, program: Client) -> None:
        spare = limits_of([]).picture_bytes - len(PHOTO) + 1
        assert refusal_of(send(program, {"image": data_url(PHOTO + b"\0" * spare)})) == ("image", "too_large")

    def test_what_is_announced_as_more_is_not_read(self, program: Client) -> None:
        most = limits_of([]).json_bytes
        response = send(program, b" " * (most + 1))
        assert refusal_of(response, status=413) == (None, "too_large")

    def test_a_picture_is_never_held_whole(self, program: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        pieces: list[int] = []
        receive = IncomingFile.receive_data_chunk

        def counted(handler: IncomingFile, raw_data: bytes, start: int) -> None:
            pieces.append(len(raw_data))
            receive(handler, raw_data, start)

        monkeypatch.setattr(IncomingFile, "receive_data_chunk", counted)
        taken(send(program, {"image": data_url(PHOTO + b"\0" * 5_000_000)}))
        assert sum(pieces) == len(PHOTO) + 5_000_000
        assert max(pieces) <= 2**16

    def test_a_small_one_needs_no_disk(self, program: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(IncomingFile, "new_file", None)
        taken(send(program, {"image": data_url()}))

    @pytest.mark.slow
    def test_nothing_is_left_of_a_call_that_is_refused(self, program: Client) -> None:
        large = data_url(PHOTO + b"\0" * 5_000_000)
        for rest in (
            '"mask": "https://example.com/cat.png"}',
            '"mask": "',
            "}",
            '"prompt": "x", "note": "\\ud800"}',
        ):
            assert send(program, f'{{"image": "{large}", {rest}').status_code == 400
        assert not any(settings.FILE_UPLOAD_TEMP_DIR.iterdir())

    def test_a_disk_that_does_not_take_the_picture_is_no_fault_of_the_call(
        self, program: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(handler: IncomingFile, raw_data: bytes, start: int) -> None:
            raise OSError(errno.ENOSPC, "full")

        monkeypatch.setattr("edits.http.upload_errors.TemporaryFileUploadHandler.receive_data_chunk", full)
        response = send(program, {"image": data_url(PHOTO + b"\0" * 3_000_000)})
        assert (response.status_code, error_of(response)["code"]) == (507, "no_room")
