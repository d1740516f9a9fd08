"""What administrators type to set budgets: whole numbers, and nothing where there is no limit."""

from typing import Any

from django import forms
from django.http import QueryDict

from edits.forms.fields import ExactInteger
from edits.models import Budget, User

MOST = 1_000_000


class Limit(ExactInteger):
    """A whole number from 1 up; empty is no limit."""

    def __init__(self, label: str, *, hint: str = "") -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__(
            least=1, most=MOST, name="It", label=label, help_text=hint, widget=forms.TextInput(attrs=attrs)
        )

    def clean(self, value: Any) -> int | None:
        """Digits may be grouped, as the page shows them."""
        return super().clean(str(value or "").replace(",", ""))


class BudgetForm(forms.Form):
    """The limits of everybody and of the team."""

    person_per_day = Limit("Edits a day")
    person_per_month = Limit("Edits a month")
    person_waiting = Limit("Waiting at once")
    team_per_day = Limit("Calls a day")
    team_per_month = Limit("Calls a month")

    def __init__(self, data: QueryDict | None = None, *, budget: Budget) -> None:
        super().__init__(data, initial={name: getattr(budget, name) for name in self.base_fields})

    def of_each_person(self) -> list[forms.BoundField]:
        """The fields of one person's limits."""
        return [self[name] for name in self.fields if name.startswith("person_")]

    def of_the_team(self) -> list[forms.BoundField]:
        """The fields of all together."""
        return [self[name] for name in self.fields if name.startswith("team_")]


class OwnBudgetForm(forms.Form):
    """One person's own limits; empty is as for everybody."""

    edits_per_day = Limit("Edits a day")
    edits_per_month = Limit("Edits a month")

    def __init__(self, data: QueryDict | None = None, *, person: User) -> None:
        initial = {name: getattr(person, name) for name in self.base_fields}
        super().__init__(data, initial=initial, prefix=f"person-{person.pk}")
