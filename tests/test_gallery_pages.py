"""Tests of a gallery's pages: no edit is lost or repeated, and days are headed and, where that is cheap, counted."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from edits.models import EditRequest, User
from edits.services.curating.sharing import share_edit, unshare_edit
from edits.services.curating.trashing import trash_edits
from edits.views import listing
from tests.conftest import signed_in
from tests.factories import edit_of, finished_edit_of, upload_of
from tests.galleries import IN_PLACE, all_pages, cards, ids, joined, older, page


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three edits a page."""
    monkeypatch.setattr(listing, "PAGE_LENGTH", 3)


class TestPages:
    @pytest.mark.parametrize("count", [3, 4, 7])
    @pytest.mark.parametrize("address", ["/history/", "/team/"])
    def test_every_edit_is_on_one_page(
        self, alice: User, short_pages: None, address: str, count: int
    ) -> None:
        edits = [finished_edit_of(alice, shared=True) for _ in range(count)]
        pages = all_pages(signed_in(alice), address)
        assert joined(pages) == ids(edits[::-1])
        assert len(pages) == (count + 2) // 3

    @pytest.mark.parametrize("address", ["/history/", "/team/"])
    def test_the_oldest_may_come_first(self, alice: User, short_pages: None, address: str) -> None:
        edits = [finished_edit_of(alice, shared=True) for _ in range(5)]
        assert joined(all_pages(signed_in(alice), address, "sort=oldest")) == ids(edits)

    def test_edits_shared_in_the_same_moment_are_neither_lost_nor_repeated(
        self, alice: User, short_pages: None
    ) -> None:
        at = timezone.now()
        edits = [finished_edit_of(alice) for _ in range(8)]
        for edit in edits:
            share_edit(edit=edit, now=at)
        assert joined(all_pages(signed_in(alice), "/team/")) == ids(edits[::-1])

    @pytest.mark.parametrize("address", ["/history/", "/team/"])
    def test_what_arrives_while_one_reads_moves_nothing(
        self, alice: User, short_pages: None, address: str
    ) -> None:
        edits = [finished_edit_of(alice, shared=True) for _ in range(6)]
        client = signed_in(alice)
        first = page(client, address)
        newer = [finished_edit_of(alice, shared=True) for _ in range(2)]
        second = page(client, f"{address}?{older(first)}")
        assert cards(first) + cards(second) == ids(edits[::-1])
        assert not set(ids(newer)) & set(cards(second))

    @pytest.mark.parametrize("address", ["/history/", "/team/"])
    def test_a_page_goes_on_although_its_last_edit_was_thrown_away(
        self, alice: User, short_pages: None, address: str
    ) -> None:
        edits = [finished_edit_of(alice, shared=True) for _ in range(5)]
        client = signed_in(alice)
        first = page(client, address)
        last = EditRequest.objects.filter(public_id=cards(first)[-1])
        unshare_edit(edit=last.get())
        trash_edits(owner=alice, edits=last, now=timezone.now())
        assert cards(page(client, f"{address}?{older(first)}")) == ids(edits[1::-1])

    def test_one_answer_reaches_to_a_card_far_down(self, alice: User, short_pages: None) -> None:
        edits = [finished_edit_of(alice) for _ in range(9)]
        client = signed_in(alice)
        rest = older(page(client, "/history/"))
        far = client.get(f"/history/?{rest}&up_to={edits[2].public_id}", headers=IN_PLACE)
        assert cards(far.content.decode()) == ids(edits[5::-1])
        nobody = client.get(f"/history/?{rest}&up_to={'0' * 36}", headers=IN_PLACE)
        assert len(cards(nobody.content.decode())) == 3

    def test_the_next_page_keeps_the_filters(self, alice: User, short_pages: None) -> None:
        red = [finished_edit_of(alice, prompt="red") for _ in range(4)]
        finished_edit_of(alice, prompt="blue")
        assert joined(all_pages(signed_in(alice), "/history/", "q=red")) == ids(red[::-1])

    @pytest.mark.parametrize(
        "place", ["x", "-", "5", "99999999999999999999-", "1-nothing", "²-00000000000000000000000000000000"]
    )
    def test_a_place_that_makes_no_sense_is_the_beginning(self, alice: User, place: str) -> None:
        edit = finished_edit_of(alice)
        assert cards(page(signed_in(alice), f"/history/?older={place}")) == ids([edit])

    def test_a_place_that_is_gone_is_an_end_with_a_way_back(self, alice: User) -> None:
        finished_edit_of(alice)
        html = page(signed_in(alice), f"/history/?older=1700000000000000-{'0' * 32}")
        assert not cards(html)
        assert "No more edits" in html

    def test_the_address_of_a_page_does_not_tell_how_many_edits_there_are(
        self, alice: User, short_pages: None
    ) -> None:
        edits = [finished_edit_of(alice) for _ in range(4)]
        assert edits[1].public_id.hex in older(page(signed_in(alice), "/history/"))


