"""The pictures of stopped edits: for reviewers alone, never stored on the way, and each look on record."""

import re
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from edits.models import AuditEntry, EditRequest, ReviewCase, ReviewEvent, Status, User
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of
from tests.reviews import address, decide, kinds, press_open, uncover
from tests.stored import fetched

STEPS = [0, 1, 2, 3]
TOKEN = rb'(content|value)="[A-Za-z0-9]{64}"'


@pytest.fixture
def case(alice: User) -> ReviewCase:
    """Alice's edit, stopped after a picture was made."""
    return filtered_edit_of(alice, prompt="an oil painting of a battle").review


@pytest.fixture
def reviewer(rita: User) -> Client:
    """Rita's browser."""
    return signed_in(rita)


def looks(case: ReviewCase) -> int:
    """How many looks are on record."""
    return ReviewEvent.objects.filter(case=case, kind__in=["veiled", "revealed"]).count()


def addresses_of_the_picture(case: ReviewCase) -> list[str]:
    """Every address that could give a byte of the withheld result."""
    edit = f"/edits/{case.edit.public_id}"
    ordinary = [f"{edit}/{rest}" for rest in ("result/", "result/320/", "result/1024/", "map/", "download/")]
    stored = str(case.edit.result.file)
    raw = [
        f"/media/{stored}",
        f"/static/{stored}",
        f"/static/..%2f{stored}",
        f"/{stored}",
        f"/pictures/{stored}",
    ]
    return ordinary + raw + [address(case, f"picture/result/{step}/") for step in STEPS]


class TestTheWithheldPicture:
    @pytest.mark.parametrize("who", ["alice", "bob"])
    def test_does_not_exist_for_members_its_author_included(
        self, who: str, case: ReviewCase, request: pytest.FixtureRequest
    ) -> None:
        client = signed_in(request.getfixturevalue(who))
        for method in ("get", "head", "post", "put", "options"):
            for place in addresses_of_the_picture(case):
                answer = getattr(client, method)(place)
                allowed = (404,) if method in ("get", "head") else (404, 405)
                assert answer.status_code in allowed, (method, place)
                assert not answer.headers["Content-Type"].startswith("image/")
        assert looks(case) == 0

    @pytest.mark.parametrize("who", ["alice", "bob"])
    def test_nor_in_part_nor_as_unchanged(
        self, who: str, case: ReviewCase, request: pytest.FixtureRequest
    ) -> None:
        client = signed_in(request.getfixturevalue(who))
        for place in addresses_of_the_picture(case):
            etag = f'"{case.edit.result.file}"'
            assert client.get(place, headers={"If-None-Match": etag}).status_code == 404
            assert client.get(place, headers={"If-None-Match": "*"}).status_code == 404
            assert client.get(place, headers={"Range": "bytes=0-10"}).status_code == 404

    def test_strangers_get_404_and_no_way_to_it_through_the_sign_in(
        self, case: ReviewCase, stranger: Client, root: User
    ) -> None:
        for step in STEPS:
            assert stranger.get(address(case, f"picture/result/{step}/")).status_code == 404
            assert stranger.get(address(case, f"picture/source/{step}/")).status_code == 404

    def test_members_get_the_answer_that_an_unknown_edit_gives(self, case: ReviewCase, alice: User) -> None:
        client = signed_in(alice)
        there = client.get(address(case, "picture/result/0/"))
        nowhere = client.get("/review/00000000-0000-4000-8000-000000000000/picture/result/0/")
        assert there.status_code == nowhere.status_code == 404
        assert re.sub(TOKEN, b"", there.content) == re.sub(TOKEN, b"", nowhere.content)

    def test_reviewers_who_are_its_author_do_not_get_it(self, rita: User, reviewer: Client) -> None:
        case = filtered_edit_of(rita).review
        for place in addresses_of_the_picture(case):
            assert reviewer.get(place).status_code == 404
        assert looks(case) == 0

    @pytest.mark.parametrize("who", ["rita", "root"])
    def test_ordinary_addresses_do_not_give_it_to_reviewers_either(
        self, who: str, case: ReviewCase, request: pytest.FixtureRequest
    ) -> None:
        client = signed_in(request.getfixturevalue(who))
        for place in addresses_of_the_picture(case)[: -len(STEPS)]:
            assert client.get(place).status_code == 404, place


