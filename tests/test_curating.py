"""Tests of what one does with a finished edit: share, star, throw away, take back; and who may not."""

import re
from typing import TYPE_CHECKING

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from edits.models import AuditEntry, EditRequest, Star, Status, User
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

ACTIONS = ("share", "star", "trash", "restore")
HTMX = {"HX-Request": "true"}


def post(client: Client, edit: EditRequest, action: str, **data: str) -> "Response":
    """Press the button."""
    return client.post(f"/edits/{edit.public_id}/{action}/", data)


def said(response: "Response") -> list[tuple[str, str]]:
    """What the next page will say: the sentences and where their Undo leads."""
    return [(str(message), getattr(message, "undo", "")) for message in get_messages(response.wsgi_request)]


def fresh(edit: EditRequest) -> EditRequest:
    """As the database has it now."""
    return EditRequest.objects.get(pk=edit.pk)


class TestWhoMay:
    @pytest.mark.parametrize("action", ACTIONS)
    def test_a_stranger_signs_in_first(self, alice: User, stranger: Client, action: str) -> None:
        edit = finished_edit_of(alice)
        assert post(stranger, edit, action).headers["Location"].startswith("/accounts/login/")
        assert fresh(edit).shared_at is None
        assert fresh(edit).trashed_at is None

    @pytest.mark.parametrize("action", ACTIONS)
    @pytest.mark.parametrize("person", ["bob", "rita"])
    def test_a_private_edit_of_somebody_else_does_not_exist(
        self, alice: User, request: pytest.FixtureRequest, action: str, person: str
    ) -> None:
        edit = finished_edit_of(alice)
        client = signed_in(request.getfixturevalue(person))
        assert post(client, edit, action).status_code == 404
        assert post(client, edit, action, shared="0").status_code == 404
        assert not Star.objects.exists()

    @pytest.mark.parametrize("action", ["trash", "restore"])
    @pytest.mark.parametrize("person", ["bob", "rita"])
    def test_a_shared_edit_is_its_owners_to_throw_away(
        self, alice: User, request: pytest.FixtureRequest, action: str, person: str
    ) -> None:
        edit = finished_edit_of(alice, shared=True)
        assert post(signed_in(request.getfixturevalue(person)), edit, action).status_code == 404
        assert fresh(edit).trashed_at is None

    @pytest.mark.parametrize("action", ["star", "trash", "restore"])
    def test_looking_at_an_address_changes_nothing(self, alice: User, action: str) -> None:
        edit = finished_edit_of(alice)
        assert signed_in(alice).get(f"/edits/{edit.public_id}/{action}/").status_code == 405

    def test_a_form_of_another_site_is_refused(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        client = Client(enforce_csrf_checks=True)
        client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
        for action in ACTIONS:
            assert post(client, edit, action).status_code == 403
        assert fresh(edit).shared_at is None

    def test_nobody_is_led_to_another_site(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        response = post(signed_in(alice), edit, "star", next="https://evil.example/")
        assert response.headers["Location"] == f"/edits/{edit.public_id}/"
        assert (
            post(signed_in(alice), edit, "star", next="/history/?q=a").headers["Location"] == "/history/?q=a"
        )


class TestSharing:
    def test_an_edit_is_shared_without_its_source(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        response = post(signed_in(alice), edit, "share")
        assert fresh(edit).shared_at
        assert not fresh(edit).source_is_shared
        assert said(response) == [("Shared with the team.", f"/edits/{edit.public_id}/share/?shared=0")]

    def test_the_source_is_shared_where_one_says_so(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        post(signed_in(alice), edit, "share", with_source="1")
        assert fresh(edit).source_is_shared

    def test_undo_makes_it_private_again(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        client = signed_in(alice)
        undo = said(post(client, edit, "share"))[0][1]
        client.post(undo)
        assert fresh(edit).shared_at is None

    def test_what_was_private_again_can_be_shared_as_it_was(self, alice: User) -> None:
        edit = finished_edit_of(alice, shared=True, source_is_shared=True)
        client = signed_in(alice)
        response = post(client, edit, "share", shared="0")
        assert fresh(edit).shared_at is None
        assert not fresh(edit).source_is_shared
        client.post(said(response)[0][1])
        assert fresh(edit).source_is_shared

    @pytest.mark.parametrize(
        "status", [Status.QUEUED, Status.RUNNING, Status.FAILED, Status.CANCELED, Status.FILTERED]
    )
    def test_what_has_no_picture_is_refused(self, alice: User, status: Status) -> None:
        edit = filtered_edit_of(alice) if status == Status.FILTERED else edit_of(alice, status=status)
        response = post(signed_in(alice), edit, "share", with_source="1")
        assert response.status_code == 409
        assert "Only finished edits can be shared" in response.content.decode()
        assert fresh(edit).shared_at is None
        assert not fresh(edit).source_is_shared

    def test_what_is_in_the_trash_is_refused(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        client = signed_in(alice)
        post(client, edit, "trash")
        assert post(client, edit, "share").status_code == 409

    def test_the_page_to_share_works_without_script(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        html = signed_in(alice).get(f"/edits/{edit.public_id}/share/").content.decode()
        assert "Show the source picture too" in html
        assert re.search(r'<button class="btn primary" name="shared" value="1">\s*Share', html)

    def test_the_page_to_share_is_for_the_owner(self, alice: User, bob: User) -> None:
        edit = finished_edit_of(alice, shared=True)
        assert signed_in(bob).get(f"/edits/{edit.public_id}/share/").status_code == 404

    @pytest.mark.parametrize("person", ["rita", "root"])
    def test_reviewers_take_a_shared_edit_out_of_sight_and_it_is_written_down(
        self, alice: User, request: pytest.FixtureRequest, person: str
    ) -> None:
        edit = finished_edit_of(alice, shared=True, source_is_shared=True)
        reviewer = request.getfixturevalue(person)
        response = post(signed_in(reviewer), edit, "share", shared="0")
        assert response.headers["Location"] == "/team/"
        assert fresh(edit).shared_at is None
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action, entry.subject) == (
            reviewer,
            "unshared an edit",
            str(edit.public_id),
        )

    @pytest.mark.parametrize("person", ["bob", "rita", "root"])
    def test_nobody_shares_for_somebody_else(
        self, alice: User, request: pytest.FixtureRequest, person: str
    ) -> None:
        edit = finished_edit_of(alice, shared=True)
        client = signed_in(request.getfixturevalue(person))
        assert post(client, edit, "share", with_source="1").status_code == 404
        assert not fresh(edit).source_is_shared

    def test_members_do_not_unshare_what_others_shared(self, alice: User, bob: User) -> None:
        edit = finished_edit_of(alice, shared=True)
        assert post(signed_in(bob), edit, "share", shared="0").status_code == 404
        assert fresh(edit).shared_at

    def test_ones_own_sharing_is_not_written_down(self, rita: User) -> None:
        post(signed_in(rita), finished_edit_of(rita, shared=True), "share", shared="0")
        assert not AuditEntry.objects.exists()


class TestStars:
    def test_a_star_is_put_and_taken(self, alice: User) -> None:
        edit, client = finished_edit_of(alice), signed_in(alice)
        post(client, edit, "star", starred="1")
        post(client, edit, "star", starred="1")
        assert Star.objects.filter(user=alice, edit=edit).count() == 1
        post(client, edit, "star", starred="0")
        assert not Star.objects.exists()

    def test_a_colleague_stars_what_is_shared_for_themselves(self, alice: User, bob: User) -> None:
        edit = finished_edit_of(alice, shared=True)
        post(signed_in(bob), edit, "star", starred="1")
        assert Star.objects.get().user == bob
        assert 'aria-pressed="true"' not in signed_in(alice).get("/history/").content.decode()

    @pytest.mark.parametrize("look", ["", "viewer"])
    def test_in_place_only_the_star_is_sent(self, alice: User, look: str) -> None:
        edit = finished_edit_of(alice)
        response = signed_in(alice).post(
            f"/edits/{edit.public_id}/star/", {"starred": "1", "look": look}, headers=HTMX
        )
        html = response.content.decode()
        assert 'aria-pressed="true"' in html
        assert 'value="0"' in html
        assert "<html" not in html


class TestTrash:
    def test_an_edit_is_thrown_away_and_taken_back(self, alice: User) -> None:
        edit, client = finished_edit_of(alice), signed_in(alice)
        response = post(client, edit, "trash")
        assert response.headers["Location"] == "/history/"
        assert fresh(edit).trashed_at
        assert said(response) == [("Moved to the trash.", f"/edits/{edit.public_id}/restore/")]
        post(client, edit, "restore")
        assert fresh(edit).trashed_at is None

    def test_undo_leads_back_to_where_it_was_pressed(self, alice: User) -> None:
        edit, client = finished_edit_of(alice), signed_in(alice)
        post(client, edit, "trash")
        restore = f"/edits/{edit.public_id}/restore/"
        response = client.post(restore, headers={"Referer": "http://testserver/history/?q=cat"})
        assert response.headers["Location"] == "/history/?q=cat"
        post(client, edit, "trash")
        response = client.post(restore, headers={"Referer": "http://evil.example/history/"})
        assert response.headers["Location"] == f"/edits/{edit.public_id}/"

    def test_a_running_edit_is_canceled_first(self, alice: User) -> None:
        edit = edit_of(alice, status=Status.RUNNING)
        post(signed_in(alice), edit, "trash")
        assert fresh(edit).status == Status.CANCELED

    def test_administrators_throw_anybodys_away_and_it_is_written_down(self, alice: User, root: User) -> None:
        edit, client = finished_edit_of(alice), signed_in(root)
        response = post(client, edit, "trash")
        assert fresh(edit).trashed_at
        assert [undo for _, undo in said(response)] == [""]
        assert AuditEntry.objects.get().action == "trashed an edit"

    def test_only_its_owner_takes_an_edit_back(self, alice: User, root: User) -> None:
        edit = finished_edit_of(alice)
        post(signed_in(root), edit, "trash")
        assert post(signed_in(root), edit, "restore").status_code == 404
        assert fresh(edit).trashed_at
        post(signed_in(alice), edit, "restore")
        assert fresh(edit).trashed_at is None

    def test_what_is_in_the_trash_is_not_thrown_away_again(self, alice: User) -> None:
        edit, client = finished_edit_of(alice), signed_in(alice)
        post(client, edit, "trash")
        first = fresh(edit).trashed_at
        assert post(client, edit, "trash").status_code == 404
        assert fresh(edit).trashed_at == first

    def test_in_place_the_card_leaves_the_page(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        html = signed_in(alice).post(f"/edits/{edit.public_id}/trash/", headers=HTMX).content.decode()
        assert f'<div id="card-{edit.public_id}" hx-swap-oob="delete">' in html
        assert "Moved to the trash." in html
