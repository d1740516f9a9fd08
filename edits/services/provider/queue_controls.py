"""What an administrator does with one provider: stop sending to it, resume, and ask again before the time.

    open ──429──▶ paused ──its time──▶ open
    open ──account fault──▶ held ──a call that works──▶ open
    any of them ──stop──▶ stopped ──resume──▶ what it was

Stopped overrides the others: nothing is sent, not even a probe.  Calls that already run are finished.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from edits.faults import Fault
from edits.models import EditRequest, Provider, User
from edits.services import event_log
from edits.services.queue.notify_worker import notify_worker
from edits.services.team.auditing import record

LONG_WAIT = timedelta(minutes=15)
"""A wait that the provider asks for is obeyed up to here; an administrator may cut short a longer one."""

STOPPED = _("This provider is switched off. Switch it on first.")
WAIT_IS_OBEYED = _("The service asked for a short wait. Retake calls it again right after that.")
NOTHING_HELD = _("This provider is not on hold: edits are sent as they come in.")


def stop_sending(provider: Provider, *, actor: User, now: datetime) -> bool:
    """Let nothing new be sent until somebody resumes.  False when it was stopped already."""
    with transaction.atomic():
        stopped = Provider.objects.filter(pk=provider.pk, stopped_since__isnull=True).update(
            stopped_since=now, stopped_by=actor.name[:150]
        )
        if stopped:
            record(actor=actor, action="stopped sending", subject=provider.title, now=now)
    if stopped:
        event_log.provider_changed("stopped", provider=provider.slug, reason="by an administrator")
    return bool(stopped)


def resume_sending(provider: Provider, *, actor: User, now: datetime) -> bool:
    """Let edits go out again.  False when sending was not stopped."""
    with transaction.atomic():
        resumed = Provider.objects.filter(pk=provider.pk, stopped_since__isnull=False).update(
            stopped_since=None, stopped_by=""
        )
        if resumed:
            record(actor=actor, action="resumed sending", subject=provider.title, now=now)
            transaction.on_commit(notify_worker)
    if resumed:
        event_log.provider_changed("open", provider=provider.slug, reason="resumed by an administrator")
    return bool(resumed)


def try_now(provider: Provider, *, actor: User, now: datetime) -> str:
    """Let the next edit go out at once although the queue is held, or waits for longer than 15 minutes.

    Returns why nothing was done, in the reader's language; blank when a worker was woken.  A wait of at most
    15 minutes is not cut short: calling earlier than a busy service asked for makes it busier.  After a cut
    wait, calls go out two at a time until one works.
    """
    with transaction.atomic():
        provider = Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
        if provider.stopped_since:
            return str(STOPPED)
        paused = provider.paused_until is not None and provider.paused_until > now
        if paused and not is_long_wait(provider, now=now):
            return str(WAIT_IS_OBEYED)
        if not paused and not provider.held_since:
            return str(NOTHING_HELD)
        if paused:
            _cut_wait_short(provider, now=now)
        Provider.objects.filter(pk=provider.pk).update(probe_at=None)
        record(actor=actor, action="asked the provider again", subject=provider.title, now=now)
        transaction.on_commit(notify_worker)
    return ""


def is_long_wait(provider: Provider, *, now: datetime) -> bool:
    """Whether a 429 asked, as a whole, for more than 15 minutes, and they are not over."""
    if provider.paused_until is None or provider.paused_until <= now:
        return False
    return provider.paused_until - (provider.paused_since or now) > LONG_WAIT


def pause_until(pk: int, until: datetime, *, now: datetime) -> None:
    """Send nothing to this provider before ``until``, unless a longer wait is asked for already."""
    longer = Provider.objects.filter(pk=pk).exclude(paused_until__gt=until)
    if longer.update(paused_since=now, paused_until=until):
        slug = Provider.objects.values_list("slug", flat=True).get(pk=pk)
        event_log.provider_changed("paused", provider=slug, until=until)


def _cut_wait_short(provider: Provider, *, now: datetime) -> None:
    Provider.objects.filter(pk=provider.pk).update(paused_since=None, paused_until=None, verified_at=None)
    # Edits that were put off by the same answer carry its time themselves.
    waiting = EditRequest.objects.queued().filter(provider=provider)
    waiting.filter(last_fault__in=Fault.BUSY.spellings, not_before__gt=now).update(not_before=None)
