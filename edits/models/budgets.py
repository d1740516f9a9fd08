"""Budgets: how much a person and the whole team may spend, as set by administrators.

Knows nothing about what was spent.
"""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Case, F, Q, Subquery, When

WAITING_AT_MOST = 500
"""Default limit on the edits that one person may have waiting.

The queue is fair at any number; this limit keeps a runaway script from filling the table and the disk.  At ten
calls a minute, 500 edits take most of an hour; the benchmark has the same number in flight.
"""

COST_LIMITS = ("person_cost_per_day", "person_cost_per_month", "team_cost_per_day", "team_cost_per_month")
"""In US dollars, by the prices of the models."""
LIMITS = ("person_per_day", "person_per_month", "team_per_day", "team_per_month", "person_waiting")


class BudgetQuerySet(models.QuerySet["Budget"]):
    """The row of limits, and whether the team has used them up."""

    def current(self) -> "Budget":
        """The stored row, or an unsaved one with the defaults."""
        return self.filter(pk=1).first() or Budget(pk=1)

    def out_of_calls(self, now: datetime) -> Self:
        """The row, if workers send nothing because the team's calls are used up."""
        return self.filter(pk=1, budget_exhausted_until__gt=now)

    def out_of_money(self, now: datetime) -> Self:
        """The row, if workers send nothing for priced models because the team's money is used up."""
        return self.filter(pk=1, cost_budget_exhausted_until__gt=now)


def exhausted_until() -> Subquery:
    """Subquery for the time until which workers send nothing; it may be in the past."""
    return Subquery(Budget.objects.filter(pk=1).values("budget_exhausted_until")[:1])


def exhausted_until_for_priced() -> Subquery:
    """The same for edits of priced models, which also wait for the team's money: the later of the two times."""
    later = Case(
        When(cost_budget_exhausted_until__isnull=True, then=F("budget_exhausted_until")),
        When(budget_exhausted_until__gt=F("cost_budget_exhausted_until"), then=F("budget_exhausted_until")),
        default=F("cost_budget_exhausted_until"),
    )
    return Subquery(Budget.objects.filter(pk=1).annotate(later=later).values("later")[:1])


class Budget(models.Model):
    """The one row of limits, where blank means unlimited.  A person's own limits are on ``User``.

    Workers set ``budget_exhausted_until`` and ``cost_budget_exhausted_until`` when they stop sending because the
    team's budget is used up.
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
    budget_exhausted_until = models.DateTimeField(
        null=True, blank=True, db_column="spent_until", help_text="The team's calls are used up until then."
    )
    cost_budget_exhausted_until = models.DateTimeField(
        null=True,
        blank=True,
        db_column="cost_spent_until",
        help_text="The team's money is used up until then.",
    )
    notified_until = models.DateTimeField(
        null=True,
        blank=True,
        db_column="told_until",
        help_text="Administrators were notified of a budget that is used up until then.",
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
