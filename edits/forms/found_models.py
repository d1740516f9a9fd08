"""Which of the models that a server lists are added, at what price; ids may be typed as well."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from edits.forms.provider_fields import read_model_id, read_price
from edits.model_specs import ModelSpec
from edits.providers.presets import Preset, makes_no_pictures
from edits.services.provider.adding import MOST_MODEL_CHARS, NewModel

MOST_ROWS = 200
"""A gateway may list thousands; what is not shown can be typed."""
NONE_CHOSEN = _("Choose at least one model, or enter its id.")
VANISHED = _(
    "The server no longer lists %(id)s. Test the connection again, then choose among the models that it lists."
)


@dataclass
class FoundModelRow:
    """A model of the list: ``why_not`` says why it cannot be ticked."""

    name: str
    preset: Preset
    is_ticked: bool = False
    price: str = ""
    why_not: str = ""
    error: str = ""
    is_typed: bool = False
    """Somebody typed the id: the server need not list it."""

    @property
    def spec(self) -> ModelSpec:
        """What it takes, as far as the preset knows."""
        return self.preset.model(self.name).spec

    @property
    def is_known(self) -> bool:
        """The preset knows models with such ids."""
        return self.preset.knows(self.name)


class FoundModelsForm(forms.Form):
    """``rows`` are the models that were listed before; ``typed`` has one id a line."""

    typed = forms.CharField(
        label=_("Other model ids"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("One per line, spelled exactly as on the server."),
    )

    def __init__(self, data: QueryDict | None = None, *, preset: Preset, there: Collection[str] = ()) -> None:
        super().__init__(data, auto_id="id_models_%s")
        self.preset, self.there = preset, set(there)
        self.rows = self._sent_rows(data) if data is not None else []
        self.is_listed = bool(data is not None and data.get("listed"))
        self._name_typed()

    def _sent_rows(self, data: QueryDict) -> list[FoundModelRow]:
        ticked, typed = set(data.getlist("model")), set(data.getlist("own"))
        found, prices = data.getlist("found")[:MOST_ROWS], data.getlist("price")
        prices += [""] * len(found)
        priced = dict(zip(found, prices, strict=False))
        return [self._row(name, name in ticked, price, name in typed) for name, price in priced.items()]

    def _row(self, name: str, is_ticked: bool, price: str = "", is_typed: bool = False) -> FoundModelRow:
        why_not = self._why_not(name)
        return FoundModelRow(name, self.preset, is_ticked and not why_not, price, why_not, is_typed=is_typed)

    def _why_not(self, name: str) -> str:
        if name in self.there:
            return gettext("Already added")
        if len(name) > MOST_MODEL_CHARS:
            return gettext("Its id is longer than %(most)s characters") % {"most": MOST_MODEL_CHARS}
        return gettext("Not an image model") if makes_no_pictures(name) else ""

    def clean_typed(self) -> list[str]:
        """Ids, without those that are in the list."""
        names = [read_model_id(line) for line in self.cleaned_data["typed"].splitlines()]
        return [name for name in dict.fromkeys(names) if name and name not in self.there]

    def clean(self) -> dict[str, Any]:
        """Prices are numbers."""
        for row in self.rows:
            try:
                read_price(row.price)
            except ValidationError as error:
                row.error = error.messages[0]
                self.add_error(
                    None,
                    ValidationError(
                        _("%(model)s: %(error)s"),
                        params={"model": row.name, "error": row.error},
                        code="price",
                    ),
                )
        return self.cleaned_data

    def show(self, names: Iterable[str]) -> None:
        """Make these the rows, then the typed ones; what was entered in them before is kept.

        What the preset knows comes first and is ticked, what makes no pictures comes last.
        """
        before = {row.name: row for row in self.rows}
        typed = [row.name for row in self.rows if row.is_typed] + self.cleaned_data.get("typed", [])
        fresh = [name for name in names if name not in typed]
        rows = [before.get(name) or self._row(name, True, is_typed=True) for name in dict.fromkeys(typed)]
        rows += [before.get(name) or self._row(name, self._is_first_choice(name, fresh)) for name in fresh]
        rows.sort(key=lambda row: (bool(row.why_not), not (row.is_known or row.is_typed)))
        self.rows, self.is_listed = rows[:MOST_ROWS], True
        self._name_typed()
        self.data = {name: value for name, value in self.data.items() if name != "typed"}

    def _name_typed(self) -> None:
        self.fields["typed"].label = gettext("Other model ids") if self.rows else gettext("Model ids")

    def _is_first_choice(self, name: str, names: list[str]) -> bool:
        possible = [each for each in names if not self._why_not(each)]
        return self.preset.knows(name) or possible == [name]

    @property
    def count(self) -> int:
        """How many would be added."""
        typed = self.cleaned_data.get("typed", []) if hasattr(self, "cleaned_data") else []
        names = {row.name for row in self.rows if row.is_ticked}
        return len(names | (set(typed) if self.data.get("typed") else set()))

    def chosen(self) -> list[NewModel]:
        """What is added, in the order of the page."""
        ticked = [NewModel(row.name, read_price(row.price)) for row in self.rows if row.is_ticked]
        names = {model.name for model in ticked}
        return ticked + [NewModel(name) for name in self.cleaned_data["typed"] if name not in names]

    def refuse_vanished(self, names: Collection[str]) -> bool:
        """Add an error for what was ticked and is not listed any more; False where there is nothing to refuse."""
        gone = [row.name for row in self.rows if row.is_ticked and not row.is_typed and row.name not in names]
        for name in gone:
            self.add_error(None, ValidationError(VANISHED, params={"id": name}, code="vanished"))
        return bool(gone)
