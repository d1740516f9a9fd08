"""Deactivating somebody: it is asked first, and can be undone with the edits that waited."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from edits.models import Attempt, AuditEntry, Budget, Charged, EditRequest, Role, Status, User
from edits.services.api.api_keys import make_api_key
from edits.services.queue.canceling import cancel_edit, cancel_with_owner
from edits.services.queue.claiming import claim_next
from edits.services.team.inviting import invite
from edits.services.team.people import deactivate, reactivate
from tests.conftest import person, signed_in
from tests.factories import edit_of, finished_edit_of

LEASE = timedelta(seconds=30)
LATER = datetime(2027, 1, 4, 12, tzinfo=UTC)


def address(what: str, user: User) -> str:
    return reverse(f"edits:{what}", args=[user.pk])


def states(*edits: EditRequest) -> list[str]:
    return [EditRequest.objects.get(pk=edit.pk).status for edit in edits]


# --- It asks first ----------------------------------------------------------------------------------------


def test_the_question_says_what_will_happen_and_changes_nothing(root: User) -> None:
    rosa = person("rosa", Role.ADMINISTRATOR)
    for _ in range(3):
        edit_of(rosa)
    edit_of(rosa, status=Status.RUNNING)
    finished_edit_of(rosa, shared=True)
    make_api_key(owner=rosa, name="nightly", now=timezone.now())
    invite(by=rosa, role=Role.MEMBER, days=7, now=timezone.now())
    page = signed_in(root).get(address("deactivate_person", rosa)).content.decode()
    for words in (
        "Deactivate rosa?",
        "3 waiting edits are canceled",
        "1 running edit is finished",
        "1 API key stops working",
        "1 open invitation they created is revoked",
        "1 shared edit stays",
    ):
        assert words in " ".join(page.replace("<b>", "").replace("</b>", "").split())
    rosa.refresh_from_db()
    assert rosa.is_active
    assert EditRequest.objects.queued().count() == 3


def test_what_somebody_does_not_have_is_not_listed(root: User, alice: User) -> None:
    page = signed_in(root).get(address("deactivate_person", alice)).content.decode()
    main = page.split("<main")[1]
    assert not [word for word in ("waiting", "running", "API key", "invitation", "gallery") if word in main]


@pytest.mark.parametrize("what", ["deactivate_person", "reactivate_person"])
@pytest.mark.parametrize("who", ["alice", "rita"])
def test_the_questions_exist_for_administrators_only(
    request: pytest.FixtureRequest, bob: User, root: User, what: str, who: str
) -> None:
    assert signed_in(request.getfixturevalue(who)).get(address(what, bob)).status_code == 404
    assert Client().get(address(what, bob)).headers["Location"].startswith("/accounts/login/")
    assert signed_in(root).get("/settings/people/999/deactivate/").status_code == 404


# --- And can be undone ------------------------------------------------------------------------------------


def test_those_that_waited_wait_again(alice: User, root: User) -> None:
    waiting = [edit_of(alice), edit_of(alice, not_before=LATER)]
    running, done = edit_of(alice, status=Status.RUNNING), finished_edit_of(alice)
    given_up = edit_of(alice)
    cancel_edit(edit=given_up, now=timezone.now())
    deactivate(user=alice, by=root, now=timezone.now())
    assert states(*waiting, running, done, given_up) == [
        "canceled",
        "canceled",
        "running",
        "succeeded",
        "canceled",
    ]
    assert reactivate(user=alice, by=root, with_edits=True, now=LATER) == 2
    assert states(*waiting, given_up) == ["queued", "queued", "canceled"]
    for edit in EditRequest.objects.queued():
        assert edit.is_awaited is False  # no caller waits any more: it is tried as edits from pages are
        assert (edit.queued_at, edit.not_before, edit.finished_at) == (LATER, None, None)
        assert not edit.canceled_with_owner
    assert AuditEntry.objects.get(action="reactivated").detail == "2 of their edits wait again"


def test_a_worker_takes_them_again(alice: User, root: User) -> None:
    edit = edit_of(alice)
    deactivate(user=alice, by=root, now=timezone.now())
    assert claim_next(lease=LEASE, now=timezone.now()) is None
    reactivate(user=alice, by=root, with_edits=True, now=timezone.now())
    claimed = claim_next(lease=LEASE, now=timezone.now())
    assert claimed
    assert claimed.pk == edit.pk


def test_without_asking_for_it_they_stay_canceled_for_good(alice: User, root: User) -> None:
    edit = edit_of(alice)
    deactivate(user=alice, by=root, now=timezone.now())
    assert reactivate(user=alice, by=root, now=timezone.now()) == 0
    deactivate(user=alice, by=root, now=timezone.now())
    assert reactivate(user=alice, by=root, with_edits=True, now=timezone.now()) == 0
    assert states(edit) == ["canceled"]


def test_letting_in_twice_queues_once(alice: User, root: User) -> None:
    edit_of(alice)
    deactivate(user=alice, by=root, now=timezone.now())
    assert reactivate(user=alice, by=root, with_edits=True, now=timezone.now()) == 1
    cancel_edit(edit=EditRequest.objects.get(), now=timezone.now())
    assert reactivate(user=alice, by=root, with_edits=True, now=timezone.now()) == 0
    assert EditRequest.objects.get().status == Status.CANCELED


def test_those_in_the_trash_stay_there(alice: User, root: User) -> None:
    edit = edit_of(alice)
    deactivate(user=alice, by=root, now=timezone.now())
    EditRequest.objects.update(trashed_at=LATER)
    assert reactivate(user=alice, by=root, with_edits=True, now=timezone.now()) == 0
    assert states(edit) == ["canceled"]


def test_an_edit_that_began_meanwhile_is_not_canceled(alice: User) -> None:
    """A worker claims it between the look at the queue and the cancel: it is paid for by then."""
    edit = edit_of(alice)
    assert claim_next(lease=LEASE, now=edit.queued_at)
    assert not cancel_with_owner(edit=edit, now=LATER)
    assert states(edit) == ["running"]


def test_the_budget_holds(alice: User, root: User) -> None:
    edits = [edit_of(alice) for _ in range(4)]
    deactivate(user=alice, by=root, now=timezone.now())
    Budget.objects.update_or_create(defaults={"person_per_day": 3})
    finished_edit_of(alice)
    client = signed_in(root)
    answer = client.post(address("reactivate_person", alice), {"queue_again": "on"}, follow=True)
    assert states(*edits) == ["queued", "queued", "canceled", "canceled"]
    assert "2 of 4 edits are queued again; the others are over their budget." in answer.content.decode()
    assert User.objects.get(pk=alice.pk).is_active
    assert not EditRequest.objects.filter(canceled_with_owner=True).exists()


def test_tries_that_may_have_been_paid_are_not_forgotten(alice: User, root: User) -> None:
    edit = edit_of(alice, attempts_made=1, last_fault="gateway")
    Attempt.objects.create(
        edit=edit,
        number=1,
        fence=1,
        started_at=edit.queued_at,
        ended_at=edit.queued_at + timedelta(seconds=1),
        fault="gateway",
        charged=Charged.MAYBE,
    )
    deactivate(user=alice, by=root, now=timezone.now())
    reactivate(user=alice, by=root, with_edits=True, now=timezone.now())
    edit.refresh_from_db()
    assert (edit.status, edit.first_attempt, edit.attempts_made, edit.last_fault) == (
        "queued",
        1,
        1,
        "gateway",
    )


def test_the_page_offers_them_once_and_works_by_forms_alone(alice: User, root: User) -> None:
    edits = [edit_of(alice), edit_of(alice)]
    client = signed_in(root)
    client.post(address("deactivate_person", alice))
    assert f'href="{address("reactivate_person", alice)}"' in client.get("/settings/").content.decode()
    assert "Put 2 canceled edits back" in client.get(address("reactivate_person", alice)).content.decode()
    assert states(*edits) == ["canceled", "canceled"]
    answer = client.post(address("reactivate_person", alice), {"queue_again": "on"}, follow=True)
    assert "alice can sign in again. 2 edits are queued again." in answer.content.decode()
    assert states(*edits) == ["queued", "queued"]
    assert "canceled edit" not in client.get(address("reactivate_person", alice)).content.decode()


def test_the_page_says_which_keys_work_again(alice: User, root: User) -> None:
    make_api_key(owner=alice, name="nightly", now=timezone.now())
    deactivate(user=alice, by=root, now=timezone.now())
    assert (
        "1 API key works again" in signed_in(root).get(address("reactivate_person", alice)).content.decode()
    )


# --- What they shared -------------------------------------------------------------------------------------


def test_what_they_shared_stays_with_the_team(alice: User, bob: User, root: User) -> None:
    edit = finished_edit_of(alice, shared=True, prompt="a lighthouse at dusk")
    deactivate(user=alice, by=root, now=timezone.now())
    client = signed_in(bob)
    assert "a lighthouse at dusk" in client.get("/team/").content.decode()
    assert client.get(reverse("edits:viewer", args=[edit.public_id])).status_code == 200
    assert client.get(reverse("edits:result", args=[edit.public_id])).status_code in (
        200,
        302,
    )  # a bucket's link
    star = client.post(reverse("edits:star_edit", args=[edit.public_id]), {"starred": "1"})
    said = client.post(reverse("edits:add_comment", args=[edit.public_id]), {"text": "Lovely"})
    assert (star.status_code, said.status_code) == (302, 302)
