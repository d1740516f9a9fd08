"""Reading a request into values, within the documented parameters."""

import pytest

from edits.local_engine.contract import AskedEdit, read_request
from edits.local_engine.refusals import ContractError
from edits.model_specs import MAX_SEED, MODEL_SPECS

from .local_engine_pictures import encoded, landscape

IMAGE = encoded(landscape(64, 64))
TYPE = "multipart/form-data; boundary=XX"


def body(*fields: tuple[str, str | bytes], image: bytes | None = IMAGE, image_name: str = "image") -> bytes:
    written = b""
    for name, value in fields:
        content = value.encode() if isinstance(value, str) else value
        written += (
            f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + content + b"\r\n"
        )
    if image is not None:
        head = f'--XX\r\nContent-Disposition: form-data; name="{image_name}"; filename="a.png"\r\n\r\n'
        written += head.encode() + image + b"\r\n"
    return written + b"--XX--\r\n"


def read(**changed: str | bytes | None) -> AskedEdit:
    """A request with a model and a prompt, and these fields; None leaves one out."""
    fields: dict[str, str | bytes | None] = {"model": "step-1x-edit", "prompt": "warmer", **changed}
    return read_request(
        body(*((name, value) for name, value in fields.items() if value is not None)), content_type=TYPE
    )


def refused(**changed: str | bytes | None) -> ContractError:
    with pytest.raises(ContractError) as caught:
        read(**changed)
    return caught.value


def test_what_is_left_out_gets_the_documented_default() -> None:
    asked = read()
    assert asked == AskedEdit(
        spec=MODEL_SPECS["step-1x-edit"],
        image=IMAGE,
        prompt="warmer",
        seed=0,
        steps=28,
        cfg_scale=6.0,
        size="512x512",
        response_format="url",
    )


def test_everything_is_read() -> None:
    asked = read(seed="7", steps="20", cfg_scale="10.0", size="1024x1024", response_format="b64_json")
    assert (asked.seed, asked.steps, asked.cfg_scale) == (7, 20, 10.0)
    assert (asked.size, asked.response_format) == ("1024x1024", "b64_json")


@pytest.mark.parametrize("model", MODEL_SPECS)
def test_it_knows_the_models_of_the_specs(model: str) -> None:
    asked = read(model=model)
    assert asked.spec is MODEL_SPECS[model]
    assert asked.spec.steps
    assert asked.steps == asked.spec.steps.default


def test_a_model_without_sizes_ignores_the_size() -> None:
    assert read(model="step-image-edit-2", size="whatever").size == ""


@pytest.mark.parametrize("model", [None, "", "gpt-image-1", "STEP-1X-EDIT", "x" * 5000])
def test_an_unknown_model_is_refused(model: str | None) -> None:
    error = refused(model=model)
    assert (error.status, error.type) == (400, "request_params_invalid")
    assert len(error.message) < 200


@pytest.mark.parametrize(
    "prompt", ["x" * 512, "😀" * 512, "猫" * 512, "e\u0301" * 256, "two\r\nlines", "<b>'; --", "\x00a"]
)
def test_a_prompt_of_512_characters_is_taken_as_it_is(prompt: str) -> None:
    assert read(prompt=prompt).prompt == prompt


@pytest.mark.parametrize("prompt", [None, "", "  \t\n", "\u3000\u00a0", "x" * 513, "😀" * 513, b"\xff\xfe"])
def test_no_prompt_or_one_that_is_too_long_is_refused(prompt: str | bytes | None) -> None:
    error = refused(prompt=prompt)
    assert "prompt" in error.message
    assert error.status == 400


def test_a_prompt_that_is_too_long_is_told_both_numbers() -> None:
    message = refused(prompt="x" * 600).message
    assert "600" in message
    assert "512" in message


@pytest.mark.parametrize("seed", ["0", "1", str(MAX_SEED)])
def test_seeds_in_range_are_taken(seed: str) -> None:
    assert read(seed=seed).seed == int(seed)


@pytest.mark.parametrize(
    "seed", ["-1", str(MAX_SEED + 1), "9" * 5000, "1.5", "1e3", "NaN", "true", "0x10", "", " 7", "٣"]
)
def test_other_seeds_are_refused(seed: str) -> None:
    assert "seed" in refused(seed=seed).message


@pytest.mark.parametrize("steps", ["0", "101", "-1", "28.5", "1e1", "abc", "NaN", "", "9" * 5000])
def test_steps_out_of_range_are_refused(steps: str) -> None:
    assert "steps" in refused(steps=steps).message


def test_the_range_of_steps_is_that_of_the_model() -> None:
    assert read(steps="100").steps == 100
    assert read(model="step-image-edit-2", steps="50").steps == 50
    assert "50" in refused(model="step-image-edit-2", steps="51").message


@pytest.mark.parametrize("scale", ["1", "1.0", "7.5", "10", "10.0"])
def test_cfg_scales_in_range_are_taken(scale: str) -> None:
    assert read(cfg_scale=scale).cfg_scale == float(scale)


@pytest.mark.parametrize(
    "scale", ["0.99", "10.0000001", "0", "-1", "NaN", "inf", "1e400", "1e-400", "0x5", "7,5", "", "1_0", "."]
)
def test_other_cfg_scales_are_refused(scale: str) -> None:
    assert "cfg_scale" in refused(cfg_scale=scale).message


@pytest.mark.parametrize("size", ["auto", "512X512", "512×512", "1024x768", "", "256x256"])
def test_other_sizes_are_refused_and_told_which_exist(size: str) -> None:
    assert "512x512, 768x768, 1024x1024" in refused(size=size).message


@pytest.mark.parametrize("name", ["", "png", "B64_JSON"])
def test_other_response_formats_are_refused(name: str) -> None:
    assert "response_format" in refused(response_format=name).message


def test_fields_that_are_no_parameters_are_ignored() -> None:
    assert read(n="4", mask="x", user="alice", quality="high", stream="true") == read()


@pytest.mark.parametrize("name", ["prompt", "seed", "model"])
def test_a_parameter_given_twice_is_refused(name: str) -> None:
    twice = body(("model", "step-1x-edit"), ("prompt", "a"), ("seed", "1"), (name, "1"))
    with pytest.raises(ContractError, match="more than once"):
        read_request(twice, content_type=TYPE)


class TestImage:
    FIELDS = (("model", "step-1x-edit"), ("prompt", "warmer"))

    @pytest.mark.parametrize(
        "sent",
        [
            body(*FIELDS, image=None),
            body(*FIELDS, ("image", "a string"), image=None),
            body(*FIELDS, image=b""),
            body(*FIELDS, image_name="image[]"),
            body(*FIELDS).removesuffix(b"--XX--\r\n") + body(),
        ],
        ids=["missing", "text", "empty", "list", "two"],
    )
    def test_anything_but_one_file_named_image_is_refused(self, sent: bytes) -> None:
        with pytest.raises(ContractError, match="image") as caught:
            read_request(sent, content_type=TYPE)
        assert caught.value.status == 400

    def test_a_picture_beyond_the_limits_is_refused_as_input(self) -> None:
        with pytest.raises(ContractError, match="64") as caught:
            read_request(body(*self.FIELDS, image=encoded(landscape(32, 32))), content_type=TYPE)
        assert caught.value.type == "input_invalid"

    def test_a_file_in_place_of_a_text_is_refused(self) -> None:
        with pytest.raises(ContractError, match="must be text"):
            read_request(body(("model", "step-1x-edit"), image_name="prompt"), content_type=TYPE)