class TestTheReviewersView:
    @pytest.mark.parametrize(("who", "which"), [("rita", "result"), ("root", "source")])
    @pytest.mark.parametrize("step", STEPS)
    def test_gives_a_picture_that_nothing_may_store_and_puts_the_look_on_record(
        self, step: int, which: str, who: str, case: ReviewCase, request: pytest.FixtureRequest
    ) -> None:
        client = signed_in(request.getfixturevalue(who))
        press_open(client, case)
        uncover(client, case, which, *range(1, step + 1))
        before = looks(case)
        answer = client.get(address(case, f"picture/{which}/{step}/"))
        assert answer.status_code == 200
        assert_safe(answer)
        Image.open(BytesIO(answer.content)).load()
        assert (before, looks(case)) == (step, max(step, 1))
        assert AuditEntry.objects.filter(action="review.reveal").count() == (step == 3)

    def test_a_link_to_it_gives_nothing(self, case: ReviewCase, reviewer: Client) -> None:
        for _ in ("closed", "looked at"):
            for which, step in product(("source", "result"), STEPS):
                place = address(case, f"picture/{which}/{step}/")
                assert reviewer.get(place).status_code == 404, place
                assert reviewer.head(place).status_code == 404, place
            reviewer.get(address(case))
        assert looks(case) == 0
        assert kinds(case) == ["stopped"]

    @pytest.mark.parametrize("step", [1, 2, 3])
    def test_gives_no_step_that_was_not_asked_for(
        self, step: int, case: ReviewCase, reviewer: Client
    ) -> None:
        press_open(reviewer, case)
        uncover(reviewer, case, "result", *range(1, step))
        assert reviewer.get(address(case, f"picture/result/{step}/")).status_code == 404
        assert reviewer.get(address(case, f"picture/result/{step - 1}/")).status_code == 200

    def test_is_not_granted_by_a_post_without_a_token(self, case: ReviewCase, rita: User) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(rita, backend="allauth.account.auth_backends.AuthenticationBackend")
        press_open(signed_in(rita), case)
        assert uncover(strict, case, "result", 1).status_code == 403
        assert strict.get(address(case, "picture/result/1/")).status_code == 404

    def test_is_covered_again_for_others_and_after_the_decision(
        self, case: ReviewCase, reviewer: Client, root: User
    ) -> None:
        press_open(reviewer, case)
        uncover(reviewer, case, "result", 1, 2, 3)
        full = address(case, "picture/result/3/")
        assert reviewer.get(full).status_code == 200
        assert signed_in(root).get(full).status_code == 404
        decide(reviewer, case, "kept_hidden", canned="nudity")
        assert reviewer.get(full).status_code == 404
        press_open(reviewer, case)
        assert reviewer.get(address(case, "picture/result/0/")).status_code == 200
        assert reviewer.get(full).status_code == 404
        uncover(reviewer, case, "result", 1, 2, 3)
        assert reviewer.get(full).status_code == 200
        assert AuditEntry.objects.filter(action="review.reveal").count() == 2

    def test_ranges_and_conditions_change_nothing(self, case: ReviewCase, reviewer: Client) -> None:
        place = address(case, "picture/result/3/")
        press_open(reviewer, case)
        uncover(reviewer, case, "result", 1, 2, 3)
        whole = reviewer.get(place)
        for headers in (
            {"Range": "bytes=0-10"},
            {"If-None-Match": "*"},
            {"If-Modified-Since": whole.headers["Date"]} if "Date" in whole.headers else {},
        ):
            answer = reviewer.get(place, headers=headers)
            assert (answer.status_code, answer.content) == (200, whole.content)
            assert_safe(answer)
        assert "ETag" not in whole.headers

    def test_head_shows_nothing_and_is_on_record_all_the_same(
        self, case: ReviewCase, reviewer: Client
    ) -> None:
        press_open(reviewer, case)
        answer = reviewer.head(address(case, "picture/result/0/"))
        assert (answer.status_code, answer.content) == (200, b"")
        assert looks(case) == 1

    @pytest.mark.parametrize(
        "rest",
        [
            "picture/result/4/",
            "picture/result/99999999999999999999/",
            "picture/both/0/",
            "picture/result/-1/",
            "picture/result/0",
        ],
    )
    def test_there_are_no_other_steps_or_pictures(
        self, rest: str, case: ReviewCase, reviewer: Client
    ) -> None:
        assert reviewer.get(address(case, rest)).status_code in (301, 404)
        assert looks(case) == 0

    def test_it_is_not_posted_to(self, case: ReviewCase, reviewer: Client) -> None:
        assert reviewer.post(address(case, "picture/result/0/")).status_code == 405

    def test_there_is_none_of_a_stopped_request(self, alice: User, reviewer: Client) -> None:
        case = filtered_edit_of(alice, with_picture=False).review
        press_open(reviewer, case)
        assert reviewer.get(address(case, "picture/result/0/")).status_code == 404
        assert reviewer.get(address(case, "picture/source/0/")).status_code == 200

    def test_a_picture_that_is_gone_is_404(self, case: ReviewCase, reviewer: Client) -> None:
        press_open(reviewer, case)
        default_storage.delete(str(case.edit.result.file))
        assert reviewer.get(address(case, "picture/result/0/")).status_code == 404
        assert looks(case) == 0

    def test_edits_that_were_never_stopped_have_none(self, alice: User, reviewer: Client) -> None:
        edit = edit_of(alice, status=Status.QUEUED)
        assert reviewer.get(f"/review/{edit.public_id}/picture/source/0/").status_code == 404


