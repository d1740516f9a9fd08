"""Past prompts and presets of a person, with pictures and rates, as if they had worked for weeks."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from edits.models import EditRequest, PastPrompt, ProviderModel, Rates, Status, Upload, User
from edits.services.prompts.past_prompts import remember_prompts
from edits.services.prompts.prompt_presets import PresetContent, save_preset
from tests import factories
from tests.browser.sheet_scenes import photo

PROMPTS = (
    "turn it black and white, with film grain",
    "at sunset",
    "把背景换成浅灰色的摄影棚",
    "make it a cartoon with thick lines",
    "warm evening light, keep the lettering",
)
RATES = Rates(edits=40, done=38, filtered=1, kept=12, repeated=3)


def prompt_library(owner: str) -> str:
    """Five past prompts, and three presets: one with pictures, one of a colleague, one without anything; its id."""
    me = User.objects.get(username=owner)
    colleague = User.objects.exclude(username=owner).order_by("pk")[0]
    for number, prompt in enumerate(PROMPTS):
        edit = _edit(me, prompt=prompt, now=timezone.now() - timedelta(days=number))
        remember_prompts([edit] * (number + 1))
    PastPrompt.objects.filter(text=PROMPTS[3]).update(is_starred=True)
    ProviderModel.objects.update(rates_json=RATES.stored(), counted_at=timezone.now())
    _preset(colleague, name="Cartoon", prompt=PROMPTS[3], example=_edit(colleague, shared=True), shared=True)
    _preset(me, name="Plain words", prompt=PROMPTS[4], shared=False)
    with_all: dict[str, Any] = {
        "options": {"steps": "33", "size": "768x768"},
        "model": "stepfun/step-1x-edit",
    }
    return _preset(me, name="Old film", prompt=PROMPTS[0], example=edit, shared=True, rated=True, **with_all)


def _edit(owner: User, **fields: Any) -> EditRequest:
    source = photo("wide", 0.6)
    upload = Upload.objects.first() or factories.upload_of(source, width_px=640, height_px=427)
    shared = timezone.now() if fields.pop("shared", False) else None
    edit = factories.edit_of(owner, status=Status.SUCCEEDED, upload=upload, shared_at=shared, **fields)
    factories.result_of(edit, photo("wide", 1.4))
    return edit


def _preset(owner: User, *, shared: bool, rated: bool = False, **content: Any) -> str:
    preset = save_preset(owner=owner, content=PresetContent(**content), shared=shared, now=timezone.now())
    if rated:
        preset.rates_json, preset.counted_at = RATES.stored(), timezone.now()
        preset.save(update_fields=["rates_json", "counted_at"])
    return str(preset.public_id)
