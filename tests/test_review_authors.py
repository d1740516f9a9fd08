"""What the author of a stopped edit reads and can say: the request, the answer, the appeal."""

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import timezone

from edits.models import ReviewCase, User
from edits.services import reviewing
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of
from tests.reviews import kept_hidden, kinds, released

NOW = timezone.now()


@pytest.fixture
def case(alice: User) -> ReviewCase:
    """Alice's edit, stopped after a picture was made."""
    return filtered_edit_of(alice).review


@pytest.fixture
def author(alice: User) -> Client:
    """Alice's browser."""
    return signed_in(alice)


def say(client: Client, case: ReviewCase, action: str, **fields: str) -> int:
    """Send the author's form; the status of the answer."""
    return client.post(f"/edits/{case.edit.public_id}/{action}/", fields).status_code


def part(case: ReviewCase) -> str:
    """What the author reads now."""
    case = ReviewCase.objects.select_related("edit").get(pk=case.pk)
    request = RequestFactory().get("/")
    return render_to_string("review/_author.html", {"edit": case.edit, "case": case}, request=request)


class TestAsking:
    def test_for_a_review_with_or_without_a_word(self, case: ReviewCase, alice: User, author: Client) -> None:
        assert "Ask for a review" in part(case)
        assert say(author, case, "ask") == 302
        assert "A reviewer will look, usually within a day." in part(case)
        other = filtered_edit_of(alice).review
        say(author, other, "ask", words="It is a statue.")
        assert ReviewCase.objects.get(pk=other.pk).author_note == "It is a statue."

    def test_twice_changes_nothing(self, case: ReviewCase, author: Client) -> None:
        say(author, case, "ask", words="Please.")
        say(author, case, "ask", words="Please!!")
        assert ReviewCase.objects.get(pk=case.pk).author_note == "Please."

    def test_leads_back_to_where_the_form_was_but_never_elsewhere(
        self, case: ReviewCase, author: Client
    ) -> None:
        place = f"/edits/{case.edit.public_id}/ask/"
        assert author.post(place, {"next": "/history/"}).headers["Location"] == "/history/"
        for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", ""):
            answer = author.post(place, {"next": elsewhere})
            assert answer.headers["Location"] == f"/edits/{case.edit.public_id}/"


class TestAnswering:
    def test_a_question(self, case: ReviewCase, rita: User, author: Client) -> None:
        reviewing.ask_author(case=case, reviewer=rita, question="Who is it?", now=NOW)
        assert "Who is it?" in part(case)
        assert say(author, case, "answer", words="A statue.") == 302
        assert kinds(case)[-1] == "answered"
        assert ReviewCase.objects.waiting().get() == case

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [("", "Write a sentence first."), ("x" * 501, "At most 500 characters; this has 501.")],
    )
    def test_with_what_does_not_do_gets_a_sentence_and_keeps_the_text(
        self, words: str, sentence: str, case: ReviewCase, rita: User, author: Client
    ) -> None:
        reviewing.ask_author(case=case, reviewer=rita, question="Who is it?", now=NOW)
        answer = author.post(f"/edits/{case.edit.public_id}/answer/", {"words": words})
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert f">{words}</textarea>" in answer.content.decode()
        assert ReviewCase.objects.asked().get() == case

    def test_what_nobody_asked_is_told_as_such(self, case: ReviewCase, author: Client) -> None:
        assert say(author, case, "answer", words="A statue.") == 302
        assert kinds(case) == ["stopped"]


