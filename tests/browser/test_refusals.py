"""What is said on a page that asked for something by script and was refused: a sentence, never a bare number."""

import json
import uuid
from collections.abc import Callable

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page, Route, expect

from tests.browser.backstage import Backstage
from tests.browser.people import Person


@pytest.fixture
def page(alice: Person, backstage: Backstage) -> Page:
    """An edit of Alice's, open."""
    (edit,) = backstage("finished_edits", owner="alice", count=1)
    return alice.goes_to(f"/edits/{edit}/")


def star(page: Page, answer: Callable[[Route], None]) -> None:
    """Alice stars the edit, and what the page sends meets this on its way."""
    page.route("**/*", lambda route: answer(route) if route.request.method == "POST" else route.continue_())
    page.get_by_role("button", name="Star", exact=True).click()


def answered(page: Page, *, status: int, body: str, content_type: str = "text/html; charset=utf-8") -> None:
    """What she sends is answered so."""
    star(page, lambda route: route.fulfill(status=status, body=body, content_type=content_type))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (503, "Back in a moment. The database cannot be reached."),
        (500, "Something went wrong. The error is in the log"),
    ],
)
def test_the_sentence_of_an_error_page_is_said(page: Page, alice: Person, status: int, words: str) -> None:
    alice.may_be_refused(status)
    answered(page, status=status, body=render_to_string(f"{status}.html"))
    alice.is_told(words)
    expect(page.locator("#toasts")).not_to_contain_text(str(status))


def test_the_message_of_an_answer_for_programs_is_said(page: Page, alice: Person) -> None:
    alice.may_be_refused(503)
    body = json.dumps({"error": {"message": "The storage is <b>full</b>.", "code": "unavailable"}})
    answered(page, status=503, body=body, content_type="application/json")
    alice.is_told("The storage is <b>full</b>.")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html", "<html><center><h1>502 Bad Gateway</h1></center><hr>proxy/1.2</html>"),
        ("application/json", "{not json"),
        ("text/plain", ""),
    ],
)
def test_a_server_in_between_is_not_quoted(page: Page, alice: Person, content_type: str, body: str) -> None:
    alice.may_be_refused(502)
    answered(page, status=502, body=body, content_type=content_type)
    alice.is_told("The server could not answer. Try again in a moment")
    expect(page.locator("#toasts")).not_to_contain_text("502")


def test_what_is_not_there_is_said_to_be_so(page: Page, alice: Person) -> None:
    alice.may_be_refused(404)
    nowhere = alice.home + f"/edits/{uuid.uuid4()}/star/"
    star(page, lambda route: route.continue_(url=nowhere))
    alice.is_told("Page not found. This page does not exist")
