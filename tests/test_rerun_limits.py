"""Whatever an edit was made with: run again, it keeps to the limits of the model that gets it."""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pytest_django.fixtures import Settings

from edits.images import is_taken
from edits.images.fitting import fit
from edits.model_specs import STEP_1X_EDIT, STEP_IMAGE_EDIT_2, Bounds, ModelSpec
from edits.models import FIRST, EditReference, EditRequest, ProviderModel, Upload, User
from edits.providers.presets import PRESETS
from edits.services.queue.submitting import rerun_edit
from tests.conftest import signed_in
from tests.factories import default_model, finished_edit_of, upload_of
from tests.second_provider import model_at, second_provider

PRESET_MODELS = {
    f"{preset.key}: {model.title or preset.title}": replace(model.spec, name="")
    for preset in PRESETS.values()
    for model in preset.models
}
SPECS = {name: spec for spec, name in {spec: name for name, spec in PRESET_MODELS.items()}.items()}
"""One name for each different spec: presets that take the same would be the same rows and the same pictures."""
WIDTH_PX, HEIGHT_PX = 2112, 1056
EDGE = (WIDTH_PX, HEIGHT_PX)
SMALL = (512, 512)


@cache
def flat(width_px: int, height_px: int, mode: str = "RGB") -> bytes:
    """A picture of one color: large, and quickly read."""
    stream = BytesIO()
    Image.new(mode, (width_px, height_px), (90, 120, 60) if mode == "RGB" else (0, 0, 0, 0)).save(
        stream, "PNG"
    )
    return stream.getvalue()


def largest_of(spec: ModelSpec) -> Upload:
    """As large as the model takes, up to 2112×1056, which is more than most take."""
    width, height = fit(*EDGE, spec=spec)
    return upload_of(flat(width, height), width_px=width, height_px=height)


def most_with(owner: User, model: ProviderModel) -> EditRequest:
    """A done edit with as much of everything as its model takes; the first reference is as large as the source."""
    spec = model.spec
    upload = largest_of(spec)
    small = upload_of(flat(*SMALL), width_px=SMALL[0], height_px=SMALL[1])
    extras = {"negative_prompt": "fog" if spec.takes_negative_prompt else "", "quality": last(spec.qualities)}
    extras |= {"background": last(spec.backgrounds), "output_format": last(spec.output_formats)}
    edit = finished_edit_of(
        owner,
        provider=model.provider,
        model=model.name,
        upload=upload,
        mask=mask_for(upload) if spec.takes_mask else None,
        seed=77120 if spec.takes_seed else None,
        steps=int(spec.steps.most) if spec.steps else None,
        cfg_scale=spec.cfg_scale.most if spec.cfg_scale else None,
        size=last(spec.sizes),
        extras={name: value for name, value in extras.items() if value},
    )
    for position in range(1, spec.max_pictures):
        EditReference.objects.create(
            edit=edit, upload=upload if position == 1 else small, position=position, name=f"{position}.png"
        )
    return edit


def last(values: Iterable[str]) -> str:
    return next(iter(reversed(tuple(values))), "")


def mask_for(upload: Upload) -> Upload:
    data = flat(upload.width_px, upload.height_px, "RGBA")
    return upload_of(data, width_px=upload.width_px, height_px=upload.height_px)


def broken_limits(edit: EditRequest, spec: ModelSpec) -> list[str]:
    """What of the row the model does not take."""
    numbers = [("steps", edit.steps, spec.steps), ("cfg_scale", edit.cfg_scale, spec.cfg_scale)]
    uploads = [edit.upload, *(each.upload for each in edit.references.select_related("upload"))]
    pictures_fit = all(
        is_taken(upload.width_px, upload.height_px, spec=spec)
        and upload.format in spec.formats
        and upload.size_bytes <= spec.max_sent_bytes
        for upload in uploads
    )
    rules = {
        **{name: is_within(value, bounds) for name, value, bounds in numbers},
        "seed": (edit.seed is not None) == spec.takes_seed,
        "size": edit.size in spec.sizes if spec.sizes else not edit.size,
        "negative_prompt": spec.takes_negative_prompt or "negative_prompt" not in edit.extras,
        "quality": edit.extras.get("quality", "") in ("", *spec.qualities),
        "background": edit.extras.get("background", "") in ("", *spec.backgrounds),
        "output_format": edit.extras.get("output_format", "") in ("", *spec.output_formats),
        "pictures": pictures_fit,
        "number of pictures": len(uploads) <= spec.max_pictures,
        "mask": edit.mask is None
        or (spec.takes_mask and (edit.mask.width_px, edit.mask.height_px) == size_of(edit.upload)),
    }
    return [name for name, holds in rules.items() if not holds]


