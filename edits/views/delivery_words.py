"""How a webhook and its deliveries stand, in words and tones for pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from edits.models import Webhook, WebhookDelivery

DELIVERED, BEING_SENT = ("Delivered", "ok"), ("Being sent", "accent")
WAITING, AGAIN = ("Waiting", "accent"), ("Trying again", "warn")
GIVEN_UP, NOT_SENT = ("Given up", "bad"), ("Not sent", "")
SOON, LATELY = timedelta(seconds=15), timedelta(minutes=1)


@dataclass(frozen=True)
class Told:
    """One delivery with its outcome in words, and the tone in which they are colored."""

    delivery: WebhookDelivery
    words: str
    tone: str

    @property
    def at(self) -> datetime:
        """When it was tried last; until it is, when there was something to tell."""
        return self.delivery.tried_at or self.delivery.created_at

    @property
    def again_at(self) -> datetime | None:
        """When it is tried again, where that is not now."""
        return self.delivery.due_at if self.words == AGAIN[0] else None

    @property
    def can_be_sent_again(self) -> bool:
        """Unless it is about to be."""
        return self.words not in (BEING_SENT[0], WAITING[0])


def told(deliveries: Iterable[WebhookDelivery]) -> list[Told]:
    """Each with its words."""
    return [Told(delivery, *_outcome(delivery)) for delivery in deliveries]


def is_moving(rows: Iterable[Told], *, now: datetime) -> bool:
    """Whether one of them is likely to stand otherwise in a moment, so that an open page should look again."""
    due = [row.delivery.due_at for row in rows if row.delivery.due_at and not row.delivery.is_in_flight]
    in_flight = any(row.delivery.is_in_flight for row in rows)
    return in_flight or any(now - LATELY < at < now + SOON for at in due)


def standing(webhook: Webhook) -> tuple[str, str]:
    """On, failing or off, with its tone."""
    if not webhook.is_on:
        return ("turned off", "bad") if webhook.off_reason else ("off", "")
    return ("failing", "warn") if webhook.failing_since else ("on", "ok")


def _outcome(delivery: WebhookDelivery) -> tuple[str, str]:
    if delivery.delivered_at:
        return DELIVERED
    if delivery.is_in_flight:
        return BEING_SENT
    if delivery.due_at:
        return AGAIN if delivery.problem else WAITING
    return GIVEN_UP if delivery.tries else NOT_SENT
