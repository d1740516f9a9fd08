"""What of the studio's form makes several edits of one press, beside the form of one edit.

picture        references of further pictures, repeated       variations     1 to 9 seeds for each
also_model     further models, repeated                       vary_a, vary_b options of a grid, with their values:
                                                              28, 40 in a line; prompts one in each line
"""

import hashlib
import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from edits.forms.edit_form import EditForm
from edits.forms.references import listed
from edits.forms.regions import ONE_PICTURE, with_kept_detail
from edits.forms.sources import Chosen, all_staged_behind, read_choice, refusal_words, source_of
from edits.images import BadImage
from edits.models import ProviderModel
from edits.models.batches import MOST_EDITS
from edits.services.batch.plan import (
    MOST_CELLS,
    MOST_SEEDS,
    OPTIONS,
    Axis,
    AxisName,
    BadPlan,
    BatchPlan,
    PlannedEdit,
    model_axis,
    option_axis,
    picture_axis,
    seed_axis,
    variation_axis,
)
from edits.services.provider.choosing import UnknownModel, find_model
from edits.services.queue.inserting import PicturesOfEdit
from edits.services.queue.sources import Source

VARIED: dict[str, Promise] = {
    "steps": pgettext_lazy("option of a grid", "Steps"),
    "cfg_scale": pgettext_lazy("option of a grid", "Guidance"),
    "size": pgettext_lazy("option of a grid", "Size"),
    "seed": pgettext_lazy("option of a grid", "Seed"),
    "prompt": pgettext_lazy("option of a grid", "Prompt"),
}
BETWEEN = re.compile(r"[,;，、；\s]+")
TOO_MUCH: dict[str, Promise] = {
    "too_many": _("One press makes at most %(most)s edits. Choose fewer pictures or values."),
    "too_many_cells": _("A grid has at most %(cells)s edits. Enter fewer values."),
    "too_many_axes": _("Vary at most two things at once: pictures, seeds, models or an option."),
    "empty": _("Enter the values to compare."),
}


def read_pictures(data: Any) -> list[Chosen]:
    """The pictures of a batch, each once; what is no reference at all is left out."""
    found = []
    for text in dict.fromkeys(listed(data, "picture")):
        try:
            choice = read_choice(text)
        except ValidationError:
            continue
        if choice:
            found.append(choice)
    return found


