"""What administrators type to set budgets: numbers of edits and dollars, and nothing where there is no limit."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from edits.forms.fields import NARROW_SPACE, ExactInteger, shortened
from edits.models import Budget, User

MOST = 1_000_000
LEAST_COST, MOST_COST = Decimal("0.01"), Decimal("999999.99")
MONEY = re.compile(r"[0-9]{1,6}(\.[0-9]{0,2})?|\.[0-9]{1,2}")
LIMIT = pgettext_lazy("start of a sentence", "The limit")


class Limit(ExactInteger):
    """A whole number from 1 up; empty is no limit."""

    def __init__(self, label: str | Promise, *, hint: str | Promise = "") -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off"}
        words: dict[str, Any] = {"name": LIMIT, "label": label, "help_text": hint}
        super().__init__(least=1, most=MOST, widget=forms.TextInput(attrs=attrs), **words)

    def clean(self, value: Any) -> int | None:
        """Digits may be grouped, as the page shows them."""
        return super().clean(str(value or "").replace(",", ""))


class CostLimit(forms.Field):
    """US dollars with at most two decimals; empty is no limit."""

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(required=False, widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: Any) -> Decimal | None:
        """A dollar sign and grouped digits are accepted, as pages show them."""
        text = str(value or "").strip().removeprefix("$")
        digits = text.replace(",", "").replace(NARROW_SPACE, "").strip()
        if not digits:
            return None
        amount = Decimal(digits) if MONEY.fullmatch(digits) else Decimal(0)
        if not LEAST_COST <= amount <= MOST_COST:
            raise ValidationError(
                _("Enter an amount in dollars from %(least)s to %(most)s, not %(given)s."),
                params={"least": LEAST_COST, "most": f"{MOST_COST:,}", "given": shortened(text)},
                code="invalid",
            )
        return amount.quantize(LEAST_COST)


class BudgetForm(forms.Form):
    """The default limits of a person, and those of the team."""

    person_per_day = Limit(_("Edits per day"))
    person_per_month = Limit(_("Edits per month"))
    person_waiting = Limit(_("Waiting at once"))
    person_cost_per_day = CostLimit(label=_("$ per day"))
    person_cost_per_month = CostLimit(label=_("$ per month"))
    team_per_day = Limit(_("Calls per day"))
    team_per_month = Limit(_("Calls per month"))
    team_cost_per_day = CostLimit(label=_("$ per day"))
    team_cost_per_month = CostLimit(label=_("$ per month"))

    def __init__(self, data: QueryDict | None = None, *, budget: Budget) -> None:
        super().__init__(data, initial={name: getattr(budget, name) for name in self.base_fields})

    def edits_of_each_person(self) -> list[forms.BoundField]:
        """The fields of one person's limits in edits."""
        return [self[name] for name in ("person_per_day", "person_per_month", "person_waiting")]

    def costs_of_each_person(self) -> list[forms.BoundField]:
        """The fields of one person's limits in dollars."""
        return [self[name] for name in self.fields if name.startswith("person_cost_")]

    def calls_of_the_team(self) -> list[forms.BoundField]:
        """The team's fields, in calls."""
        return [self[name] for name in self.fields if name.startswith("team_per_")]

    def costs_of_the_team(self) -> list[forms.BoundField]:
        """The team's fields, in dollars."""
        return [self[name] for name in self.fields if name.startswith("team_cost_")]


class OwnBudgetForm(forms.Form):
    """One person's own limits; empty is the default."""

    edits_per_day = Limit(_("Edits per day"))
    edits_per_month = Limit(_("Edits per month"))
    cost_per_day = CostLimit(label=_("$ per day"))
    cost_per_month = CostLimit(label=_("$ per month"))

    def __init__(self, data: QueryDict | None = None, *, person: User) -> None:
        initial = {name: getattr(person, name) for name in self.base_fields}
        super().__init__(data, initial=initial, prefix=f"person-{person.pk}")

    def in_edits(self) -> list[forms.BoundField]:
        """The limits in edits."""
        return [self["edits_per_day"], self["edits_per_month"]]

    def in_dollars(self) -> list[forms.BoundField]:
        """The limits in dollars."""
        return [self["cost_per_day"], self["cost_per_month"]]
