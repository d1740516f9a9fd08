"""The page that compares two edits: who may open it, what it says, and the map of changes between both."""

import re
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from edits.models import AuditEntry, EditReference, EditRequest, ReturnedImage, Status, User
from edits.services.curating.trashing import trash_edits
from edits.views.compared import Row, rows_of
from edits.views.comparing import pair_of
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, picture, result_of, upload_of


def address(first: EditRequest, second: EditRequest, rest: str = "") -> str:
    return f"/compare/{first.public_id}/{second.public_id}/{rest}"


def look(client: Client, first: EditRequest, second: EditRequest, rest: str = "") -> str:
    """The page of both."""
    response = client.get(address(first, second, rest))
    assert response.status_code == 200
    return response.content.decode()


def rows(first: EditRequest, second: EditRequest, viewer: User) -> dict[str, Row]:
    pair = pair_of(viewer, first.public_id, second.public_id)
    return {row.name: row for row in rows_of(*pair, viewer=viewer)}


class TestWhoMayOpenIt:
    @pytest.mark.parametrize("rest", ["", "map/"])
    def test_both_must_be_open_to_the_viewer(self, alice: User, bob: User, rita: User, rest: str) -> None:
        shared, private = finished_edit_of(alice, shared=True), finished_edit_of(alice)
        mine = finished_edit_of(bob)
        found = {
            person.username: signed_in(person).get(address(shared, private, rest)).status_code
            for person in (alice, bob, rita)
        }
        assert found == {"alice": 200, "bob": 404, "rita": 404}
        assert signed_in(bob).get(address(mine, shared, rest)).status_code == 200
        assert signed_in(bob).get(address(private, mine, rest)).status_code == 404

    @pytest.mark.parametrize("rest", ["", "map/"])
    def test_a_stranger_signs_in_first(self, alice: User, stranger: Client, rest: str) -> None:
        one, other = (finished_edit_of(alice, shared=True) for _ in range(2))
        assert stranger.get(address(one, other, rest)).status_code == 302

    @pytest.mark.parametrize("rest", ["", "map/"])
    def test_what_the_filter_stopped_is_compared_with_nothing(
        self, alice: User, rita: User, root: User, rest: str
    ) -> None:
        done, stopped = finished_edit_of(alice, shared=True), filtered_edit_of(alice)
        for person in (alice, rita, root):
            for pair in ((done, stopped), (stopped, done)):
                assert signed_in(person).get(address(*pair, rest)).status_code == 404

    def test_a_withheld_picture_is_not_shown_whatever_its_edit_s_status_says(self, alice: User) -> None:
        done, odd = finished_edit_of(alice), edit_of(alice, status=Status.SUCCEEDED)
        result_of(odd, withheld=True)
        for rest in ("", "map/"):
            assert signed_in(alice).get(address(done, odd, rest)).status_code == 404

    @pytest.mark.parametrize("status", [Status.QUEUED, Status.FAILED, Status.CANCELED])
    def test_only_done_edits_are_compared(self, alice: User, status: Status) -> None:
        done = finished_edit_of(alice)
        assert signed_in(alice).get(address(done, edit_of(alice, status=status))).status_code == 404

    def test_unsharing_ends_it_for_others(self, alice: User, bob: User) -> None:
        shared, mine = finished_edit_of(alice, shared=True), finished_edit_of(bob)
        client = signed_in(bob)
        etag = client.get(address(shared, mine, "map/")).headers["ETag"]
        assert "no-cache" in client.get(address(shared, mine)).headers["Cache-Control"]
        EditRequest.objects.update(shared_at=None)
        assert client.get(address(shared, mine)).status_code == 404
        assert client.get(address(shared, mine, "map/"), headers={"if-none-match": etag}).status_code == 404

    def test_in_the_trash_it_is_its_owner_s_alone(self, alice: User, bob: User) -> None:
        shared, mine = finished_edit_of(alice, shared=True), finished_edit_of(bob)
        trash_edits(owner=alice, edits=EditRequest.objects.filter(pk=shared.pk), now=shared.created_at)
        assert signed_in(bob).get(address(shared, mine)).status_code == 404

    def test_one_and_the_same_edit_is_looked_at_alone(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        response = signed_in(alice).get(address(edit, edit))
        assert response.headers["Location"] == f"/edits/{edit.public_id}/"


class TestTheAuditLog:
    def test_an_administrator_s_look_at_private_edits_is_written_down(self, alice: User, root: User) -> None:
        one, other = finished_edit_of(alice), finished_edit_of(alice, shared=True)
        assert "Private: this visit is recorded" in look(signed_in(root), one, other)
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action, entry.subject) == (root, "looked at an edit", str(one.public_id))
        signed_in(root).get(address(one, other, "map/"))
        assert (
            AuditEntry.objects.filter(action="looked at a picture", subject=str(one.public_id)).count() == 1
        )

    def test_looks_that_take_no_rights_are_not(self, alice: User, root: User) -> None:
        one, other = (finished_edit_of(alice, shared=True) for _ in range(2))
        assert "this visit is recorded" not in look(signed_in(root), one, other)
        look(signed_in(alice), one, other)
        assert not AuditEntry.objects.exists()


