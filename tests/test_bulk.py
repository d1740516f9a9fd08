"""Tests of what one does with many edits at once: never with others', always with a way back."""

import uuid
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_STORED, ZipFile

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from edits.models import EditRequest, Star, Status, User
from edits.services.curating.sharing import set_star
from edits.services.pictures.storing import delete_pictures, picture_bytes
from edits.views import cursors
from edits.views.selection import MOST_TICKED
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of
from tests.marked_files import pixels

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response


def bulk(client: Client, action: str, edits: list[EditRequest], in_place: bool = False) -> "Response":
    """Select these and press the button."""
    data = {"action": action, "edit": [str(edit.public_id) for edit in edits], "next": "/history/?q=a"}
    return client.post("/edits/bulk/", data, headers={"HX-Request": "true"} if in_place else {})


def said(response: "Response") -> tuple[str, str]:
    """The sentence that the next page says, and where its Undo leads."""
    (message,) = get_messages(response.wsgi_request)
    return str(message), getattr(message, "undo", "")


def unzipped(response: "Response") -> ZipFile:
    """The zip that came."""
    return ZipFile(BytesIO(b"".join(response)))


class TestSharing:
    def test_those_with_a_picture_are_shared(self, alice: User) -> None:
        done, failed = finished_edit_of(alice), edit_of(alice, status=Status.FAILED)
        response = bulk(signed_in(alice), "share", [done, failed, filtered_edit_of(alice)])
        assert said(response)[0] == "Shared 1 edit with the team."
        assert set(EditRequest.objects.shared()) == {done}
        assert response.headers["Location"] == "/history/?q=a"

    def test_undo_takes_back_these_and_no_others(self, alice: User) -> None:
        before = finished_edit_of(alice, shared=True, source_is_shared=True)
        client = signed_in(alice)
        response = bulk(client, "share", [before, finished_edit_of(alice), finished_edit_of(alice)])
        sentence, undo = said(response)
        assert sentence == "Shared 2 edits with the team."
        client.post(undo)
        assert list(EditRequest.objects.shared()) == [before]
        assert EditRequest.objects.get(pk=before.pk).source_is_shared


class TestComparing:
    @pytest.mark.parametrize("of_whom", ["alice", "bob"])
    def test_two_with_pictures_are_compared_the_older_first(
        self, alice: User, bob: User, of_whom: str
    ) -> None:
        one = finished_edit_of(bob if of_whom == "bob" else alice, shared=True)
        other, failed = finished_edit_of(alice), edit_of(alice, status=Status.FAILED)
        response = bulk(signed_in(alice), "compare", [other, failed, one])
        assert response.headers["Location"] == f"/compare/{one.public_id}/{other.public_id}/"

    @pytest.mark.parametrize("number", [0, 1, 3])
    def test_any_other_number_is_told_what_to_do(self, alice: User, number: int) -> None:
        response = bulk(signed_in(alice), "compare", [finished_edit_of(alice) for _ in range(number)])
        assert said(response)[0] == "Select two finished edits to compare them."
        assert response.headers["Location"] == "/history/?q=a"

    def test_what_others_keep_private_is_not_compared(self, alice: User, bob: User) -> None:
        response = bulk(signed_in(bob), "compare", [finished_edit_of(alice), finished_edit_of(bob)])
        assert response.headers["Location"] == "/history/?q=a"

    def test_all_of_a_list_cannot_be(self, alice: User) -> None:
        sent = {"action": "compare", "all": "1", "list": "history", "shown": cursors.encode(timezone.now())}
        assert signed_in(alice).post("/edits/bulk/", sent).status_code == 400


class TestStars:
    def test_shared_edits_of_others_may_be_starred_too(self, alice: User, bob: User) -> None:
        theirs, mine = finished_edit_of(alice, shared=True), finished_edit_of(bob)
        private = finished_edit_of(alice)
        old = finished_edit_of(bob)
        set_star(edit=old, user=bob, starred=True, now=timezone.now())
        client = signed_in(bob)
        sentence, undo = said(bulk(client, "star", [theirs, mine, private, old]))
        assert sentence == "Starred 2 edits."
        assert {star.edit for star in Star.objects.filter(user=bob)} == {theirs, mine, old}
        client.post(undo)
        assert {star.edit for star in Star.objects.filter(user=bob)} == {old}


class TestTrash:
    def test_many_are_thrown_away_and_taken_back_together(self, alice: User) -> None:
        edits = [finished_edit_of(alice), edit_of(alice, status=Status.FAILED), edit_of(alice)]
        kept, client = finished_edit_of(alice), signed_in(alice)
        sentence, undo = said(bulk(client, "trash", edits))
        assert sentence == "Moved 3 edits to the trash."
        assert list(EditRequest.objects.not_trashed()) == [kept]
        assert client.post(undo).headers["Location"] == "/history/"
        assert EditRequest.objects.not_trashed().count() == 4

    def test_undo_does_not_bring_back_what_was_thrown_away_before(self, alice: User) -> None:
        first, second = finished_edit_of(alice), finished_edit_of(alice)
        client = signed_in(alice)
        bulk(client, "trash", [first])
        _, undo = said(client.get("/") and bulk(client, "trash", [second]))
        client.post(undo)
        assert list(EditRequest.objects.trashed()) == [first]

    def test_somebody_elses_undo_brings_back_nothing(self, alice: User, bob: User) -> None:
        edit = finished_edit_of(alice)
        _, undo = said(bulk(signed_in(alice), "trash", [edit]))
        signed_in(bob).post(undo)
        assert list(EditRequest.objects.trashed()) == [edit]

    def test_the_trash_gives_back_what_was_selected(self, alice: User) -> None:
        edits = [finished_edit_of(alice), finished_edit_of(alice)]
        client = signed_in(alice)
        bulk(client, "trash", edits)
        client.get("/trash/")
        assert said(bulk(client, "restore", edits[:1])) == ("Restored 1 edit.", "")
        assert list(EditRequest.objects.trashed()) == edits[1:]