class TestWhileOneScrolls:
    def test_only_the_next_cards_are_sent(self, alice: User, short_pages: None) -> None:
        edits = [finished_edit_of(alice) for _ in range(5)]
        client = signed_in(alice)
        query = older(page(client, "/history/"))
        response = client.get(f"/history/?{query}", headers=IN_PLACE)
        html = response.content.decode()
        assert cards(html) == ids(edits[1::-1])
        assert "<html" not in html
        assert "HX-Request" in response.headers["Vary"]

    def test_a_day_that_goes_on_is_continued_and_not_named_again(
        self, alice: User, short_pages: None
    ) -> None:
        for _ in range(5):
            finished_edit_of(alice)
        client = signed_in(alice)
        query = older(page(client, "/history/"))
        in_place = page(client, f"/history/?{query}", headers=IN_PLACE)
        assert f'hx-swap-oob="beforeend:#day-{timezone.localdate():%Y%m%d}"' in in_place
        assert "<h2" not in in_place
        assert "Today <small>5 edits, continued</small>" in page(client, f"/history/?{query}")

    def test_the_last_page_has_no_link(self, alice: User) -> None:
        finished_edit_of(alice)
        assert not older(page(signed_in(alice), "/history/"))


class TestDays:
    def test_each_day_has_its_heading_and_its_count(self, alice: User) -> None:
        now = timezone.now()
        for ago in (0, 0, 1, 400):
            finished_edit_of(alice, created_at=now - timedelta(days=ago))
        EditRequest.objects.order_by("pk").update(created_at=now)
        oldest_first = [now - timedelta(days=400), now - timedelta(days=1), now, now]
        for edit, at in zip(EditRequest.objects.order_by("pk"), oldest_first, strict=True):
            EditRequest.objects.filter(pk=edit.pk).update(created_at=at)
        html = page(signed_in(alice), "/history/")
        day = timezone.localtime(oldest_first[0])
        assert "Today <small>2 edits</small>" in html
        assert "Yesterday <small>1 edit</small>" in html
        assert f"{day.day} {day:%B} {day.year} <small>1 edit</small>" in html

    @pytest.mark.parametrize("sort", ["", "&sort=oldest"])
    def test_a_day_that_the_page_cuts_is_counted_on_each_of_its_pages(
        self, alice: User, bob: User, short_pages: None, sort: str
    ) -> None:
        now = timezone.now()
        for days, count in ((2, 1), (1, 5), (0, 2)):
            for _ in range(count):
                finished_edit_of(alice, created_at=now - timedelta(days=days))
        finished_edit_of(bob)
        client, query = signed_in(alice), sort
        headings: list[tuple[str, str]] = []
        while query or not headings:
            html = page(client, f"/history/?{query}")
            headings += re.findall(r'<h2 class="day">(\w+).* <small>([^<]+)</small>', html)
            query = older(html)
        assert [count for day, count in headings if day == "Yesterday"] == ["5 edits"] + [
            "5 edits, continued"
        ] * (1 if sort else 2)
        assert ("Today", "2 edits") in headings

    def test_with_a_search_only_what_it_finds_is_counted(self, alice: User, short_pages: None) -> None:
        for number in range(6):
            finished_edit_of(alice, prompt=("red", "blue")[number % 2])
        assert "Today <small>3 edits</small>" in page(signed_in(alice), "/history/?q=red")

    def test_a_day_of_the_team_is_counted_by_when_it_was_shared(
        self, alice: User, bob: User, short_pages: None
    ) -> None:
        for _ in range(4):
            finished_edit_of(alice, shared=True)
        assert "Today <small>4 edits</small>" in page(signed_in(bob), "/team/")

    def test_a_day_with_more_than_is_counted_has_no_count(
        self, alice: User, short_pages: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listing, "MOST_COUNTED", 2)
        for _ in range(6):
            finished_edit_of(alice)
        assert '<h2 class="day">Today</h2>' in page(signed_in(alice), "/history/")

    def test_days_are_those_of_the_installation_where_nobody_chose_others(
        self, alice: User, settings: Settings
    ) -> None:
        settings.TIME_ZONE = "Pacific/Auckland"
        at = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)  # the morning of the second there
        finished_edit_of(alice, created_at=at)
        assert 'id="day-20260302"' in page(signed_in(alice), "/history/")


class TestCounts:
    def test_all_are_counted_where_nothing_narrows(self, alice: User, short_pages: None) -> None:
        for _ in range(5):
            finished_edit_of(alice)
        html = page(signed_in(alice), "/history/")
        assert "5 edits" in html

    def test_beyond_the_most_nobody_counts(self, alice: User) -> None:
        upload = upload_of()
        first = edit_of(alice, upload=upload)
        copies = [
            EditRequest(
                **{
                    field.attname: getattr(first, field.attname)
                    for field in EditRequest._meta.concrete_fields
                    if field.name not in ("id", "public_id", "submission_key")
                }
            )
            for _ in range(1001)
        ]
        EditRequest.objects.bulk_create(copies)
        assert "1,000+ edits" in page(signed_in(alice), "/history/")

    def test_a_search_that_fits_on_the_page_is_counted(self, alice: User) -> None:
        finished_edit_of(alice, prompt="red")
        finished_edit_of(alice, prompt="blue")
        assert ">1 edit<" in page(signed_in(alice), "/history/?q=red")

    def test_a_search_that_goes_on_is_not_counted(self, alice: User, short_pages: None) -> None:
        for _ in range(4):
            finished_edit_of(alice, prompt="red")
        assert 'id="total"' not in page(signed_in(alice), "/history/?q=red")


@pytest.mark.parametrize("page", ["history", "team", "trash"])
def test_what_a_gallery_shows_is_kept_by_no_cache_between(alice: User, page: str) -> None:
    answer = signed_in(alice).get(reverse(f"edits:{page}"))
    assert set(answer.headers["Cache-Control"].split(", ")) == {"private", "no-cache"}
