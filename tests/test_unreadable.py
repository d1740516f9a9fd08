"""What was paid for and could not be opened: kept for the operator for a week, and for nobody else."""

import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from edits.models import Attempt, AuditEntry, Status, User
from edits.services.calls.unreadable import KEPT_FOR, keep_unreadable, purge_unreadable, unreadable_of
from tests.conftest import signed_in
from tests.editors import Editor, made, run
from tests.factories import edit_of

HALF = b"\x89PNG\r\n\x1a\n half a picture"


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    """A folder of this test's own."""
    settings.DATA_DIR = tmp_path
    return tmp_path


def kept(folder: Path) -> list[Path]:
    return list((folder / "unreadable").glob("*"))


def test_the_bytes_of_a_picture_that_cannot_be_opened_are_kept_as_they_came(
    alice: User, data_dir: Path
) -> None:
    edit = run(edit_of(alice), Editor([made(HALF, trace_id="t-9", provider_id="p-9", answer_bytes=77)]))
    assert edit.status == Status.FAILED
    attempt = Attempt.objects.get()
    path = unreadable_of(attempt)
    assert path is not None
    assert path.read_bytes() == HALF
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert (attempt.trace_id, attempt.provider_id, attempt.answer_bytes) == ("t-9", "p-9", 77)


def test_a_picture_that_can_be_opened_is_not_kept_twice(alice: User, data_dir: Path) -> None:
    run(edit_of(alice), Editor([made()]))
    assert kept(data_dir) == []
    assert unreadable_of(Attempt.objects.get()) is None


def test_the_administrator_downloads_them_and_each_download_is_logged(alice: User, root: User) -> None:
    run(edit_of(alice), Editor([made(HALF)]))
    attempt = Attempt.objects.get()
    browser = signed_in(root)
    page = browser.get(reverse("admin:edits_attempt_change", args=[attempt.pk])).content.decode()
    address = reverse("admin:edits_attempt_unreadable", args=[attempt.pk])
    assert address in page
    response = browser.get(address)
    assert b"".join(response) == HALF
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert AuditEntry.objects.filter(actor=root, action="downloaded an unreadable picture").count() == 1


def test_nobody_else_gets_them(alice: User, bob: User, rita: User, stranger: Client) -> None:
    run(edit_of(alice), Editor([made(HALF)]))
    address = reverse("admin:edits_attempt_unreadable", args=[Attempt.objects.get().pk])
    assert signed_in(rita).get(address).status_code == 403
    for browser in (signed_in(alice), signed_in(bob), stranger):
        assert browser.get(address).status_code in (302, 403)
    assert not AuditEntry.objects.filter(action__startswith="downloaded").exists()


def test_an_attempt_without_them_offers_none(alice: User, root: User) -> None:
    run(edit_of(alice), Editor([made()]))
    attempt, browser = Attempt.objects.get(), signed_in(root)
    page = browser.get(reverse("admin:edits_attempt_change", args=[attempt.pk])).content.decode()
    assert "None on this machine" in page
    address = reverse("admin:edits_attempt_unreadable", args=[attempt.pk])
    assert browser.get(address).status_code == 404


def test_they_are_gone_after_a_week_and_not_earlier(alice: User, data_dir: Path) -> None:
    now = timezone.now()
    for number, age in ((1, timedelta(days=6)), (2, KEPT_FOR + timedelta(hours=1))):
        edit = edit_of(alice, attempts_made=number)
        keep_unreadable(edit, HALF)
        (path,) = (data_dir / "unreadable").glob(f"{edit.public_id}-*")
        os.utime(path, times=((now - age).timestamp(),) * 2)
    assert purge_unreadable(now=now) == 1
    assert [path.name.endswith("-1.bin") for path in kept(data_dir)] == [True]


def test_a_disk_that_is_full_costs_the_bytes_and_not_the_record(alice: User, data_dir: Path) -> None:
    (data_dir / "unreadable").write_text("a file where the folder should be")
    edit = run(edit_of(alice), Editor([made(HALF)]))
    assert edit.status == Status.FAILED
    assert Attempt.objects.get().charged == "yes"
