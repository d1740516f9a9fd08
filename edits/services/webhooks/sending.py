"""Hands deliveries that are due to threads that post them, and records what comes of each.

One thread speaks with the database; those that post do nothing else, so that a receiver that is slow holds up one
of them and nothing more.  A delivery is claimed by moving its ``due_at`` on: whose worker dies is due again then.
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

from edits.models import EditRequest, WebhookDelivery
from edits.services.programs.describing import with_descriptions
from edits.services.webhooks.events import message_of
from edits.services.webhooks.outcomes import give_up, record
from edits.services.webhooks.posting import Answered, Message, post
from edits.services.webhooks.telling import woken

LEASE = timedelta(seconds=60)
"""Longer than a post can take."""
MOST_IN_FLIGHT = 16
MOST_TO_ONE_HOST = 2
LOOK_EVERY_SECONDS = 1.0
"""For what ended in other processes; what ended in this one wakes at once."""
NOT_SENT = "An unexpected error on our side; the operator finds it in the log."
QUEUED_AGAIN = "The edit was queued again before this was sent; it is told of when it ends."

log = logging.getLogger(__name__)


def in_thread(job: Callable[[], None]) -> None:
    """Do it beside, in a thread that a worker that stops does not wait for."""
    threading.Thread(target=job, name="webhook", daemon=True).start()


class Sender:
    """What one process has in flight."""

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
        """How many are begun of which nothing is recorded yet."""
        return self._hosts.total()

    def keep_sending(self, stop: threading.Event) -> None:
        """Send until told to stop; what is in flight then is recorded as long as the process lives."""
        while not stop.is_set() or self.in_flight:
            try:
                self.record_ended()
                if not stop.is_set():
                    self.begin_due()
            except Exception:
                log.exception("Webhooks could not be looked after")
                connection.close()
            woken.wait(LOOK_EVERY_SECONDS)
            woken.clear()

    def record_ended(self) -> None:
        """Write down what came of those that were posted; while the database is away they are kept.

        Raises what the database raises.
        """
        while self._ended:
            claimed, answered = self._ended.popleft()
            host = host_of(claimed.webhook.url)
            self._hosts[host] -= 1  # also where that fails: places never freed are a host never told again
            try:
                record(claimed, answered, now=self._now(), jitter=self._jitter)
            except (OperationalError, InterfaceError):
                self._ended.appendleft((claimed, answered))
                self._hosts[host] += 1
                raise

    def begin_due(self) -> int:
        """Claim what is due, the longest waiting first and few of each host, and begin it; returns how many."""
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
    """Take it for as long as a post may last; None when another worker was faster, or it is not due any more."""
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
    """Whose limit it counts against."""
    return urlsplit(url).hostname or ""
