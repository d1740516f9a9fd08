"""The log of whole runs: it tells of each edit what happened and whether it was paid, and no secret."""

import json
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import Settings

from edits.edit_call import EditOptions
from edits.models import Attempt, EditRequest, Role, Status, User
from edits.providers import Client
from edits.services.calls.running import run_edit
from edits.services.queue.canceling import cancel_edit, retry_edit
from edits.services.queue.claiming import claim_next
from edits.services.queue.submitting import Source, submit_edit
from edits.services.team.inviting import invite
from tests.conftest import signed_in
from tests.editors import LEASE, LIMITS
from tests.factories import default_model, edit_of
from tests.log_lines import Lines, logged
from tests.provider import provider
from tests.provider_client import KEY, client_of

PROMPT = "a-prompt-that-nobody-else-types"
PASSWORD = "open sesame 7"
FAULTS = [
    "ok", "filtered_image", "451", "400", "401", "429:3", "503", "502", "reset_before", "reset_after_body",
    "bad_http", "html_200", "truncated_json", "png_half", "307_canary", "url_403", "hang",
]  # fmt: skip


@dataclass
class Story:
    """What one reads in the lines of one edit."""

    ended: dict[int, tuple[str, str, int | None, str]] = field(default_factory=dict)
    """By number of the attempt: fault, charged, status and trace id."""
    began: set[int] = field(default_factory=set)
    moves: list[tuple[str, str]] = field(default_factory=list)
    """Where it went, and for what reason."""


def story_of(edit: EditRequest, lines: Lines) -> Story:
    """Read from the log alone."""
    story = Story()
    for line in lines.all:
        if line.get("edit") != str(edit.public_id):
            continue
        match line["event"]:
            case "attempt began":
                story.began.add(line["attempt"])
            case "attempt ended":
                known = (line.get("fault", ""), line["charged"], line.get("status"), line.get("trace_id", ""))
                story.ended[line["attempt"]] = known
            case "edit moved":
                story.moves.append((line["to"], line.get("reason", "")))
    return story


def run_out(edit: EditRequest, client: Client) -> None:
    """Claim and run until the edit ends or three calls were made, as if no time had to pass in between."""
    at = timezone.now()
    for _ in range(3):
        claimed = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=at)
        if claimed is None:
            break
        run_edit(claimed, client_for=lambda _: client, now=lambda: at)  # noqa: B023  used at once
        edit.refresh_from_db()
        at = max(edit.not_before or at, at) + timedelta(minutes=6)


@pytest.mark.parametrize("fault", FAULTS)
def test_it_can_be_said_what_happened_and_whether_it_was_paid(fault: str, alice: User) -> None:
    edit = edit_of(alice, prompt=PROMPT)
    with provider(fault) as p, logged() as lines:
        run_out(edit, client_of(p, timeout_seconds=1.0))
    story, attempts = story_of(edit, lines), list(edit.attempts.all())
    assert story.began == {attempt.number for attempt in attempts}
    assert story.ended == {
        attempt.number: (attempt.fault, attempt.charged, attempt.status, attempt.trace_id)
        for attempt in attempts
    }
    assert story.moves[-1] == (edit.status, edit.reason)
    assert len(story.moves) == len(attempts) == p.calls


