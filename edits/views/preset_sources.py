"""What a preset can be made of: an edit, the studio now, or itself; and which one the studio's form used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest

from edits.edit_call import EXTRAS
from edits.forms.edit_form import EditForm
from edits.forms.sources import reusable
from edits.models import Batch, EditRequest, PresetUse, PromptPreset, Status, User
from edits.services.drafts import BEFORE, draft_of
from edits.services.prompts.prompt_presets import note_preset_use
from edits.views.prefill import options_as_text

OPTIONS = ("size", "steps", "cfg_scale", *EXTRAS)
LOOKED_THROUGH = 200
MOST_EXAMPLES = 6
"""Edits made with a preset among which its owner chooses its pictures."""


@dataclass(frozen=True)
class Kept:
    """The options and the model that may be kept, edits whose pictures may be shown, and how the form begins."""

    options: dict[str, str] = field(default_factory=dict)
    model: str = ""
    examples: tuple[EditRequest, ...] = ()
    initial: Mapping[str, Any] = field(default_factory=dict)


def kept_of_address(request: HttpRequest, *, owner: User) -> Kept:
    """Of ``?edit=…`` or ``?draft=1``.  Raises Http404 for an edit of which this person may use nothing."""
    if request.GET.get("edit"):
        return _of_edit(request.GET["edit"], owner=owner)
    return _of_draft(owner) if "draft" in request.GET else Kept()


def _of_edit(text: str, *, owner: User) -> Kept:
    try:
        edit = (
            reusable(owner)
            .select_related("provider", "result", "merged")
            .filter(public_id=UUID(text))
            .first()
        )
    except ValueError as error:
        raise Http404 from error
    if edit is None:
        raise Http404
    has_pictures = edit.owner_id == owner.pk and edit.is_done and not edit.trashed_at
    initial = {
        "prompt": edit.prompt,
        "keeps_options": True,
        "example": str(edit.public_id) if has_pictures else "",
    }
    return Kept(
        options=options_as_text(edit),
        model=f"{edit.provider.slug}/{edit.model}",
        examples=(edit,) if has_pictures else (),
        initial=initial,
    )


def _of_draft(owner: User) -> Kept:
    draft = draft_of(owner)
    content = draft.content if draft and BEFORE not in draft.content else {}
    entered = {name: values[0] for name, values in content.items() if values}
    options = {name: entered[name] for name in OPTIONS if entered.get(name)}
    return Kept(options, entered.get("model", ""), initial={"prompt": entered.get("prompt", "")})


def kept_of_preset(preset: PromptPreset, *, owner: User) -> Kept:
    """What it has, and the latest edits that its owner made with it."""
    latest = PresetUse.objects.filter(preset=preset).order_by("-edit").values("edit")[:LOOKED_THROUGH]
    mine = EditRequest.objects.of(owner).not_trashed().filter(status=Status.SUCCEEDED)
    made = mine.filter(pk__in=latest).order_by("-pk")
    examples = {edit.pk: edit for edit in made.select_related("result", "merged")[:MOST_EXAMPLES]}
    if preset.example and preset.after_is_open_to(owner):
        examples = {preset.example.pk: preset.example} | examples
    initial = {
        "name": preset.name,
        "prompt": preset.prompt,
        "keeps_options": bool(preset.options),
        "keeps_model": bool(preset.model),
        "example": str(preset.example.public_id) if preset.example_id in examples and preset.example else "",
        "is_shared": preset.shared_at is not None,
    }
    return Kept(preset.options, preset.model, tuple(examples.values()), initial)


def note_use(form: EditForm, made: EditRequest | Batch) -> None:
    """Remember the preset that the form names, if it names one."""
    try:
        preset = UUID(form.data.get("preset", ""))
    except ValueError:
        return
    edits = made.edits.all() if isinstance(made, Batch) else [made]
    note_preset_use(owner=form.owner, public_id=preset, edits=edits)
