"""Tests of the trash: whose it is, until when, and the way back."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from edits.models import EditRequest, Status, User
from edits.services.curating.trashing import trash_edits
from edits.views import listing
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of


def thrown_away(owner: User, *, days_ago: int = 0, **fields: object) -> EditRequest:
    """A finished edit in the trash."""
    edit = finished_edit_of(owner, **fields)
    at = timezone.now() - timedelta(days=days_ago)
    trash_edits(owner=owner, edits=EditRequest.objects.filter(pk=edit.pk), now=at)
    return edit


def trash_page(client: Client, query: str = "") -> str:
    """The trash as this person sees it."""
    response = client.get(f"/trash/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_a_stranger_signs_in_first(alice: User, stranger: Client) -> None:
    assert stranger.get("/trash/").headers["Location"] == "/accounts/login/?next=/trash/"


def test_it_says_when_each_is_gone(alice: User) -> None:
    edit = thrown_away(alice, days_ago=10)
    html = trash_page(signed_in(alice))
    gone = timezone.localtime(timezone.now() + timedelta(days=20))
    assert f">{gone.day} {gone:%B}" in html
    assert "20 days left" in html
    assert f"/edits/{edit.public_id}/restore/" in html


def test_what_the_next_sweep_deletes_is_gone_today(alice: User) -> None:
    thrown_away(alice, days_ago=30)
    assert "deleted today" in trash_page(signed_in(alice))


def test_it_holds_only_ones_own(alice: User, bob: User, root: User) -> None:
    thrown_away(alice, prompt="secret plans")
    for person in (bob, root):
        html = trash_page(signed_in(person))
        assert "secret plans" not in html
        assert "The trash is empty" in html


def test_it_does_not_hold_what_is_kept(alice: User) -> None:
    finished_edit_of(alice, prompt="still here")
    assert "still here" not in trash_page(signed_in(alice))


def test_stopped_and_failed_edits_have_no_picture_there(alice: User) -> None:
    stopped = filtered_edit_of(alice)
    edit_of(alice, status=Status.FAILED)
    trash_edits(owner=alice, edits=EditRequest.objects.all(), now=timezone.now())
    html = trash_page(signed_in(alice))
    assert f"/edits/{stopped.public_id}/result/" not in html
    assert "Filtered" in html
    assert "Failed" in html


def test_its_pages_hold_everything_once(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE_LENGTH", 3)
    at = timezone.now()
    for _ in range(7):
        finished_edit_of(alice)
    trash_edits(owner=alice, edits=EditRequest.objects.all(), now=at)  # all in the same moment
    client, query, seen = signed_in(alice), "", []
    for _ in range(3):
        html = trash_page(client, query)
        seen += [
            pk
            for pk, one in EditRequest.objects.in_bulk().items()
            if str(one.public_id) in html.split("older=")[0]
        ]
        query = "?older=" + html.split("?older=")[1].split('"')[0] if "?older=" in html else ""
    assert sorted(seen) == sorted(EditRequest.objects.values_list("pk", flat=True))
    assert query == ""


def test_restoring_brings_an_edit_back_as_it_was(alice: User) -> None:
    edit = thrown_away(alice, shared=True)
    client = signed_in(alice)
    client.post(f"/edits/{edit.public_id}/restore/", {"next": "/trash/"})
    restored = EditRequest.objects.get(pk=edit.pk)
    assert restored.trashed_at is None
    assert restored.shared_at == edit.shared_at
    assert "The trash is empty" in trash_page(client)


@pytest.mark.parametrize("number", [1, 20])
def test_it_costs_few_queries(alice: User, number: int, django_assert_max_num_queries: object) -> None:
    for _ in range(number):
        thrown_away(alice)
    client = signed_in(alice)
    trash_page(client)
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        trash_page(client)
