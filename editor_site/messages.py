"""Messages for the next page: Django's storage with our own cookie name, and messages with an Undo button."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.http.response import HttpResponseBase


class UndoMessage(Message):
    """A message with an Undo button, which posts to ``undo``, a path on this site."""

    def __init__(self, level: int, message: str, *, undo: str) -> None:
        super().__init__(level, message)
        self.undo = undo


class OurCookie(CookieStorage):
    """Another Django site on the host would find the default cookie damaged and delete it."""

    cookie_name = settings.MESSAGES_COOKIE_NAME


class Messages(FallbackStorage):
    """Stores messages in the cookie, and in the session what does not fit."""

    storage_classes = (OurCookie, SessionStorage)

    def add_with_undo(self, level: int, message: str, *, undo: str) -> None:
        """Queue a message whose Undo button posts to ``undo``.

        Django stores only a level, a text and ``extra_tags``, so the path is stored in ``extra_tags``.
        """
        self.add(level, message, extra_tags=undo)

    def __iter__(self) -> Iterator[Message]:
        return map(_with_undo, super().__iter__())

    def update(self, response: HttpResponseBase) -> list[Any] | None:
        """Restrict the path of the cookie, which Django would send to every site on the host."""
        unstored: list[Any] | None = super().update(response)
        if OurCookie.cookie_name in response.cookies:
            response.cookies[OurCookie.cookie_name]["path"] = settings.SESSION_COOKIE_PATH
        return unstored


def _with_undo(message: Message) -> Message:
    """Recognizes undo messages by ``extra_tags``: no other message has a path there."""
    is_path = (message.extra_tags or "").startswith("/")
    return UndoMessage(message.level, message.message, undo=message.extra_tags) if is_path else message
