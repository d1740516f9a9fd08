"""POST /v1/images/edits where several providers offer models: which one is meant, and what each takes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from edits.model_specs import ModelSpec
from edits.models import EditRequest, Provider, ProviderModel, User
from tests.api_calls import PHOTO, ask, error_of, refusal_of, taken
from tests.callers import caller_of
from tests.editors import Editor, made, run
from tests.pictures import opened, photo, transparent
from tests.second_provider import TAKES_ALL, model_at, second_provider

ODD_ID = "Qwen/Qwen-Image-Edit:2511"
WITHOUT = ModelSpec(name="")
"""Takes a prompt and a picture."""


@pytest.fixture
def program(alice: User) -> Client:
    """A script of Alice's."""
    return caller_of(alice)


@pytest.fixture
def gpu(db: None) -> Provider:
    """A second provider beside that of the settings."""
    return second_provider()


Offer = Callable[..., ProviderModel]


@pytest.fixture
def offer(gpu: Provider) -> Offer:
    """Lets the second provider offer a model whose spec is changed by keywords."""

    def offered(name: str = "flux", *, base: ModelSpec = TAKES_ALL, **spec: Any) -> ProviderModel:
        return model_at(gpu, name, spec=replace(base, **spec))

    return offered


def file(name: str = "a.jpg", data: bytes = PHOTO) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def mask_of(width: int = 320, height: int = 240) -> SimpleUploadedFile:
    """A mask by which everything may be changed."""
    return SimpleUploadedFile("mask.png", transparent(width, height))


# --- Which model ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [ODD_ID, f"gpu/{ODD_ID}"])
def test_a_model_is_named_by_its_id_alone_or_with_its_provider(
    program: Client, offer: Offer, name: str
) -> None:
    offer(ODD_ID)
    edit = taken(ask(program, model=name))
    assert (edit.model, edit.provider.slug) == (ODD_ID, "gpu")


@pytest.mark.parametrize("fields", [{"leave_out": "model"}, {"model": ""}, {"model": "step-1x-edit"}])
def test_the_default_is_meant_where_none_is_named(
    program: Client, offer: Offer, fields: dict[str, Any]
) -> None:
    offer()
    edit = taken(ask(program, **fields))
    assert (edit.model, edit.provider.slug) == ("step-1x-edit", "stepfun")


def test_the_documented_model_is_the_default_where_nobody_offers_it(
    program: Client, offer: Offer, settings: Any
) -> None:
    settings.STEPFUN_MODEL = "step-image-edit-2"
    ProviderModel.objects.filter(pk=offer().pk).update(is_default=True)
    assert taken(ask(program, model="step-1x-edit")).model == "flux"


def test_an_unknown_id_is_answered_with_those_that_there_are(program: Client, offer: Offer) -> None:
    offer(ODD_ID)
    response = ask(program, model="flux")
    assert refusal_of(response) == ("model", "model_not_found")
    assert ODD_ID in error_of(response)["message"]
    assert "step-1x-edit" in error_of(response)["message"]


def test_an_id_that_two_offer_is_answered_with_both_full_ones(program: Client, offer: Offer) -> None:
    offer()
    model_at(second_provider(name="Other"))
    response = ask(program, model="flux")
    assert refusal_of(response) == ("model", "model_not_found")
    assert "gpu/flux" in error_of(response)["message"]
    assert "other/flux" in error_of(response)["message"]
    assert taken(ask(program, model="other/flux")).provider.slug == "other"


@pytest.mark.parametrize("state", [{"is_on": False}, {"provider__removed": True}])
def test_what_is_switched_off_or_removed_is_not_there(
    program: Client, offer: Offer, gpu: Provider, state: dict[str, bool]
) -> None:
    model = offer()
    if "is_on" in state:
        ProviderModel.objects.filter(pk=model.pk).update(is_on=False)
    else:
        Provider.objects.filter(pk=gpu.pk).update(removed_at="2026-11-30T00:00Z")
    assert refusal_of(ask(program, model="flux")) == ("model", "model_not_found")


# --- What it takes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [("seed", "7"), ("steps", "20"), ("cfg_scale", "4"), ("size", "512x512"), ("negative_prompt", "dogs"),
     ("quality", "high"), ("background", "opaque"), ("output_format", "png"), ("mask", "x"), ("mask", mask_of())],
)  # fmt: skip
def test_a_field_that_the_model_lacks_is_refused_by_its_name(
    program: Client, offer: Offer, field: str, value: Any
) -> None:
    offer(base=WITHOUT)
    response = ask(program, **({"model": "flux"} | {field: value}))
    assert refusal_of(response) == (field, "not_supported")
    assert error_of(response)["message"].startswith(f"The model flux takes no {field}.")


@pytest.mark.parametrize(
    "fields",
    [{"size": "auto", "quality": "auto", "background": "auto"}, {"seed": "", "steps": " ", "mask": "", "size": ""},
     {"num_inference_steps": "9", "guidance_scale": "3", "true_cfg_scale": "4", "user": "me", "strength": "1"}],
)  # fmt: skip
def test_auto_nothing_and_unknown_names_are_left_out(
    program: Client, offer: Offer, fields: dict[str, Any]
) -> None:
    offer(base=WITHOUT)
    edit = taken(ask(program, **({"model": "flux"} | fields)))
    assert (edit.seed, edit.seed_is_drawn, edit.steps, edit.cfg_scale) == (None, False, None, None)
    assert (edit.size, edit.extras) == ("", {})


