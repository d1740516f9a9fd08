"""Tests of comments: who may say something about which edit, what is kept of it, and who takes it back."""

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from edits.forms.comments import CommentForm
from edits.models import MOST_COMMENT_CHARS, AuditEntry, Comment, EditRequest, Status, User
from edits.services.curating.commenting import add_comment, remove_comment
from edits.services.curating.sharing import unshare_edit
from edits.services.curating.trashing import trash_edits
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

NOW = timezone.now()
NOBODY = "No comments yet."
ONLY_YOU = "This edit is private, so only you can see its comments."


@pytest.fixture
def shared(alice: User) -> EditRequest:
    """Alice's edit, which the team sees."""
    return finished_edit_of(alice, shared=True)


@pytest.fixture
def private(alice: User) -> EditRequest:
    """Alice's edit, which only she sees."""
    return finished_edit_of(alice)


def say(client: Client, edit: EditRequest, text: str = "Nice light.", query: str = "") -> "Response":
    """Send the form."""
    return client.post(f"/edits/{edit.public_id}/comments/{query}", {"text": text})


def said(edit: EditRequest, author: User, text: str = "Nice light.") -> Comment:
    """A comment that is there already."""
    return add_comment(edit=edit, author=author, text=text, now=NOW)


def remove(client: Client, comment: Comment, edit: EditRequest | None = None) -> "Response":
    """Press the button."""
    return client.post(f"/edits/{(edit or comment.edit).public_id}/comments/{comment.pk}/remove/")


def page(client: Client, edit: EditRequest) -> str:
    """The edit's page."""
    return client.get(f"/edits/{edit.public_id}/").content.decode()


