"""Appeals: another reviewer decides them than whose decision they are against, where there is another."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db.migrations import RunPython
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.utils import timezone

from edits.models import Decision, ReviewCase, Role, User
from edits.services import reviewing
from tests.conftest import person, signed_in
from tests.factories import filtered_edit_of
from tests.reviews import address, decide, kinds, messages_of, press_open

OTHERS = "You made the decision that is appealed. Another reviewer decides the appeal."


@pytest.fixture
def case(alice: User, rita: User) -> ReviewCase:
    """Alice's edit, which Rita keeps hidden, and Alice appeals."""
    case = filtered_edit_of(alice).review
    now = timezone.now() - timedelta(hours=1)
    assert reviewing.keep_hidden(case=case, reviewer=rita, reason="A real person.", now=now).done
    assert reviewing.appeal(case=case, author=alice, words="It is marble.", now=now)
    return ReviewCase.objects.select_related("edit").get(pk=case.pk)


@pytest.fixture
def mina(db: None) -> User:
    """A second reviewer."""
    return person("mina", Role.REVIEWER)


@pytest.fixture
def reviewer(rita: User) -> Client:
    """Rita's browser."""
    return signed_in(rita)


def decided(case: ReviewCase) -> str:
    """What the row says."""
    return ReviewCase.objects.get(pk=case.pk).decision


class TestWithAnotherReviewer:
    @pytest.mark.parametrize("decision", ["released", "kept_hidden", "dismissed", "asked"])
    def test_whose_decision_it_was_does_not_decide_the_appeal(
        self, decision: str, case: ReviewCase, mina: User, reviewer: Client
    ) -> None:
        assert messages_of(decide(reviewer, case, decision, reason="As before.")) == [OTHERS]
        assert (decided(case), kinds(case)) == ("", ["stopped", "kept_hidden", "appealed"])

    def test_nor_opens_it_and_the_page_says_why(self, case: ReviewCase, mina: User, reviewer: Client) -> None:
        press_open(reviewer, case)
        page = reviewer.get(address(case)).content.decode()
        assert "You made the decision that alice appeals. Another reviewer decides the appeal." in page
        assert "picture/" not in page
        assert kinds(case)[-1] == "appealed"

    def test_it_is_not_what_the_queue_leads_them_to_first(
        self, case: ReviewCase, alice: User, mina: User, reviewer: Client
    ) -> None:
        later = filtered_edit_of(alice).review
        assert reviewer.get("/review/").headers["Location"] == address(later)
        assert signed_in(mina).get("/review/").headers["Location"] == address(case)

    @pytest.mark.parametrize("who", ["mina", "root"])
    def test_another_reviewer_or_an_administrator_decides_it(
        self, who: str, case: ReviewCase, request: pytest.FixtureRequest
    ) -> None:
        other = request.getfixturevalue(who)
        assert reviewing.dismiss(case=case, reviewer=other, now=timezone.now()).done
        assert decided(case) == Decision.DISMISSED

    def test_an_appeal_that_has_just_come_in_is_left_to_the_other(
        self, case: ReviewCase, rita: User, mina: User
    ) -> None:
        case.appeal_against = None  # as it was read before
        assert not reviewing.dismiss(case=case, reviewer=rita, now=timezone.now()).done
        assert decided(case) == ""

    def test_once_it_is_decided_they_may_look_at_it_again(
        self, case: ReviewCase, rita: User, mina: User
    ) -> None:
        assert reviewing.dismiss(case=case, reviewer=mina, now=timezone.now()).done
        case.refresh_from_db()
        assert reviewing.claim_case(case=case, reviewer=rita, now=timezone.now()).is_mine


class TestWithoutAnother:
    def test_whose_decision_it_was_decides_and_the_page_says_why(
        self, case: ReviewCase, reviewer: Client
    ) -> None:
        assert reviewer.get("/review/").headers["Location"] == address(case)
        press_open(reviewer, case)
        page = reviewer.get(address(case)).content.decode()
        assert "alice appeals your own decision. Nobody else can review now, so you may decide it." in page
        assert messages_of(decide(reviewer, case, "dismissed")) == ["Case dismissed."]

    def test_a_reviewer_who_is_deactivated_counts_no_more(
        self, case: ReviewCase, rita: User, mina: User, root: User
    ) -> None:
        root.delete()
        now = timezone.now()
        assert not reviewing.dismiss(case=case, reviewer=rita, now=now).done
        User.objects.filter(pk=mina.pk).update(is_active=False)
        assert reviewing.dismiss(case=case, reviewer=rita, now=now).done

    def test_a_reviewer_who_becomes_a_member_counts_no_more(
        self, case: ReviewCase, rita: User, mina: User
    ) -> None:
        User.objects.filter(pk=mina.pk).update(role=Role.MEMBER, is_staff=False)
        assert reviewing.dismiss(case=case, reviewer=rita, now=timezone.now()).done

    def test_nor_does_the_author_who_reviews(self, rita: User, mina: User) -> None:
        case = filtered_edit_of(mina).review
        now = timezone.now()
        assert reviewing.dismiss(case=case, reviewer=rita, now=now).done
        assert reviewing.appeal(case=case, author=mina, words="It is marble.", now=now)
        case.refresh_from_db()
        assert reviewing.claim_case(case=case, reviewer=rita, now=now).is_mine
        assert reviewing.dismiss(case=case, reviewer=rita, now=now).done


class TestUpgrading:
    def test_an_appeal_that_waits_is_against_the_last_decision(
        self, case: ReviewCase, rita: User, mina: User
    ) -> None:
        ReviewCase.objects.update(appeal_against=None)
        name_who_decided: Any = next(
            step.code
            for (app, _), migration in MigrationLoader(None).disk_migrations.items()
            if app == "edits"
            for step in migration.operations
            if isinstance(step, RunPython) and "name_who_decided" in repr(step.code)
        )
        name_who_decided(apps, None)
        assert ReviewCase.objects.get().appeal_against == rita


class TestReopening:
    def test_an_edit_that_is_stopped_again_is_no_appeal(
        self, case: ReviewCase, rita: User, mina: User
    ) -> None:
        reviewing.open_case(edit=case.edit, now=timezone.now())
        case.refresh_from_db()
        assert reviewing.dismiss(case=case, reviewer=rita, now=timezone.now()).done