class TestOthers:
    @pytest.mark.parametrize("action", ["share", "trash", "restore"])
    @pytest.mark.parametrize("person", ["bob", "rita", "root"])
    def test_nothing_of_others_is_touched(
        self, alice: User, request: pytest.FixtureRequest, action: str, person: str
    ) -> None:
        edits = [
            finished_edit_of(alice),
            finished_edit_of(alice, shared=True),
            finished_edit_of(alice, trashed_at=finished_edit_of(alice).created_at),
        ]
        before = list(EditRequest.objects.order_by("pk").values())
        response = bulk(signed_in(request.getfixturevalue(person)), action, edits)
        assert list(EditRequest.objects.order_by("pk").values()) == before
        assert said(response) == ("Nothing changed. This action is not available for the selected edits.", "")

    def test_private_pictures_of_others_are_not_downloaded(self, alice: User, bob: User, root: User) -> None:
        for person in (bob, root):
            response = bulk(signed_in(person), "download", [finished_edit_of(alice), filtered_edit_of(alice)])
            assert response.status_code == 302

    def test_a_stranger_signs_in_first(self, alice: User, stranger: Client) -> None:
        edit = finished_edit_of(alice)
        assert bulk(stranger, "trash", [edit]).headers["Location"].startswith("/accounts/login/")
        assert not EditRequest.objects.trashed().exists()


class TestOddRequests:
    @pytest.mark.parametrize("action", ["", "delete", "purge"])
    def test_an_unknown_action_is_a_bad_request(self, alice: User, action: str) -> None:
        assert bulk(signed_in(alice), action, [finished_edit_of(alice)]).status_code == 400

    @pytest.mark.parametrize("query", ["", "action=trash", "action=trash&at=x", "action=restore&at=1"])
    def test_an_undo_of_nothing_is_a_bad_request(self, alice: User, query: str) -> None:
        assert signed_in(alice).post(f"/edits/bulk/undo/?{query}").status_code == 400

    def test_ids_that_are_none_change_nothing(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        data = {"action": "trash", "edit": ["x", "", str(uuid.uuid4())]}
        assert signed_in(alice).post("/edits/bulk/", data).status_code == 302
        assert EditRequest.objects.not_trashed().get() == edit

    def test_too_many_at_once_are_refused_whole(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        ids = [str(edit.public_id), *(str(uuid.uuid4()) for _ in range(MOST_TICKED))]
        response = signed_in(alice).post("/edits/bulk/", {"action": "trash", "edit": ids})
        assert said(response)[0] == (
            "Nothing changed. You can select at most 900 edits one by one; use “Select all” for more."
        )
        assert not EditRequest.objects.trashed().exists()


class TestInPlace:
    def test_cards_of_what_is_thrown_away_leave_the_page(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        html = bulk(signed_in(alice), "trash", [edit], in_place=True).content.decode()
        assert f'<div id="card-{edit.public_id}" hx-swap-oob="delete">' in html
        assert "Moved 1 edit to the trash." in html
        assert "/edits/bulk/undo/?action=trash&amp;at=" in html

    def test_marks_of_what_is_starred_change(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        html = bulk(signed_in(alice), "star", [edit], in_place=True).content.decode()
        assert f'id="marks-{edit.public_id}" hx-swap-oob="true"' in html
        assert 'aria-pressed="true"' in html
        assert 'hx-swap-oob="delete"' not in html


class TestDownload:
    def test_the_results_come_as_one_zip_pixel_for_pixel(self, alice: User, bob: User) -> None:
        mine = finished_edit_of(bob, prompt="Red cat/../etc?", seed=5)
        theirs = finished_edit_of(alice, shared=True, prompt="猫")
        response = bulk(signed_in(bob), "download", [mine, theirs])
        assert response.headers["Content-Type"] == "application/zip"
        assert "attachment" in response.headers["Content-Disposition"]
        assert "no-store" in response.headers["Cache-Control"]
        archive = unzipped(response)
        assert archive.namelist() == ["001-harbor-猫-77120.png", "002-harbor-red-cat-etc-5.png"]
        packed = archive.read("002-harbor-red-cat-etc-5.png")
        assert pixels(packed) == pixels(picture_bytes(mine.result.file))
        assert {entry.compress_type for entry in archive.infolist()} == {ZIP_STORED}

    def test_withheld_and_failed_ones_are_left_out(self, alice: User) -> None:
        edits = [filtered_edit_of(alice), edit_of(alice, status=Status.FAILED), finished_edit_of(alice)]
        assert len(unzipped(bulk(signed_in(alice), "download", edits)).namelist()) == 1

    def test_nothing_to_download_is_said(self, alice: User) -> None:
        response = bulk(signed_in(alice), "download", [filtered_edit_of(alice)])
        assert said(response)[0] == "None of the selected edits has a picture to download."

    def test_a_picture_that_is_lost_is_named(self, alice: User) -> None:
        lost, there = finished_edit_of(alice, prompt="the lost one"), finished_edit_of(alice)
        delete_pictures(lost.result.file)
        archive = unzipped(bulk(signed_in(alice), "download", [lost, there]))
        assert len(archive.namelist()) == 2
        assert "the lost one" in archive.read("not-included.txt").decode()
