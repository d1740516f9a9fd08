"""Finds the provider or model that an address names; 404 where there is none."""

from django.db.models import Exists, OuterRef, Q
from django.shortcuts import get_object_or_404

from edits.models import EditRequest, Provider, ProviderModel


def find_provider(slug: str) -> Provider:
    """One that is not removed."""
    return get_object_or_404(Provider.objects.current(), slug=slug)


def find_editable(slug: str) -> Provider:
    """One that is not removed and not described by the settings."""
    return get_object_or_404(Provider.objects.current().filter(from_settings=False), slug=slug)


def find_with_waiting(slug: str) -> Provider:
    """One that is not removed, or for which edits still wait."""
    waiting = EditRequest.objects.queued().filter(provider=OuterRef("pk"))
    return get_object_or_404(Provider.objects.filter(Q(removed_at__isnull=True) | Exists(waiting)), slug=slug)


def find_model(slug: str, pk: int) -> ProviderModel:
    """A model of a provider that is not removed."""
    models = ProviderModel.objects.select_related("provider").filter(provider__removed_at__isnull=True)
    return get_object_or_404(models, provider__slug=slug, pk=pk)
