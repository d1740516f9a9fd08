"""What the studio's form shows: the chosen model, the options within its limits, the source and the references."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from edits.forms.batch_form import read_pictures
from edits.forms.edit_form import SHAPES, EditForm
from edits.forms.part_fields import PART_FIELDS
from edits.forms.references import read_references
from edits.forms.sources import Chosen, Shape, UnfitPicture, read_choice
from edits.model_specs import ModelSpec
from edits.models import EditRequest, User
from edits.models.batches import MOST_EDITS
from edits.views.batch_fields import BATCH_FIELDS, batch_fields, pictures_of_batch
from edits.views.budget_display import left_context
from edits.views.chain_fold import Fold, too_long_words
from edits.views.entered import changed_words, read_entered, shown_for, written_kept
from edits.views.model_choice import ModelChoice, choose_model
from edits.views.prefill import Prefill
from edits.views.source_card import card_of_choice, cards_of_references
from edits.views.stage import estimate
from edits.views.starter_prompts import first_starters, starter_prompts

FIELDS = (
    "model",
    "image",
    "reference",
    "prompt",
    "size",
    "steps",
    "cfg_scale",
    "seed",
    "negative_prompt",
    "quality",
    "background",
    "output_format",
    "region",
)
"""Those that have a place for a sentence."""
IN_OPTIONS = FIELDS[4:-1]
MOVED = re.compile("(earlier|later|remove):([0-9]{1,2})")


@dataclass(frozen=True)
class FormState:
    """The form before it is shown.  ``entered`` are the options as text, whatever the model takes of them."""

    choice: ModelChoice
    prompt: str = ""
    lock: bool = False
    shape: Shape = ""
    entered: dict[str, str] = field(default_factory=dict)
    source: Chosen | None = None
    references: tuple[Chosen, ...] = ()
    batch: dict[str, list[str]] = field(default_factory=dict)
    pictures: tuple[Chosen, ...] = ()
    part: dict[str, str] = field(default_factory=dict)
    fold: Fold | None = None
    refusal: str = ""
    preset: str = ""

    @property
    def spec(self) -> ModelSpec:
        """Of the chosen model."""
        return self.choice.chosen.spec

    @classmethod
    def of_address(cls, prefill: Prefill, *, asked: str, latest: EditRequest | None) -> "FormState":
        """What an address asks for, or a fresh form."""
        return cls(
            choice=choose_model(asked=asked or prefill.model, of_edit=prefill.of_edit, latest=latest),
            prompt=prefill.prompt,
            lock=prefill.lock,
            entered=prefill.entered,
            source=prefill.source,
            references=prefill.references,
            pictures=prefill.pictures,
            part=prefill.part,
            fold=prefill.fold,
            refusal=prefill.refusal,
            preset=prefill.preset,
        )

    @classmethod
    def of_data(cls, data: QueryDict) -> "FormState":
        """What was sent, or entered before, to be shown again."""
        return cls(
            choice=choose_model(asked=data.get("model", "").strip()),
            prompt=data.get("prompt", ""),
            lock=bool(data.get("lock")),
            shape=SHAPES.get(data.get("shape", ""), ""),
            entered=read_entered(data),
            source=read_source(data.get("source", "")),
            references=_moved(read_references(data), data.get("show", "")),
            batch={name: data.getlist(name) for name in BATCH_FIELDS},
            pictures=tuple(read_pictures(data)[:MOST_EDITS]),
            part=part_of(data),
            preset=data.get("preset", ""),
        )


def part_of(data: Mapping[str, str]) -> dict[str, str]:
    """What was entered of a region and of what is kept."""
    return {name: data.get(name, "") for name in PART_FIELDS}


def read_source(text: str) -> Chosen | None:
    """The picture that a form names; None where it names none or no picture at all."""
    try:
        return read_choice(text)
    except ValidationError:
        return None


def _moved(references: list[Chosen], wish: str) -> tuple[Chosen, ...]:
    """The references after "earlier:2", "later:1" or "remove:3", as the buttons say without script."""
    match = MOVED.fullmatch(wish)
    at = int(match[2]) - 1 if match else -1
    if match and 0 <= at < len(references):
        moved = references.pop(at)
        if match[1] != "remove":
            references.insert(max(0, at + (1 if match[1] == "later" else -1)), moved)
    return tuple(references)


def form_context(state: FormState, *, owner: User, form: EditForm | None = None) -> dict[str, Any]:
    """All that the form's templates take.  ``form`` is one that was refused: its sentences stand at their fields."""
    spec, shown = state.spec, shown_for(state.spec, state.entered)
    cards, unfit = cards_of_references(state.references, owner=owner, spec=spec)
    provider = state.choice.chosen.provider
    said = sentences_of(form) if form else {}
    said["reference"] = [*said.get("reference", []), *([] if said.get("reference") else unfit)]
    return {
        **source_context(state, owner=owner, size=shown.get("size", "")),
        **estimate_context(state, shown, owner=owner),
        **left_context(owner, now=timezone.now()),
        "choice": state.choice,
        "fold": state.fold,
        "fold_is_too_long": too_long_words(state.prompt, most=spec.max_prompt_chars) if state.fold else "",
        "spec": spec,
        "values": {"prompt": state.prompt, "lock": state.lock, **shown},
        "preset": state.preset,
        "kept": written_kept(state.entered, shown),
        "note": state.choice.note or changed_words(state.entered, shown),
        "references": cards,
        "most_references": spec.max_pictures - 1,
        "said": said,
        "batch": batch_fields(state.batch),
        "pictures": pictures_of_batch(state.pictures, owner=owner, spec=spec),
        "starters": starter_prompts(provider),
        "first_starters": first_starters(provider),
        "options_are_wrong": any(said.get(name) for name in IN_OPTIONS),
    }


def source_context(state: FormState, *, owner: User, size: str) -> dict[str, Any]:
    """The source's card, or why there is none: ``errors``, and ``offers`` that would help."""
    context: dict[str, Any] = {"card": None, "errors": [], "offers": (), "unfit": ""}
    context |= {"size": size, "shape": state.shape, "part": state.part}
    if state.source is None:
        return context | {"errors": [state.refusal] if state.refusal else []}
    try:
        card = card_of_choice(state.source, owner=owner, spec=state.spec, shape=state.shape)
    except UnfitPicture as error:
        return context | {"errors": error.messages, "offers": error.offers, "unfit": str(state.source)}
    except ValidationError as error:
        return context | {"errors": error.messages}
    return context | {"card": card}


def estimate_context(state: FormState, shown: dict[str, str], *, owner: User) -> dict[str, Any]:
    """How long an edit usually takes with the chosen model, and what keeps it waiting."""
    model, steps = state.choice.chosen, shown.get("steps", "")
    usual, line = estimate(
        owner=owner,
        provider_id=model.provider_id,
        model=model.name,
        size=shown.get("size", ""),
        steps=int(steps) if steps.isdecimal() else None,
    )
    return {"usual": usual, "line": line, "provider_id": model.provider_id}


def sentences_of(form: EditForm) -> dict[str, list[str]]:
    """The sentences at each field that is shown, also where there are none: they take back those of an earlier try.

    What has no place of its own is said under "all".
    """
    listed = {name: [str(words) for words in errors] for name, errors in form.errors.items()}
    shown = [name for name in FIELDS if name in form.fields and (name != "size" or form.spec.sizes)]
    said = {name: listed.pop(name, []) for name in shown}
    said["image"] += listed.pop("source", [])
    return said | {"all": [words for sentences in listed.values() for words in sentences]}
