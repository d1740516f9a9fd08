"""Stopped edits become cases: who opens them, who comes first, and nobody decides their own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from edits.models import EditRequest, ReviewCase, Role, Status, User
from edits.services import reviewing
from edits.time_zones import moment_words
from tests.conftest import person
from tests.factories import edit_of, filtered_edit_of
from tests.reviews import NOW, SOON, kept_hidden, kinds, released
from tests.stored import stored


@pytest.fixture
def case(alice: User) -> ReviewCase:
    """Alice's edit, stopped after a picture was made."""
    return filtered_edit_of(alice, now=NOW).review


@pytest.fixture
def mina(db: None) -> User:
    """A second reviewer."""
    return person("mina", Role.REVIEWER)


class TestOpening:
    def test_a_stopped_result_opens_a_case_that_waits(self, case: ReviewCase) -> None:
        assert case.decision == ""
        assert [event.text for event in case.events.all()] == [
            "The service made the picture, then stopped it (content_filtered)."
        ]

    def test_a_stopped_request_is_told_as_such(self, alice: User) -> None:
        case = filtered_edit_of(alice, with_picture=False).review
        assert "451" in case.events.get().text

    def test_it_reads_the_stage_from_the_row_because_the_edit_in_hand_may_be_older(self, alice: User) -> None:
        edit = edit_of(alice, status=Status.RUNNING)
        EditRequest.objects.filter(pk=edit.pk).update(
            status=Status.FILTERED, filtered_at_stage="request", finished_at=NOW, lease_until=None
        )
        assert "451" in reviewing.open_case(edit=edit, now=NOW).events.get().text

    def test_an_edit_that_is_stopped_again_gets_its_old_case_back(self, case: ReviewCase, rita: User) -> None:
        assert kept_hidden(case, rita).done
        again = reviewing.open_case(edit=case.edit, now=SOON)
        assert again.pk == case.pk
        assert (again.decision, again.decided_by) == ("", None)
        assert kinds(case) == ["stopped", "kept_hidden", "stopped"]


