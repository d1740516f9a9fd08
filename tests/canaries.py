"""Canaries with a past, for tests and pictures of their page."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone
from PIL import Image, ImageDraw

from edits.model_specs import ModelSpec
from edits.models import Attempt, CanaryRun, EditReference, EditRequest, Provider, ProviderModel, User
from edits.services.canary.judging import small_copy
from tests.factories import finished_edit_of, upload_of

SEEDED = ModelSpec(name="", takes_seed=True, max_pictures=3)
DAYS = 30


def studio_gpu(**fields: Any) -> Provider:
    """A provider of one's own that is open; nothing ever calls it."""
    usual = {
        "name": "Studio GPU",
        "slug": "studio-gpu",
        "preset": "vllm-omni",
        "stored_url": "http://gpu.example.org:8091/v1",
        "verified_at": timezone.now(),
    }
    return Provider.objects.create(**(usual | fields))


def qwen(provider: Provider, **fields: Any) -> ProviderModel:
    """A model that takes a seed, with its canary on."""
    usual = {
        "name": "Qwen/Qwen-Image-Edit-2511",
        "label": "Qwen-Image-Edit-2511",
        "accent": "vllm-omni",
        "spec_json": SEEDED.to_json(),
        "price": "0.02",
        "canary_is_on": True,
    }
    return provider.models.create(**(usual | fields))


def sketch(hue: int, *, side_px: int = 128) -> bytes:
    """A picture as a canary might bring it."""
    image = Image.new("RGB", (side_px, side_px), (200, 190, 180))
    draw = ImageDraw.Draw(image)
    draw.ellipse((side_px // 8, side_px // 8, side_px * 5 // 8, side_px * 5 // 8), fill=(hue, 122, 255 - hue))
    draw.rectangle((side_px // 2, side_px // 2, side_px * 7 // 8, side_px * 7 // 8), fill=(44, 74, 98))
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def run_of(model: ProviderModel, *, at: datetime, hue: int = 214, **fields: Any) -> CanaryRun:
    """A run that brought a picture of this hue, unless ``fault`` says otherwise."""
    usual: dict[str, Any] = {"seconds": 6.0, "status": 200, "charged": "yes", "cost": model.price}
    if not (fields.get("fault") or fields.get("skipped")):
        usual |= {
            "format": "PNG",
            "width_px": 128,
            "height_px": 128,
            "size_bytes": 9200,
            "call_digest": "12345678",
            "difference": 0.0,
        }
        usual["picture"] = small_copy(sketch(hue))
    return model.canary_runs.create(began_at=at, **(usual | fields))


def thirty_days(model: ProviderModel, *, now: datetime, changed_on: int | None = 18) -> list[CanaryRun]:
    """One run a day: about six seconds, a failure on the 14th day, and from ``changed_on`` on another picture."""
    runs = []
    for day in range(DAYS):
        at = now - timedelta(days=DAYS - 1 - day, minutes=5)
        is_new = changed_on is not None and day >= changed_on
        fields: dict[str, Any] = {"seconds": 6.0 + day * 37 % 10 / 10 + (3 if day == 9 else 0) - 1.6 * is_new}
        if day == 13:
            fields |= {"fault": "no_answer", "status": None, "charged": "maybe", "seconds": 180.0}
        elif changed_on is not None and day in (changed_on, changed_on + 1):
            fields |= {
                "difference": 0.314,
                "is_baseline": day == changed_on,
                "model_changed": day == changed_on,
            }
        else:
            fields["is_baseline"] = day == 0
        runs.append(run_of(model, at=at, hue=60 if is_new else 214, **fields))
    if changed_on is not None:
        ProviderModel.objects.filter(pk=model.pk).update(changed_at=runs[changed_on].began_at)
    return runs


SENT = [
    ["model", "Qwen/Qwen-Image-Edit-2511"],
    ["prompt", "make the sky blue"],
    ["num_inference_steps", "28"],
    ["image[]", "source.png (image/png, 1,234 bytes)"],
    ["image[]", "reference-1.png (image/png, 99 bytes)"],
]
"""What goes out for an edit with a reference, as an attempt keeps it."""


def edit_with_receipt(owner: User, model: ProviderModel, **fields: Any) -> EditRequest:
    """Made with a reference and a mask by a service that changed the prompt and says what it counted."""
    usual = {"provider_id": model.provider_id, "model": model.name, "prompt": "make the sky blue", "fence": 1}
    edit = finished_edit_of(owner, **(usual | {"mask": upload_of()} | fields))
    EditReference.objects.create(edit=edit, upload=upload_of(), position=1, name="palette.png")
    assert edit.finished_at
    Attempt.objects.create(
        edit=edit, number=1, fence=1, account=model.provider, model=model.name, host=model.provider.host,
        started_at=edit.finished_at - timedelta(seconds=5), ended_at=edit.finished_at, status=200,
        seed_sent=edit.seed, charged="yes", cost=model.price, trace_id="req_7f3a9c", provider_id="img-20261130",
        sent=SENT, detail="unexpected_size",
        usage={"input_tokens": 1024, "input_tokens_details.image_tokens": 998},
        reported={"revised_prompt": "make the evening sky deep blue", "size": "1024x1024", "quality": "medium"},
    )  # fmt: skip
    return edit