class BatchForm:
    """Wraps the form of the first edit; ``is_valid`` checks both, and puts what is wrong into that form's errors."""

    def __init__(self, form: EditForm, *, draw: Callable[[], int]) -> None:
        self.form, self.data, self.draw = form, form.data, draw
        self.plan: BatchPlan | None = None

    def is_valid(self) -> bool:
        """Whether there is a plan."""
        if self.form.is_valid():
            try:
                self.plan = self._planned()
            except ValidationError as error:
                self.form.add_error(None, error)
        return self.plan is not None

    def to_key(self) -> uuid.UUID:
        """The key under which this is one batch: of the form with all that it says.  Valid forms only."""
        asked = [
            *listed(self.data, "picture"),
            self.data.get("variations", ""),
            *listed(self.data, "also_model"),
        ]
        asked += [self.data.get(f"vary_{which}{part}", "") for which in "ab" for part in ("", "_values")]
        return uuid.uuid5(self.form.to_key(), hashlib.sha256(repr(asked).encode()).hexdigest())

    def upload_ids(self) -> list[str]:
        """Of the uploads among the pictures."""
        return [choice.key for choice in self._choices() if choice.kind == "upload"]

    def _planned(self) -> BatchPlan:
        """Raises ValidationError."""
        form = self.form
        first = PlannedEdit(
            form.target,
            PicturesOfEdit(form.to_source(), tuple(form.to_references()), form.to_mask()),
            form.to_options(),
        )
        try:
            return BatchPlan.of_axes(
                first, [*self._pictures(), *self._models(), *self._variations(), *self._grid()]
            )
        except BadPlan as error:
            values = {"most": MOST_EDITS, "cells": MOST_CELLS}
            raise ValidationError(str(TOO_MUCH[error.code]), params=values, code=error.code) from error
        except BadImage as error:
            raise ValidationError(refusal_words(error), code=error.code) from error

    def _choices(self) -> list[Chosen]:
        choices = (read_choice(text) for text in dict.fromkeys(listed(self.data, "picture")))
        return [choice for choice in choices if choice]

    def _pictures(self) -> Iterable[Axis]:
        choices = self._choices()
        if len(choices) > MOST_EDITS:
            values = {"most": MOST_EDITS, "number": len(choices)}
            raise ValidationError(
                _("At most %(most)s pictures at once, not %(number)s."), params=values, code="too_many"
            )
        if len(choices) > 1 and self.form.to_source().region:
            raise ValidationError(ONE_PICTURE, code="several")
        if len(choices) > 1:
            yield picture_axis(self._sources(choices))

    def _sources(self, choices: list[Chosen]) -> Iterable[Source]:
        form, rows = self.form, all_staged_behind(choices, owner=self.form.owner)
        shape = form.cleaned_data.get("shape", "")
        for choice in choices:
            try:
                if choice in rows:
                    source = Source.of_staged(rows[choice], spec=form.spec, shape=shape)
                else:
                    source = source_of(choice, owner=form.owner, spec=form.spec, shape=shape)
                yield with_kept_detail(source) if form.keeps_detail() else source
            except BadImage as error:
                raise _named(rows[choice].name, refusal_words(error)) from error

    def _models(self) -> Iterable[Axis]:
        names = [name for name in listed(self.data, "also_model") if name != self.form.target.full_id]
        if names:
            yield model_axis([self.form.target, *map(self._model, names)])

    def _model(self, name: str) -> ProviderModel:
        """Raises ValidationError where the model cannot make what is asked for: prompts are never cut."""
        try:
            model = find_model(name)
        except UnknownModel as error:
            sentence = _("The model %(model)s is not available.")
            raise ValidationError(sentence, params={"model": name[:60]}, code="model_not_found") from error
        most, length = model.spec.max_prompt_chars, len(self.form.cleaned_data["prompt"])
        if length > most:
            values = {"model": model.title, "most": most, "number": length}
            sentence = _("%(model)s takes at most %(most)s characters, and the prompt has %(number)s.")
            raise ValidationError(sentence, params=values, code="too_long")
        return model

    def _variations(self) -> Iterable[Axis]:
        text = str(self.data.get("variations") or "1").strip()
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:3]) <= MOST_SEEDS):
            sentence = _("Choose 1 to %(most)s variations.")
            raise ValidationError(sentence, params={"most": MOST_SEEDS}, code="invalid")
        count, seed = int(text), self.form.to_options().seed
        if count > 1:
            takes_seed = self.form.spec.takes_seed
            yield seed_axis(count, first=seed, draw=self.draw) if takes_seed else variation_axis(count)

    def _grid(self) -> Iterable[Axis]:
        seen = set()
        for which in ("vary_a", "vary_b"):
            name, text = self.data.get(which, ""), self.data.get(f"{which}_values", "")
            if name not in VARIED or name in seen:
                continue
            seen.add(name)
            if values := self._values(name, text):
                yield self._option_axis(name, values)

    def _option_axis(self, name: str, values: list[Any]) -> Axis:
        if name == "seed":
            return Axis("seed", tuple((str(seed), (seed, False)) for seed in dict.fromkeys(values)))
        option: AxisName = next(each for each in OPTIONS if each == name)
        return option_axis(option, values)

    def _values(self, name: str, text: str) -> list[Any]:
        """Each value as the form of one edit takes it.  Raises ValidationError with the first that it refuses."""
        parts = text.splitlines() if name == "prompt" else BETWEEN.split(text)
        parts = [part.strip() for part in parts if part.strip()]
        if name == "size":
            return [self._size(part) for part in parts]
        field = self.form.fields.get(name)
        if field is None and parts:
            values = {"model": self.form.target.title, "option": VARIED[name]}
            raise ValidationError(
                _("%(model)s does not take this option: %(option)s."), params=values, code="not_supported"
            )
        return [field.clean(part) for part in parts] if field else []

    def _size(self, text: str) -> str:
        sizes = self.form.spec.sizes
        wanted = text.replace("×", "x").lower()
        found = next((size for size in sizes if wanted in (size, size.partition("x")[0])), None)
        if found is None:
            values = {"size": text[:24], "sizes": ", ".join(sizes)}
            raise ValidationError(
                _("There is no size %(size)s. Use %(sizes)s."), params=values, code="invalid"
            )
        return found


def _named(name: str, sentence: str) -> ValidationError:
    return ValidationError(gettext("“%(name)s”: %(sentence)s") % {"name": name, "sentence": sentence})


def wants_batch(data: Any) -> bool:
    """Whether the form asks for more than one edit."""
    return (
        len(set(listed(data, "picture"))) > 1
        or str(data.get("variations") or "1").strip() != "1"
        or bool(listed(data, "also_model"))
        or any(data.get(f"{which}_values", "").strip() for which in ("vary_a", "vary_b"))
    )