class TestAppealing:
    def test_once(self, case: ReviewCase, rita: User, author: Client) -> None:
        kept_hidden(case, rita)
        assert 'keeps it hidden. <bdi dir="auto" data-own>A real person.</bdi>' in part(case)
        assert "Appeal" in part(case)
        say(author, case, "appeal", words="It is marble.")
        assert "A reviewer will look again" in part(case)
        case.refresh_from_db()
        kept_hidden(case, rita)
        assert "decided after your appeal, and final" in part(case)
        assert "<form" not in part(case)
        say(author, case, "appeal", words="Really.")
        assert kinds(case).count("appealed") == 1

    def test_of_a_dismissal(self, case: ReviewCase, rita: User, author: Client) -> None:
        reviewing.dismiss(case=case, reviewer=rita, reason="Only for us.", now=NOW)
        assert "A reviewer closed this without a comment." in part(case)
        assert "Only for us." not in part(case)
        assert say(author, case, "appeal", words="Please look.") == 302
        assert ReviewCase.objects.waiting().get() == case

    def test_not_of_a_release(self, case: ReviewCase, rita: User) -> None:
        released(case, rita)
        assert "released it" in part(case)
        assert "<form" not in part(case)


class TestBeingTold:
    def test_opening_the_edit_shows_the_decision_and_ends_the_notice(
        self, case: ReviewCase, alice: User, rita: User, author: Client
    ) -> None:
        kept_hidden(case, rita)
        page = author.get(f"/edits/{case.edit.public_id}/").content.decode()
        assert "A reviewer looked at your edit and keeps it hidden." in page
        assert not ReviewCase.objects.unread_by(alice).exists()
        assert kinds(case)[-1] == "told"

    def test_a_release_is_told_beside_the_picture(self, case: ReviewCase, rita: User, author: Client) -> None:
        released(case, rita)
        page = author.get(f"/edits/{case.edit.public_id}/").content.decode()
        assert "A reviewer looked at your edit and released it." in page
        assert f"/edits/{case.edit.public_id}/result/" in page

    def test_looking_without_news_notes_nothing(self, case: ReviewCase, author: Client) -> None:
        page = author.get(f"/edits/{case.edit.public_id}/").content.decode()
        assert "Ask for a review" in page
        assert kinds(case) == ["stopped"]

    def test_an_administrator_s_look_is_not_the_author_s(
        self, case: ReviewCase, alice: User, rita: User, root: User
    ) -> None:
        kept_hidden(case, rita)
        signed_in(root).get(f"/edits/{case.edit.public_id}/")
        assert ReviewCase.objects.unread_by(alice).exists()


class TestOnTheCard:
    def test_the_way_to_the_review_says_what_there_is_to_do(
        self, case: ReviewCase, rita: User, author: Client
    ) -> None:
        def card() -> str:
            return author.get("/history/").content.decode()

        assert ">Ask for a review</a>" in card()
        say(author, case, "ask")
        assert ">Ask for a review</a>" not in card()
        reviewing.ask_author(case=case, reviewer=rita, question="Who is it?", now=NOW)
        assert ">Answer the reviewer</a>" in card()
        kept_hidden(case, rita)
        assert ">Appeal</a>" in card()
        say(author, case, "appeal", words="It is marble.")
        assert "#review" not in card()


class TestOthers:
    @pytest.mark.parametrize("action", ["ask", "answer", "appeal"])
    @pytest.mark.parametrize("who", ["bob", "rita", "root"])
    def test_have_no_say(
        self, who: str, action: str, case: ReviewCase, request: pytest.FixtureRequest
    ) -> None:
        client = signed_in(request.getfixturevalue(who))
        assert say(client, case, action, words="Let me.") == 404
        assert kinds(case) == ["stopped"]

    @pytest.mark.parametrize("action", ["ask", "answer", "appeal"])
    def test_strangers_sign_in_first(self, action: str, case: ReviewCase, stranger: Client) -> None:
        assert say(stranger, case, action, words="Let me.") == 302
        assert kinds(case) == ["stopped"]

    @pytest.mark.parametrize("action", ["ask", "answer", "appeal"])
    def test_there_is_nothing_to_say_of_an_edit_that_was_not_stopped(
        self, action: str, alice: User, author: Client
    ) -> None:
        edit = edit_of(alice)
        assert author.post(f"/edits/{edit.public_id}/{action}/", {"words": "x"}).status_code == 404

    @pytest.mark.parametrize("action", ["ask", "answer", "appeal"])
    def test_words_are_posted(self, action: str, case: ReviewCase, author: Client) -> None:
        assert author.get(f"/edits/{case.edit.public_id}/{action}/").status_code == 405
