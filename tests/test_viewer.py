"""Tests of the page of one edit: who may open it, what it says in each state, and where its links lead."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from edits.models import Attempt, AuditEntry, EditRequest, ReturnedImage, Status, User, Verdict
from edits.services.curating.sharing import unshare_edit
from edits.services.curating.trashing import trash_edits
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, result_of


def look(client: Client, edit: EditRequest, query: str = "") -> str:
    """The page of the edit."""
    response = client.get(f"/edits/{edit.public_id}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def status(client: Client, edit: EditRequest) -> int:
    """How the page is answered."""
    return client.get(f"/edits/{edit.public_id}/").status_code


class TestWhoMayOpenIt:
    def test_a_stranger_signs_in_first(self, alice: User, stranger: Client) -> None:
        edit = finished_edit_of(alice, shared=True)
        assert status(stranger, edit) == 302

    def test_a_private_edit_exists_for_its_owner_alone(self, alice: User, bob: User, rita: User) -> None:
        edit = finished_edit_of(alice)
        assert status(signed_in(alice), edit) == 200
        assert status(signed_in(bob), edit) == 404
        assert status(signed_in(rita), edit) == 404

    def test_an_administrators_look_at_it_is_written_down(self, alice: User, root: User) -> None:
        edit = finished_edit_of(alice)
        assert status(signed_in(root), edit) == 200
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action, entry.subject) == (root, "looked at an edit", str(edit.public_id))

    def test_the_page_says_so_and_leads_back_to_the_owners_list(self, alice: User, root: User) -> None:
        edit, other = finished_edit_of(alice), finished_edit_of(alice, shared=True)
        client = signed_in(root)
        page = client.get(f"/edits/{edit.public_id}/?from=team").content.decode()
        assert "Private: this visit is recorded" in page
        back = f"/admin/edits/editrequest/?owner__id__exact={alice.pk}"
        assert f'href="{back}#card-' in page
        assert "alice’s edits" in page
        assert "edge prev" not in page
        assert "edge next" not in page
        listed = client.get(back).content.decode()
        assert str(edit.public_id) in listed
        assert "this visit is recorded" not in client.get(f"/edits/{other.public_id}/").content.decode()
        assert (
            "this visit is recorded" not in signed_in(alice).get(f"/edits/{edit.public_id}/").content.decode()
        )

    def test_looks_that_take_no_rights_are_not_written_down(self, alice: User, root: User) -> None:
        status(signed_in(alice), finished_edit_of(alice))
        status(signed_in(root), finished_edit_of(alice, shared=True))
        assert not AuditEntry.objects.exists()

    def test_a_private_edit_answers_like_one_that_never_was(self, alice: User, bob: User) -> None:
        edit, client = finished_edit_of(alice), signed_in(bob)
        private = client.get(f"/edits/{edit.public_id}/").content
        never = client.get("/edits/00000000-0000-4000-8000-000000000000/").content
        assert re.sub(rb'"[A-Za-z0-9]{64}"', b"", private) == re.sub(rb'"[A-Za-z0-9]{64}"', b"", never)

    def test_what_is_unshared_is_gone_at_the_next_look(self, alice: User, bob: User) -> None:
        edit, client = finished_edit_of(alice, shared=True), signed_in(bob)
        response = client.get(f"/edits/{edit.public_id}/")
        assert "no-cache" in response.headers["Cache-Control"]
        unshare_edit(edit=edit)
        assert status(client, edit) == 404

    def test_a_stopped_edit_shows_its_author_words_and_no_picture(self, alice: User, bob: User) -> None:
        edit = filtered_edit_of(alice)
        html = look(signed_in(alice), edit)
        assert "Stopped by the content filter" in html
        assert "/result/" not in html
        assert "Ask for a review" in html
        assert status(signed_in(bob), edit) == 404

    def test_reviewers_are_led_from_a_stopped_edit_to_its_case(self, alice: User, rita: User) -> None:
        edit = filtered_edit_of(alice)
        response = signed_in(rita).get(f"/edits/{edit.public_id}/")
        assert response.headers["Location"] == f"/review/{edit.public_id}/"
        assert status(signed_in(rita), edit_of(alice, status=Status.FAILED)) == 404

    def test_an_administrator_sees_no_withheld_picture_here(self, alice: User, root: User) -> None:
        html = look(signed_in(root), filtered_edit_of(alice))
        assert "/result/" not in html


class TestTheSource:
    def test_it_is_compared_where_it_may_be_seen(self, alice: User, bob: User) -> None:
        edit = finished_edit_of(alice, shared=True, source_is_shared=True, source_name="harbor.png")
        for person in (alice, bob):
            html = look(signed_in(person), edit)
            assert "data-compare" in html
            assert f"/edits/{edit.public_id}/source/" in html
            assert "harbor.png" in html

    def test_otherwise_neither_it_nor_its_name_is_told(self, alice: User, bob: User) -> None:
        edit = finished_edit_of(alice, shared=True, source_name="divorce-papers.png")
        html = look(signed_in(bob), edit)
        assert "data-compare" not in html
        assert "/source/" not in html
        assert "divorce-papers" not in html
        assert f'src="/edits/{edit.public_id}/result/1024/"' in html

    def test_only_with_it_others_may_run_the_edit_again(self, alice: User, bob: User) -> None:
        client = signed_in(bob)
        closed = look(client, finished_edit_of(alice, shared=True))
        opened = look(client, finished_edit_of(alice, shared=True, source_is_shared=True))
        assert "/rerun/" not in closed
        assert "Use all" in closed
        assert "/rerun/" in opened


class TestWhatItSays:
    def test_parameters_stand_as_asked_and_as_they_came(self, alice: User) -> None:
        edit = finished_edit_of(alice, seed=1284663019, steps=40, cfg_scale=7.5, size="1024x1024")
        html = look(signed_in(alice), edit)
        for words in ("1\u202f284\u202f663\u202f019", ">40<", ">7.5<", ">1024<", ">96×64<", "step-1x-edit"):
            assert words in html
        assert f'data-copy="{edit.public_id}"' in html

    @pytest.mark.parametrize(
        ("drawn", "used", "words"),
        [
            (True, 5, "Random, picked by Retake; sent and confirmed"),
            (False, 5, "Set by hand; sent and confirmed"),
            (True, None, "Random, picked by Retake; sent, not confirmed by the service"),
            (False, 9, "Set by hand; 5 was sent, but the service used 9"),
        ],
    )
    def test_a_seed_says_who_chose_it_and_whether_it_was_used(
        self, alice: User, drawn: bool, used: int | None, words: str
    ) -> None:
        edit = finished_edit_of(alice, seed=5, seed_is_drawn=drawn)
        ReturnedImage.objects.update(seed_used=used)
        assert words in look(signed_in(alice), edit)

    @pytest.mark.parametrize(
        ("verdict", "similarity", "words"),
        [
            (Verdict.IDENTICAL, 1.0, "Identical: every byte is the same."),
            (Verdict.NEAR_IDENTICAL, 0.998, "Near-identical: 99.8 % alike."),
            (Verdict.DIFFERENT, 0.71, "Different: 71.0 % alike."),
            ("", None, "Not compared: the first picture could not be read."),
        ],
    )
    def test_a_rerun_says_what_it_proves_and_of_what(
        self, alice: User, verdict: str, similarity: float | None, words: str
    ) -> None:
        first = finished_edit_of(alice)
        again = finished_edit_of(alice, rerun_of=first)
        ReturnedImage.objects.filter(edit=again).update(receipt=verdict, similarity=similarity)
        client = signed_in(alice)
        html = look(client, again)
        assert words in html
        assert f'<a href="/edits/{first.public_id}/">your edit of ' in html
        assert f'<a href="/edits/{again.public_id}/">' in look(client, first)

    def test_a_rerun_of_a_private_edit_does_not_link_to_it(self, alice: User, bob: User) -> None:
        first = finished_edit_of(alice, shared=True, source_is_shared=True)
        again = finished_edit_of(bob, rerun_of=first)
        unshare_edit(edit=first)
        html = look(signed_in(bob), again)
        assert "Receipt" in html
        assert str(first.public_id) not in html

    def test_reruns_by_others_are_not_told_unless_shared(self, alice: User, bob: User) -> None:
        first = finished_edit_of(alice, shared=True, source_is_shared=True)
        private = finished_edit_of(bob, rerun_of=first)
        shared = finished_edit_of(bob, rerun_of=first, shared=True)
        html = look(signed_in(alice), first)
        assert str(private.public_id) not in html
        assert str(shared.public_id) in html

    def test_a_prompt_stays_text(self, alice: User) -> None:
        html = look(signed_in(alice), finished_edit_of(alice, prompt='<img src=x> "quoted"\nsecond line'))
        assert "<img src=x>" not in html
        assert "&quot;quoted&quot;<br>second line" in html


class TestAttempts:
    @pytest.fixture
    def edit(self, alice: User) -> EditRequest:
        """Done at the second try."""
        edit = finished_edit_of(alice, shared=True)
        at = timezone.now()
        Attempt.objects.create(
            edit=edit, number=1, fence=1, started_at=at, ended_at=at + timedelta(seconds=4), fault="busy",
            status=503, trace_id="trace-1", charged="no", detail="upstream said no", seed_sent=edit.seed,
        )  # fmt: skip
        Attempt.objects.create(
            edit=edit, number=2, fence=2, started_at=at, ended_at=at + timedelta(seconds=9), status=200,
            charged="yes", seed_sent=edit.seed,
        )  # fmt: skip
        return edit

    def test_the_owner_reads_them_in_words(self, alice: User, edit: EditRequest) -> None:
        html = look(signed_in(alice), edit)
        assert "<b>1st try:</b> service busy after 4 s, not charged" in html
        assert "<b>2nd try, re-sent:</b> answered in 9 s" in html
        assert "trace-1" not in html
        assert "upstream said no" not in html

    def test_administrators_read_the_particulars(self, root: User, edit: EditRequest) -> None:
        html = look(signed_in(root), edit)
        for words in ("HTTP 503", "fault busy", "trace trace-1", "upstream said no"):
            assert words in html

    def test_the_owner_reads_what_to_quote_where_it_may_have_cost(
        self, alice: User, edit: EditRequest
    ) -> None:
        edit.attempts.filter(number=1).update(fault="unusable", charged="yes")
        html = look(signed_in(alice), edit)
        assert "trace-1" in html
        assert "upstream said no" not in html

    def test_others_do_not_read_them(self, bob: User, rita: User, edit: EditRequest) -> None:
        for person in (bob, rita):
            assert "1st try" not in look(signed_in(person), edit)


class TestStates:
    @pytest.mark.parametrize(
        ("state", "words"),
        [
            (Status.QUEUED, "Next in queue"),
            (Status.RUNNING, "Editing"),
            (Status.FAILED, "The service refused this edit"),
            (Status.CANCELED, "Canceled"),
        ],
    )
    def test_each_says_where_it_stands_and_keeps_the_recipe_at_hand(
        self, alice: User, state: Status, words: str
    ) -> None:
        html = look(signed_in(alice), edit_of(alice, status=state))
        assert words in html
        assert "Use all" in html
        assert "/result/" not in html

    def test_one_that_is_under_way_is_polled(self, alice: User) -> None:
        html = look(signed_in(alice), edit_of(alice))
        assert 'name="as" value="page"' in html
        assert 'class="polled"' in html
        assert "Re-run same seed" not in html
        assert "polled" not in look(signed_in(alice), finished_edit_of(alice)).split('id="poll"')[0]

    def test_one_in_the_trash_says_until_when(self, alice: User, bob: User) -> None:
        edit = finished_edit_of(alice, shared=True)
        trash_edits(owner=alice, edits=EditRequest.objects.all(), now=timezone.now())
        html = look(signed_in(alice), edit)
        gone = timezone.localtime(timezone.now() + timedelta(days=30))
        assert re.search(f"In the trash until <time [^>]+>{gone.day} {gone:%B}", html)
        assert f"/edits/{edit.public_id}/restore/" in html
        assert status(signed_in(bob), edit) == 404

    def test_an_edit_of_a_model_that_is_gone_can_be_opened(self, alice: User) -> None:
        look(signed_in(alice), edit_of(alice, status=Status.FAILED, model="step-9"))

    def test_a_released_edit_shows_its_picture(self, alice: User) -> None:
        edit = edit_of(alice, status=Status.SUCCEEDED)
        result_of(edit)
        assert "data-compare" in look(signed_in(alice), edit)