def test_a_defect_of_ours_is_told_with_its_edit(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(Client, "edit", broken)
    edit = edit_of(alice, prompt=PROMPT)
    with provider() as p, logged() as lines:
        run_out(edit, client_of(p))
    (first, *_) = (line for line in lines.all if "exception" in line)
    assert (first["edit"], first["attempt"]) == (str(edit.public_id), 1)
    assert story_of(edit, lines).ended[1][:2] == ("no_answer", "maybe")


def test_what_its_owner_does_is_told_too(alice: User) -> None:
    failed, waiting = edit_of(alice, status=Status.FAILED), edit_of(alice)
    source, options = Source.of_edit(failed), EditOptions(PROMPT, None, 28, 6.0, "512x512")
    with logged("edits") as lines:
        new = submit_edit(
            model=default_model(),
            owner=alice,
            source=source,
            options=options,
            submission_key=uuid.uuid4(),
            now=timezone.now(),
        )
        again = submit_edit(
            model=default_model(),
            owner=alice,
            source=source,
            options=options,
            submission_key=new.submission_key,
            now=timezone.now(),
        )
        assert retry_edit(edit=failed, now=timezone.now())
        assert cancel_edit(edit=waiting, now=timezone.now())
        assert not cancel_edit(edit=waiting, now=timezone.now())
    assert again == new
    taken_in = [(line["edit"], line["again"]) for line in lines.of("edit taken in")]
    assert taken_in == [(str(new.public_id), False), (str(failed.public_id), True)]
    (moved,) = lines.of("edit moved")
    assert (moved["edit"], moved["to"]) == (str(waiting.public_id), "canceled")
    assert PROMPT not in lines.text


class _Echo(BaseHTTPRequestHandler):
    """A provider whose error messages repeat all that was sent."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        words = f"You sent {dict(self.headers)} and {body.decode('latin-1')}"
        status = int(self.path.split("/")[1])
        self.send_response(status)
        self.send_header("X-Trace-Id", "trace-of-echo")
        self.end_headers()
        self.wfile.write(json.dumps({"error": {"message": words, "type": words}}).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""


@contextmanager
def echo() -> Iterator[str]:
    """Where it listens."""
    server = HTTPServer(("127.0.0.1", 0), _Echo)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)


@pytest.fixture
def wordy() -> Iterator[None]:
    """Ours and Django's loggers at the level that says most, but for the queries that developers look at."""
    names = ("edits", "django.request", "django.security")
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield
    for name in names:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.mark.usefixtures("wordy")
@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 413, 429, 500, 502])
def test_what_a_provider_repeats_is_not_logged(status: int, alice: User) -> None:
    edit = edit_of(alice, prompt=PROMPT, source_name="my-family.jpg")
    with echo() as address, provider() as p, logged() as lines:
        run_out(edit, client_of(p, base_url=f"{address}/{status}/v1"))
    assert Attempt.objects.exists()
    assert "attempt ended" in lines.text
    for secret in (KEY, PROMPT, "my-family", "Bearer", "iVBORw0KGgo", "PNG"):
        assert secret not in lines.text, secret


@pytest.mark.usefixtures("wordy")
def test_what_people_do_leaves_no_secret_in_the_log(
    alice: User, root: User, settings: Settings, mailoutbox: object
) -> None:
    settings.METRICS_TOKEN = "a-token-of-many-characters"
    browser, careful = Browser(), Browser(enforce_csrf_checks=True)
    with logged() as lines:
        browser.post("/accounts/login/", {"login": "alice", "password": "a wrong password 8"})
        browser.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
        _, token = invite(by=root, role=Role.MEMBER, days=7, now=timezone.now())
        careful.post(f"/invitations/{token}/", {"password": PASSWORD})
        Browser().get(f"/invitations/{token}x/")
        careful.post("/accounts/password/reset/key/1-set-a-8f2a77/", {"password": PASSWORD})
        Browser().get("/metrics", headers={"authorization": f"Bearer {settings.METRICS_TOKEN}x"})
        Browser().get("/metrics", headers={"authorization": f"Bearer {settings.METRICS_TOKEN}"})
        signed_in(alice).post("/", {"prompt": PROMPT, "submission_key": "no uuid"})
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    secrets = [PASSWORD, "a wrong password", session, token, "8f2a77", settings.METRICS_TOKEN, PROMPT]
    for secret in [*secrets, settings.SECRET_KEY]:
        assert secret not in lines.text, secret
    assert "invitations" in lines.text


def test_an_edit_that_succeeds_leaves_few_lines(alice: User) -> None:
    edit = edit_of(alice)
    with provider() as p, logged("edits") as lines:
        run_out(edit, client_of(p))
    assert edit.status == Status.SUCCEEDED
    assert [line["event"] for line in lines.all if "edit" in line] == [
        "attempt began",
        "attempt ended",
        "edit moved",
    ]