class TestWhatItShows:
    def test_both_pictures_small_first_and_whole_only_when_asked(self, alice: User) -> None:
        one, other = finished_edit_of(alice), finished_edit_of(alice)
        ReturnedImage.objects.update(thumb_320="x/320.webp", thumb_1024="x/1024.webp")
        html = look(signed_in(alice), one, other)
        for edit in (one, other):
            assert f'class="under" src="/edits/{edit.public_id}/result/320/"' in html
            assert f'src="/edits/{edit.public_id}/result/1024/"' in html
            assert f'data-full="/edits/{edit.public_id}/result/"' in html
            assert f' src="/edits/{edit.public_id}/result/"' not in html

    def test_words_that_differ_are_marked(self, alice: User) -> None:
        one, other = (
            finished_edit_of(alice, prompt=prompt) for prompt in ("a red <house>", "a blue <house>")
        )
        html = look(signed_in(alice), one, other)
        assert "<del>red</del> <ins>blue</ins>" in html
        assert "<house>" not in html

    def test_swapping_leads_to_the_page_the_other_way_round(self, alice: User) -> None:
        one, other = finished_edit_of(alice), finished_edit_of(alice)
        assert f'href="{address(other, one)}"' in look(signed_in(alice), one, other)

    @pytest.mark.parametrize(
        ("size", "words", "has_map"),
        [
            ((96, 64), "Both <span", True),
            ((192, 128), "scaled to match", True),
            ((64, 64), "proportions differ", False),
        ],
    )
    def test_pictures_of_different_sizes_are_matched_and_the_page_says_so(
        self, alice: User, size: tuple[int, int], words: str, has_map: bool
    ) -> None:
        one, other = finished_edit_of(alice), edit_of(alice, status=Status.SUCCEEDED)
        result_of(other, picture(width_px=size[0], height_px=size[1]))
        html = look(signed_in(alice), one, other)
        assert words in html
        assert ('data-mode-set="map"' in html) is has_map

    def test_the_first_source_of_the_chain_can_be_the_left_picture(self, alice: User, bob: User) -> None:
        first = finished_edit_of(alice, shared=True, source_is_shared=True)
        second = finished_edit_of(alice, parent=first, shared=True)
        third, other = finished_edit_of(alice, parent=second, shared=True), finished_edit_of(bob)
        assert "?before=first" in look(signed_in(bob), other, third)
        html = look(signed_in(bob), other, third, "?before=first")
        assert f"/edits/{first.public_id}/source/1024/" in html
        assert f"/edits/{other.public_id}/result/1024/" not in html

    @pytest.mark.parametrize("hidden", [{"source_is_shared": False}, {"shared_at": None}])
    def test_but_only_where_that_source_may_be_seen(
        self, alice: User, bob: User, hidden: dict[str, Any]
    ) -> None:
        first = finished_edit_of(alice, shared=True, source_is_shared=True)
        second, other = finished_edit_of(alice, parent=first, shared=True), finished_edit_of(bob)
        EditRequest.objects.filter(pk=first.pk).update(**hidden)
        html = look(signed_in(bob), other, second, "?before=first")
        assert "/source/" not in html
        assert "?before=first" not in html

    @pytest.mark.parametrize("chain", [0, 3])
    def test_it_takes_few_queries_however_much_there_is(
        self, alice: User, bob: User, chain: int, django_assert_num_queries: Any
    ) -> None:
        other = finished_edit_of(bob, shared=True, source_is_shared=True)
        edit = finished_edit_of(alice)
        for _ in range(chain):
            edit = finished_edit_of(alice, parent=edit)
        for position in range(1, 1 + chain):
            EditReference.objects.create(edit=edit, upload=upload_of(), position=position)
        client = signed_in(alice)
        look(client, other, edit)  # what is cached for all pages
        with django_assert_num_queries(6 + chain):  # one for each ancestor, as in the viewer
            look(client, other, edit)


