"""Faults: each has its words, and the letters that earlier versions stored are still understood."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import CharField
from django.db.models.functions import Cast
from django.utils import timezone

from edits.fault_words import CHOICES, SERVER_ERROR, UNEXPECTED, UNKNOWN, WORDS, FaultWords, words_of
from edits.faults import LETTERS, Fault
from edits.models import Attempt, CanaryRun, EditRequest, Reason, Status, User
from edits.providers.errors import GatewayFailed, ProviderError
from edits.services.calls.failures import record_interruption
from edits.services.calls.retry_policy import UNSENT, Fail, retry_policy, tries_now
from edits.services.fault_letters import name_new_faults
from tests.factories import default_model, edit_of
from tests.test_migrations import edit_by, owner_by

BEFORE, NAMED = [("edits", "0017_provider_opened_at")], [("edits", "0018_fault_names")]
NOW = timezone.now()
FAILED: dict[str, Any] = {"status": Status.FAILED, "reason": Reason.OUTCOME_UNKNOWN}


def kinds_of(error: type[ProviderError]) -> Iterator[type[ProviderError]]:
    for kind in error.__subclasses__():
        yield kind
        yield from kinds_of(kind)


def attempt_of(edit: EditRequest, fault: str, *, ago: timedelta = timedelta(0)) -> Attempt:
    return Attempt.objects.create(
        edit=edit, number=edit.attempts.count() + 1, fence=1, fault=fault, started_at=NOW - ago
    )


def as_stored() -> list[tuple[str, str]]:
    """The faults of edits and of their attempts, as they are in the database."""
    rows = EditRequest.objects.order_by("pk").annotate(
        mine=Cast("last_fault", CharField()), call=Cast("attempts__fault", CharField())
    )
    return list(rows.values_list("mine", "call"))


class TestWords:
    def test_every_fault_has_all_that_it_needs(self) -> None:
        assert list(WORDS) == list(Fault)
        assert all(words.label and words.advice and words.attempt != "failed" for words in WORDS.values())
        assert {fault for fault, words in WORDS.items() if words.several} == set(UNSENT)
        assert len(dict(CHOICES)) == len(Fault)

    def test_every_error_of_a_provider_has_a_fault(self) -> None:
        faults = {kind.fault for kind in kinds_of(ProviderError) if hasattr(kind, "fault")}
        assert faults == set(Fault)

    def test_the_reasons_that_they_refine_exist(self) -> None:
        assert {reason for words in WORDS.values() for reason in words.failed} < set(Reason.values)

    def test_every_fault_fits_into_its_columns(self) -> None:
        columns = Attempt.fault.field, CanaryRun.fault.field, EditRequest.last_fault.field
        assert all(max(map(len, Fault)) <= (column.max_length or 0) for column in columns)

    @pytest.mark.parametrize(
        ("fault", "status", "words"),
        [
            ("busy", 429, WORDS[Fault.BUSY]),
            ("busy", 500, SERVER_ERROR),
            ("gateway", 500, WORDS[Fault.GATEWAY]),
            ("rejected", 400, WORDS[Fault.REJECTED]),
            ("rejected", 302, UNEXPECTED),
            ("rejected", None, WORDS[Fault.REJECTED]),
            ("B'", None, WORDS[Fault.GATEWAY]),
            ("of a later version", None, UNKNOWN),
            ("", None, UNKNOWN),
        ],
    )
    def test_status_and_fault_choose_the_words(
        self, fault: str, status: int | None, words: FaultWords
    ) -> None:
        assert words_of(fault, status) == words

    def test_the_name_of_a_provider_may_have_braces(self, alice: User) -> None:
        title = WORDS[Fault.NOT_SENT].waiting_title("{provider} {0} %s %(x)s")
        assert title == "{provider} {0} %s %(x)s cannot be reached"


class TestLetters:
    def test_each_is_read_as_one_fault(self) -> None:
        assert {Fault(letter): letter for letter in LETTERS.values()} == {
            fault: LETTERS[fault] for fault in Fault
        }

    @pytest.mark.parametrize("text", ["", "H", "b", "BUSY", "busy ", "'"])
    def test_nothing_else_is_a_fault(self, text: str) -> None:
        with pytest.raises(ValueError, match="is not a valid Fault"):
            Fault(text)

    def test_those_that_a_worker_of_the_version_before_stores_are_read_at_once(self, alice: User) -> None:
        for letter in LETTERS.values():
            attempt_of(edit_of(alice, last_fault=letter), letter)
        found = EditRequest.objects.order_by("pk").values_list("last_fault", "attempts__fault")
        assert list(found) == [(fault, fault) for fault in LETTERS]

    def test_they_are_named_once_their_edits_have_ended(self, alice: User) -> None:
        """Its worker counts letters until then."""
        ended = [edit_of(alice, **FAILED, last_fault=letter) for letter in LETTERS.values()]
        waits, named, faultless = (
            edit_of(alice, last_fault="B'"),
            edit_of(alice, last_fault="busy"),
            edit_of(alice),
        )
        for edit in (*ended, waits, named, faultless):
            attempt_of(edit, edit.last_fault)
        run = CanaryRun.objects.create(model=default_model(), began_at=NOW, fault="F", charged="no")
        name_new_faults(now=NOW)
        rest = [("B'", "B'"), ("busy", "busy"), ("", "")]
        assert as_stored() == [*((fault, fault) for fault in LETTERS), *rest]
        assert CanaryRun.objects.filter(pk=run.pk, fault="account").exists()

    @pytest.mark.parametrize("letter", ["gateway", "B'"])
    def test_calls_of_a_worker_of_the_version_before_count(self, alice: User, letter: str) -> None:
        edit = edit_of(alice)
        for _ in range(2):
            attempt_of(edit, letter)
        tries = tries_now(edit, Fault.GATEWAY)
        assert tries.count == 2
        error = GatewayFailed("HTTP 502", status=502)
        decision = retry_policy(edit=edit, error=error, tries=tries, now=NOW)
        assert decision == Fail(Reason.OUTCOME_UNKNOWN), "it may have been paid twice already"

    def test_an_edit_that_was_cut_off_under_the_version_before_is_sent_once_more_at_most(
        self, alice: User
    ) -> None:
        edit = edit_of(alice, status=Status.RUNNING, fence=2, attempts_made=2)
        attempt_of(edit, "C")
        attempts = edit.attempts
        attempts.update(ended_at=NOW)
        attempts.create(number=2, fence=2, started_at=NOW)
        record_interruption(edit, now=NOW, detail="The worker was lost.")
        edit.refresh_from_db()
        assert (edit.status, edit.reason) == (Status.FAILED, Reason.INTERRUPTED)

    def test_the_round_that_names_them_writes_nothing_where_all_are_named(
        self, alice: User, django_assert_num_queries: pytest.FixtureRequest
    ) -> None:
        attempt_of(edit_of(alice, **FAILED, last_fault="busy"), "busy")
        with django_assert_num_queries(3):  # type: ignore[operator]
            name_new_faults(now=NOW)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
class TestUpgrade:
    def test_stored_letters_become_names_and_letters_again_on_the_way_back(self) -> None:
        executor = MigrationExecutor(connection)
        executor.migrate(BEFORE)
        try:
            tables = executor.loader.project_state(BEFORE).apps
            attempts, edits = tables.get_model("edits", "Attempt"), tables.get_model("edits", "EditRequest")
            edit = edit_by(tables, owner_by(tables))
            for number, letter in enumerate(["", *LETTERS.values()], start=1):
                attempts.objects.create(edit=edit, number=number, fence=number, fault=letter, started_at=NOW)
            edits.objects.filter(pk=edit.pk).update(last_fault="B'")
            MigrationExecutor(connection).migrate(NAMED)
            assert list(Attempt.objects.values_list("fault", flat=True)) == ["", *Fault]
            assert EditRequest.objects.values_list("last_fault", flat=True).get() == Fault.GATEWAY
            MigrationExecutor(connection).migrate(BEFORE)
            assert list(attempts.objects.order_by("number").values_list("fault", flat=True)) == [
                "",
                *LETTERS.values(),
            ]
            assert edits.objects.get().last_fault == "B'"
        finally:
            executor = MigrationExecutor(connection)
            executor.migrate(executor.loader.graph.leaf_nodes("edits"))