class TestClaiming:
    def test_opening_claims_for_fifteen_minutes(self, case: ReviewCase, rita: User) -> None:
        claim = reviewing.claim_case(case=case, reviewer=rita, now=NOW)
        assert claim == reviewing.Claim(rita, NOW + timedelta(minutes=15), is_mine=True)
        assert kinds(case) == ["stopped", "opened"]

    def test_opening_it_again_renews_the_claim_without_another_line(
        self, case: ReviewCase, rita: User
    ) -> None:
        reviewing.claim_case(case=case, reviewer=rita, now=NOW)
        claim = reviewing.claim_case(case=ReviewCase.objects.get(pk=case.pk), reviewer=rita, now=SOON)
        assert claim.until == SOON + timedelta(minutes=15)
        assert kinds(case) == ["stopped", "opened"]

    def test_a_page_that_is_loaded_again_at_once_writes_nothing(
        self, case: ReviewCase, rita: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        reviewing.claim_case(case=case, reviewer=rita, now=NOW)
        with django_assert_num_queries(0):
            claim = reviewing.claim_case(case=case, reviewer=rita, now=NOW + timedelta(seconds=5))
        assert claim.is_mine

    def test_another_reviewer_is_told_who_has_it(self, case: ReviewCase, rita: User, mina: User) -> None:
        reviewing.claim_case(case=case, reviewer=rita, now=NOW)
        claim = reviewing.claim_case(case=case, reviewer=mina, now=SOON)
        assert (claim.holder, claim.is_mine) == (rita, False)
        assert ReviewCase.objects.get(pk=case.pk).claimed_by == rita

    def test_a_claim_that_ran_out_is_free_again(self, case: ReviewCase, rita: User, mina: User) -> None:
        reviewing.claim_case(case=case, reviewer=rita, now=NOW)
        later = NOW + timedelta(minutes=15, seconds=1)
        assert reviewing.claim_case(case=case, reviewer=mina, now=later).is_mine
        assert kinds(case) == ["stopped", "opened", "opened"]

    def test_ones_own_edit_is_not_claimed(self, rita: User) -> None:
        case = filtered_edit_of(rita).review
        assert reviewing.claim_case(case=case, reviewer=rita, now=NOW).holder is None
        assert kinds(case) == ["stopped"]

    def test_a_decided_case_is_opened_to_look_at_not_to_decide(
        self, case: ReviewCase, rita: User, mina: User
    ) -> None:
        assert kept_hidden(case, rita).done
        assert reviewing.claim_case(case=case, reviewer=mina, now=SOON).is_mine
        assert not ReviewCase.objects.held_by(mina, SOON).exists()
        assert not released(case, mina).done

    def test_a_released_case_is_not_opened(self, case: ReviewCase, rita: User, mina: User) -> None:
        assert released(case, rita).done
        assert reviewing.claim_case(case=case, reviewer=mina, now=SOON).holder is None


class TestComingSecond:
    def test_the_second_is_told_who_was_first_and_when(
        self, case: ReviewCase, rita: User, mina: User
    ) -> None:
        kept_hidden(case, rita, now=NOW)
        outcome = released(case, mina, now=NOW + timedelta(minutes=3))
        assert (outcome.done, outcome.sentence) == (False, "rita kept this hidden 3\xa0minutes ago.")

    def test_a_second_release_is_told_of_the_first(self, case: ReviewCase, rita: User, mina: User) -> None:
        released(case, rita)
        assert released(case, mina).sentence == "rita released this just now."

    def test_a_case_that_another_has_open_cannot_be_decided(
        self, case: ReviewCase, rita: User, mina: User
    ) -> None:
        reviewing.claim_case(case=case, reviewer=rita, now=NOW)
        outcome = reviewing.dismiss(case=case, reviewer=mina, now=SOON)
        until = moment_words(NOW + timedelta(minutes=15))
        assert outcome.sentence == f"rita has this case open until {until}."
        assert ReviewCase.objects.get(pk=case.pk).decision == ""

    def test_the_same_decision_twice_is_one(self, case: ReviewCase, rita: User) -> None:
        assert kept_hidden(case, rita).done
        assert not kept_hidden(case, rita).done
        assert kinds(case) == ["stopped", "kept_hidden"]


@pytest.mark.django_db
class TestFourEyes:
    @pytest.mark.parametrize("who", ["rita", "root"])
    def test_nobody_decides_their_own_edit(self, who: str, request: pytest.FixtureRequest) -> None:
        reviewer = request.getfixturevalue(who)
        case = filtered_edit_of(reviewer).review
        words = "This is your own edit. Another reviewer decides it."
        assert released(case, reviewer).sentence == words
        assert kept_hidden(case, reviewer).sentence == words
        assert reviewing.dismiss(case=case, reviewer=reviewer, now=SOON).sentence == words
        asked = reviewing.ask_author(case=case, reviewer=reviewer, question="Why?", now=SOON)
        assert asked.sentence == words
        assert kinds(case) == ["stopped"]

    def test_another_reviewer_may(self, rita: User, mina: User) -> None:
        assert released(filtered_edit_of(rita).review, mina).done

    def test_administrators_decide_too(self, case: ReviewCase, root: User) -> None:
        assert released(case, root).done


class TestWhoComesFirst:
    def test_decisions_ask_the_case_s_own_columns_alone(
        self, case: ReviewCase, rita: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        """A subquery in such an UPDATE would be read before the wait for the row, and two could win."""
        with django_assert_num_queries(4) as captured:
            kept_hidden(case, rita)
        update = next(query["sql"] for query in captured if query["sql"].startswith("UPDATE"))
        assert "SELECT" not in update

    @pytest.mark.django_db(transaction=True)
    def test_of_many_at_once_one_decides_and_the_others_are_told(self, alice: User) -> None:
        case = filtered_edit_of(alice, now=NOW).review
        reviewers = [person(f"reviewer-{number}", Role.REVIEWER) for number in range(6)]

        def work(reviewer: User) -> reviewing.ActionResult:
            mine = ReviewCase.objects.select_related("edit").get(pk=case.pk)
            decide = released if reviewer.pk % 2 else kept_hidden
            outcome = decide(mine, reviewer)
            connection.close()
            return outcome

        with ThreadPoolExecutor(6) as pool:
            outcomes = list(pool.map(work, reviewers))
        first = ReviewCase.objects.select_related("decided_by", "edit__result").get(pk=case.pk)
        assert sum(outcome.done for outcome in outcomes) == 1
        assert all(str(first.decided_by) in str(outcome.sentence) for outcome in outcomes if not outcome.done)
        assert first.edit.result.withheld == (first.decision != "released")
        assert len([name for name in stored() if "/full" in name]) == 1, "nobody left a second copy"
