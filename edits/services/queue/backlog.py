"""Counts what waits and may be sent, by person and model."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Min

from edits.models import EditRequest, Provider, ProviderModel


@dataclass(frozen=True)
class BacklogEntry:
    """The edits of one person that wait for one model."""

    owner: int
    model: ProviderModel
    first: int
    """The primary key of the one that has waited longest."""
    count: int

    @property
    def price(self) -> Decimal:
        """Of one edit, in US dollars; 0 where the model has none."""
        return self.model.price or Decimal(0)


Waiting = Sequence[tuple[int, int, str, int, int]]
"""Rows of owner, provider, model, the first edit's primary key and their count."""


def what_waits(now: datetime) -> Waiting:
    """All that is due, by owner, provider and model.  One query."""
    due = EditRequest.objects.due(now).order_by().values_list("owner", "provider", "model")
    return list(due.annotate(first=Min("pk"), count=Count("pk")))


def backlog_entries(
    providers: Iterable[Provider], *, now: datetime, waiting: Waiting | None = None
) -> list[BacklogEntry]:
    """What is due at these providers and whose model is still offered: nothing is sent to another one instead.

    Two queries, one where nothing waits or ``waiting`` was read already.
    """
    waiting = what_waits(now) if waiting is None else waiting
    models = served_models(providers) if waiting else {}
    return [
        BacklogEntry(owner, models[provider, name], first, count)
        for owner, provider, name, first, count in waiting
        if (provider, name) in models
    ]


def served_models(providers: Iterable[Provider]) -> dict[tuple[int, str], ProviderModel]:
    """The models to which edits are sent, by provider and id.  One query."""
    rows, models = {provider.pk: provider for provider in providers}, {}
    for model in ProviderModel.objects.filter(provider__in=rows).order_by():
        model.provider = rows[model.provider_id]
        if model.is_served:
            models[model.provider_id, model.name] = model
    return models