def test_what_the_model_takes_is_sent(program: Client, offer: Offer) -> None:
    offer(qualities=("low", "high"), backgrounds=("opaque",), output_formats=("png", "webp"))
    said: dict[str, Any] = {
        "quality": "high",
        "background": "opaque",
        "output_format": "webp",
        "negative_prompt": "dogs",
    }
    edit = taken(ask(program, model="flux", seed="9", steps="4", **said))
    assert (edit.seed, edit.steps, edit.extras) == (9, 4, said)
    editor = Editor([made()])
    run(edit, editor)
    assert {name: getattr(editor.calls[0].options, name) for name in said} == said


@pytest.mark.parametrize("field", ["quality", "background"])
def test_auto_is_open_for_a_model_that_has_other_words(program: Client, offer: Offer, field: str) -> None:
    offer(qualities=("low", "high"), backgrounds=("opaque",))
    fields: dict[str, Any] = {field: "auto"}
    assert taken(ask(program, model="flux", **fields)).extras == {}
    fields = {field: "best"}
    response = ask(program, model="flux", **fields)
    assert (response.status_code, error_of(response)["param"]) == (400, field)


def test_auto_is_no_size_of_a_model_with_other_sizes(program: Client, offer: Offer) -> None:
    offer()
    assert refusal_of(ask(program, model="flux", size="auto")) == ("size", "invalid")


def test_each_model_has_its_own_limits(program: Client, offer: Offer) -> None:
    offer(max_prompt_chars=20, min_side_px=400, max_side_px=800, max_area_px=800 * 800)
    large = photo(width=900, height=600)
    assert refusal_of(ask(program, picture=large, model="flux", prompt="x" * 21)) == ("prompt", "too_long")
    assert refusal_of(ask(program, model="flux", prompt="x")) == ("image", "too_small")
    upload = taken(ask(program, picture=large, model="flux", prompt="x" * 20)).upload
    assert (upload.width_px, upload.height_px) == (800, 533)


# --- Several pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names", [("image", "image", "image"), ("image[]", "image[]", "image[]"), ("images", "images", "images"),
              ("image", "image[]", "images")], ids="+".join
)  # fmt: skip
def test_the_first_picture_is_edited_and_the_others_are_references(
    program: Client, offer: Offer, names: tuple[str, ...]
) -> None:
    offer()
    fields: dict[str, Any] = {"model": "flux"}
    for number, name in enumerate(names):
        fields.setdefault(name, []).append(file(f"{number}.jpg", photo(seed=number)))
    edit = taken(ask(program, picture=None, **fields))
    assert edit.source_name == "0.jpg"
    references = edit.references.select_related("upload")
    assert [(each.position, each.name) for each in references] == [(1, "1.jpg"), (2, "2.jpg")]
    editor = Editor([made()])
    run(edit, editor)
    uploads = [edit.upload, *(each.upload for each in references)]
    assert [len(picture.data) for picture in editor.calls[0].pictures] == [
        each.size_bytes for each in uploads
    ]


@pytest.mark.parametrize(("count", "is_taken"), [(4, True), (5, False)])
def test_more_than_the_model_takes_are_refused(
    program: Client, offer: Offer, count: int, is_taken: bool
) -> None:
    offer()
    fields: dict[str, Any] = {"image[]": [file(data=photo(seed=number)) for number in range(count)]}
    response = ask(program, picture=None, model="flux", **fields)
    if is_taken:
        assert taken(response).references.count() == count - 1
    else:
        assert refusal_of(response) == ("image", "several")


def test_a_reference_that_is_no_picture_is_refused_as_an_image(program: Client, offer: Offer) -> None:
    offer()
    fields: dict[str, Any] = {"image[]": [file(), file("notes.txt", b"notes")]}
    response = ask(program, picture=None, model="flux", **fields)
    assert refusal_of(response)[0] == "image"


# --- Masks ------------------------------------------------------------------------------------------------


def test_a_mask_is_stored_and_sent_with_its_picture(program: Client, offer: Offer) -> None:
    offer()
    edit = taken(ask(program, model="flux", mask=mask_of()))
    assert edit.mask
    editor = Editor([made()])
    run(edit, editor)
    sent = editor.calls[0].mask
    assert sent
    assert (opened(sent.data).size, sent.content_type) == ((320, 240), "image/png")
    assert len(editor.calls[0].pictures) == 1


def test_a_mask_is_scaled_with_a_picture_that_is_too_large(program: Client, offer: Offer) -> None:
    offer(max_side_px=160, max_area_px=160 * 160)
    edit = taken(ask(program, model="flux", mask=mask_of()))
    assert edit.mask
    assert (
        (edit.mask.width_px, edit.mask.height_px)
        == (edit.upload.width_px, edit.upload.height_px)
        == (160, 120)
    )


@pytest.mark.parametrize(
    ("mask", "code"),
    [("text", "invalid"), (mask_of(240, 320), "invalid"), (file("mask.png", photo(format="PNG")), "invalid"),
     (file("mask.jpg"), "format"), (file("mask.png", b""), "empty"),
     (file("mask.png", b"\x89PNG\r\n\x1a\n"), "corrupt")],
)  # fmt: skip
def test_what_is_no_mask_for_the_picture_is_refused(
    program: Client, offer: Offer, mask: Any, code: str
) -> None:
    offer()
    assert refusal_of(ask(program, model="flux", mask=mask)) == ("mask", code)


def test_two_masks_are_one_too_many(program: Client, offer: Offer) -> None:
    offer()
    masks = [mask_of(), mask_of()]
    assert refusal_of(ask(program, model="flux", mask=masks)) == ("mask", "several")


def test_a_mask_without_a_picture_is_none(program: Client, offer: Offer) -> None:
    offer()
    assert refusal_of(ask(program, picture=None, model="flux", mask=mask_of())) == ("image", "required")
    assert not EditRequest.objects.exists()
