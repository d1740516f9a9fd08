"""Adds providers: the row, its models with what is known of them, and the entry in the audit log, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Max

from edits.models import Provider, ProviderModel, User
from edits.providers.presets import PRESETS
from edits.services.provider.naming import NameTaken, is_taken, new_slug
from edits.services.team.auditing import record

MOST_MODEL_CHARS = 200


@dataclass(frozen=True)
class NewModel:
    """The id by which the provider knows it, and the price of one edit in US dollars where it is known."""

    name: str
    price: Decimal | None = None


def add_provider(
    provider: Provider,
    models: Sequence[NewModel],
    *,
    actor: User | None,
    now: datetime,
    is_default: bool = False,
) -> Provider:
    """Store a provider, which has no slug yet, with its models.  Its first model becomes the default if asked.

    Raises NameTaken.  An actor of None is somebody at the terminal.
    """
    try:
        with transaction.atomic():
            list(Provider.objects.select_for_update(no_key=True))  # two at once get two slugs and two places
            if is_taken(provider.name):
                raise NameTaken
            provider.slug, provider.added_at, provider.position = (
                new_slug(provider.name),
                now,
                _next_position(),
            )
            provider.save(force_insert=True)
            added = insert_models(provider, models)
            if is_default and added:
                ProviderModel.objects.filter(is_default=True).update(is_default=False)
                ProviderModel.objects.filter(pk=added[0].pk).update(is_default=True)
            names = ", ".join(model.name for model in added)
            detail = f"{provider.host}, {provider.preset}, models: {names or 'none'}"
            record(actor=actor, action="added a provider", subject=provider.title, detail=detail, now=now)
    except IntegrityError as error:
        raise NameTaken from error
    return provider


def add_models(
    provider: Provider, models: Sequence[NewModel], *, actor: User, now: datetime
) -> list[ProviderModel]:
    """Add models to a provider that exists; those that it has already are left as they are."""
    with transaction.atomic():
        Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
        there = set(provider.models.values_list("name", flat=True))
        added = insert_models(provider, [model for model in models if model.name not in there])
        if added:
            names = ", ".join(model.name for model in added)
            record(actor=actor, action="added models", subject=provider.title, detail=names, now=now)
    return added


def insert_models(provider: Provider, models: Sequence[NewModel]) -> list[ProviderModel]:
    """Insert rows with the specs of the provider's preset, after those that are there."""
    preset = PRESETS[provider.kind]
    last = provider.models.aggregate(last=Max("position"))["last"]
    first = 0 if last is None else last + 1
    rows = []
    for position, new in enumerate(models, start=first):
        known = preset.model(new.name)
        rows.append(
            ProviderModel(
                provider=provider,
                name=new.name,
                label="",
                accent=known.accent,
                spec_json=known.spec.to_json(),
                price=new.price,
                position=position,
            )
        )
    return ProviderModel.objects.bulk_create(rows)


def _next_position() -> int:
    last = Provider.objects.aggregate(last=Max("position"))["last"] or 0
    return int(last) + 1