def is_within(value: float | None, bounds: Bounds | None) -> bool:
    if bounds is None or value is None:
        return bounds is None and value is None
    return bounds.least <= value <= bounds.most


def size_of(upload: Upload) -> tuple[int, int]:
    return upload.width_px, upload.height_px


@pytest.fixture
def models(db: None) -> dict[str, ProviderModel]:
    """One of each preset's models."""
    provider = second_provider()
    return {name: model_at(provider, name, spec=spec) for name, spec in SPECS.items()}


@pytest.mark.parametrize("made_with", SPECS)
@pytest.mark.slow
def test_an_edit_of_any_preset_run_again_by_any_other_keeps_to_its_limits(
    alice: User, models: dict[str, ProviderModel], made_with: str
) -> None:
    edit = most_with(alice, models[made_with])
    assert broken_limits(edit, models[made_with].spec) == []
    for (name, model), same_seed in product(models.items(), [True, False]):
        again = rerun_edit(
            edit=edit,
            owner=alice,
            submission_key=uuid.uuid4(),
            same_seed=same_seed,
            model=model,
            now=timezone.now(),
        )
        assert broken_limits(again, model.spec) == [], f"{made_with} again by {name}"
        assert (again.rerun_of == edit) is (same_seed and name == made_with and model.spec.takes_seed)


@pytest.mark.parametrize(
    ("before", "after"),
    list(product([STEP_1X_EDIT, STEP_IMAGE_EDIT_2], repeat=2)),
    ids=lambda spec: spec.name,
)
@pytest.mark.parametrize("seed", ["same", "new", "4711"])
def test_another_model_in_the_settings_sends_nothing_that_the_edits_model_does_not_take(
    alice: User, settings: Settings, before: ModelSpec, after: ModelSpec, seed: str
) -> None:
    settings.STEPFUN_MODEL = before.name
    ProviderModel.objects.get_or_create(provider_id=FIRST, name=before.name)
    edit = most_with(alice, default_model())
    settings.STEPFUN_MODEL = after.name
    ProviderModel.objects.get_or_create(provider_id=FIRST, name=after.name)
    again = rerun_edit(
        edit=edit,
        owner=alice,
        submission_key=uuid.uuid4(),
        same_seed=seed == "same",
        seed=4711 if seed == "4711" else None,
        now=timezone.now(),
    )
    assert again.model == before.name, "it stays with its own model"
    assert broken_limits(again, before) == []
    other = rerun_edit(
        edit=edit,
        owner=alice,
        submission_key=uuid.uuid4(),
        same_seed=False,
        model=default_model(),
        now=timezone.now(),
    )
    assert (other.model, broken_limits(other, after)) == (after.name, [])


LESS: dict[str, dict[str, Any]] = {
    "steps": {"steps": Bounds(1, 10, 4)},
    "no steps": {"steps": None},
    "cfg_scale": {"cfg_scale": Bounds(1, 3, 2)},
    "sizes": {"sizes": ("512x512",), "default_size": "512x512"},
    "no seed": {"takes_seed": False},
    "no negative prompt": {"takes_negative_prompt": False},
    "no mask": {"takes_mask": False},
    "smaller pictures": {"max_side_px": 640, "max_area_px": 640 * 640},
    "one picture": {"max_pictures": 1},
    "JPEG": {"formats": ("JPEG",)},
}


@pytest.mark.parametrize("less", LESS)
@pytest.mark.parametrize("same_seed", [True, False])
def test_a_model_that_takes_less_than_before_gets_no_more(alice: User, less: str, same_seed: bool) -> None:
    model = model_at(second_provider())
    edit = most_with(alice, model)
    spec = replace(model.spec, name="", **LESS[less])
    ProviderModel.objects.filter(pk=model.pk).update(spec_json=spec.to_json())
    again = rerun_edit(
        edit=edit, owner=alice, submission_key=uuid.uuid4(), same_seed=same_seed, now=timezone.now()
    )
    assert (again.model, broken_limits(again, spec)) == (model.name, [])
    assert again.rerun_of is None, "it is not the same call any more"


def test_a_prompt_that_the_model_takes_no_more_is_refused_and_not_cut(alice: User) -> None:
    model = model_at(second_provider())
    edit = most_with(alice, model)
    spec = replace(model.spec, name="", max_prompt_chars=10)
    ProviderModel.objects.filter(pk=model.pk).update(spec_json=spec.to_json())
    response = signed_in(alice).post(reverse("edits:rerun_edit", args=[edit.public_id]), {"seed": "same"})
    assert response.status_code == 422
    assert "takes at most 10" in response.content.decode()
    assert list(EditRequest.objects.all()) == [edit]
