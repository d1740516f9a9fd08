"""Bulk actions on all of a list that was shown: as it was asked for, as it was then, and some hundreds at a time."""

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from edits.models import AuditEntry, EditRequest, Star, Status, Tag, User, Webhook, WebhookDelivery
from edits.services.curating import in_chunks
from edits.services.curating.trashing import trash_edits
from edits.views import bulk as bulk_views
from edits.views import cursors, selection
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, upload_of

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response


def many(owner: User, number: int, **fields: Any) -> list[EditRequest]:
    """Copies of one edit of this person's, without results: as quick as they are many."""
    first = edit_of(owner, upload=upload_of(), **{"status": Status.FAILED} | fields)
    names = [f.attname for f in EditRequest._meta.concrete_fields]
    values = {n: getattr(first, n) for n in names if n not in ("id", "public_id", "submission_key")}
    EditRequest.objects.bulk_create([EditRequest(**values) for _ in range(number - 1)])
    return list(EditRequest.objects.of(owner).filter(pk__gte=first.pk))


def with_all(
    client: Client, action: str, shown_list: str = "history", *, query: str = "", **fields: str
) -> "Response":
    """Choose all of the list, as it is now, and press the button."""
    sent = {
        "action": action,
        "all": "1",
        "list": shown_list,
        "filter": query,
        "shown": cursors.encode(timezone.now()),
        "next": f"/{shown_list}/",
    }
    return client.post("/edits/bulk/", sent | fields)


def said(response: "Response") -> tuple[str, str]:
    """The sentence that the next page says, and where its Undo leads."""
    *_, message = get_messages(response.wsgi_request)
    return str(message), getattr(message, "undo", "")


class TestTrash:
    def test_hundreds_leave_at_one_press_and_come_back_by_one_undo(self, alice: User) -> None:
        before = finished_edit_of(alice)
        trash_edits(owner=alice, edits=EditRequest.objects.all(), now=timezone.now() - timedelta(hours=1))
        many(alice, 340)
        client = signed_in(alice)
        sentence, undo = said(with_all(client, "trash"))
        assert sentence == "Moved 340 edits to the trash."
        assert not EditRequest.objects.not_trashed().exists()
        client.post(undo)
        assert EditRequest.objects.not_trashed().count() == 340
        assert EditRequest.objects.trashed().get() == before

    def test_only_what_the_search_finds_is_meant(self, alice: User) -> None:
        many(alice, 210, prompt="red cat")
        kept = finished_edit_of(alice, prompt="blue dog")
        assert said(with_all(signed_in(alice), "trash", query="q=RED&is=failed"))[0].startswith("Moved 210 ")
        assert EditRequest.objects.not_trashed().get() == kept

    def test_a_filter_that_no_longer_fits_once_it_began_still_takes_all(self, alice: User) -> None:
        many(alice, 230, status=Status.QUEUED)
        with_all(signed_in(alice), "trash", query="is=running")
        assert not EditRequest.objects.not_trashed().exists()
        assert not EditRequest.objects.active().exists()

    def test_what_came_after_the_page_was_shown_stays(self, alice: User) -> None:
        shown = timezone.now()
        many(alice, 3, created_at=shown)
        later = edit_of(alice, created_at=shown + timedelta(microseconds=1))
        with_all(signed_in(alice), "trash", shown=cursors.encode(shown))
        assert list(EditRequest.objects.not_trashed()) == [later]

    def test_webhooks_are_told_of_what_is_canceled_as_they_are_of_one(self, alice: User, bob: User) -> None:
        now = timezone.now()
        for owner in (alice, alice, bob):
            Webhook.objects.create(owner=owner, url="https://a.example/", secret="s", created_at=now)
        waiting = many(alice, 3, status=Status.QUEUED)
        finished_edit_of(alice)
        with_all(signed_in(alice), "trash")
        notified = WebhookDelivery.objects.values_list("edit", "webhook__owner__username")
        assert sorted(notified) == sorted([(edit.pk, "alice") for edit in waiting for _ in range(2)])

    def test_more_than_a_few_pages_of_ticks_are_taken_too(self, alice: User) -> None:
        edits = many(alice, 250)
        ticked = [str(edit.public_id) for edit in edits]
        response = signed_in(alice).post("/edits/bulk/", {"action": "trash", "edit": ticked})
        assert said(response)[0] == "Moved 250 edits to the trash."

    def test_the_trash_gives_back_all_that_was_in_it(self, alice: User) -> None:
        many(alice, 215)
        trash_edits(owner=alice, edits=EditRequest.objects.all(), now=timezone.now())
        response = with_all(signed_in(alice), "restore", "trash")
        assert said(response) == ("Restored 215 edits.", "")
        assert response.headers["Location"] == "/trash/"


