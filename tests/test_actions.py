"""Running again, canceling and trying again: by whom, how often, and where it leads."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from edits.models import AuditEntry, EditRequest, Reason, Status, User
from tests.conftest import signed_in
from tests.factories import edit_of, finished_edit_of

IN_PLACE = {"HX-Request": "true"}


def act(client: Client, edit: EditRequest, action: str, *, in_place: bool = False, **values: Any) -> Any:
    address = f"/edits/{edit.public_id}/{action}/"
    return client.post(address, values, headers=IN_PLACE if in_place else {})


def status_of(edit: EditRequest) -> str:
    return EditRequest.objects.get(pk=edit.pk).status


# --- Run again --------------------------------------------------------------------------------------------


def test_the_same_seed_repeats_everything_and_earns_a_receipt(alice: User) -> None:
    edit = finished_edit_of(alice, steps=11, size="768x768")
    response = act(signed_in(alice), edit, "rerun", seed="same", submission_key=uuid.uuid4())
    again = EditRequest.objects.latest("id")
    assert response["Location"] == f"/edits/{again.public_id}/"
    assert again.rerun_of == edit
    assert (again.upload, again.prompt, again.seed, again.steps, again.size) == (
        edit.upload,
        edit.prompt,
        edit.seed,
        11,
        "768x768",
    )


def test_a_new_seed_is_another_picture_without_a_receipt(alice: User) -> None:
    edit = finished_edit_of(alice)
    act(signed_in(alice), edit, "rerun", seed="new")
    again = EditRequest.objects.latest("id")
    assert again.rerun_of is None
    assert again.seed_is_drawn


def test_a_double_click_is_one_edit(alice: User) -> None:
    edit, key, client = finished_edit_of(alice), uuid.uuid4(), signed_in(alice)
    first = act(client, edit, "rerun", submission_key=key)
    second = act(client, edit, "rerun", submission_key=key)
    assert first["Location"] == second["Location"]
    assert EditRequest.objects.count() == 2


def test_from_the_studio_it_leads_back_to_the_studio(alice: User) -> None:
    edit = finished_edit_of(alice)
    response = act(signed_in(alice), edit, "rerun", next=f"/?show={edit.public_id}")
    assert response["Location"] == f"/?show={EditRequest.objects.latest('id').public_id}"


def test_in_the_studio_the_new_edit_appears_in_place(alice: User) -> None:
    edit = finished_edit_of(alice)
    response = act(signed_in(alice), edit, "rerun", in_place=True, **{"as": "thumb"})
    again = EditRequest.objects.latest("id")
    assert f'id="thumb-{again.public_id}"' in response.content.decode()
    assert response["HX-Push-Url"] == f"/?show={again.public_id}"
    assert response["HX-Retarget"] == "#stage"


def test_elsewhere_it_leads_to_the_new_edit(alice: User) -> None:
    response = act(signed_in(alice), finished_edit_of(alice), "rerun", in_place=True, **{"as": "card"})
    assert response["HX-Redirect"] == f"/edits/{EditRequest.objects.latest('id').public_id}/"


def test_a_colleagues_edit_runs_again_only_if_its_source_was_shared(alice: User, bob: User) -> None:
    hidden = finished_edit_of(alice, shared=True)
    shown = finished_edit_of(alice, shared=True, source_is_shared=True)
    assert act(signed_in(bob), hidden, "rerun").status_code == 404
    assert act(signed_in(bob), shown, "rerun").status_code == 302
    again = EditRequest.objects.latest("id")
    assert (again.owner, again.upload) == (bob, shown.upload)
    assert not EditRequest.objects.of(bob).exclude(pk=again.pk).exists()


# --- Cancel -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
def test_an_active_edit_is_canceled(alice: User, status: Status) -> None:
    edit = edit_of(alice, status=status)
    response = act(signed_in(alice), edit, "cancel")
    assert status_of(edit) == Status.CANCELED
    assert response["Location"] == f"/edits/{edit.public_id}/"


def test_what_has_ended_stays_as_it_is(alice: User) -> None:
    edit = finished_edit_of(alice)
    response = signed_in(alice).post(f"/edits/{edit.public_id}/cancel/", {"next": "/settings/"}, follow=True)
    assert status_of(edit) == Status.SUCCEEDED
    assert "It had already ended." in response.content.decode()


def test_in_place_the_card_says_canceled(alice: User) -> None:
    edit = edit_of(alice)
    response = act(signed_in(alice), edit, "cancel", in_place=True, **{"as": "card"})
    page = response.content.decode()
    assert f'id="card-{edit.public_id}"' in page
    assert "is-canceled" in page


def test_an_administrator_may_cancel_and_it_is_written_down(alice: User, root: User) -> None:
    edit = edit_of(alice)
    act(signed_in(root), edit, "cancel")
    assert status_of(edit) == Status.CANCELED
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.subject) == (root, "canceled an edit", str(edit.public_id))


# --- Try again --------------------------------------------------------------------------------------------


def test_a_failed_edit_is_queued_again_with_the_same_seed(alice: User) -> None:
    edit = edit_of(alice, status=Status.FAILED, reason=Reason.OUTCOME_UNKNOWN)
    act(signed_in(alice), edit, "retry")
    again = EditRequest.objects.get()
    assert (again.status, again.seed) == (Status.QUEUED, edit.seed)


def test_a_waiting_edit_is_sent_now(alice: User) -> None:
    edit = edit_of(alice, last_fault="busy", not_before=timezone.now() + timedelta(minutes=5))
    act(signed_in(alice), edit, "retry")
    assert EditRequest.objects.get().not_before is None


def test_a_retry_that_may_cost_again_says_so(alice: User) -> None:
    risky = edit_of(alice, status=Status.FAILED, reason=Reason.OUTCOME_UNKNOWN)
    plain = edit_of(alice, status=Status.FAILED, reason=Reason.SERVICE_UNAVAILABLE)
    client = signed_in(alice)
    assert "Try again, may be charged again" in client.get(f"/?show={risky.public_id}").content.decode()
    assert "may be charged again" not in client.get(f"/?show={plain.public_id}").content.decode()


def test_on_the_stage_a_retry_shows_the_edit_in_line(alice: User) -> None:
    edit = edit_of(alice, status=Status.FAILED)
    response = act(
        signed_in(alice), edit, "retry", in_place=True, stage=str(edit.public_id), **{"as": "thumb"}
    )
    page = response.content.decode()
    assert 'id="stage"' in page
    assert "Next in queue" in page


# --- For all of them --------------------------------------------------------------------------------------

ACTIONS = ["rerun", "cancel", "retry"]


@pytest.mark.parametrize("action", ACTIONS)
def test_others_edits_do_not_exist(alice: User, bob: User, rita: User, action: str) -> None:
    edit = edit_of(alice)
    for person in (bob, rita):
        assert act(signed_in(person), edit, action).status_code == 404
    assert EditRequest.objects.get().status == Status.QUEUED


@pytest.mark.parametrize("action", ["rerun", "retry"])
def test_not_even_administrators_run_others_edits(alice: User, root: User, action: str) -> None:
    edit = edit_of(alice, status=Status.FAILED)
    assert act(signed_in(root), edit, action).status_code == 404


@pytest.mark.parametrize("action", ACTIONS)
def test_a_shared_edit_is_not_a_colleagues_to_change(alice: User, bob: User, action: str) -> None:
    edit = finished_edit_of(alice, shared=True)
    assert act(signed_in(bob), edit, action).status_code == 404


@pytest.mark.parametrize("action", ACTIONS)
def test_looking_changes_nothing(alice: User, action: str) -> None:
    edit = edit_of(alice)
    assert signed_in(alice).get(f"/edits/{edit.public_id}/{action}/").status_code == 405
    assert status_of(edit) == Status.QUEUED


@pytest.mark.parametrize("action", ACTIONS)
def test_strangers_are_led_to_the_door(alice: User, stranger: Client, action: str) -> None:
    edit = edit_of(alice)
    assert act(stranger, edit, action)["Location"].startswith("/accounts/login/")
    assert status_of(edit) == Status.QUEUED


@pytest.mark.parametrize(
    "away",
    ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example", "http:evil"],
)
def test_it_never_leads_to_another_site(alice: User, away: str) -> None:
    edit = edit_of(alice)
    assert act(signed_in(alice), edit, "cancel", next=away)["Location"] == f"/edits/{edit.public_id}/"


def test_it_leads_back_to_where_it_came_from(alice: User) -> None:
    response = act(signed_in(alice), edit_of(alice), "cancel", next="/history/?q=harbor")
    assert response["Location"] == "/history/?q=harbor"


def test_the_page_of_an_edit_is_loaded_anew(alice: User) -> None:
    edit = edit_of(alice, status=Status.FAILED)
    response = act(signed_in(alice), edit, "retry", in_place=True, **{"as": "page"})
    assert response["HX-Refresh"] == "true"
    assert status_of(edit) == Status.QUEUED


@pytest.mark.parametrize("odd", ["nowhere", "edits:studio", "?q=a", "//evil.example/", "http://[", "/\\evil"])
def test_an_odd_way_back_is_not_gone(alice: User, odd: str) -> None:
    edit = edit_of(alice)
    assert act(signed_in(alice), edit, "cancel", next=odd)["Location"] == f"/edits/{edit.public_id}/"


@pytest.mark.parametrize("odd", ["nowhere", "http://testserver//evil.example/", "http://["])
def test_an_odd_page_to_come_from_is_not_gone_back_to(alice: User, odd: str) -> None:
    response = signed_in(alice).post("/edits/bulk/undo/?action=star&at=1", headers={"Referer": odd})
    assert response["Location"] == "/history/"
