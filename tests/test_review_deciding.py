"""Decisions from the review page: what the form asks for, what is said afterwards, and who may decide."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from edits.forms.review import CANNED, DecisionForm
from edits.models import Decision, EditRequest, ReviewCase, Role, Status, User
from edits.services import reviewing
from tests.conftest import person, signed_in
from tests.factories import filtered_edit_of
from tests.reviews import address, decide, kinds, messages_of, press_open

WORDS = "It is a statue from our museum."


@pytest.fixture
def case(alice: User) -> ReviewCase:
    """Alice's edit, stopped after a picture was made."""
    return filtered_edit_of(alice, prompt="an oil painting of a battle").review


@pytest.fixture
def reviewer(rita: User) -> Client:
    """Rita's browser."""
    return signed_in(rita)


class TestDeciding:
    def test_a_release_opens_the_next_case_and_offers_undo(
        self, case: ReviewCase, alice: User, reviewer: Client
    ) -> None:
        following = filtered_edit_of(alice).review
        answer = decide(reviewer, case, "released", canned="false_alarm")
        assert answer.redirect_chain == [(address(following), 302)]
        assert messages_of(answer) == ["Released to alice."]
        assert f'action="{address(case, "undo/")}"' in answer.content.decode()
        case.refresh_from_db()
        assert (case.decision, case.reason) == (Decision.RELEASED, "Nothing objectionable in it.")

    def test_the_next_case_is_open_then_and_one_that_is_only_passed_is_given_back(
        self, case: ReviewCase, alice: User, rita: User, reviewer: Client
    ) -> None:
        second, third = (filtered_edit_of(alice).review for _ in range(2))
        decide(reviewer, case, "dismissed")
        assert ReviewCase.objects.held_by(rita, timezone.now()).get() == second
        reviewer.get(address(third))
        assert not ReviewCase.objects.held_by(rita, timezone.now()).exists()

    def test_an_undo_gives_back_the_case_that_came_next(
        self, case: ReviewCase, alice: User, rita: User, reviewer: Client
    ) -> None:
        filtered_edit_of(alice)
        decide(reviewer, case, "dismissed")
        reviewer.post(address(case, "undo/"), follow=True)
        assert ReviewCase.objects.held_by(rita, timezone.now()).get() == case

    def test_typed_words_win_over_canned_ones(self, case: ReviewCase, reviewer: Client) -> None:
        decide(reviewer, case, "kept_hidden", canned="nudity", reason=WORDS)
        case.refresh_from_db()
        assert case.reason == WORDS

    def test_dismissing_needs_no_words(self, case: ReviewCase, reviewer: Client) -> None:
        assert messages_of(decide(reviewer, case, "dismissed")) == ["Case dismissed."]

    def test_asking_sends_the_question(self, case: ReviewCase, reviewer: Client) -> None:
        answer = decide(reviewer, case, "asked", reason="Who is it?")
        assert messages_of(answer) == ["Question sent to alice. The case waits for the answer."]
        assert ReviewCase.objects.asked().get().question == "Who is it?"

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({}, "Choose what to do."),
            ({"decision": "burn"}, "Choose one of these."),
            ({"decision": "released"}, "Write or choose a reason. The author reads it."),
            ({"decision": "kept_hidden", "reason": " \n "}, "Write or choose a reason."),
            ({"decision": "asked"}, "Write your question."),
            ({"decision": "released", "canned": "nudity"}, "Write or choose a reason."),
            ({"decision": "dismissed", "reason": "x" * 501}, "At most 500 characters; this has 501."),
            ({"decision": "dismissed", "reason": "a\x00b"}, "Null characters are not allowed."),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field(
        self, fields: dict[str, str], sentence: str, case: ReviewCase, reviewer: Client
    ) -> None:
        answer = reviewer.post(address(case, "decide/"), fields)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert ReviewCase.objects.get(pk=case.pk).decision == ""

    def test_what_was_typed_is_kept(self, case: ReviewCase, reviewer: Client) -> None:
        page = reviewer.post(address(case, "decide/"), {"reason": WORDS}).content.decode()
        assert f">{WORDS}</textarea>" in page

    def test_line_ends_count_once(self) -> None:
        text = "\r\n".join(["x" * 99] * 5)
        form = DecisionForm({"decision": "dismissed", "reason": text}, has_picture=True)
        assert form.is_valid()
        assert len(form.cleaned_data["words"]) == 499

    def test_without_a_picture_there_is_nothing_to_release(self, alice: User, reviewer: Client) -> None:
        case = filtered_edit_of(alice, with_picture=False).review
        answer = reviewer.post(address(case, "decide/"), {"decision": "released", "canned": "art"})
        assert answer.status_code == 422
        assert "No picture came back, so there is none to release." in answer.content.decode()

    def test_who_comes_second_reads_who_was_first(
        self, case: ReviewCase, root: User, reviewer: Client
    ) -> None:
        reviewing.release(case=case, reviewer=root, reason="Fine.", now=timezone.now())
        answer = decide(reviewer, case, "kept_hidden", reason="No.")
        assert messages_of(answer) == ["root released this just now."]
        answer = decide(reviewer, case, "released", reason="Yes.")
        assert messages_of(answer) == ["root released this just now."]
        assert EditRequest.objects.get(pk=case.edit_id).status == Status.SUCCEEDED

    def test_a_storage_that_is_down_is_told_and_decides_nothing(
        self, case: ReviewCase, reviewer: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> str:
            raise OSError("No space left on device")

        monkeypatch.setattr("edits.services.reviewing.quarantine.save_picture", full)
        answer = decide(reviewer, case, "released", canned="art")
        assert messages_of(answer) == ["The picture could not be moved, so nothing was changed. Try again."]
        assert ReviewCase.objects.get(pk=case.pk).decision == ""

    def test_undo_leads_back_to_the_case(self, case: ReviewCase, reviewer: Client) -> None:
        decide(reviewer, case, "released", canned="art")
        answer = reviewer.post(address(case, "undo/"), follow=True)
        assert answer.redirect_chain == [(address(case), 302)]
        assert messages_of(answer) == ["Decision undone. The case is yours again."]
        assert EditRequest.objects.get(pk=case.edit_id).status == Status.FILTERED

    def test_undo_after_ten_seconds_is_refused_in_words(self, case: ReviewCase, reviewer: Client) -> None:
        decide(reviewer, case, "dismissed")
        ReviewCase.objects.update(decided_at=timezone.now() - timedelta(seconds=20))
        answer = reviewer.post(address(case, "undo/"), follow=True)
        assert messages_of(answer) == ["Too late to undo: decisions are final after ten seconds."]
        assert ReviewCase.objects.get(pk=case.pk).decision == Decision.DISMISSED

    def test_every_canned_reason_fits_its_decision(self) -> None:
        for canned in CANNED:
            form = DecisionForm({"decision": canned.decision, "canned": canned.value}, has_picture=True)
            assert form.is_valid(), form.errors
            assert form.cleaned_data["words"] == canned.text


class TestWhoMayDecide:
    @pytest.mark.parametrize("who", ["alice", "bob"])
    def test_for_members_there_is_no_review(
        self, who: str, case: ReviewCase, request: pytest.FixtureRequest
    ) -> None:
        client = signed_in(request.getfixturevalue(who))
        for place in ("/review/", "/review/?show=decided", address(case)):
            assert client.get(place).status_code == 404
        for action in ("claim/", "decide/", "undo/", "reveal/"):
            assert client.post(address(case, action), {"decision": "dismissed"}).status_code == 404
        assert kinds(case) == ["stopped"]

    def test_strangers_are_led_to_the_sign_in(self, case: ReviewCase, stranger: Client) -> None:
        for place in ("/review/", address(case)):
            assert stranger.get(place).headers["Location"].startswith("/accounts/login/")
        assert stranger.post(address(case, "decide/"), {"decision": "dismissed"}).status_code == 302
        assert kinds(case) == ["stopped"]

    def test_who_was_sent_away_decides_nothing_more(
        self, case: ReviewCase, rita: User, reviewer: Client
    ) -> None:
        rita.is_active = False
        rita.save(update_fields=["is_active"])
        assert reviewer.post(address(case, "decide/"), {"decision": "dismissed"}).status_code in (302, 404)
        assert ReviewCase.objects.get(pk=case.pk).decision == ""

    def test_administrators_decide(self, case: ReviewCase, root: User) -> None:
        assert messages_of(decide(signed_in(root), case, "dismissed")) == ["Case dismissed."]

    @pytest.mark.parametrize("decision", ["released", "kept_hidden", "dismissed", "asked"])
    def test_nobody_decides_their_own(self, decision: str, rita: User, reviewer: Client) -> None:
        case = filtered_edit_of(rita).review
        answer = decide(reviewer, case, decision, reason="Mine.")
        assert messages_of(answer) == ["This is your own edit. Another reviewer decides it."]
        assert kinds(case) == ["stopped"]

    def test_a_case_that_does_not_exist_is_told_from_none(self, reviewer: Client) -> None:
        assert reviewer.get(f"/review/{uuid.uuid4()}/").status_code == 404

    @pytest.mark.parametrize("action", ["claim/", "decide/", "undo/", "reveal/"])
    def test_changes_are_posts_with_a_token(self, action: str, case: ReviewCase, rita: User) -> None:
        assert signed_in(rita).get(address(case, action)).status_code == 405
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(rita, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert strict.post(address(case, action), {"decision": "dismissed"}).status_code == 403

    def test_two_reviewers_at_once(self, case: ReviewCase, reviewer: Client) -> None:
        mina = signed_in(person("mina", Role.REVIEWER))
        press_open(reviewer, case)
        answer = decide(mina, case, "dismissed")
        assert messages_of(answer)[0].startswith("rita has this case open until")