class TestSharing:
    def test_what_has_no_picture_is_counted_as_left(self, alice: User) -> None:
        many(alice, 204, status=Status.SUCCEEDED)
        filtered_edit_of(alice)
        edit_of(alice)
        client = signed_in(alice)
        sentence, undo = said(with_all(client, "share"))
        assert sentence == "Shared 204 edits with the team. 2 edits were not changed."
        client.post(undo)
        assert not EditRequest.objects.shared().exists()

    def test_a_source_that_was_shared_before_stays_shared(self, alice: User) -> None:
        before = finished_edit_of(alice, shared=True, source_is_shared=True)
        finished_edit_of(alice)
        client = signed_in(alice)
        _, undo = said(with_all(client, "share"))
        client.post(undo)
        assert EditRequest.objects.shared().get() == before
        assert EditRequest.objects.get(pk=before.pk).source_is_shared


class TestStars:
    def test_all_that_the_team_shares_are_starred_and_nothing_private(self, alice: User, bob: User) -> None:
        many(alice, 205, status=Status.SUCCEEDED, shared_at=timezone.now())
        finished_edit_of(alice)
        client = signed_in(bob)
        sentence, undo = said(with_all(client, "star", "team"))
        assert sentence == "Starred 205 edits."
        assert Star.objects.filter(user=bob).count() == 205
        client.post(undo)
        assert not Star.objects.exists()

    def test_by_somebody_s_name(self, alice: User, bob: User) -> None:
        mine = finished_edit_of(bob, shared=True)
        finished_edit_of(alice, shared=True)
        with_all(signed_in(bob), "star", "team", query="by=bob")
        assert Star.objects.get().edit == mine


class TestTags:
    def test_all_are_tagged_and_untagged_again(self, alice: User) -> None:
        edits = many(alice, 210)
        client = signed_in(alice)
        sentence, undo = said(with_all(client, "tag", names="harbor, night"))
        assert sentence == "Tagged 210 edits."
        assert Tag.objects.get(name="harbor").edits.count() == len(edits)
        client.post(undo)
        assert not Tag.objects.exists()

    def test_what_the_session_would_have_to_remember_too_long_has_no_undo(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk_views, "MOST_TAGGED", 3)
        many(alice, 4)
        client = signed_in(alice)
        assert said(with_all(client, "tag", names="harbor")) == ("Tagged 4 edits.", "")
        assert "tagged" not in client.session


class TestDownload:
    def test_more_than_a_zip_holds_is_said(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bulk_views, "MOST_IN_ZIP", 2)
        for _ in range(2):
            finished_edit_of(alice)
        client = signed_in(alice)
        assert with_all(client, "download").headers["Content-Type"] == "application/zip"
        finished_edit_of(alice)
        response = with_all(client, "download")
        assert response.headers["Location"] == "/history/"
        assert (
            said(response)[0] == "Nothing downloaded. A ZIP file can hold at most 200 pictures; select fewer."
        )


