"""Budgets: how much a person and the whole team may spend, as administrators set it.

Knows nothing of what was spent.
"""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Case, F, Q, Subquery, When

WAITING_AT_MOST = 500
"""Edits that one person may have waiting, unless an administrator says otherwise.

Turns are fair whatever the number is; this keeps a script that runs wild from filling table and disk.  500 are most
of an hour's work for a new account with ten calls a minute, and as many as the benchmark has in flight.
"""

COST_LIMITS = ("person_cost_per_day", "person_cost_per_month", "team_cost_per_day", "team_cost_per_month")
"""In US dollars, by the prices of the models."""
LIMITS = ("person_per_day", "person_per_month", "team_per_day", "team_per_month", "person_waiting")


class BudgetQuerySet(models.QuerySet["Budget"]):
    """Reads that are named for what they give."""

    def current(self) -> "Budget":
        """The row as it stands; the defaults where none was stored yet."""
        return self.filter(pk=1).first() or Budget(pk=1)

    def out_of_calls(self, now: datetime) -> Self:
        """The row, while workers send nothing because the team's calls are used up."""
        return self.filter(pk=1, spent_until__gt=now)

    def out_of_money(self, now: datetime) -> Self:
        """The row, while workers send nothing that has a price because the team's money is used up."""
        return self.filter(pk=1, cost_spent_until__gt=now)


def spent_until() -> Subquery:
    """Until when workers send nothing, inside another query; it may have passed already."""
    return Subquery(Budget.objects.filter(pk=1).values("spent_until")[:1])


def spent_until_for_priced() -> Subquery:
    """The same for edits of models with a price, which also wait for money."""
    later = Case(
        When(cost_spent_until__isnull=True, then=F("spent_until")),
        When(spent_until__gt=F("cost_spent_until"), then=F("spent_until")),
        default=F("cost_spent_until"),
    )
    return Subquery(Budget.objects.filter(pk=1).annotate(later=later).values("later")[:1])


class Budget(models.Model):
    """The one row of limits, each blank where there is none.  A person's own limits stand with the person.

    ``spent_until`` and ``cost_spent_until`` are set by the worker that sends nothing because the team's budget is
    used up.
    """

    person_per_day = models.PositiveIntegerField(null=True, blank=True)
    person_per_month = models.PositiveIntegerField(null=True, blank=True)
    team_per_day = models.PositiveIntegerField(null=True, blank=True, help_text="Calls that are charged.")
    team_per_month = models.PositiveIntegerField(null=True, blank=True, help_text="Calls that are charged.")
    person_waiting = models.PositiveIntegerField(null=True, blank=True, default=WAITING_AT_MOST)
    person_cost_per_day = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    person_cost_per_month = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    team_cost_per_day = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    team_cost_per_month = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    spent_until = models.DateTimeField(
        null=True, blank=True, help_text="The team's calls are used up until then."
    )
    cost_spent_until = models.DateTimeField(
        null=True, blank=True, help_text="The team's money is used up until then."
    )
    told_until = models.DateTimeField(
        null=True, blank=True, help_text="Administrators were told of a budget that is used up until then."
    )

    objects = BudgetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="budget_single_row", condition=Q(id=1)),
            *(
                models.CheckConstraint(
                    name=f"budget_{name}_positive",
                    condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": 1}),
                )
                for name in LIMITS
            ),
            *(
                models.CheckConstraint(
                    name=f"budget_{name}_positive",
                    condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gt": 0}),
                )
                for name in COST_LIMITS
            ),
        ]

    def __str__(self) -> str:
        return "Budgets"
