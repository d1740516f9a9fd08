"""The review queue and the page of a case."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from edits.models import EditRequest, ReviewCase, User
from edits.services import reviewing
from tests.conftest import signed_in
from tests.factories import filtered_edit_of
from tests.reviews import address, kept_hidden, kinds, opened, press_open, released, uncover


@pytest.fixture
def case(alice: User) -> ReviewCase:
    """Alice's edit, stopped after a picture was made."""
    return filtered_edit_of(alice, prompt="an oil painting of a battle").review


@pytest.fixture
def reviewer(rita: User) -> Client:
    """Rita's browser."""
    return signed_in(rita)


class TestQueue:
    def test_it_opens_the_case_that_waits_longest(
        self, case: ReviewCase, alice: User, reviewer: Client
    ) -> None:
        filtered_edit_of(alice)
        answer = reviewer.get("/review/", follow=True)
        assert answer.redirect_chain == [(address(case), 302)]
        assert "1 of 2" in answer.content.decode()

    def test_it_passes_over_what_another_has_open(
        self, case: ReviewCase, alice: User, reviewer: Client, root: User
    ) -> None:
        second = filtered_edit_of(alice).review
        reviewing.claim_case(case=case, reviewer=root, now=timezone.now())
        assert reviewer.get("/review/").headers["Location"] == address(second)

    def test_previous_and_next_are_links(self, alice: User, reviewer: Client) -> None:
        cases = [filtered_edit_of(alice).review for _ in range(3)]
        page = reviewer.get(address(cases[1])).content.decode()
        assert "2 of 3" in page
        assert re.search(rf'href="{address(cases[0])}"\s+data-key="k"', page)
        assert re.search(rf'href="{address(cases[2])}"\s+data-key="j"', page)

    def test_nothing_waits(self, reviewer: Client) -> None:
        assert "No cases waiting" in reviewer.get("/review/").content.decode()

    def test_what_was_decided_stands_below_with_who_and_why(
        self, case: ReviewCase, rita: User, reviewer: Client
    ) -> None:
        reviewing.keep_hidden(case=case, reviewer=rita, reason="A real person.", now=timezone.now())
        for list_address in ("/review/", "/review/?show=decided"):
            page = reviewer.get(list_address).content.decode()
            assert "decided by rita" in page
            assert "A real person." in page

    def test_a_question_moves_the_case_to_the_list_of_those(
        self, case: ReviewCase, rita: User, reviewer: Client
    ) -> None:
        reviewing.ask_author(case=case, reviewer=rita, question="Who is it?", now=timezone.now())
        assert "No cases waiting" in reviewer.get("/review/").content.decode()
        assert reviewer.get("/review/?show=asked", follow=True).status_code == 200
        assert not EditRequest.objects.awaiting_review().exists(), "it is the author's turn"

    def test_mine_are_those_i_have_open(self, case: ReviewCase, rita: User, reviewer: Client) -> None:
        assert "You have no open cases" in reviewer.get("/review/?show=mine").content.decode()
        reviewing.claim_case(case=case, reviewer=rita, now=timezone.now())
        assert reviewer.get("/review/?show=mine").headers["Location"] == address(case) + "?show=mine"

    def test_the_trash_of_an_author_does_not_wait(self, case: ReviewCase, reviewer: Client) -> None:
        EditRequest.objects.update(trashed_at=timezone.now())
        assert "No cases waiting" in reviewer.get("/review/").content.decode()
        assert reviewer.get(address(case)).status_code == 404

    def test_older_decisions_are_a_page_further(
        self, alice: User, rita: User, reviewer: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("edits.views.review.pages.DECISIONS_A_PAGE", 2)
        now = timezone.now()
        for number in range(5):
            made = filtered_edit_of(alice, prompt=f"prompt {number}").review
            reviewing.dismiss(case=made, reviewer=rita, now=now + timedelta(seconds=number // 2))
        seen: list[str] = []
        link: str | None = "?show=decided"
        while link:
            page = reviewer.get("/review/" + link).content.decode()
            seen += re.findall(r"prompt \d", page)
            found = re.search(r'href="(\?show=decided&amp;before=\d+)"', page)
            link = found[1].replace("&amp;", "&") if found else None
        assert seen == [f"prompt {number}" for number in (4, 3, 2, 1, 0)]

    @pytest.mark.parametrize("odd", ["?show=nonsense", "?show=decided&before=x", "?before=" + "9" * 30])
    def test_odd_addresses_are_no_errors(self, odd: str, reviewer: Client) -> None:
        assert reviewer.get("/review/" + odd).status_code == 200


class TestCase:
    def test_opening_it_claims_it(self, case: ReviewCase, rita: User, reviewer: Client) -> None:
        assert press_open(reviewer, case).headers["Location"] == address(case)
        assert "yours until" in reviewer.get(address(case)).content.decode()
        assert ReviewCase.objects.held_by(rita, timezone.now()).get() == case

    def test_loading_its_page_neither_claims_it_nor_shows_a_picture(
        self, case: ReviewCase, rita: User, reviewer: Client, root: User
    ) -> None:
        for client in (reviewer, signed_in(root)):
            page = client.get(address(case)).content.decode()
            assert "an oil painting of a battle" in page
            assert f'action="{address(case, "claim/")}"' in page
            assert "picture/" not in page
            assert 'name="decision"' not in page
            client.head(address(case))
        assert kinds(case) == ["stopped"]
        assert ReviewCase.objects.get(pk=case.pk).claimed_by is None

    def test_leaving_it_before_uncovering_anything_gives_it_back(
        self, case: ReviewCase, alice: User, rita: User, reviewer: Client
    ) -> None:
        others = [filtered_edit_of(alice).review for _ in range(2)]
        press_open(reviewer, case)
        reviewer.get(address(others[0]))
        assert not ReviewCase.objects.held_by(rita, timezone.now()).exists()
        press_open(reviewer, others[0])
        reviewer.get("/review/?show=decided")
        assert not ReviewCase.objects.held_by(rita, timezone.now()).exists()
        press_open(reviewer, case)
        press_open(reviewer, others[1])
        assert ReviewCase.objects.held_by(rita, timezone.now()).get() == others[1]

    def test_what_was_looked_into_stays_with_the_reviewer(
        self, case: ReviewCase, alice: User, rita: User, reviewer: Client
    ) -> None:
        other = filtered_edit_of(alice).review
        press_open(reviewer, case)
        uncover(reviewer, case, "source", 1)
        reviewer.get(address(other))
        assert ReviewCase.objects.held_by(rita, timezone.now()).get() == case
        assert "mine" in reviewer.get("/review/?show=mine", follow=True).content.decode()

    def test_giving_back_leaves_what_others_have_open(
        self, case: ReviewCase, alice: User, reviewer: Client, root: User
    ) -> None:
        opened(case, root, now=timezone.now())
        reviewer.get(address(filtered_edit_of(alice).review))
        assert ReviewCase.objects.held_by(root, timezone.now()).get() == case

    def test_one_that_another_opened_first_is_not_opened(
        self, case: ReviewCase, rita: User, reviewer: Client, root: User
    ) -> None:
        opened(case, root, now=timezone.now())
        press_open(reviewer, case)
        assert ReviewCase.objects.held_by(root, timezone.now()).get() == case
        assert "picture/" not in reviewer.get(address(case)).content.decode()

    def test_a_decided_one_is_opened_to_look_again_unless_it_was_released(
        self, case: ReviewCase, alice: User, rita: User, reviewer: Client
    ) -> None:
        kept_hidden(case, rita, now=timezone.now())
        assert "picture/" not in reviewer.get(address(case)).content.decode()
        press_open(reviewer, case)
        page = reviewer.get(address(case)).content.decode()
        assert address(case, "picture/result/0/") in page
        assert 'name="decision"' not in page
        other = filtered_edit_of(alice).review
        released(other, rita, now=timezone.now())
        assert "Look again" not in reviewer.get(address(other)).content.decode()
        press_open(reviewer, other)
        assert kinds(other) == ["stopped", "released"]

    def test_another_reviewer_reads_who_has_it_and_gets_no_form(
        self, case: ReviewCase, reviewer: Client, root: User
    ) -> None:
        reviewing.claim_case(case=case, reviewer=root, now=timezone.now())
        page = reviewer.get(address(case)).content.decode()
        assert "root has this case open until" in page
        assert 'name="decision"' not in page

    def test_it_says_what_was_asked_by_whom_and_how_often_that_one_was_stopped(
        self, case: ReviewCase, alice: User, reviewer: Client
    ) -> None:
        earlier = filtered_edit_of(alice, prompt="a duel at dawn")
        page = reviewer.get(address(case)).content.decode()
        assert "an oil painting of a battle" in page
        assert "2 of 2 edits stopped in 30 days" in page
        assert f'href="/review/{earlier.public_id}/"' in page

    def test_pictures_come_blurred(self, case: ReviewCase, reviewer: Client) -> None:
        press_open(reviewer, case)
        page = reviewer.get(address(case)).content.decode()
        assert re.findall(r'<img\s+src="([^"]+)"', page) == [
            address(case, "picture/source/0/"),
            address(case, "picture/result/0/"),
        ]

    def test_a_stopped_request_has_no_picture_to_view_or_release(self, alice: User, reviewer: Client) -> None:
        case = filtered_edit_of(alice, with_picture=False).review
        press_open(reviewer, case)
        page = reviewer.get(address(case)).content.decode()
        assert "No picture came back." in page
        assert "picture/result" not in page
        assert re.search(r'value="released"[^>]* disabled', page)
        assert 'data-key-off="No picture came back, so there is none to release."' in page

    def test_ones_own_edit_is_shown_but_not_to_be_decided(self, rita: User, reviewer: Client) -> None:
        case = filtered_edit_of(rita).review
        page = reviewer.get(address(case)).content.decode()
        assert "This is your own edit. Another reviewer decides it." in page
        assert 'name="decision"' not in page
        assert "picture/result" not in page
        assert kinds(case) == ["stopped"]

    def test_what_an_author_wrote_is_not_markup(
        self, case: ReviewCase, alice: User, reviewer: Client
    ) -> None:
        words = "<img src=x onerror=alert(1)>"
        reviewing.ask_for_review(case=case, author=alice, words=words, now=timezone.now())
        assert words not in reviewer.get(address(case)).content.decode()

    def test_nothing_of_it_stays_in_the_browser(self, case: ReviewCase, reviewer: Client) -> None:
        assert reviewer.get(address(case)).headers["Cache-Control"] == "no-store"

    def test_it_takes_few_queries_however_much_happened(
        self,
        alice: User,
        case: ReviewCase,
        reviewer: Client,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _ in range(6):
            filtered_edit_of(alice)
        reviewer.get("/review/?show=decided")
        press_open(reviewer, case)
        with django_assert_max_num_queries(12):
            reviewer.get(address(case))


def test_stored_words_are_read_in_the_readers_language(case: ReviewCase, reviewer: Client) -> None:
    press_open(reviewer, case)
    uncover(reviewer, case, "source", 1)
    pages = [
        reviewer.get(address(case), headers={"accept-language": language}).content.decode()
        for language in ("en", "zh-CN")
    ]
    assert [("the source, small and grey" in page, "then stopped it" in page) for page in pages] == [
        (True, True),
        (False, False),
    ]
