"""Webhooks of the cast, and a worker's sender on a given clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from edits.models import ApiKey, User, Webhook, WebhookDelivery
from edits.services.webhooks import Sender, make_webhook
from edits.services.webhooks.posting import Answered, Message
from tests.editors import NOW

URL = "https://hooks.example.com/retake"


def hook_of(owner: User, url: str = URL, *, api_key: ApiKey | None = None) -> Webhook:
    """A webhook of this person's, made long before any delivery."""
    return make_webhook(owner=owner, url=url, api_key=api_key, now=NOW - timedelta(days=40))


@dataclass
class Post:
    """What stands for a receiver: gives its answers one after the other, then the last one for ever."""

    answers: list[Answered]
    messages: list[Message] = field(default_factory=list)

    def __call__(self, message: Message) -> Answered:
        self.messages.append(message)
        return self.answers[min(len(self.messages), len(self.answers)) - 1]


OK = Answered(204)
FAILED = Answered(500, "Answered 500.")
GONE = Answered(410, "Answered 410.")


def at_once(job: Callable[[], None]) -> None:
    """Instead of a thread beside."""
    job()


@dataclass
class Clock:
    """Stands still unless it is moved."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def move(self, **time: Any) -> None:
        self.at += timedelta(**time)


def sender_of(post: Callable[[Message], Answered], *, now: Callable[[], datetime] = lambda: NOW) -> Sender:
    """A sender that waits for each post and never draws."""
    return Sender(post=post, begin=at_once, now=now, jitter=lambda least, most: least)


def send(sender: Sender) -> int:
    """One round: begins what is due and records what came of it; returns how many were begun."""
    begun = sender.begin_due()
    sender.record_ended()
    return begun


def only_delivery() -> WebhookDelivery:
    """The one there is."""
    return WebhookDelivery.objects.get()
