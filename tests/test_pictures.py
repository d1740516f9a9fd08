"""Pictures are served to those who may see them, and to nobody else, in every form of asking."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from edits.models import AuditEntry, EditReference, EditRequest, ReturnedImage, Role, Status, User
from edits.services.pictures.storing import picture_bytes
from tests.conftest import person, signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, picture, upload_of
from tests.stored import fetched, from_a_folder

KINDS = ["result", "result_320", "source", "source_320", "change_map", "download_result"]


def url(edit: EditRequest, kind: str) -> str:
    name, _, width = kind.partition("_3")
    if width:
        return reverse(f"edits:{name}_width", args=[edit.public_id, 320])
    return reverse(f"edits:{kind}", args=[edit.public_id])


def with_map(edit: EditRequest) -> EditRequest:
    edit.result.change_map.save("results/map.png", ContentFile(picture()))
    return edit


@pytest.fixture
def everybody(alice: User, bob: User, rita: User, root: User) -> dict[str, Client]:
    dead = person("dora")
    browser = signed_in(dead)
    User.objects.filter(pk=dead.pk).update(is_active=False)
    people = {"owner": alice, "other": bob, "reviewer": rita, "admin": root}
    return {name: signed_in(user) for name, user in people.items()} | {"dead": browser, "anon": Client()}


def statuses(everybody: dict[str, Client], address: str) -> dict[str, int]:
    return {name: fetched(browser, address).status_code for name, browser in everybody.items()}


PRIVATE = {"owner": 200, "other": 404, "reviewer": 404, "admin": 200, "dead": 302, "anon": 302}
NOBODY = {"owner": 404, "other": 404, "reviewer": 404, "admin": 404, "dead": 302, "anon": 302}
TEAM = {"owner": 200, "other": 200, "reviewer": 200, "admin": 200, "dead": 302, "anon": 302}


@pytest.mark.parametrize("kind", KINDS)
def test_a_private_edits_pictures_are_its_owners(
    everybody: dict[str, Client], alice: User, kind: str
) -> None:
    assert statuses(everybody, url(with_map(finished_edit_of(alice)), kind)) == PRIVATE


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("result", TEAM),
        ("result_320", TEAM),
        ("download_result", TEAM),
        ("source", PRIVATE),
        ("source_320", PRIVATE),
        ("change_map", PRIVATE),
    ],
)
def test_a_shared_result_is_the_teams_but_its_source_is_not(
    everybody: dict[str, Client], alice: User, kind: str, expected: dict[str, int]
) -> None:
    assert statuses(everybody, url(with_map(finished_edit_of(alice, shared=True)), kind)) == expected


@pytest.mark.parametrize("kind", ["source", "source_320", "change_map"])
def test_a_source_that_was_shared_too_is_the_teams(
    everybody: dict[str, Client], alice: User, kind: str
) -> None:
    edit = with_map(finished_edit_of(alice, shared=True, source_is_shared=True))
    assert statuses(everybody, url(edit, kind)) == TEAM


@pytest.mark.parametrize("kind", ["result", "result_320", "download_result", "change_map"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_withheld_picture_is_nobodys(
    everybody: dict[str, Client], alice: User, kind: str, method: str
) -> None:
    address = url(filtered_edit_of(alice), kind)
    found = {name: getattr(browser, method)(address).status_code for name, browser in everybody.items()}
    assert found == NOBODY


@pytest.mark.parametrize(
    "headers", [{"range": "bytes=0-10"}, {"if-none-match": "*"}, {"if-modified-since": "x"}]
)
def test_no_header_gets_a_withheld_picture(alice: User, headers: dict[str, str]) -> None:
    edit = filtered_edit_of(alice)
    response = signed_in(alice).get(url(edit, "result"), headers=headers)
    assert response.status_code == 404


def test_the_source_of_a_filtered_edit_is_still_its_owners(everybody: dict[str, Client], alice: User) -> None:
    assert statuses(everybody, url(filtered_edit_of(alice), "source")) == PRIVATE


def test_unsharing_ends_it_with_the_next_request(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice, shared=True)
    browser = signed_in(bob)
    first = browser.get(url(edit, "result"))
    EditRequest.objects.update(shared_at=None)
    etag = first.headers.get("ETag", "*")
    again = browser.get(url(edit, "result"), headers={"if-none-match": etag})
    assert again.status_code == 404


def test_in_the_trash_it_is_its_owners_alone(everybody: dict[str, Client], alice: User) -> None:
    edit = finished_edit_of(alice, shared=True, trashed_at=timezone.now())
    assert statuses(everybody, url(edit, "result")) == PRIVATE


def test_an_administrators_look_at_what_is_private_is_written_down(alice: User, root: User) -> None:
    edit = finished_edit_of(alice)
    signed_in(root).get(url(edit, "result"))
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.subject) == (root, str(edit.public_id))


def test_looks_at_what_is_shared_or_ones_own_are_not(alice: User, root: User) -> None:
    signed_in(root).get(url(finished_edit_of(alice, shared=True), "result"))
    signed_in(root).get(url(finished_edit_of(root), "result"))
    assert not AuditEntry.objects.exists()


def test_a_picture_that_is_not_there_looks_like_one_that_is_not_yours(alice: User, bob: User) -> None:
    private = signed_in(bob).get(url(finished_edit_of(alice), "result"))
    edit = edit_of(bob)
    missing = signed_in(bob).get(url(edit, "result"))
    assert (private.status_code, missing.status_code) == (404, 404)


@pytest.mark.parametrize("status", [status for status in Status if status != Status.SUCCEEDED])
def test_only_a_done_edit_has_a_result(alice: User, status: Status) -> None:
    assert signed_in(alice).get(url(edit_of(alice, status=status), "result")).status_code == 404


class TestReferences:
    """Served as the source is, by their positions."""

    def with_references(self, edit: EditRequest) -> EditRequest:
        for position in (1, 2):
            EditReference.objects.create(edit=edit, upload=upload_of(), position=position)
        return edit

    @pytest.mark.parametrize("width", ["", "320/"])
    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({}, PRIVATE),
            ({"shared": True}, PRIVATE),
            ({"shared": True, "source_is_shared": True}, TEAM),
            ({"shared": True, "source_is_shared": True, "trashed_at": timezone.now()}, PRIVATE),
        ],
    )
    def test_they_follow_the_source_s_rule(
        self, everybody: dict[str, Client], alice: User, fields: dict[str, Any], expected: dict[str, int], width: str
    ) -> None:  # fmt: skip
        edit = self.with_references(finished_edit_of(alice, **fields))
        for position in (1, 2):
            assert statuses(everybody, f"/edits/{edit.public_id}/reference/{position}/{width}") == expected

    def test_each_position_is_its_own_picture(self, alice: User) -> None:
        edit, browser = self.with_references(finished_edit_of(alice)), signed_in(alice)
        for each in edit.references.all():
            found = fetched(browser, f"/edits/{edit.public_id}/reference/{each.position}/")
            assert found.content == picture_bytes(each.upload.file)

    @pytest.mark.parametrize("rest", ["0/", "3/", "1/321/", "-1/", "x/", "1/../source/"])
    def test_others_do_not_exist(self, alice: User, rest: str) -> None:
        edit = self.with_references(finished_edit_of(alice))
        assert signed_in(alice).get(f"/edits/{edit.public_id}/reference/{rest}").status_code == 404

    def test_those_of_another_edit_are_not_reached(self, alice: User, bob: User) -> None:
        self.with_references(finished_edit_of(alice))
        mine = finished_edit_of(bob)
        assert signed_in(bob).get(f"/edits/{mine.public_id}/reference/1/").status_code == 404

    def test_an_administrators_look_is_written_down(self, alice: User, root: User) -> None:
        edit = self.with_references(finished_edit_of(alice))
        signed_in(root).get(f"/edits/{edit.public_id}/reference/1/")
        assert AuditEntry.objects.get().subject == str(edit.public_id)


class TestAnswers:
    """What goes with the bytes."""

    def test_the_bytes_come_with_their_true_type_and_a_name_of_ours(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        found = fetched(signed_in(alice), url(edit, "result"))
        assert found.content == picture_bytes(edit.result.file)
        assert found.headers["Content-Type"] == "image/png"
        assert found.headers["Content-Disposition"].startswith('inline; filename="harbor-turn-it-black-')

    @from_a_folder
    def test_headers_keep_the_bytes_from_being_anything_else(self, alice: User) -> None:
        response = signed_in(alice).get(url(finished_edit_of(alice), "result"))
        assert response["Cache-Control"] == "private, max-age=3600"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"

    def test_a_download_is_a_file_with_a_name_of_ours(self, alice: User) -> None:
        edit = finished_edit_of(alice, source_name='../../x"<script>.png')
        found = fetched(signed_in(alice), url(edit, "download_result"))
        name = 'attachment; filename="x-script-turn-it-black-and-white-77120.png"'
        assert found.headers["Content-Disposition"] == name

    @from_a_folder
    def test_a_browser_that_has_it_is_told_so(self, alice: User) -> None:
        browser = signed_in(alice)
        address = url(finished_edit_of(alice), "result")
        etag = browser.get(address)["ETag"]
        assert browser.get(address, headers={"if-none-match": etag}).status_code == 304

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_browser_keeps_it_an_hour_for_the_person_who_was_allowed_to_see_it(
        self, alice: User, kind: str
    ) -> None:
        response = signed_in(alice).get(url(with_map(finished_edit_of(alice)), kind))
        kept = {"private", "max-age=30" if settings.AWS_STORAGE_BUCKET_NAME else "max-age=3600"}
        if kind == "download_result":  # whether its recipe goes along may have changed
            kept = {"private", "no-cache"}
        assert set(response["Cache-Control"].split(", ")) == kept
        assert "Cookie" in response["Vary"], "who signs in next, or has signed out, asks again"

    @pytest.mark.parametrize("kind", KINDS)
    def test_who_may_not_see_it_any_more_is_not_told_that_it_did_not_change(
        self, alice: User, bob: User, kind: str
    ) -> None:
        edit = with_map(finished_edit_of(alice, shared=True, source_is_shared=True))
        browser, address = signed_in(bob), url(edit, kind)
        etag = browser.get(address).headers.get("ETag", "*")
        EditRequest.objects.update(shared_at=None)
        assert browser.get(address, headers={"if-none-match": etag}).status_code == 404

    def test_a_thumbnail_that_is_not_made_yet_is_the_whole_picture(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        found = fetched(signed_in(alice), url(edit, "result_320"))
        assert found.content == picture_bytes(edit.result.file)

    @from_a_folder
    @pytest.mark.parametrize("is_there", [True, False])
    def test_a_thumbnail_that_a_power_failure_emptied_is_the_whole_picture(
        self, alice: User, is_there: bool
    ) -> None:
        edit = finished_edit_of(alice)
        name = (
            default_storage.save("results/x/320.webp", ContentFile(b"")) if is_there else "results/x/no.webp"
        )
        ReturnedImage.objects.update(thumb_320=name)
        found = fetched(signed_in(alice), url(edit, "result_320"))
        assert found.content == picture_bytes(edit.result.file)
        assert found.headers["Content-Type"] == "image/png"

    @pytest.mark.parametrize("width", [1, 321, 99999])
    def test_other_widths_do_not_exist(self, alice: User, width: int) -> None:
        edit = finished_edit_of(alice)
        address = reverse("edits:result_width", args=[edit.public_id, width])
        assert signed_in(alice).get(address).status_code == 404

    def test_a_file_that_is_gone_is_told_as_missing(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        edit.result.file.storage.delete(str(edit.result.file.name))
        expected = (
            (404, 403) if settings.AWS_STORAGE_BUCKET_NAME else (404,)
        )  # a bucket does not say what it lacks
        assert fetched(signed_in(alice), url(edit, "result")).status_code in expected

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_pictures_are_only_read(self, alice: User, method: str) -> None:
        address = url(finished_edit_of(alice), "result")
        assert getattr(signed_in(alice), method)(address).status_code == 405

    def test_it_takes_a_query_for_the_picture_beside_those_for_the_person(
        self, alice: User, django_assert_num_queries: pytest.FixtureRequest
    ) -> None:
        browser, address = signed_in(alice), url(finished_edit_of(alice), "result")
        browser.get(address)
        with django_assert_num_queries(3):  # type: ignore[operator]
            browser.get(address)


def test_the_folder_of_pictures_has_no_address(alice: User, root: User) -> None:
    edit = finished_edit_of(alice)
    path = Path(str(edit.result.file.name))
    for browser in (Client(), signed_in(alice), signed_in(root)):
        for address in (f"/media/{path}", f"/pictures/{path}", f"/static/{path}"):
            assert browser.get(address).status_code in (302, 404)
    assert not Path(settings.MEDIA_ROOT).is_relative_to(settings.STATIC_ROOT)


def test_roles_above_are_the_ones_that_exist() -> None:
    assert {role.value for role in Role} == {"member", "reviewer", "administrator"}
