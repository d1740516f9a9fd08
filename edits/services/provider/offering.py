"""What members may choose among a provider's models: on or off, default, order, price and spec."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from edits.model_specs import ModelSpec
from edits.models import Provider, ProviderModel, User
from edits.services.provider.ordering import moved_by_one
from edits.services.queue.notify_worker import notify_worker
from edits.services.team.auditing import record


@dataclass(frozen=True)
class ModelChange:
    """What an administrator edits of a model; ``spec`` is None where it is built in."""

    label: str
    price: Decimal | None
    accent: str
    spec: ModelSpec | None


def change_model(model: ProviderModel, change: ModelChange, *, actor: User, now: datetime) -> bool:
    """Store label, price, accent and spec.  False when nothing is different."""
    columns: dict[str, Any] = {"label": change.label, "price": change.price, "accent": change.accent}
    if change.spec and not model.has_built_in_spec:
        columns["spec_json"] = change.spec.to_json()
    different = {
        name: value for name, value in columns.items() if _plain(getattr(model, name)) != _plain(value)
    }
    if not different:
        return False
    with transaction.atomic():
        ProviderModel.objects.filter(pk=model.pk).update(**different)
        words = ", ".join(sorted("spec" if name == "spec_json" else name for name in different))
        _record(actor, "changed a model", model, now=now, detail=words)
    return True


def turn_model(model: ProviderModel, *, on: bool, actor: User, now: datetime) -> bool:
    """Let members choose a model, or no longer.  False when it is so already, or the settings decide it."""
    if model.is_of_settings:
        return False
    with transaction.atomic():
        other = ProviderModel.objects.filter(pk=model.pk, is_on=not on)
        moved = other.update(is_on=True) if on else other.update(is_on=False, is_default=False)
        if moved:
            _record(actor, "turned a model on" if on else "turned a model off", model, now=now)
            transaction.on_commit(notify_worker)
    return bool(moved)


def set_default(model: ProviderModel, *, actor: User, now: datetime) -> bool:
    """Make a model the one that is used where nobody chooses.  False when it cannot be chosen, or is it already."""
    with transaction.atomic():
        list(Provider.objects.select_for_update(no_key=True))  # two at once would be two defaults
        offered = ProviderModel.objects.offered().filter(pk=model.pk, is_default=False)
        if not offered.exists():
            return False
        ProviderModel.objects.filter(is_default=True).update(is_default=False)
        ProviderModel.objects.filter(pk=model.pk).update(is_default=True)
        _record(actor, "set the default model", model, now=now)
    return True


def move_model(model: ProviderModel, *, up: bool, actor: User, now: datetime) -> bool:
    """Move a model one place up or down among those of its provider; False where there is no place."""
    with transaction.atomic():
        Provider.objects.select_for_update(no_key=True).get(pk=model.provider_id)
        rows = list(ProviderModel.objects.filter(provider=model.provider_id).order_by("position", "pk"))
        order = moved_by_one(rows, model.pk, up=up)
        if order is None:
            return False
        for position, row in enumerate(order):
            ProviderModel.objects.filter(pk=row.pk).exclude(position=position).update(position=position)
        _record(actor, "moved a model", model, now=now, detail="up" if up else "down")
    return True


def remove_model(model: ProviderModel, *, actor: User, now: datetime) -> bool:
    """Remove a model with its canary's runs.  Its waiting edits stay waiting.  Those of the settings stay."""
    if model.provider.from_settings:
        return False
    with transaction.atomic():
        removed, _ = ProviderModel.objects.filter(pk=model.pk).delete()
        if removed:
            _record(actor, "removed a model", model, now=now)
    return bool(removed)


def _plain(value: object) -> object:
    """Tuples and lists alike, as JSON gives them back."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return list(value) if isinstance(value, tuple | list) else value


def _record(actor: User, action: str, model: ProviderModel, *, now: datetime, detail: str = "") -> None:
    record(actor=actor, action=action, subject=model.full_id, detail=detail, now=now)
