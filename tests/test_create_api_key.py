"""``manage.py create_api_key``: the key alone on stdout, and a plain sentence where there is none."""

import io
import socket
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from edits.models import CALLS_PER_MINUTE, ApiKey, AuditEntry, User
from edits.services.api.api_keys import find_api_key


def create(*arguments: str) -> tuple[str, str]:
    """What the command prints on stdout and on stderr."""
    out, err = io.StringIO(), io.StringIO()
    call_command("create_api_key", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_prints_the_key_alone(alice: User) -> None:
    out, err = create("alice")
    key = find_api_key(out.removesuffix("\n"), now=timezone.now())
    assert key
    assert key.owner == alice
    assert (key.can_edit, key.can_read, key.expires_at) == (True, True, None)
    assert key.per_minute == CALLS_PER_MINUTE
    assert out.strip() not in err
    assert "until it is revoked" in err
    assert "shown only once" in err


def test_its_name_says_where_it_came_from(alice: User) -> None:
    create("alice")
    assert ApiKey.objects.get().name == f"terminal of {socket.gethostname()}"


def test_name_end_scope_and_pace_are_chosen(alice: User) -> None:
    out, err = create("alice", "--name", " nightly ", "--days", "90", "--read-only", "--per-minute", "5")
    key = ApiKey.objects.get()
    assert (key.name, key.can_edit, key.can_read, key.per_minute) == ("nightly", False, True, 5)
    assert key.expires_at == key.created_at + timedelta(days=90)
    assert f"nightly: reads edits of alice, until {key.expires_at:%Y-%m-%d}" in err
    assert out.startswith("rtk_")


def test_the_log_of_what_was_done_says_that_it_was_not_its_owner(alice: User) -> None:
    create("alice", "--name", "nightly")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.detail) == (None, "made an API key", "in the terminal")
    assert "nightly" in entry.subject
    assert "of alice" in entry.subject


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody"], "No account has the username nobody"),
        (["alice", "--days", "0"], "a whole number from 1 to 3650"),
        (["alice", "--days", "-1"], "a whole number from 1 to 3650"),
        (["alice", "--days", "3651"], "a whole number from 1 to 3650"),
        (["alice", "--days", "²"], "a whole number from 1 to 3650"),
        (["alice", "--per-minute", "0"], "a whole number from 1 to 60000"),
        (["alice", "--per-minute", "60001"], "a whole number from 1 to 60000"),
        (["alice", "--per-minute", "many"], "a whole number from 1 to 60000"),
        (["alice", "--name", "n" * 101], "at most 100"),
        ([], "USERNAME"),
    ],
)
def test_what_is_wrong_is_told_and_no_key_is_made(alice: User, arguments: list[str], words: str) -> None:
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match=words):
        call_command("create_api_key", *arguments, stdout=out, stderr=err)
    assert out.getvalue() == ""
    assert not ApiKey.objects.exists()
    assert not AuditEntry.objects.exists()


def test_who_is_deactivated_gets_none(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    with pytest.raises(CommandError, match="alice is deactivated"):
        create("alice")
    assert not ApiKey.objects.exists()


def test_the_longest_end_there_is_can_be_stored(alice: User) -> None:
    create("alice", "--days", "3650")
    key = ApiKey.objects.get()
    assert key.expires_at
    assert key.expires_at > timezone.now() + timedelta(days=3649)
