"""POST /v1/images/edits: each parameter one below, at and one above its limits; what is refused leaves nothing."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from edits.models import ApiKey, EditRequest, Status, User
from tests.api_calls import ADDRESS, PHOTO, PROMPT, ask, error_of, refusal_of, some_id, taken
from tests.callers import caller_of
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, result_of
from tests.pictures import photo

FAMILY = "👨‍👩‍👧‍👦"  # 7 code points


@pytest.fixture
def program(alice: User) -> Client:
    """A script of Alice's."""
    return caller_of(alice)


def test_an_edit_is_taken_with_the_defaults_of_the_page(program: Client, alice: User) -> None:
    edit = taken(ask(program))
    assert (edit.owner, edit.prompt, edit.model) == (alice, PROMPT, "step-1x-edit")
    assert (edit.steps, edit.cfg_scale, edit.size) == (28, 6.0, "512x512")
    assert (edit.seed_is_drawn, edit.source_name, edit.parent) == (True, "cat.jpg", None)
    assert edit.api_key == alice.api_keys.get()


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}/"])
def test_it_is_served_with_and_without_a_slash_and_asks_for_no_token(alice: User, address: str) -> None:
    program = caller_of(alice)
    program.handler.enforce_csrf_checks = True
    fields = {"model": "step-1x-edit", "prompt": "x", "image": SimpleUploadedFile("a.jpg", PHOTO)}
    assert program.post(address, fields, headers={"Prefer": "respond-async"}).status_code == 202


# --- What is taken ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "prompt",
    ["x" * 512, "🎈" * 512, "猫" * 512, "e\u0301" * 256, FAMILY * 73 + "x", "<b>{{7*7}}</b> '; DROP TABLE x; --",
     "\u202eabc", "x\x07y"],
)  # fmt: skip
def test_a_prompt_is_taken_as_it_is(program: Client, prompt: str) -> None:
    assert taken(ask(program, prompt=prompt)).prompt == prompt


@pytest.mark.parametrize(
    ("sent", "prompt"),
    [("  " + "x" * 512 + " \n", "x" * 512), ("x\r\n" * 255 + "xx", "x\n" * 255 + "xx")],
)
def test_line_ends_and_the_space_around_a_prompt_do_not_count(
    program: Client, sent: str, prompt: str
) -> None:
    assert taken(ask(program, prompt=sent)).prompt == prompt


@pytest.mark.parametrize(
    ("field", "sent", "value"),
    [("seed", "1", 1), ("seed", "2147483647", 2147483647), ("seed", "007", 7),
     ("steps", "1", 1), ("steps", "28", 28), ("steps", "100", 100), ("steps", "", 28),
     ("cfg_scale", "1", 1.0), ("cfg_scale", "7.5", 7.5), ("cfg_scale", "10.0", 10.0), ("cfg_scale", "", 6.0),
     ("size", "512x512", "512x512"), ("size", "768x768", "768x768"), ("size", "1024x1024", "1024x1024")],
)  # fmt: skip
def test_a_value_within_its_limits_is_taken(program: Client, field: str, sent: str, value: object) -> None:
    fields: dict[str, Any] = {field: sent}
    assert getattr(taken(ask(program, **fields)), field) == value


@pytest.mark.parametrize("seed", ["", "0"])
def test_without_a_seed_one_is_drawn_and_pinned(program: Client, seed: str) -> None:
    edit = taken(ask(program, seed=seed))
    assert edit.seed_is_drawn
    assert edit.seed in range(1, 2**31)


@pytest.mark.parametrize(
    "fields",
    [{"n": "1"}, {"user": "me"}, {"quality": "auto", "background": "auto"}, {"stream": "false"},
     {"response_format": "b64_json"}, {"response_format": "url"}, {"fit": "true"}, {"fit": "false"}, {"mask": ""},
     {"n": ["2", "1"]}, {"quality": "", "negative_prompt": " ", "output_format": ""},
     {"num_inference_steps": "9", "guidance_scale": "2", "true_cfg_scale": "3"},
     {f"field{number}": "x" for number in range(200)}],
)  # fmt: skip
def test_what_changes_nothing_is_taken(program: Client, fields: dict[str, Any]) -> None:
    taken(ask(program, **fields))