class TestOthers:
    @pytest.mark.parametrize("action", ["share", "trash", "tag", "star"])
    @pytest.mark.parametrize("person", ["bob", "rita", "root"])
    def test_nothing_of_others_is_touched(
        self, alice: User, request: pytest.FixtureRequest, action: str, person: str
    ) -> None:
        finished_edit_of(alice)
        finished_edit_of(alice, shared=True)
        before = list(EditRequest.objects.order_by("pk").values())
        response = with_all(signed_in(request.getfixturevalue(person)), action, names="harbor")
        assert list(EditRequest.objects.order_by("pk").values()) == before
        assert said(response) == ("Nothing changed. This action is not available for the selected edits.", "")
        assert not Star.objects.exists()
        assert not AuditEntry.objects.exists()

    @pytest.mark.parametrize(
        ("shown_list", "action"),
        [
            ("team", "trash"),
            ("team", "share"),
            ("team", "tag"),
            ("trash", "trash"),
            ("trash", "star"),
            ("history", "restore"),
        ],
    )
    def test_what_a_list_does_not_offer_is_a_bad_request(
        self, alice: User, shown_list: str, action: str
    ) -> None:
        finished_edit_of(alice, shared=True)
        assert with_all(signed_in(alice), action, shown_list).status_code == 400
        assert EditRequest.objects.not_trashed().exists()


class TestOddRequests:
    @pytest.mark.parametrize(
        "fields", [{"list": "everything"}, {"list": ""}, {"shown": ""}, {"shown": "soon"}, {"shown": "-1"}]
    )
    def test_a_list_that_no_page_shows_is_a_bad_request(self, alice: User, fields: dict[str, str]) -> None:
        edit_of(alice)
        sent = {"shown_list": fields.pop("list")} if "list" in fields else {}
        assert with_all(signed_in(alice), "trash", **sent, **fields).status_code == 400
        assert EditRequest.objects.not_trashed().exists()

    @pytest.mark.parametrize("query", ["q=before:yesterdayish", "is=burning", "after=x", "by=bob"])
    def test_a_search_that_cannot_be_read_does_nothing_rather_than_more(
        self, alice: User, query: str
    ) -> None:
        edit_of(alice)
        sentence = "Nothing changed. Part of the search was ignored; correct it first."
        assert said(with_all(signed_in(alice), "trash", query=query))[0] == sentence
        assert EditRequest.objects.not_trashed().exists()

    def test_more_than_can_be_done_at_once_is_said(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(selection, "MOST_AT_ONCE", 2)
        many(alice, 3)
        sentence = said(with_all(signed_in(alice), "trash"))[0]
        assert sentence.startswith("Nothing changed. These are more than 100,000 edits")
        assert EditRequest.objects.not_trashed().count() == 3


class TestCost:
    @pytest.mark.parametrize("action", ["share", "star", "trash", "tag"])
    def test_each_chunk_costs_the_same_few_statements(
        self, alice: User, action: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """All 300 edits in one chunk, then in ten: no statement is for a single edit."""
        many(alice, 200, status=Status.SUCCEEDED)
        many(alice, 100, status=Status.QUEUED)
        client = signed_in(alice)
        numbers = (f"harbor-{number}" for number in count())

        def cost(chunk: int) -> int:
            monkeypatch.setattr(in_chunks, "CHUNK", chunk)
            EditRequest.objects.update(shared_at=None, trashed_at=None)
            EditRequest.objects.filter(status=Status.CANCELED).update(status=Status.QUEUED, finished_at=None)
            Star.objects.all().delete()
            with CaptureQueriesContext(connection) as queries:
                sentence, _ = said(with_all(client, action, names=next(numbers)))
            assert any(done in sentence for done in ("300", "200")), sentence
            return len(queries)

        cost(300)  # the first request of a process asks more
        in_one = cost(300)
        assert in_one <= STATEMENTS_IN_ALL
        assert cost(30) - in_one <= 9 * STATEMENTS_A_CHUNK

    def test_ticked_ones_cost_no_statement_each(self, alice: User) -> None:
        edits = many(alice, 150, status=Status.SUCCEEDED)
        client = signed_in(alice)

        def cost(action: str, number: int) -> int:
            ticked = [str(edit.public_id) for edit in edits[:number]]
            sent = {"action": action, "edit": ticked, "next": "/history/"}
            with CaptureQueriesContext(connection) as queries:
                client.post("/edits/bulk/", sent)
            return len(queries)

        for action in ("share", "star", "trash", "restore"):
            cost(action, 1)
            assert cost(action, 150) - cost(action, 2) <= 2, action


STATEMENTS_IN_ALL = 20
STATEMENTS_A_CHUNK = 9
"""Two of them are the savepoint of the test's own transaction."""
