"""What a person has entered in the studio's form, and how it is shown for the model that is chosen.

A model may take less than the one before: a field is left out, a number is brought within its range.  What was
entered is kept beside it in the form (``kept``), so that it is back with a model that takes it.
"""

import json
from collections.abc import Mapping
from math import isfinite

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, pgettext

from edits.edit_call import EXTRAS
from edits.forms.edit_form import choices_of
from edits.forms.fields import DECIMAL, WHOLE
from edits.http.humanize import plain
from edits.model_specs import Bounds, ModelSpec

OPTIONS = ("seed", "steps", "cfg_scale", "size", *EXTRAS)
MOST_KEPT_CHARS = 100_000
NAMES: dict[str, Promise] = {
    "steps": gettext_lazy("steps %(value)s"),
    "cfg_scale": gettext_lazy("guidance %(value)s"),
    "size": gettext_lazy("size %(value)s"),
}
"""What a model may change about an option, in words."""


def read_entered(data: Mapping[str, str]) -> dict[str, str]:
    """The options as they were entered: as they are in the form, or as they were before a model changed them.

    Blank for what nobody entered, so that each model shows its own default.
    """
    entered = {name: data[name] for name in OPTIONS if name in data}
    for name, (before, shown) in _read_kept(data.get("kept", "")).items():
        if entered.get(name, shown) == shown:
            entered[name] = before
    return entered


def shown_for(spec: ModelSpec, entered: Mapping[str, str]) -> dict[str, str]:
    """The value of each option that the model takes.  What is no number stays as it was typed, to be corrected."""
    shown: dict[str, str] = {}
    if spec.takes_seed:
        shown["seed"] = entered.get("seed", "")
    if spec.steps:
        shown["steps"] = _whole_within(spec.steps, entered.get("steps", ""))
    if spec.cfg_scale:
        shown["cfg_scale"] = _number_within(spec.cfg_scale, entered.get("cfg_scale", ""))
    if spec.sizes:
        size = entered.get("size", "")
        shown["size"] = size if size in spec.sizes else spec.default_size
    if spec.takes_negative_prompt:
        shown["negative_prompt"] = entered.get("negative_prompt", "")
    for name, words in choices_of(spec).items():
        if words:
            shown[name] = entered[name] if entered.get(name) in words else ""
    return shown


def written_kept(entered: Mapping[str, str], shown: Mapping[str, str]) -> str:
    """The form's hidden field: what was entered where something else is shown, or nothing at all."""
    names = [name for name in OPTIONS if name in entered or name in shown]
    pairs = {name: (entered.get(name, ""), shown.get(name, "")) for name in names}
    return json.dumps({name: pair for name, pair in pairs.items() if pair[0] != pair[1]})


def changed_words(entered: Mapping[str, str], shown: Mapping[str, str]) -> str:
    """What the model changed about what was entered; blank where it changed nothing."""
    changed = [
        str(words) % {"value": shown[name].replace("x", "×")}
        for name, words in NAMES.items()
        if entered.get(name) and name in shown and not _is_same(entered[name], shown[name])
    ]
    if not changed:
        return ""
    listed = pgettext("between the words of a list", ", ").join(changed)
    return gettext("Adjusted to this model: %(options)s.") % {"options": listed}


def _is_same(entered: str, shown: str) -> bool:
    return entered.strip().replace(",", ".") == shown or _number(entered) == _number(shown) is not None


def _whole_within(bounds: Bounds, text: str) -> str:
    text = text.strip()
    if not text:
        return plain(bounds.default)
    if not WHOLE.fullmatch(text):
        return text
    if len(text) > len(f"+{bounds.most:.0f}"):  # more digits than a number of Python's may have
        return plain(bounds.least if text.startswith("-") else bounds.most)
    return plain(bounds.nearest(int(text)))


def _number_within(bounds: Bounds, text: str) -> str:
    if not text.strip():
        return plain(bounds.default)
    number = _number(text)
    return text if number is None else plain(bounds.nearest(number))


def _number(text: str) -> float | None:
    decimal = text.strip().replace(",", ".", 1)
    number = float(decimal) if DECIMAL.fullmatch(decimal) else float("nan")
    return number if isfinite(number) else None


def _read_kept(text: str) -> dict[str, tuple[str, str]]:
    """Nothing where somebody wrote something else into the hidden field."""
    try:
        said = json.loads(text) if text and len(text) <= MOST_KEPT_CHARS else {}
    except (ValueError, RecursionError):
        return {}
    pairs = said.items() if isinstance(said, dict) else ()
    return {name: (pair[0], pair[1]) for name, pair in pairs if name in OPTIONS and _is_pair(pair)}


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value)
