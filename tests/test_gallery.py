"""Tests of history and team: who sees what, at what cost, and what a card and an empty page say."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from edits.models import EditRequest, Status, User
from edits.services.curating.sharing import unshare_edit
from edits.services.curating.trashing import trash_edits
from edits.views import listing
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of
from tests.galleries import all_pages, cards, ids, page

MOST_QUERIES = 7
MORE_OF_A_SEARCH = 2
"""Whose names the words are, and which edits have them."""


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three edits a page."""
    monkeypatch.setattr(listing, "PAGE_LENGTH", 3)


class TestWhoSeesWhat:
    @pytest.mark.parametrize("address", ["/history/", "/team/"])
    def test_a_stranger_is_led_to_the_sign_in(self, alice: User, stranger: Client, address: str) -> None:
        response = stranger.get(address)
        assert response.status_code == 302
        assert response.headers["Location"].endswith(f"?next={address}")

    def test_history_holds_ones_own_alone(self, alice: User, bob: User, root: User) -> None:
        mine = [finished_edit_of(alice), edit_of(alice, status=Status.FAILED), filtered_edit_of(alice)]
        finished_edit_of(bob, shared=True)
        assert cards(page(signed_in(alice), "/history/")) == ids(mine[::-1])
        assert not cards(page(signed_in(root), "/history/"))

    def test_team_holds_what_is_shared_and_done(self, alice: User, bob: User, root: User) -> None:
        shared = finished_edit_of(alice, shared=True)
        finished_edit_of(alice)
        filtered_edit_of(alice)
        thrown = finished_edit_of(alice, shared=True)
        trash_edits(owner=alice, edits=EditRequest.objects.filter(pk=thrown.pk), now=timezone.now())
        for person in (alice, bob, root):
            assert cards(page(signed_in(person), "/team/")) == ids([shared])

    def test_what_is_unshared_is_gone_at_the_next_look(self, alice: User, bob: User) -> None:
        shared = finished_edit_of(alice, shared=True)
        client = signed_in(bob)
        assert cards(page(client, "/team/"))
        unshare_edit(edit=shared)
        assert not cards(page(client, "/team/"))

    def test_what_is_in_the_trash_is_in_no_gallery(self, alice: User) -> None:
        finished_edit_of(alice)
        trash_edits(owner=alice, edits=EditRequest.objects.all(), now=timezone.now())
        assert not cards(page(signed_in(alice), "/history/"))

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "q=secret",
            "q=seed:4711",
            "q=by:alice",
            "q=alice",
            "size=768x768",
            "is=filtered",
            "q=is:running",
        ],
    )
    def test_team_tells_nothing_of_private_edits(self, alice: User, bob: User, query: str) -> None:
        client = signed_in(bob)
        before = self._without_tokens(page(client, f"/team/?{query}"))
        for status in (Status.SUCCEEDED, Status.RUNNING, Status.FAILED):
            edit_of(alice, status=status, prompt="secret plans", seed=4711, size="768x768")
        filtered_edit_of(alice, prompt="secret plans")
        assert self._without_tokens(page(client, f"/team/?{query}")) == before
        assert "secret plans" not in before

    @staticmethod
    def _without_tokens(html: str) -> str:
        return re.sub(r'(content|value)="[A-Za-z0-9]{64}"', "", html)

    def test_private_edits_leave_no_gap_and_no_page(self, alice: User, bob: User, short_pages: None) -> None:
        for number in range(9):
            finished_edit_of(alice, shared=number % 3 == 0)
        assert [len(cards) for cards in all_pages(signed_in(bob), "/team/")] == [3]