class TestSharing:
    @pytest.mark.parametrize("status", [Status.FILTERED, Status.FAILED])
    def test_what_has_no_picture_to_show_is_not_shared(self, status: Status, alice: User, bob: User) -> None:
        edit = filtered_edit_of(alice) if status == Status.FILTERED else edit_of(alice, status=status)
        signed_in(alice).post(f"/edits/{edit.public_id}/share/", {"shared": "1"})
        assert EditRequest.objects.get(pk=edit.pk).shared_at is None
        assert signed_in(bob).get(f"/edits/{edit.public_id}/").status_code == 404


class TestAfterARelease:
    def test_the_author_has_the_picture_and_nobody_else(
        self, case: ReviewCase, alice: User, bob: User, reviewer: Client
    ) -> None:
        decide(reviewer, case, "released", canned="art")
        place = f"/edits/{case.edit.public_id}/result/"
        assert fetched(signed_in(alice), place).status_code == 200
        assert signed_in(bob).get(place).status_code == 404
        assert reviewer.get(place).status_code == 404
        for which in ("source", "result"):
            assert reviewer.get(address(case, f"picture/{which}/0/")).status_code == 404

    def test_undoing_takes_it_from_the_author_again(
        self, case: ReviewCase, alice: User, reviewer: Client
    ) -> None:
        decide(reviewer, case, "released", canned="art")
        reviewer.post(address(case, "undo/"))
        assert signed_in(alice).get(f"/edits/{case.edit.public_id}/result/").status_code == 404
        assert EditRequest.objects.get(pk=case.edit_id).result.withheld


def assert_safe(answer: Any) -> None:
    """The headers of every picture here."""
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] in ("image/webp", "image/png", "image/jpeg")
    assert answer.headers["Content-Disposition"].startswith('inline; filename="review-')
