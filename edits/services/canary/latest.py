"""How the latest canary of each model ended, for metrics."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max

from edits.models import CanaryRun, Provider, ProviderModel


@dataclass(frozen=True)
class LatestCanary:
    """One model with its canary on; ``run`` is the latest one that was sent and is over, if any."""

    model: ProviderModel
    run: CanaryRun | None


def latest_canaries(providers: Iterable[Provider]) -> list[LatestCanary]:
    """Of all models of these providers that have it on.  Two queries, the second only where there is one."""
    rows = {provider.pk: provider for provider in providers}
    models = list(ProviderModel.objects.filter(provider__in=rows, canary_is_on=True).order_by("pk"))
    for model in models:
        model.provider = rows[model.provider_id]
    over = CanaryRun.objects.filter(model__in=models).sent().ended().order_by()
    latest = over.values("model").annotate(latest=Max("pk")).values("latest")
    runs = CanaryRun.objects.filter(pk__in=latest).defer("picture") if models else []
    found = {run.model_id: run for run in runs}
    return [LatestCanary(model, found.get(model.pk)) for model in models]
