"""Hands due deliveries to threads that post them, and records the outcomes.

Only one thread uses the database; the posting threads do nothing else, so that a slow receiver blocks just one
of them.  A delivery is claimed by moving its ``due_at`` forward: if the worker dies, it is due again at that
time.
"""

import logging
import random
import threading
from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import InterfaceError, OperationalError, connection
from django.db.models import F, Min, Prefetch
from django.utils import timezone
from django.utils.translation import gettext_noop

from edits.models import EditRequest, WebhookDelivery
from edits.services.api.serializers import with_descriptions
from edits.services.idle_connections import give_back
from edits.services.webhooks.deliveries import woken
from edits.services.webhooks.delivery_results import give_up, record_result
from edits.services.webhooks.events import message_of
from edits.services.webhooks.posting import Answered, Message, post

LEASE = timedelta(seconds=60)
"""Longer than a post can take."""
MOST_IN_FLIGHT = 16
MOST_TO_ONE_HOST = 2
LOOK_EVERY_SECONDS = 1.0
"""For what ended in other processes; what ended in this one wakes at once."""
NOT_SENT = gettext_noop("Unexpected error in Retake. Details are in the log.")
QUEUED_AGAIN = gettext_noop(
    "The edit was queued again before this was sent. A new event follows when it finishes."
)

log = logging.getLogger(__name__)


def in_thread(job: Callable[[], None]) -> None:
    """Run the job in a daemon thread, for which a stopping worker does not wait."""
    threading.Thread(target=job, name="webhook", daemon=True).start()


class Sender:
    """The deliveries that this process has in flight.  ``now`` is a clock: it sends while the process lives."""

    def __init__(
        self,
        *,
        post: Callable[[Message], Answered] = post,
        begin: Callable[[Callable[[], None]], None] = in_thread,
        now: Callable[[], datetime] = timezone.now,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._post, self._begin, self._now, self._jitter = post, begin, now, jitter
        self._hosts: Counter[str] = Counter()
        self._ended: deque[tuple[WebhookDelivery, Answered]] = deque()

    @property
    def in_flight(self) -> int:
        """The number of deliveries that were begun and not recorded yet."""
        return self._hosts.total()

    def keep_sending(self, stop: threading.Event) -> None:
        """Send until ``stop`` is set; after that, record what is in flight as long as the process lives."""
        while not stop.is_set() or self.in_flight:
            try:
                self.record_ended()
                if not stop.is_set():
                    self.begin_due()
            except Exception:
                log.exception("Webhooks could not be looked after")
                connection.close()
            give_back()
            woken.wait(LOOK_EVERY_SECONDS)
            woken.clear()

    def record_ended(self) -> None:
        """Record the outcomes of finished posts; keeps them while the database is unavailable.

        Raises whatever the database raises.
        """
        while self._ended:
            claimed, answered = self._ended.popleft()
            host = host_of(claimed.webhook.url)
            self._hosts[host] -= (
                1  # even if recording fails: a slot that is never freed would block the host forever
            )
            try:
                record_result(claimed, answered, now=self._now(), jitter=self._jitter)
            except (OperationalError, InterfaceError):
                self._ended.appendleft((claimed, answered))
                self._hosts[host] += 1
                raise

    def begin_due(self) -> int:
        """Claim and begin due deliveries, longest waiting first and few per host; returns how many."""
        begun = 0
        due = WebhookDelivery.objects.due(self._now())
        hooks = due.order_by().values_list("webhook", "webhook__url").annotate(first=Min("due_at"))
        for webhook, url, _ in list(hooks.order_by("first")):  # read before anything is written
            room = min(MOST_IN_FLIGHT - self.in_flight, MOST_TO_ONE_HOST - self._hosts[host_of(url)])
            for delivery in due.filter(webhook=webhook)[: max(0, room)]:
                claimed = claim(delivery, now=self._now())
                begun += claimed is not None and self._send(claimed)
        return begun

    def _send(self, claimed: WebhookDelivery) -> bool:
        if claimed.edit and claimed.edit.is_active:
            give_up(claimed, QUEUED_AGAIN)
            return False
        message = message_of(claimed, now=self._now())
        self._hosts[host_of(message.url)] += 1
        self._begin(lambda: self._post_and_wake(claimed, message))
        return True

    def _post_and_wake(self, claimed: WebhookDelivery, message: Message) -> None:
        answered = Answered(None, NOT_SENT)
        try:
            answered = self._post(message)
        finally:
            self._ended.append((claimed, answered))
            woken.set()


def claim(delivery: WebhookDelivery, *, now: datetime) -> WebhookDelivery | None:
    """Claim it for as long as a post may take; None if another worker was faster or it is no longer due."""
    lease = now + LEASE
    taken = WebhookDelivery.objects.filter(pk=delivery.pk, due_at=delivery.due_at).update(
        due_at=lease, tries=F("tries") + 1, tried_at=now, answer_status=None, problem=""
    )
    if not taken:
        return None
    edits = Prefetch("edit", with_descriptions(EditRequest.objects.all()))
    whole = WebhookDelivery.objects.select_related("webhook").prefetch_related(edits)
    return whole.filter(pk=delivery.pk, due_at=lease).first()


def host_of(url: str) -> str:
    """The host whose limit the URL counts against."""
    return urlsplit(url).hostname or ""