@pytest.mark.parametrize(
    "fields",
    [{"source": "sample:cat"}, {"shape": "crop"}, {"submission_key": some_id()}, {"source": "x"}],
)
def test_what_only_the_page_knows_is_ignored(program: Client, fields: dict[str, Any]) -> None:
    edit = taken(ask(program, **fields))
    assert edit.source_name == "cat.jpg"
    assert str(edit.submission_key) != fields.get("submission_key")


# --- What is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "code"),
    [("", "required"), (" ", "required"), ("\t\r\n ", "required"), ("\u3000\u00a0", "required"),
     ("\u200b\ufeff", "required"), ("x" * 513, "too_long"), ("🎈" * 513, "too_long"),
     ("e\u0301" * 257, "too_long"), (FAMILY * 74, "too_long"), ("x\r\n" * 255 + "xxx", "too_long"),
     ("nul\x00", "invalid")],
)  # fmt: skip
def test_a_prompt_beyond_its_limits_is_refused(program: Client, prompt: str, code: str) -> None:
    assert refusal_of(ask(program, prompt=prompt)) == ("prompt", code)


@pytest.mark.parametrize(
    ("field", "values"),
    [("seed", ["-1", "2147483648", "4294967295", "9223372036854775808", "9" * 400, "9" * 5000, "1.5", "1e3", "NaN",
               "inf", "true", "0x10", "abc", "1_000"]),
     ("steps", ["0", "101", "-1", "28.5", "1e1", "abc", "NaN", "9" * 5000]),
     ("cfg_scale", ["0.99", "0.9999999", "10.01", "10.0000001", "0", "-1", "NaN", "inf", "1e400", "1e-400", "0x5",
                    "abc", "7,5"]),
     ("size", ["auto", "512X512", "512×512", "1024x768", "1024x1536", "0x0", "nul\x00"]),
     ("response_format", ["b64", "URL", "json", "nul\x00"]),
     ("n", ["0", "11", "-1", "1.0", "one"]),
     ("stream", ["true", "True", "1"]),
     ("fit", ["no", "crop"]),
     ("source_edit", ["x", "result:x"])],
)  # fmt: skip
def test_a_value_beyond_its_limits_is_refused(program: Client, field: str, values: list[str]) -> None:
    for value in values:
        fields: dict[str, Any] = {field: value}
        param, code = refusal_of(ask(program, picture=None if "source" in field else PHOTO, **fields))
        assert (param, code) == (field, "invalid"), value


def test_it_is_said_which_three_sizes_exist(program: Client) -> None:
    assert "512x512, 768x768 or 1024x1024" in error_of(ask(program, size="auto"))["message"]


@pytest.mark.parametrize(
    "fields",
    [{"model": "gpt-image-1"}, {"model": "step-image-edit-2"}, {"model": "x" * 5000}],
)
def test_only_models_of_this_installation_are_offered(program: Client, fields: dict[str, Any]) -> None:
    response = ask(program, **fields)
    assert refusal_of(response) == ("model", "model_not_found")
    assert "step-1x-edit" in error_of(response)["message"]
    assert len(error_of(response)["message"]) < 200


@pytest.mark.parametrize("fields", [{"leave_out": "model"}, {"model": ""}, {"model": " "}])
def test_without_a_model_it_is_the_default(program: Client, fields: dict[str, Any]) -> None:
    assert taken(ask(program, **fields)).model == "step-1x-edit"


def test_a_missing_prompt_is_refused(program: Client) -> None:
    assert refusal_of(ask(program, leave_out="prompt")) == ("prompt", "required")


