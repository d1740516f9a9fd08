"""When a model's canary is due, and how administrators switch it on and off."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from edits.models import CanaryRun, ProviderModel, User
from edits.services.team.auditing import record

HOUR = time(6)
SPREAD_MINUTES = 7
"""Between one model and the next, so that a provider is not called for all of its models at once."""


def daily_at(model: ProviderModel) -> time:
    """The time of day in the installation's time zone: from 06:00, spread over an hour by the model's primary key."""
    return HOUR.replace(minute=model.pk * SPREAD_MINUTES % 60)


def due_on(model: ProviderModel, day: date) -> datetime:
    """The time at which it is due on this day."""
    return datetime.combine(day, daily_at(model), tzinfo=timezone.get_default_timezone())


def next_day(model: ProviderModel, *, now: datetime) -> datetime:
    """The time at which it is due tomorrow: a late run does not make the next one early."""
    return due_on(model, _today(now) + timedelta(days=1))


def switch_canary(*, model: ProviderModel, on: bool, actor: User, now: datetime) -> bool:
    """Switch it on, starting with the next 06:00, or off.  False if nothing changed.

    Switching it off and on again on a day that had its call does not cause a second one.
    """
    due = _first(model, now=now) if on else None
    with transaction.atomic():
        as_before = ProviderModel.objects.filter(pk=model.pk, canary_is_on=not on)
        changed = bool(as_before.update(canary_is_on=on, canary_due_at=due))
        if changed:
            action = "switched a canary on" if on else "switched a canary off"
            record(actor=actor, action=action, subject=model.full_id, now=now)
    return changed


def _first(model: ProviderModel, *, now: datetime) -> datetime:
    today = due_on(model, _today(now))
    midnight = datetime.combine(_today(now), time.min, tzinfo=timezone.get_default_timezone())
    had_its_call = CanaryRun.objects.of(model).sent().filter(began_at__gte=midnight).exists()
    return next_day(model, now=now) if had_its_call or today <= now else today


def _today(now: datetime) -> date:
    return timezone.localtime(now, timezone.get_default_timezone()).date()
