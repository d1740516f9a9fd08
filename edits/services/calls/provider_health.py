"""What the end of a call says of its provider: it works, has to be paused, or is held until somebody looks at it."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Subquery
from django.db.models.functions import Coalesce

from edits.models import Attempt, EditRequest, Provider
from edits.providers import ProviderError, RateLimited
from edits.services import event_log
from edits.services.calls.retry_policy import holds_queue, release_unreached
from edits.services.provider.alerting import tell_administrators_held
from edits.services.provider.error_messages import explain
from edits.services.provider.queue_controls import pause_until
from edits.services.provider.release_hold import open_queue
from edits.services.queue.claiming import PROBE_EVERY

VERIFIED_AGAIN_AFTER = timedelta(seconds=30)
"""While all goes well the provider's row, which is one for all workers, is not written for each answer, and what
could not be sent a moment ago continues after its own short pause."""


def note_working(edit: EditRequest, *, now: datetime) -> None:
    """A call was answered: the provider works, and its hold ends.

    A pause stays, and so does a hold that is younger than this call: it began before its cause.
    """
    provider = Provider.objects.filter(pk=edit.provider_id)
    verified_at, held_since = provider.values_list("verified_at", "held_since").get()
    if verified_at and verified_at > now - VERIFIED_AGAIN_AFTER and not held_since:
        return
    release_unreached(edit.provider_id)
    older = provider.exclude(held_since__gte=Subquery(_began(edit)))
    opened = open_queue(older, now=now)
    if opened and held_since:
        event_log.provider_changed("open", provider=edit.provider.slug)


def hold_or_pause(edit: EditRequest, error: ProviderError, *, wait: timedelta, now: datetime) -> None:
    """Hold or pause the provider where the fault concerns all of its edits.

    Not for a call that began before the last hold ended: what refused it, an old key perhaps, is over.
    """
    if holds_queue(error):
        provider = Provider.objects.get(pk=edit.provider_id)
        reason = explain(error, provider=provider)
        held = Provider.objects.filter(pk=provider.pk).exclude(opened_at__gt=Subquery(_began(edit)))
        if not held.update(
            held_since=Coalesce("held_since", now),
            held_reason=reason,
            probe_at=now + PROBE_EVERY,
            verified_at=None,
        ):
            return
        event_log.provider_changed(
            "held",
            provider=provider.slug,
            reason=f"HTTP {error.status}" if error.status else type(error).__name__,
        )
        tell_administrators_held(provider, reason, now=now)
    elif isinstance(error, RateLimited):
        pause_until(edit.provider_id, now + wait, now=now)


def _began(edit: EditRequest) -> Any:
    """When the edit's present call began."""
    return Attempt.objects.filter(edit=edit, fence=edit.fence).values("started_at")[:1]
