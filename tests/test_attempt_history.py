"""The attempts of an edit in words: what happened, whether it was charged, and what was sent again."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from edits.models import Attempt, EditRequest, Status, User
from edits.views.attempt_history import attempt_history
from tests.factories import edit_of

NOW = timezone.now()


def attempts(edit: EditRequest, *faults: str, **fields: Any) -> list[tuple[str, str]]:
    """One call for each fault, a minute apart; gives the titles and words."""
    for number, fault in enumerate(faults, start=1):
        at = NOW + timedelta(minutes=number)
        usual: dict[str, Any] = {
            "started_at": at,
            "ended_at": at + timedelta(seconds=4),
            "charged": {"": "yes", "no_answer": "maybe", "gateway": "maybe", "unusable": "yes"}.get(
                fault, "no"
            ),
        }
        Attempt.objects.create(
            edit=edit, number=number, fence=number, fault=fault, seed_sent=edit.seed, **(usual | fields)
        )
    return [(each.title, each.words) for each in attempt_history(edit)]


def test_each_try_says_what_happened_and_whether_it_was_charged(alice: User) -> None:
    assert attempts(edit_of(alice, status=Status.SUCCEEDED), "busy", "gateway", "") == [
        ("1st try", "service busy after 4 s, not charged"),
        ("2nd try, re-sent", "gateway error after 4 s, may have been charged"),
        ("3rd try, re-sent", "answered in 4 s"),
    ]


def test_what_was_never_sent_is_not_sent_again(alice: User) -> None:
    assert attempts(edit_of(alice), "not_sent", "") == [
        ("1st try", "not reached, nothing was sent or charged"),
        ("2nd try", "answered in 4 s"),
    ]


def test_many_tries_that_sent_nothing_are_one_entry(alice: User) -> None:
    edit = edit_of(alice)
    assert attempts(edit, *["not_sent"] * 12, "storage", "busy", "not_sent", "not_sent", "") == [
        ("Not reached, 12 tries", ""),
        ("13th try", "no picture from our storage, nothing was sent or charged"),
        ("14th try", "service busy after 4 s, not charged"),
        ("Not reached, 2 tries", ""),
        ("17th try, re-sent", "answered in 4 s"),
    ]
    folded = attempt_history(edit)[0]
    assert (folded.first.number, folded.last.number, folded.is_folded) == (1, 12, True)


def test_tries_that_were_sent_are_never_folded(alice: User) -> None:
    words = attempts(edit_of(alice), "busy", "busy", "busy")
    assert len(words) == 3


def test_a_try_that_its_owner_asked_for_is_not_called_ours(alice: User) -> None:
    words = attempts(edit_of(alice, first_attempt=3), "not_sent", "no_answer", "busy", "")
    assert [title for title, _ in words] == [
        "1st try",
        "2nd try",
        "3rd try, started by you",
        "4th try, re-sent",
    ]


def test_tries_before_and_after_its_owner_asked_again_are_not_folded_together(alice: User) -> None:
    words = attempts(edit_of(alice, first_attempt=4), *["not_sent"] * 5)
    assert [title for title, _ in words] == ["Not reached, 3 tries", "Not reached, 2 tries"]


@pytest.mark.parametrize(("status", "words"), [(302, "unexpected answer"), (400, "refused")])
def test_a_refusal_is_told_from_an_answer_that_makes_no_sense(alice: User, status: int, words: str) -> None:
    ((_, said),) = attempts(edit_of(alice), "rejected", status=status)
    assert said == f"{words} after 4 s, not charged"


@pytest.mark.parametrize(("fence", "words"), [(1, "in progress"), (2, "interrupted")])
def test_a_try_without_an_end_runs_or_was_cut_off(alice: User, fence: int, words: str) -> None:
    edit = edit_of(alice, status=Status.RUNNING, fence=fence)
    assert attempts(edit, "", ended_at=None) == [("1st try", words)]