@pytest.mark.parametrize("mask", ["a mask as text", SimpleUploadedFile("mask.png", PHOTO)])
def test_a_mask_is_never_silently_ignored(program: Client, mask: Any) -> None:
    assert refusal_of(ask(program, mask=mask)) == ("mask", "not_supported")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quality", "high"),
        ("background", "transparent"),
        ("output_format", "png"),
        ("negative_prompt", "dogs"),
    ],
)
def test_a_field_that_only_other_models_take_is_refused(program: Client, field: str, value: str) -> None:
    fields: dict[str, Any] = {field: value}
    response = ask(program, **fields)
    assert refusal_of(response) == (field, "not_supported")
    assert error_of(response)["message"].startswith(f"The model step-1x-edit takes no {field}.")


def test_the_first_thing_that_is_wrong_is_said(program: Client) -> None:
    assert refusal_of(ask(program, model="x", prompt="", steps="0"))[0] == "model"


# --- An earlier edit instead of a picture -----------------------------------------------------------------


def chained(program: Client, edit: EditRequest, **fields: Any) -> Any:
    return ask(program, picture=None, source_edit=str(edit.public_id), **fields)


def test_an_edit_is_chained_without_an_upload(program: Client, alice: User) -> None:
    first = finished_edit_of(alice, source_name="harbor.png")
    edit = taken(chained(program, first))
    assert (edit.parent, edit.source_name) == (first, "harbor.png · edited")


def test_a_chain_needs_no_multipart(program: Client, alice: User) -> None:
    first = finished_edit_of(alice)
    body = f"model=step-1x-edit&prompt=sepia&source_edit={first.public_id}"
    response = program.post(
        ADDRESS, body, content_type="application/x-www-form-urlencoded", headers={"Prefer": "respond-async"}
    )
    assert taken(response).parent == first


def test_a_colleagues_shared_result_may_be_edited(alice: User, bob: User) -> None:
    edit = taken(chained(caller_of(bob), finished_edit_of(alice, shared=True, source_name="passport.png")))
    assert (edit.owner, edit.source_name) == (bob, "picture · edited")  # nor is its name shared


def test_what_is_not_there_and_what_is_not_ones_own_look_the_same(
    program: Client, alice: User, bob: User, root: User
) -> None:
    private = finished_edit_of(alice)
    expected = error_of(ask(program, picture=None, source_edit=some_id()))
    assert (expected["param"], expected["code"]) == ("source_edit", "gone")
    for person in (bob, root):
        assert error_of(chained(caller_of(person), private)) == expected
    for without_picture in (edit_of(alice), filtered_edit_of(alice)):
        assert error_of(chained(program, without_picture)) == expected


def test_a_key_that_may_not_read_edits_only_results_that_it_made(alice: User) -> None:
    client = caller_of(alice, can_read=False)
    expected = error_of(ask(client, picture=None, source_edit=some_id()))
    for edit in (finished_edit_of(alice), finished_edit_of(alice, shared=True)):
        assert error_of(chained(client, edit)) == expected
    made = finished_edit_of(alice, api_key=ApiKey.objects.get())
    assert taken(chained(client, made)).parent == made


def test_a_picture_and_an_edit_at_once_are_refused(program: Client, alice: User) -> None:
    response = ask(program, source_edit=str(finished_edit_of(alice).public_id))
    assert response.status_code == 400
    assert (error_of(response)["param"], error_of(response)["code"]) == ("source_edit", "several")


def test_a_result_that_cannot_be_read_now_is_no_fault_of_the_call(program: Client, alice: User) -> None:
    first = finished_edit_of(alice)
    first.result.file.delete(save=False)
    response = chained(program, first)
    assert (response.status_code, error_of(response)["code"]) == (503, "unavailable")
    assert response.headers["Retry-After"]


def test_a_result_that_would_have_to_shrink_is_refused_where_that_is_asked(
    program: Client, alice: User
) -> None:
    first = edit_of(alice, status=Status.SUCCEEDED)
    result_of(first, photo(width=1400, height=1000, format="PNG"))
    response = chained(program, first, fit="false")
    assert (response.status_code, error_of(response)["code"]) == (400, "too_large")
    edit = taken(chained(program, first))
    assert edit.upload.width_px * edit.upload.height_px <= 1024 * 1024