class TestTheTable:
    def test_rows_that_differ_are_marked_and_others_are_not(self, alice: User) -> None:
        one = finished_edit_of(alice, steps=28, extras={"negative_prompt": "people"})
        other = finished_edit_of(alice, steps=40, upload=one.upload, source_name="copy.png")
        found = rows(one, other, alice)
        assert {name for name, row in found.items() if row.differs} >= {"Steps", "Negative prompt"}
        assert (found["Steps"].first, found["Steps"].second) == ("28", "40")
        assert not found["Seed"].differs
        assert not found["Source"].differs  # the same picture under two names
        html = look(signed_in(alice), one, other)
        assert len(re.findall(r'<tr class="differs', html)) == sum(
            row.differs is True for row in found.values()
        )

    def test_a_source_that_is_not_shared_is_neither_named_nor_compared(self, alice: User, bob: User) -> None:
        one = finished_edit_of(alice, shared=True, source_name="divorce-papers.png")
        other = finished_edit_of(bob, upload=one.upload)
        EditReference.objects.create(edit=one, upload=upload_of(), position=1)
        found = rows(one, other, bob)
        assert (found["Source"].first, found["Source"].differs) == ("not shared", None)
        assert "References" not in found
        assert "divorce-papers" not in look(signed_in(bob), one, other)

    def test_references_are_the_same_only_in_the_same_order(self, alice: User) -> None:
        one, other = finished_edit_of(alice), finished_edit_of(alice)
        first, second = upload_of(), upload_of()
        for edit, uploads in ((one, (first, second)), (other, (second, first))):
            for position, upload in enumerate(uploads, start=1):
                EditReference.objects.create(edit=edit, upload=upload, position=position)
        assert rows(one, other, alice)["References"].differs

    def test_a_model_without_a_seed_says_so(self, alice: User) -> None:
        one, other = finished_edit_of(alice), finished_edit_of(alice, seed=None)
        ReturnedImage.objects.filter(edit=other).update(seed_used=None)
        assert rows(one, other, alice)["Seed"].second == "This model takes no seed"


class TestTheMap:
    def test_it_shows_where_both_differ_and_says_how_much(self, alice: User) -> None:
        one, other = edit_of(alice, status=Status.SUCCEEDED), edit_of(alice, status=Status.SUCCEEDED)
        result_of(one, picture(mark=1))
        result_of(other, picture(mark=2))
        response = signed_in(alice).get(address(one, other, "map/"))
        assert response.headers["Content-Type"] == "image/webp"
        assert re.fullmatch(r"[\d.]+ %", response.headers["X-Changed-Share"])
        assert "private" in response.headers["Cache-Control"]
        with Image.open(BytesIO(response.content)) as drawn:
            assert (drawn.mode, drawn.width / drawn.height) == ("RGBA", pytest.approx(1.5))

    def test_nothing_differs_between_equal_pictures(self, alice: User) -> None:
        one, other = edit_of(alice, status=Status.SUCCEEDED), edit_of(alice, status=Status.SUCCEEDED)
        for edit in (one, other):
            result_of(edit, picture(mark=1))
        assert signed_in(alice).get(address(one, other, "map/")).headers["X-Changed-Share"] == "0 %"

    def test_it_is_not_drawn_again_for_a_browser_that_has_it(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, other = finished_edit_of(alice), finished_edit_of(alice)
        client = signed_in(alice)
        etag = client.get(address(one, other, "map/")).headers["ETag"]
        monkeypatch.setattr("edits.views.comparing.difference_between", None)
        assert client.get(address(one, other, "map/"), headers={"if-none-match": etag}).status_code == 304

    def test_a_picture_that_cannot_be_read_is_no_error_page(self, alice: User) -> None:
        one, other = finished_edit_of(alice), finished_edit_of(alice)
        ReturnedImage.objects.filter(edit=one).update(file="gone/full.png")
        assert signed_in(alice).get(address(one, other, "map/")).status_code == 503
