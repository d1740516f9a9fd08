"""Keys of the API: kept as a hash, found while they are usable, counted by the minute, revoked at once."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from edits.models import ApiKey, AuditEntry, User
from edits.models.api_keys import ApiKeyState
from edits.services.api import api_keys
from edits.services.api.api_keys import (
    count_call,
    find_api_key,
    make_api_key,
    revoke_api_key,
    seconds_until_next_minute,
)
from edits.services.team.people import deactivate, reactivate

NOON = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)


def key_of(owner: User, *, days: int | None = None, per_minute: int = 600) -> tuple[ApiKey, str]:
    return make_api_key(owner=owner, name="nightly", days=days, per_minute=per_minute, now=NOON)


def at(moment: datetime) -> ApiKeyState:
    return ApiKey.objects.get().state(moment)


class TestMaking:
    def test_only_a_hash_of_it_is_kept(self, alice: User) -> None:
        key, text = key_of(alice)
        (row,) = ApiKey.objects.values()
        assert row["key_hash"] == hashlib.sha256(text.encode()).hexdigest()
        assert all(text not in str(value) for value in row.values())
        assert text not in "".join(f"{entry.subject}{entry.detail}" for entry in AuditEntry.objects.all())
        assert text not in f"{key} {key!r}"

    def test_it_is_told_by_how_it_begins_and_nobody_guesses_the_rest(self, alice: User) -> None:
        key, text = key_of(alice)
        assert text.startswith("rtk_")
        assert text.startswith(key.hint)
        assert len(text) - len(key.hint) >= 22  # 128 bits and more in base64
        assert key_of(alice)[1] != text

    @pytest.mark.parametrize(("days", "expires"), [(None, None), (30, NOON + timedelta(days=30))])
    def test_it_lasts_as_long_as_asked(self, alice: User, days: int | None, expires: datetime | None) -> None:
        assert key_of(alice, days=days)[0].expires_at == expires

    def test_it_is_in_the_log_of_what_was_done(self, alice: User) -> None:
        key, _ = key_of(alice)
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action, entry.at) == (alice, "made an API key", NOON)
        assert str(key) in entry.subject


class TestFinding:
    def test_it_is_found_with_its_owner_in_one_query(
        self, alice: User, django_assert_num_queries: Any
    ) -> None:
        key, text = key_of(alice)
        with django_assert_num_queries(1):
            found = find_api_key(text, now=NOON)
            assert found
            assert (found, found.owner.username) == (key, "alice")

    def test_another_text_finds_nothing(self, alice: User) -> None:
        key, text = key_of(alice)
        nearly = text.swapcase(), f"{text} ", text[:-1], text.removeprefix("rtk_")
        for other in (*nearly, "", "rtk_", "rtk_\x00", "größer", key.hint, key.key_hash):
            assert find_api_key(other, now=NOON) is None

    def test_it_opens_until_the_moment_it_expires(self, alice: User) -> None:
        _, text = key_of(alice, days=30)
        end = NOON + timedelta(days=30)
        before = end - timedelta(microseconds=1)
        assert find_api_key(text, now=before)
        assert find_api_key(text, now=end) is None
        assert (at(before), at(end)) == (ApiKeyState.IN_USE, ApiKeyState.EXPIRED)
        assert not ApiKey.objects.ended(before).exists()
        assert ApiKey.objects.ended(end).exists()

    def test_who_is_locked_out_is_locked_out_with_every_key(self, alice: User, root: User) -> None:
        _, text = key_of(alice)
        deactivate(user=alice, by=root, now=timezone.now())
        assert find_api_key(text, now=timezone.now()) is None
        reactivate(user=alice, by=root, now=timezone.now())
        assert find_api_key(text, now=timezone.now())


class TestRevoking:
    def test_it_opens_nothing_from_then_on(self, alice: User) -> None:
        key, text = key_of(alice)
        loaded_before = find_api_key(text, now=timezone.now())
        assert loaded_before
        assert revoke_api_key(key=key, by=alice, now=timezone.now())
        assert find_api_key(text, now=timezone.now()) is None
        assert not count_call(loaded_before, now=timezone.now())  # the call that was on its way
        assert at(timezone.now()) == ApiKeyState.REVOKED
        assert ApiKey.objects.ended(timezone.now()).exists()

    def test_it_is_done_once_and_logged_once(self, alice: User, root: User) -> None:
        key, _ = key_of(alice)
        assert revoke_api_key(key=key, by=root, now=NOON)
        assert not revoke_api_key(key=key, by=alice, now=timezone.now())
        entry = AuditEntry.objects.get(action="revoked an API key")
        assert (entry.actor, entry.at) == (root, NOON)
        assert "of alice" in entry.subject
        assert ApiKey.objects.get().revoked_at == NOON

    def test_other_keys_stay(self, alice: User) -> None:
        key, _ = key_of(alice)
        _, other = key_of(alice)
        revoke_api_key(key=key, by=alice, now=timezone.now())
        assert find_api_key(other, now=timezone.now())


class TestCounting:
    def test_as_many_calls_a_minute_as_it_may_and_then_none(self, alice: User) -> None:
        key, _ = key_of(alice, per_minute=3)
        assert [count_call(key, now=NOON) for _ in range(5)] == [True, True, True, False, False]

    def test_with_the_next_minute_they_begin_anew(self, alice: User) -> None:
        key, _ = key_of(alice, per_minute=1)
        last = NOON.replace(second=59, microsecond=999_999)
        assert count_call(key, now=NOON)
        assert not count_call(key, now=last)
        assert count_call(key, now=last + timedelta(microseconds=1))
        assert not count_call(key, now=last + timedelta(seconds=1))

    def test_each_key_has_its_own(self, alice: User) -> None:
        (first, _), (second, _) = key_of(alice, per_minute=1), key_of(alice, per_minute=1)
        assert count_call(first, now=NOON)
        assert count_call(second, now=NOON)

    def test_when_it_was_used_last_is_noted_but_not_for_calls_that_were_refused(self, alice: User) -> None:
        key, _ = key_of(alice, per_minute=1)
        later = NOON + timedelta(seconds=5)
        assert ApiKey.objects.get().last_used_at is None
        count_call(key, now=NOON)
        count_call(key, now=later)
        assert ApiKey.objects.get().last_used_at == NOON

    def test_a_program_that_polls_each_second_writes_a_few_times_a_minute(
        self, alice: User, django_assert_max_num_queries: Any
    ) -> None:
        key, _ = key_of(alice)
        minute = NOON.replace(second=0, microsecond=0)
        moments = [minute + timedelta(seconds=second) for second in range(60)]
        with django_assert_max_num_queries(2):
            assert all([count_call(key, now=at) for at in moments])
        assert ApiKey.objects.get().last_used_at == minute, "it is written once a minute"
        later = minute + timedelta(seconds=60)
        count_call(key, now=later)
        assert ApiKey.objects.get().last_used_at == later

    @pytest.mark.parametrize("per_minute", [1, 19, 20, 39, 40, 41, 59, 600])
    def test_never_more_are_let_through_and_one_process_uses_all(self, alice: User, per_minute: int) -> None:
        key, _ = key_of(alice, per_minute=per_minute)
        assert sum(count_call(key, now=NOON) for _ in range(per_minute + 50)) == per_minute

    def test_several_processes_never_let_through_more_than_the_key_may(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key, _ = key_of(alice, per_minute=100)
        through = 0
        for process in [api_keys._InHand() for _ in range(3)] * 80:
            monkeypatch.setattr(api_keys, "_in_hand", process)
            through += count_call(key, now=NOON)
        assert through == 100

    def test_a_key_that_is_revoked_takes_no_more(self, alice: User) -> None:
        key, text = key_of(alice)
        assert count_call(key, now=NOON)
        revoke_api_key(key=key, by=alice, now=timezone.now())
        assert find_api_key(text, now=NOON) is None

    @pytest.mark.parametrize(("second", "wait"), [(0, 60), (30, 30), (59, 1)])
    def test_how_long_to_wait_is_until_the_minute_ends(self, second: int, wait: int) -> None:
        assert seconds_until_next_minute(NOON.replace(second=second)) == wait


@pytest.mark.django_db(transaction=True)
def test_calls_at_once_are_each_counted(alice: User) -> None:
    key, _ = key_of(alice, per_minute=10)

    def call(_: int) -> bool:
        try:
            return count_call(key, now=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        counted = list(pool.map(call, range(24)))
    assert counted.count(True) == 10
    assert ApiKey.objects.get().calls == 10