class TestTheForm:
    @pytest.mark.parametrize("text", ["", "  ", "\r\n\t", "\u200b", "\u3000"])
    def test_a_blank_comment_is_refused(self, text: str) -> None:
        assert CommentForm({"text": text}).errors == {"text": ["Enter a comment."]}

    def test_characters_are_counted_as_people_count_them(self) -> None:
        assert CommentForm({"text": "👍" * MOST_COMMENT_CHARS}).is_valid()
        assert CommentForm({"text": " " + "a\r\n" * (MOST_COMMENT_CHARS // 2) + " "}).is_valid()
        (sentence,) = CommentForm({"text": "a" * (MOST_COMMENT_CHARS + 1)}).errors["text"]
        assert sentence == "The comment has 1,001 characters, and at most 1,000 can be sent. Shorten it by 1."

    @pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
    def test_what_cannot_be_stored_is_refused(self, text: str) -> None:
        assert "The comment contains a character" in CommentForm({"text": text}).errors["text"][0]

    def test_line_ends_are_one_character_and_the_ends_are_trimmed(self) -> None:
        form = CommentForm({"text": "  one\r\ntwo\rthree \n"})
        assert form.is_valid()
        assert form.cleaned_data["text"] == "one\ntwo\nthree"


class TestWhoMaySaySomething:
    def test_a_stranger_signs_in_first(self, shared: EditRequest, stranger: Client) -> None:
        assert say(stranger, shared).headers["Location"].startswith("/accounts/login/")
        assert not Comment.objects.exists()

    @pytest.mark.parametrize("person", ["alice", "bob", "rita", "root"])
    def test_everybody_under_a_shared_edit(
        self, shared: EditRequest, request: pytest.FixtureRequest, person: str
    ) -> None:
        user = request.getfixturevalue(person)
        assert say(signed_in(user), shared).status_code == 302
        comment = Comment.objects.get()
        assert (comment.edit, comment.author, comment.text) == (shared, user, "Nice light.")

    @pytest.mark.parametrize("person", ["bob", "rita", "root"])
    def test_a_private_edit_does_not_exist_for_others(
        self, private: EditRequest, request: pytest.FixtureRequest, person: str
    ) -> None:
        assert say(signed_in(request.getfixturevalue(person)), private).status_code == 404
        assert not Comment.objects.exists()

    def test_owners_note_something_under_their_private_edit(self, private: EditRequest, alice: User) -> None:
        assert say(signed_in(alice), private).status_code == 302
        assert "Nice light." in page(signed_in(alice), private)

    def test_nobody_in_the_trash(self, shared: EditRequest, alice: User, bob: User, root: User) -> None:
        comment = said(shared, alice)
        trash_edits(owner=alice, edits=EditRequest.objects.filter(pk=shared.pk), now=timezone.now())
        for user in (alice, bob, root):
            assert say(signed_in(user), shared).status_code == 404
            assert remove(signed_in(user), comment).status_code == 404
        html = page(signed_in(alice), shared)
        assert "Nice light." in html
        assert "/comments/" not in html

    @pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.FAILED, Status.CANCELED])
    def test_nobody_where_there_is_no_picture(self, alice: User, status: Status) -> None:
        edit = edit_of(alice, status=status)
        assert say(signed_in(alice), edit).status_code == 404
        assert 'id="comments"' not in page(signed_in(alice), edit)

    def test_nobody_under_a_stopped_edit(self, alice: User, rita: User) -> None:
        edit = filtered_edit_of(alice)
        assert say(signed_in(alice), edit).status_code == 404
        assert say(signed_in(rita), edit).status_code == 404
        assert 'id="comments"' not in page(signed_in(alice), edit)

    def test_a_form_of_another_site_is_refused(self, shared: EditRequest, alice: User) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert say(client, shared).status_code == 403
        assert remove(client, said(shared, alice)).status_code == 403

    def test_looking_at_the_address_says_nothing(self, shared: EditRequest, alice: User) -> None:
        comment, client = said(shared, alice), signed_in(alice)
        assert client.get(f"/edits/{shared.public_id}/comments/").status_code == 405
        assert client.get(f"/edits/{shared.public_id}/comments/{comment.pk}/remove/").status_code == 405
        assert Comment.objects.count() == 1


class TestSayingIt:
    def test_it_leads_back_to_the_comments_in_the_same_list(self, shared: EditRequest, bob: User) -> None:
        address = f"/edits/{shared.public_id}/"
        assert say(signed_in(bob), shared).headers["Location"] == f"{address}#comments"
        answer = say(signed_in(bob), shared, query="?from=team&q=a%26b")
        assert answer.headers["Location"] == f"{address}?from=team&q=a%26b#comments"

    @pytest.mark.parametrize("text", ["", "é" * (MOST_COMMENT_CHARS + 1)])
    def test_what_is_refused_comes_back_with_a_sentence(
        self, shared: EditRequest, bob: User, text: str
    ) -> None:
        answer = say(signed_in(bob), shared, text)
        html = answer.content.decode()
        assert answer.status_code == 422
        assert 'aria-describedby="id_text_error"' in html
        assert 'id="id_text_error"' in html
        assert f">\n{text}</textarea>" in html
        assert not Comment.objects.exists()

    def test_words_are_shown_as_words(self, shared: EditRequest, alice: User, bob: User) -> None:
        say(signed_in(bob), shared, "<script>alert(1)</script>\r\nsecond & last")
        html = page(signed_in(alice), shared)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>second &amp; last" in html
        assert "<script>alert(1)" not in html

    def test_refused_words_are_shown_as_words_too(self, shared: EditRequest, bob: User) -> None:
        html = say(signed_in(bob), shared, "</textarea><b>" * 200).content.decode()
        assert "</textarea><b>" not in html
        assert "&lt;/textarea&gt;&lt;b&gt;" in html


class TestThePage:
    def test_comments_come_in_order_with_their_authors(
        self, shared: EditRequest, alice: User, bob: User
    ) -> None:
        said(shared, bob, "first words")
        said(shared, alice, "second words")
        html = page(signed_in(alice), shared)
        assert html.index("first words") < html.index("second words")
        assert f"<bdi data-own>{bob.name}</bdi> · <time" in html
        assert "You</bdi>" not in html
        assert 'Comments <span class="faint">2</span>' in html
        assert NOBODY not in html

    def test_an_empty_list_says_who_would_read(
        self, shared: EditRequest, private: EditRequest, alice: User, bob: User, root: User
    ) -> None:
        assert NOBODY in page(signed_in(alice), shared)
        assert NOBODY in page(signed_in(bob), shared)
        assert ONLY_YOU in page(signed_in(alice), private)
        assert ONLY_YOU not in page(signed_in(root), private)

    def test_an_administrator_who_looks_is_offered_no_form(self, private: EditRequest, root: User) -> None:
        assert 'name="text"' not in page(signed_in(root), private)

    def test_comments_go_where_the_edit_goes(self, shared: EditRequest, alice: User, bob: User) -> None:
        said(shared, bob)
        unshare_edit(edit=shared)
        assert signed_in(bob).get(f"/edits/{shared.public_id}/").status_code == 404
        assert "Nice light." in page(signed_in(alice), shared)

    def test_thirty_comments_cost_as_many_queries_as_one(
        self, shared: EditRequest, alice: User, bob: User, rita: User
    ) -> None:
        counts = []
        for authors in ([bob], [alice, bob, rita] * 10):
            for author in authors:
                said(shared, author)
            client = signed_in(alice)
            page(client, shared)
            with CaptureQueriesContext(connection) as queries:
                page(client, shared)
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestTakingItBack:
    def test_people_remove_their_own_and_nobody_elses(
        self, shared: EditRequest, alice: User, bob: User, rita: User
    ) -> None:
        comment = said(shared, bob)
        assert remove(signed_in(alice), comment).status_code == 404
        assert remove(signed_in(rita), comment).status_code == 404
        assert Comment.objects.count() == 1
        answer = remove(signed_in(bob), comment)
        assert answer.headers["Location"] == f"/edits/{shared.public_id}/#comments"
        assert not Comment.objects.exists()
        assert not AuditEntry.objects.exists()

    def test_a_stranger_signs_in_first(self, shared: EditRequest, bob: User, stranger: Client) -> None:
        assert remove(stranger, said(shared, bob)).headers["Location"].startswith("/accounts/login/")
        assert Comment.objects.exists()

    def test_the_button_is_only_where_it_works(self, shared: EditRequest, alice: User, bob: User) -> None:
        comment = said(shared, bob)
        assert f"/comments/{comment.pk}/remove/" in page(signed_in(bob), shared)
        assert f"/comments/{comment.pk}/remove/" not in page(signed_in(alice), shared)

    def test_an_administrator_removes_any_and_it_is_written_down_without_its_words(
        self, shared: EditRequest, bob: User, root: User
    ) -> None:
        assert remove(signed_in(root), said(shared, bob, "rude words")).status_code == 302
        assert not Comment.objects.exists()
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action) == (root, "removed a comment")
        assert (entry.subject, entry.detail) == (str(shared.public_id), "of bob")

    def test_twice_changes_nothing_more(self, shared: EditRequest, bob: User, root: User) -> None:
        comment = said(shared, bob)
        assert remove_comment(comment=comment, by=root, now=timezone.now())
        assert remove_comment(comment=comment, by=root, now=timezone.now())
        assert AuditEntry.objects.count() == 1
        assert remove(signed_in(bob), comment).status_code == 404

    def test_a_comment_is_not_reached_through_another_edit(
        self, shared: EditRequest, private: EditRequest, bob: User, alice: User
    ) -> None:
        assert remove(signed_in(alice), said(shared, alice), private).status_code == 404
        assert Comment.objects.exists()

    def test_not_from_an_edit_that_one_does_not_see_any_more(self, shared: EditRequest, bob: User) -> None:
        comment = said(shared, bob)
        unshare_edit(edit=shared)
        assert remove(signed_in(bob), comment).status_code == 404
