"""The buttons that uncover a picture of a case step by step, with and without script."""

import pytest
from django.test import Client
from django.utils import timezone

from edits.models import ReviewCase, ReviewEvent, User
from tests.conftest import signed_in
from tests.factories import filtered_edit_of
from tests.reviews import address, messages_of, press_open, uncover


@pytest.fixture
def case(alice: User) -> ReviewCase:
    """Alice's edit, stopped after a picture was made."""
    return filtered_edit_of(alice, prompt="an oil painting of a battle").review


@pytest.fixture
def reviewer(rita: User) -> Client:
    """Rita's browser."""
    return signed_in(rita)


class TestRevealing:
    def test_a_step_is_a_request_of_its_own(self, case: ReviewCase, reviewer: Client) -> None:
        press_open(reviewer, case)
        page = uncover(reviewer, case, "result", 1).content.decode()
        assert address(case, "picture/result/1/") in page
        assert address(case, "picture/source/0/") in page, "the other one stays veiled"

    def test_with_script_only_the_figure_comes(self, case: ReviewCase, reviewer: Client) -> None:
        press_open(reviewer, case)
        uncover(reviewer, case, "result", 1)
        answer = reviewer.post(
            address(case, "reveal/"), {"which": "result", "step": "2"}, headers={"HX-Request": "true"}
        )
        page = answer.content.decode()
        assert page.lstrip().startswith("<figure")
        assert address(case, "picture/result/2/") in page
        assert answer.headers["Cache-Control"] == "no-store"

    def test_coming_back_shows_the_veil_again(self, case: ReviewCase, reviewer: Client) -> None:
        press_open(reviewer, case)
        uncover(reviewer, case, "result", 1, 2, 3)
        assert address(case, "picture/result/0/") in reviewer.get(address(case)).content.decode()

    @pytest.mark.parametrize(
        "fields", [{}, {"which": "result"}, {"which": "both", "step": "1"}, {"which": "result", "step": "4"}]
    )
    def test_nonsense_is_404(self, fields: dict[str, str], case: ReviewCase, reviewer: Client) -> None:
        assert reviewer.post(address(case, "reveal/"), fields).status_code == 404

    def test_what_is_not_granted_is_said_on_the_page_of_the_case(
        self, case: ReviewCase, reviewer: Client
    ) -> None:
        words = "Not shown. Only the reviewer who has the case open can uncover a picture, one step after the other."
        fields = {"which": "result", "step": "1"}
        answer = reviewer.post(address(case, "reveal/"), fields, follow=True)
        assert answer.redirect_chain == [(address(case), 302)]
        assert messages_of(answer) == [words]
        part = reviewer.post(address(case, "reveal/"), fields, headers={"HX-Request": "true"})
        assert (part.content, part.headers["HX-Refresh"]) == (b"", "true")
        press_open(reviewer, case)
        assert (
            messages_of(reviewer.post(address(case, "reveal/"), fields | {"step": "3"}, follow=True))
            == [words] * 2
        )
        assert not ReviewEvent.objects.filter(case=case, kind="revealed").exists()

    def test_the_timeline_says_who_saw_what_in_one_line_for_looks_that_follow_each_other(
        self, case: ReviewCase, reviewer: Client
    ) -> None:
        press_open(reviewer, case)
        for _ in range(2):
            reviewer.get(address(case, "picture/result/0/"))
        uncover(reviewer, case, "result", 1, 1, 2)
        page = " ".join(reviewer.get(address(case)).content.decode().split())
        once = "revealed the withheld result, small and grey; the withheld result, small, in color </span>"
        assert page.count(once) == 1
        assert "Looks at the blurred pictures: 2." in page

    def test_looks_of_two_reviewers_are_told_apart(
        self, case: ReviewCase, reviewer: Client, root: User
    ) -> None:
        for client in (reviewer, signed_in(root), reviewer):
            press_open(client, case)
            uncover(client, case, "source", 1)
            ReviewCase.objects.update(claimed_until=timezone.now())
        page = " ".join(reviewer.get(address(case)).content.decode().split())
        assert page.count("revealed the source, small and grey </span>") == 3
