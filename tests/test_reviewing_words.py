"""Words between reviewer and author: questions, requests, appeals and what has been read."""

import pytest

from edits.models import ReviewCase, Role, User
from edits.services import reviewing
from tests.conftest import person
from tests.factories import filtered_edit_of
from tests.reviews import NOW, SOON, kept_hidden, kinds, released


@pytest.fixture
def case(alice: User) -> ReviewCase:
    """Alice's edit, stopped after a picture was made."""
    return filtered_edit_of(alice, now=NOW).review


@pytest.fixture
def mina(db: None) -> User:
    """A second reviewer."""
    return person("mina", Role.REVIEWER)


class TestAsking:
    def test_a_question_takes_the_case_out_of_the_queue(self, case: ReviewCase, rita: User) -> None:
        reviewing.claim_case(case=case, reviewer=rita, now=NOW)
        assert reviewing.ask_author(case=case, reviewer=rita, question="Who is it?", now=SOON).done
        case.refresh_from_db()
        assert (case.question, case.question_open, case.claimed_by) == ("Who is it?", True, None)
        assert not ReviewCase.objects.waiting().exists()
        assert ReviewCase.objects.asked().get() == case

    def test_the_answer_brings_it_back(self, case: ReviewCase, alice: User, rita: User) -> None:
        reviewing.ask_author(case=case, reviewer=rita, question="Who is it?", now=SOON)
        assert reviewing.answer_question(case=case, author=alice, words="A statue.", now=SOON)
        assert ReviewCase.objects.waiting().get() == case
        assert [event.text for event in case.events.all()][-2:] == ["Who is it?", "A statue."]

    def test_a_second_question_waits_for_the_first_answer(
        self, case: ReviewCase, rita: User, mina: User
    ) -> None:
        reviewing.ask_author(case=case, reviewer=rita, question="Who is it?", now=SOON)
        outcome = reviewing.ask_author(case=case, reviewer=mina, question="Where?", now=SOON)
        assert outcome.sentence == "The author has not answered the last question yet."

    def test_a_decided_case_is_not_asked_about(self, case: ReviewCase, rita: User, mina: User) -> None:
        kept_hidden(case, rita)
        outcome = reviewing.ask_author(case=case, reviewer=mina, question="Who is it?", now=SOON)
        assert outcome.sentence == "rita kept this hidden just now."

    def test_only_the_author_answers_and_only_once(
        self, case: ReviewCase, alice: User, bob: User, rita: User
    ) -> None:
        assert not reviewing.answer_question(case=case, author=alice, words="Unasked.", now=SOON)
        reviewing.ask_author(case=case, reviewer=rita, question="Who is it?", now=SOON)
        assert not reviewing.answer_question(case=case, author=bob, words="No idea.", now=SOON)
        assert reviewing.answer_question(case=case, author=alice, words="A statue.", now=SOON)
        assert not reviewing.answer_question(case=case, author=alice, words="Twice.", now=SOON)

    def test_it_can_be_decided_while_the_author_is_silent(self, case: ReviewCase, rita: User) -> None:
        reviewing.ask_author(case=case, reviewer=rita, question="Who is it?", now=NOW)
        assert kept_hidden(case, rita).done
        assert not ReviewCase.objects.asked().exists()


class TestTheAuthor:
    def test_asks_for_a_review_once(self, case: ReviewCase, alice: User) -> None:
        ask = reviewing.ask_for_review
        assert ask(case=case, author=alice, words="It is a statue from our museum.", now=SOON)
        assert not ask(case=case, author=alice, words="Please!", now=SOON)
        case.refresh_from_db()
        assert (case.author_note, case.asked_for_at) == ("It is a statue from our museum.", SOON)

    def test_does_not_ask_for_what_is_decided(self, case: ReviewCase, alice: User, rita: User) -> None:
        kept_hidden(case, rita)
        assert not reviewing.ask_for_review(case=case, author=alice, now=SOON)

    def test_appeals_once_and_the_case_waits_again(self, case: ReviewCase, alice: User, rita: User) -> None:
        kept_hidden(case, rita)
        assert reviewing.appeal(case=case, author=alice, words="It is marble.", now=SOON)
        case.refresh_from_db()
        assert (case.decision, case.can_appeal) == ("", False)
        assert ReviewCase.objects.waiting().get() == case
        assert kinds(case) == ["stopped", "kept_hidden", "appealed"]
        assert kept_hidden(case, rita).done
        assert not reviewing.appeal(case=case, author=alice, words="Really.", now=SOON)

    def test_appeals_a_dismissal_too_but_never_a_release(
        self, case: ReviewCase, alice: User, rita: User
    ) -> None:
        reviewing.dismiss(case=case, reviewer=rita, now=NOW)
        assert reviewing.appeal(case=case, author=alice, words="Please look.", now=SOON)
        other = filtered_edit_of(alice).review
        released(other, rita)
        assert not reviewing.appeal(case=other, author=alice, words="More!", now=SOON)

    def test_nobody_appeals_for_another(self, case: ReviewCase, bob: User, rita: User) -> None:
        kept_hidden(case, rita)
        assert not reviewing.appeal(case=case, author=bob, words="Let me see.", now=SOON)

    def test_having_read_it_is_noted_once(self, case: ReviewCase, alice: User, rita: User) -> None:
        assert not reviewing.mark_as_read(case=case, author=alice, now=SOON), "there is nothing to tell yet"
        kept_hidden(case, rita)
        assert ReviewCase.objects.unread_by(alice).exists()
        assert not reviewing.mark_as_read(case=case, author=rita, now=SOON)
        assert reviewing.mark_as_read(case=case, author=alice, now=SOON)
        assert not reviewing.mark_as_read(case=case, author=alice, now=SOON)
        assert not ReviewCase.objects.unread_by(alice).exists()
        assert kinds(case)[-1] == "told"

    def test_a_question_is_news_as_well(self, case: ReviewCase, alice: User, rita: User) -> None:
        reviewing.ask_author(case=case, reviewer=rita, question="Who is it?", now=SOON)
        assert ReviewCase.objects.unread_by(alice).get() == case
