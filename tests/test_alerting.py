"""Telling the administrators that the queue is held: once, in the log and by mail, and never at a worker's cost."""

import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import DatabaseError, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from edits.models import AuditEntry, Provider, Role, User
from edits.providers import NotAuthorized
from edits.services.calls.running import run_edit
from edits.services.provider.alerting import tell_administrators_held
from edits.services.queue.claiming import claim_next
from edits.services.team.people import choose_language
from tests.conftest import person
from tests.editors import LEASE, LIMITS, Editor
from tests.factories import edit_of

NOW = timezone.now()
REASON = "The service refused the key (HTTP 401)"


def at_once(job: Callable[[], None]) -> None:
    """Do it here and now, where a worker would do it beside."""
    job()


def hold() -> None:
    """As recording does before it tells."""
    Provider.objects.update(held_since=NOW, held_reason=REASON)


@pytest.fixture(autouse=True)
def _with_mail(settings: Settings) -> None:
    settings.MAIL_IS_SET_UP = True


def test_it_stands_in_the_audit_log_as_done_by_retake(db: None) -> None:
    hold()
    tell_administrators_held(Provider.objects.get(), REASON, now=NOW, run=at_once)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.detail, entry.at) == (None, "held the queue", REASON, NOW)


def test_each_administrator_gets_a_mail_of_their_own(
    root: User, alice: User, rita: User, django_capture_on_commit_callbacks: Any
) -> None:
    person("rosa", Role.ADMINISTRATOR)
    User.objects.filter(pk=person("gone", Role.ADMINISTRATOR).pk).update(is_active=False)
    User.objects.filter(pk=person("silent", Role.ADMINISTRATOR).pk).update(email="")
    hold()
    with django_capture_on_commit_callbacks(execute=True):
        tell_administrators_held(Provider.objects.get(), REASON, now=NOW, run=at_once)
        assert mail.outbox == [], "nothing is mailed before it is in the database"
    assert [message.to for message in mail.outbox] == [["root@example.com"], ["rosa@example.com"]]
    assert mail.outbox[0].subject == "Retake: StepFun is on hold"
    assert f"{REASON}." in mail.outbox[0].body


def test_each_reads_their_own_language_and_the_log_is_in_english(
    root: User, django_capture_on_commit_callbacks: Any
) -> None:
    choose_language(user=root, code="zh-hans")
    person("rosa", Role.ADMINISTRATOR)
    reason = "The service refused the account (HTTP 401)"
    hold()
    with django_capture_on_commit_callbacks(execute=True):
        tell_administrators_held(Provider.objects.get(), reason, now=NOW, run=at_once)
    chinese, english = mail.outbox
    assert english.subject == "Retake: StepFun is on hold"
    assert chinese.subject != english.subject
    assert "StepFun" in chinese.subject
    assert "服务拒绝了账号" in chinese.body
    assert "Nothing is sent" not in chinese.body
    assert f"{reason}." in english.body
    assert AuditEntry.objects.get().detail == reason


def test_they_are_told_once(root: User, django_capture_on_commit_callbacks: Any) -> None:
    hold()
    for seconds in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            tell_administrators_held(
                Provider.objects.get(), REASON, now=NOW + timedelta(seconds=seconds), run=at_once
            )
    assert (len(mail.outbox), AuditEntry.objects.count()) == (1, 1)


def test_a_hold_that_is_rolled_back_is_not_mailed(
    root: User, django_capture_on_commit_callbacks: Any
) -> None:
    @transaction.atomic
    def hold_and_tell(*, is_cut_off: bool) -> None:
        hold()
        tell_administrators_held(Provider.objects.get(), REASON, now=NOW, run=at_once)
        if is_cut_off:
            raise DatabaseError

    with django_capture_on_commit_callbacks(execute=True):
        with pytest.raises(DatabaseError):
            hold_and_tell(is_cut_off=True)
        hold_and_tell(is_cut_off=False)  # as the worker repeats it
    assert (len(mail.outbox), AuditEntry.objects.count()) == (1, 1)


def test_a_queue_that_is_not_held_is_nothing_to_tell(
    root: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        tell_administrators_held(Provider.objects.get(), REASON, now=NOW, run=at_once)
    assert (mail.outbox, AuditEntry.objects.count()) == ([], 0)


def test_without_mail_the_log_is_all(
    root: User, settings: Settings, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MAIL_IS_SET_UP = False
    hold()
    with django_capture_on_commit_callbacks(execute=True):
        tell_administrators_held(Provider.objects.get(), REASON, now=NOW, run=at_once)
    assert (mail.outbox, AuditEntry.objects.count()) == ([], 1)


def test_a_refused_key_is_told_once_though_two_calls_met_it(
    root: User, alice: User, settings: Settings
) -> None:
    settings.MAIL_IS_SET_UP = False  # a worker mails in the background, maybe into the next test
    edits = [edit_of(alice), edit_of(alice)]
    claimed = [claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW) for _ in edits]
    editor = Editor([NotAuthorized("HTTP 401", status=401)])
    moments = count()
    for edit in claimed:
        assert edit
        run_edit(edit, client_for=lambda _: editor, now=lambda: NOW + timedelta(seconds=next(moments)))
    assert AuditEntry.objects.get().detail == "The service refused the key. Check STEPFUN_API_KEY (HTTP 401)"
    assert Provider.objects.get().held_reason == AuditEntry.objects.get().detail


class Away(EmailBackend):
    """A mail server that is away."""

    def send_messages(self, messages: object) -> int:
        raise ConnectionRefusedError("the mail server is away")


def test_a_mail_server_that_is_away_is_only_logged(
    root: User,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.EMAIL_BACKEND = "tests.test_alerting.Away"
    hold()
    with django_capture_on_commit_callbacks(execute=True):
        tell_administrators_held(Provider.objects.get(), REASON, now=NOW, run=at_once)
    assert "Could not mail the administrators" in caplog.text
    assert AuditEntry.objects.exists()


def test_the_worker_does_not_wait_for_the_mail(
    root: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    answer, sent = threading.Event(), threading.Event()

    def slow(backend: object, messages: object) -> int:
        answer.wait(60)
        sent.set()
        return 1

    monkeypatch.setattr(EmailBackend, "send_messages", slow)
    hold()
    with django_capture_on_commit_callbacks(execute=True):
        tell_administrators_held(Provider.objects.get(), REASON, now=NOW)
    assert not sent.is_set()
    answer.set()
    assert sent.wait(60)