class TestCost:
    @pytest.mark.parametrize("number", [1, 50])
    @pytest.mark.parametrize("query", ["", "?q=black+seed:77120&is=starred&size=512x512&after=2026-01"])
    def test_history_costs_seven_queries_at_most(
        self, rita: User, number: int, query: str, keep_the_queue: Callable[[], None]
    ) -> None:
        for _ in range(number // 2):
            finished_edit_of(rita, shared=True)
            edit_of(rita, rerun_of=None, status=Status.FAILED)
        edit_of(rita)
        edit_of(rita, status=Status.RUNNING)
        filtered_edit_of(rita)
        keep_the_queue()
        self._assert_cheap(signed_in(rita), f"/history/{query}")

    @pytest.mark.parametrize("number", [1, 50])
    @pytest.mark.parametrize("query", ["", "?q=black+by:alice&is=starred"])
    def test_team_costs_seven_queries_at_most(self, alice: User, rita: User, number: int, query: str) -> None:
        for count in range(number):
            finished_edit_of(alice if count % 2 else rita, shared=True, source_is_shared=count % 3 == 0)
        self._assert_cheap(signed_in(rita), f"/team/{query}")

    @staticmethod
    def _assert_cheap(client: Client, address: str) -> None:
        page(client, address)  # the first request of a process also asks whether there are people at all
        with CaptureQueriesContext(connection) as queries:
            page(client, address)
        most = MOST_QUERIES + MORE_OF_A_SEARCH * ("q=" in address)
        assert len(queries) <= most, [query["sql"] for query in queries]

    def test_a_page_is_sent_compressed(self, alice: User) -> None:
        for _ in range(50):
            finished_edit_of(alice)
        response = signed_in(alice).get("/history/", headers={"Accept-Encoding": "gzip"})
        assert response.headers["Content-Encoding"] == "gzip"
        assert len(response.content) < 30_000


class TestCards:
    def test_a_picture_has_its_size_its_words_and_time_to_come(self, alice: User) -> None:
        edit = finished_edit_of(alice, prompt='say "hi" <b>')
        html = page(signed_in(alice), "/history/")
        picture = re.search(rf'<img\s+src="/edits/{edit.public_id}/result/320/"[^>]*>', html)
        assert picture
        for attribute in ('width="96"', 'height="64"', 'loading="lazy"', "say &quot;hi&quot; &lt;b&gt;"):
            assert attribute in picture[0]

    def test_a_stopped_edit_has_words_and_no_picture(self, alice: User) -> None:
        edit = filtered_edit_of(alice)
        html = page(signed_in(alice), "/history/")
        assert "Stopped by the content filter" in html
        assert f"/edits/{edit.public_id}/result/" not in html

    def test_the_source_is_only_offered_to_those_who_may_see_it(self, alice: User, bob: User) -> None:
        closed = finished_edit_of(alice, shared=True)
        opened = finished_edit_of(alice, shared=True, source_is_shared=True)
        html = page(signed_in(bob), "/team/")
        assert f"/edits/{opened.public_id}/source/320/" in html
        assert f"/edits/{closed.public_id}/source/320/" not in html

    def test_a_running_edit_is_polled_and_says_its_place(self, alice: User) -> None:
        edit_of(alice)
        html = page(signed_in(alice), "/history/")
        assert 'id="poll"' in html
        assert "Next in queue" in html

    def test_a_card_of_the_team_leads_back_to_the_team(self, alice: User, bob: User) -> None:
        edit = finished_edit_of(alice, shared=True)
        html = page(signed_in(bob), "/team/?q=black")
        assert f'href="/edits/{edit.public_id}/?from=team&amp;q=black"' in html
        assert "alice" in html

    def test_bulk_deeds_on_ones_own_are_not_offered_among_the_teams(self, alice: User, bob: User) -> None:
        finished_edit_of(alice, shared=True)
        assert 'value="trash"' not in page(signed_in(bob), "/team/")
        assert 'value="trash"' in page(signed_in(bob), "/history/")


class TestNothing:
    def test_an_empty_history_leads_to_the_studio(self, alice: User) -> None:
        html = page(signed_in(alice), "/history/")
        assert "Your edits will appear here" in html
        assert "Make your first edit" in html

    def test_an_empty_team_says_how_to_share(self, alice: User) -> None:
        assert "No shared edits yet" in page(signed_in(alice), "/team/")

    def test_a_search_without_hits_repeats_what_was_looked_for(self, alice: User) -> None:
        finished_edit_of(alice)
        html = page(signed_in(alice), "/history/?q=red+cat&density=1")
        assert "No edits match “<bdi data-own>red cat</bdi>”" in html
        assert 'href="?density=1">Clear search and filters' in html

    def test_filters_alone_without_hits_say_so(self, alice: User) -> None:
        assert "No edits match these filters" in page(signed_in(alice), "/history/?is=failed")

    def test_markup_in_a_search_stays_text(self, alice: User) -> None:
        html = page(signed_in(alice), "/history/?q=<script>alert(1)</script>&is=<i>")
        assert "<script>alert" not in html
        assert "<i>" not in html

    def test_what_was_left_out_is_said(self, alice: User) -> None:
        finished_edit_of(alice)
        html = page(signed_in(alice), "/history/?q=before:soon")
        assert "“before:soon” was ignored" in html
        assert cards(html)
