"""What permanently deleted edits had spent, so that budgets still count them after their rows are gone."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Q, Sum

from edits.models.people import User


class SpentDayQuerySet(models.QuerySet["SpentDay"]):
    """Sums per day and month, for a person or the team."""

    def of(self, person: User) -> Self:
        """What this person's deleted edits had spent."""
        return self.filter(owner=person)

    def total(self, column: str, *, today: date, since: date) -> tuple[int, int]:
        """The sum of ``edits`` or ``calls``: of today, and of all days since ``since``."""
        in_time = self.filter(day__gte=since).order_by()
        found = in_time.aggregate(day=Sum(column, filter=Q(day=today)), month=Sum(column))
        return found["day"] or 0, found["month"] or 0

    def total_cost(self, *, today: date, since: date) -> tuple[Decimal, Decimal]:
        """The cost in US dollars: of today, and of all days since ``since``."""
        in_time = self.filter(day__gte=since).order_by()
        found = in_time.aggregate(day=Sum("cost", filter=Q(day=today)), month=Sum("cost"))
        return found["day"] or Decimal(0), found["month"] or Decimal(0)


class SpentDay(models.Model):
    """A person's deleted edits of one day: edits counted by when they were queued, calls by when they began."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="spent_days")
    day = models.DateField(help_text="In the installation's time zone.")
    edits = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(
        max_digits=12, decimal_places=4, default=0, db_default=0, help_text="Of these calls, in US dollars."
    )
    calls = models.PositiveIntegerField(default=0, help_text="Calls that were or may have been charged.")

    objects = SpentDayQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(name="spent_day_once", fields=["owner", "day"])]
        indexes = [models.Index(name="spent_day_team", fields=["day"])]

    def __str__(self) -> str:
        return f"{self.owner} on {self.day}: {self.edits} edits, {self.calls} calls"
