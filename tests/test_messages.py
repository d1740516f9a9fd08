"""Messages that can be undone keep their Undo until the page that shows them, in the cookie and in the session."""

from http.cookies import SimpleCookie

import pytest
from django.contrib.messages import get_messages, success
from django.contrib.messages.storage.base import Message
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from editor_site.messages import Messages, UndoMessage
from edits.views.undo import success_with_undo

UNDO = "/edits/bulk/undo/?action=trash&at=2026-12-01"


def a_request(cookies: SimpleCookie | None = None) -> HttpRequest:
    """A request with a session and messages, and with the cookies that an answer set."""
    request = RequestFactory().get("/")
    request.COOKIES |= {name: morsel.value for name, morsel in (cookies or {}).items()}
    SessionMiddleware(lambda _: HttpResponse()).process_request(request)
    setattr(request, "_messages", Messages(request))  # as Django's middleware does  # noqa: B010
    return request


def after(request: HttpRequest) -> HttpRequest:
    """The next request of the same browser, once ``request`` is answered."""
    response, storage = HttpResponse(), get_messages(request)
    assert isinstance(storage, Messages)
    storage.update(response)
    following = a_request(response.cookies)
    following.session = request.session
    return following


@pytest.mark.parametrize("text", ["Moved to the trash.", "x" * 3000], ids=["in the cookie", "in the session"])
def test_undo_is_kept_until_the_next_page(text: str) -> None:
    request = a_request()
    success_with_undo(request, text, undo=UNDO)
    (message,) = get_messages(after(request))
    assert isinstance(message, UndoMessage)
    assert (message.message, message.undo, message.tags) == (text, UNDO, "success")


def test_undo_is_there_on_the_same_page() -> None:
    request = a_request()
    success_with_undo(request, "Moved to the trash.", undo=UNDO)
    assert [getattr(message, "undo", "") for message in get_messages(request)] == [UNDO]


def test_a_message_that_waits_together_with_a_newer_one_keeps_its_undo() -> None:
    request = a_request()
    success_with_undo(request, "Moved to the trash.", undo=UNDO)
    following = after(request)
    success(following, "Saved.")
    assert [getattr(message, "undo", "") for message in get_messages(after(following))] == [UNDO, ""]


def test_without_an_undo_it_is_a_plain_message() -> None:
    request = a_request()
    success_with_undo(request, "Shared with the team.", undo="")
    success(request, "Saved.", extra_tags="of another app")
    assert [type(message) for message in get_messages(after(request))] == [Message, Message]
