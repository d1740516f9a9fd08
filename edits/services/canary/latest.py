"""The outcome of each model's latest canary, for metrics."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max

from edits.models import CanaryRun, Provider, ProviderModel


@dataclass(frozen=True)
class LatestCanary:
    """One model with its canary enabled; ``run`` is the latest one that was sent and has ended, if any."""

    model: ProviderModel
    run: CanaryRun | None


def latest_canaries(providers: Iterable[Provider]) -> list[LatestCanary]:
    """The latest runs of all models of these providers with a canary.

    Two queries, or one if there is no such model.
    """
    rows = {provider.pk: provider for provider in providers}
    models = list(ProviderModel.objects.filter(provider__in=rows, canary_is_on=True).order_by("pk"))
    for model in models:
        model.provider = rows[model.provider_id]
    over = CanaryRun.objects.filter(model__in=models).sent().ended().order_by()
    latest = over.values("model").annotate(latest=Max("pk")).values("latest")
    runs = CanaryRun.objects.filter(pk__in=latest).defer("picture") if models else []
    found = {run.model_id: run for run in runs}
    return [LatestCanary(model, found.get(model.pk)) for model in models]
