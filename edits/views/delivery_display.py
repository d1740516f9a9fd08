"""How a webhook and its deliveries are doing, in words and tones for pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy

from edits.models import Webhook, WebhookDelivery
from edits.services.webhooks.posting import ANSWERED, REDIRECTED

SOON, LATELY = timedelta(seconds=15), timedelta(minutes=1)
ON, OFF = pgettext_lazy("webhook", "on"), pgettext_lazy("webhook", "off")
TURNED_OFF, FAILING = pgettext_lazy("webhook", "turned off"), pgettext_lazy("webhook", "failing")


class DeliveryStatus(StrEnum):
    """How far a delivery is."""

    DELIVERED = "delivered"
    BEING_SENT = "being sent"
    WAITING = "waiting"
    AGAIN = "again"
    GIVEN_UP = "given up"
    NOT_SENT = "not sent"


WORDS = {
    DeliveryStatus.DELIVERED: (pgettext_lazy("delivery", "Delivered"), "ok"),
    DeliveryStatus.BEING_SENT: (pgettext_lazy("delivery", "Being sent"), "accent"),
    DeliveryStatus.WAITING: (pgettext_lazy("delivery", "Waiting"), "accent"),
    DeliveryStatus.AGAIN: (pgettext_lazy("delivery", "Trying again"), "warn"),
    DeliveryStatus.GIVEN_UP: (pgettext_lazy("delivery", "Given up"), "bad"),
    DeliveryStatus.NOT_SENT: (pgettext_lazy("delivery", "Not sent"), ""),
}
"""In words, and the tone in which they are colored."""


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery and how far it is."""

    delivery: WebhookDelivery
    status: DeliveryStatus

    @property
    def words(self) -> str | Promise:
        """The status for people."""
        return WORDS[self.status][0]

    @property
    def tone(self) -> str:
        """ok, accent, warn, bad or none."""
        return WORDS[self.status][1]

    @property
    def problem(self) -> str:
        """What went wrong last, in the reader's language; rows hold it in English."""
        stored, values = self.delivery.problem, {"status": self.delivery.answer_status}
        for sentence in (ANSWERED, REDIRECTED):
            if stored == sentence % values:
                return gettext(sentence) % values
        return gettext(stored) if stored else ""

    @property
    def at(self) -> datetime:
        """When it was tried last; until it is, when its event happened."""
        return self.delivery.tried_at or self.delivery.created_at

    @property
    def again_at(self) -> datetime | None:
        """When it is tried again, where that is not now."""
        return self.delivery.due_at if self.status == DeliveryStatus.AGAIN else None

    @property
    def can_be_sent_again(self) -> bool:
        """Unless it is about to be."""
        return self.status not in (DeliveryStatus.BEING_SENT, DeliveryStatus.WAITING)


def delivery_rows(deliveries: Iterable[WebhookDelivery]) -> list[DeliveryRow]:
    """Each with its status."""
    return [DeliveryRow(delivery, _status(delivery)) for delivery in deliveries]


def is_moving(rows: Iterable[DeliveryRow], *, now: datetime) -> bool:
    """Whether one of them is likely to change in a moment, so that an open page should look again."""
    due = [row.delivery.due_at for row in rows if row.delivery.due_at and not row.delivery.is_in_flight]
    in_flight = any(row.delivery.is_in_flight for row in rows)
    return in_flight or any(now - LATELY < at < now + SOON for at in due)


def webhook_status(webhook: Webhook) -> tuple[str | Promise, str]:
    """On, failing or off, with its tone."""
    if not webhook.is_on:
        return (TURNED_OFF, "bad") if webhook.off_reason else (OFF, "")
    return (FAILING, "warn") if webhook.failing_since else (ON, "ok")


def _status(delivery: WebhookDelivery) -> DeliveryStatus:
    if delivery.delivered_at:
        return DeliveryStatus.DELIVERED
    if delivery.is_in_flight:
        return DeliveryStatus.BEING_SENT
    if delivery.due_at:
        return DeliveryStatus.AGAIN if delivery.problem else DeliveryStatus.WAITING
    return DeliveryStatus.GIVEN_UP if delivery.tries else DeliveryStatus.NOT_SENT
