"""Signed links to results: they load without a key until they expire, and open nothing else."""

import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from edits.models import EditRequest, ReturnedImage, Status, User
from edits.services.api.result_links import link_to_result, link_until, opens
from edits.services.pictures.storing import picture_bytes
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, result_of
from tests.marked_files import pixels
from tests.stored import fetched

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NOTHING = {
    "message": "There is nothing here.",
    "type": "invalid_request_error",
    "param": None,
    "code": "not_found",
}


def changed(link: str, **parts: str | None) -> str:
    """The link with other parts in its query; None leaves one out."""
    path, _, query = link.partition("?")
    known = {name: values[0] for name, values in parse_qs(query).items()} | parts
    return f"{path}?{urlencode({name: value for name, value in known.items() if value is not None})}"


def assert_opens_nothing(link: str, **headers: str) -> None:
    response = Client().get(link, headers=headers)
    assert response.status_code == 404
    assert response.json() == {"error": NOTHING}


def lifetime(edit: EditRequest, *, after: timedelta, viewer_id: int | None = None) -> timedelta:
    """How long a link lasts that is asked for so long after the edit's end."""
    now = (edit.finished_at or NOON) + after
    link = link_to_result(edit, viewer_id=viewer_id, now=now)
    return datetime.fromtimestamp(int(parse_qs(urlsplit(link).query)["expires"][0]), tz=UTC) - now


# --- Valid ones -------------------------------------------------------------------------------------------


def test_a_link_loads_without_a_key_or_a_cookie(alice: User) -> None:
    edit = finished_edit_of(alice)
    found = fetched(Client(), link_to_result(edit, now=timezone.now()))
    assert (found.status_code, found.headers["Content-Type"]) == (200, "image/png")
    assert pixels(found.content) == pixels(picture_bytes(edit.result.file))


@pytest.mark.parametrize("bearer", ["rtk_wrong", ""])
def test_a_key_beside_it_is_not_looked_at(alice: User, bearer: str) -> None:
    browser = Client(headers={"Authorization": f"Bearer {bearer}"})
    assert fetched(browser, link_to_result(finished_edit_of(alice), now=timezone.now())).status_code == 200


def test_anyone_with_the_link_may_open_it(alice: User, bob: User) -> None:
    assert (
        fetched(signed_in(bob), link_to_result(finished_edit_of(alice), now=timezone.now())).status_code
        == 200
    )


def test_no_proxy_may_keep_it_and_no_page_may_run_it(alice: User) -> None:
    response = Client().get(link_to_result(finished_edit_of(alice), now=timezone.now()))
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith('inline; filename="retake-')
    assert not response.cookies


def test_its_head_alone_can_be_asked_for(alice: User) -> None:
    edit = finished_edit_of(alice)
    response = Client().head(link_to_result(edit, now=timezone.now()))
    assert response.status_code == 200
    assert int(response["Content-Length"]) > edit.result.size_bytes


def test_who_has_it_is_told_so(alice: User) -> None:
    link = link_to_result(finished_edit_of(alice), now=timezone.now())
    etag = Client().get(link)["ETag"]
    assert Client().get(link, headers={"If-None-Match": etag}).status_code == 304


def test_a_part_of_it_is_the_whole(alice: User) -> None:
    edit = finished_edit_of(alice)
    response = Client().get(link_to_result(edit, now=timezone.now()), headers={"Range": "bytes=0-10"})
    assert response.status_code == 200
    assert pixels(response.content) == pixels(picture_bytes(edit.result.file))


# --- How long ---------------------------------------------------------------------------------------------


def test_it_lasts_a_day_from_the_end_of_the_edit(alice: User) -> None:
    edit = finished_edit_of(alice, now=NOON)
    assert lifetime(edit, after=timedelta(0)) == DAY
    assert lifetime(edit, after=DAY / 2 - timedelta(seconds=1)) == DAY / 2 + timedelta(seconds=1)


@pytest.mark.parametrize("hours", [12, 23.9, 24, 25, 36, 24 * 365, -1])
def test_a_later_answer_gives_a_link_with_half_of_its_time_before_it(alice: User, hours: float) -> None:
    lasts = lifetime(finished_edit_of(alice, now=NOON), after=timedelta(hours=hours))
    assert DAY / 2 <= lasts <= DAY + timedelta(hours=1)


def test_asked_for_again_it_is_the_same_link(alice: User) -> None:
    edit = finished_edit_of(alice, now=NOON)
    early, late = (NOON + timedelta(hours=hours) for hours in (0, 11.9))
    assert link_to_result(edit, now=early) == link_to_result(edit, now=late)


def test_how_long_can_be_set(alice: User, settings: LazySettings) -> None:
    settings.RESULT_URL_TTL_SECONDS = 60
    assert lifetime(finished_edit_of(alice, now=NOON), after=timedelta(0)) == timedelta(minutes=1)


def test_until_the_last_second_and_not_longer(alice: User) -> None:
    edit = finished_edit_of(alice, now=NOON)
    query = parse_qs(urlsplit(link_until(edit, NOON)).query)
    given = {name: query[name][0] for name in ("expires", "signature")}
    assert opens(edit, **given, now=NOON - timedelta(seconds=1))
    assert not opens(edit, **given, now=NOON)


def test_an_expired_link_opens_nothing(alice: User) -> None:
    assert_opens_nothing(link_until(finished_edit_of(alice), timezone.now() - timedelta(seconds=1)))


# --- Altered ones -----------------------------------------------------------------------------------------

OTHERS = ["1", "0", "-1", "", "x", "1e12", "٣", "9" * 400, "99999999999", "1\x00", " 1"]


@pytest.mark.parametrize("expires", OTHERS)
def test_another_expiry_opens_nothing(alice: User, expires: str) -> None:
    assert_opens_nothing(
        changed(link_to_result(finished_edit_of(alice), now=timezone.now()), expires=expires)
    )


@pytest.mark.parametrize("signature", ["", "0" * 64, "ü" * 64, "x" * 5000, "\x00"])
def test_another_signature_opens_nothing(alice: User, signature: str) -> None:
    assert_opens_nothing(
        changed(link_to_result(finished_edit_of(alice), now=timezone.now()), signature=signature)
    )


def test_one_sign_of_the_signature_counts(alice: User) -> None:
    link = link_to_result(finished_edit_of(alice), now=timezone.now())
    assert_opens_nothing(link[:-1] + ("0" if link[-1] != "0" else "1"))


@pytest.mark.parametrize("part", ["expires", "signature"])
def test_without_a_part_it_opens_nothing(alice: User, part: str) -> None:
    assert_opens_nothing(changed(link_to_result(finished_edit_of(alice), now=timezone.now()), **{part: None}))


def test_a_signature_is_for_one_edit(alice: User) -> None:
    first, second = finished_edit_of(alice), finished_edit_of(alice)
    _, _, query = link_to_result(first, now=timezone.now()).partition("?")
    assert_opens_nothing(f"{reverse('edits:api_result', args=[second.public_id])}?{query}")
    assert_opens_nothing(f"{reverse('edits:api_result', args=[uuid.uuid4()])}?{query}")


def test_a_signature_is_for_one_owner(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice)
    link = link_to_result(edit, now=timezone.now())
    EditRequest.objects.update(owner=bob)
    assert_opens_nothing(link)


def test_another_secret_signs_other_links(alice: User, settings: LazySettings) -> None:
    link = link_to_result(finished_edit_of(alice), now=timezone.now())
    settings.SECRET_KEY = "another-" * 8
    assert_opens_nothing(link)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_it_can_only_be_read(alice: User, method: str) -> None:
    response = getattr(Client(), method)(link_to_result(finished_edit_of(alice), now=timezone.now()))
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("change", ["/", "/320/", "/..%2fsource", "%2e%2e/source"])
def test_nothing_lies_below_it(alice: User, change: str) -> None:
    path, _, query = link_to_result(finished_edit_of(alice), now=timezone.now()).partition("?")
    assert_opens_nothing(f"{path}{change}?{query}")


def test_what_else_stands_in_the_query_changes_nothing(alice: User) -> None:
    edit = finished_edit_of(alice)
    found = fetched(Client(), f"{link_to_result(edit, now=timezone.now())}&size=320&format=source")
    assert pixels(found.content) == pixels(picture_bytes(edit.result.file))


# --- When the edit is not what it was ---------------------------------------------------------------------


def test_in_the_trash_it_is_dead_and_lives_again_after_it(alice: User) -> None:
    edit = finished_edit_of(alice)
    link = link_to_result(edit, now=timezone.now())
    EditRequest.objects.update(trashed_at=timezone.now())
    assert_opens_nothing(link)
    EditRequest.objects.update(trashed_at=None)
    assert fetched(Client(), link).status_code == 200


def test_it_is_dead_while_its_owner_is_locked_out(alice: User) -> None:
    link = link_to_result(finished_edit_of(alice), now=timezone.now())
    User.objects.update(is_active=False)
    assert_opens_nothing(link)


@pytest.mark.parametrize("headers", [{}, {"If-None-Match": "*"}, {"Range": "bytes=0-10"}])
def test_what_was_filtered_later_is_dead(alice: User, headers: dict[str, str]) -> None:
    edit = finished_edit_of(alice)
    link = link_to_result(edit, now=timezone.now())
    ReturnedImage.objects.update(withheld=True, placeholder="")
    assert_opens_nothing(link, **headers)
    ReturnedImage.objects.update(withheld=False)
    EditRequest.objects.update(status=Status.FILTERED, filtered_at_stage="result")
    assert_opens_nothing(link, **headers)


def test_a_withheld_picture_has_no_link_that_opens(alice: User) -> None:
    assert_opens_nothing(link_to_result(filtered_edit_of(alice), now=timezone.now()))


@pytest.mark.parametrize("status", [status for status in Status if status != Status.SUCCEEDED])
def test_only_a_done_edit_has_one(alice: User, status: Status) -> None:
    edit = edit_of(alice, status=status)
    if status != Status.FILTERED:
        result_of(edit)
    assert_opens_nothing(link_until(edit, timezone.now() + DAY))


def test_a_done_edit_without_its_picture_is_no_crash(alice: User) -> None:
    assert_opens_nothing(link_to_result(edit_of(alice, status=Status.SUCCEEDED), now=timezone.now()))


# --- Links for colleagues ---------------------------------------------------------------------------------


def test_a_colleagues_link_opens_what_is_shared(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice, shared=True)
    link = link_to_result(edit, viewer_id=bob.pk, now=timezone.now())
    assert link != link_to_result(edit, now=timezone.now())
    assert fetched(Client(), link).status_code == 200


def test_it_is_dead_once_it_is_not_shared_any_more_but_the_owners_is_not(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice, shared=True)
    link = link_to_result(edit, viewer_id=bob.pk, now=timezone.now())
    EditRequest.objects.update(shared_at=None)
    assert_opens_nothing(link)
    assert fetched(Client(), link_to_result(edit, now=timezone.now())).status_code == 200


def test_it_is_dead_while_the_colleague_is_locked_out(alice: User, bob: User) -> None:
    link = link_to_result(finished_edit_of(alice, shared=True), viewer_id=bob.pk, now=timezone.now())
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert_opens_nothing(link)


@pytest.mark.parametrize("viewer", [None, "", "0", "-1", "x", "9" * 400])
def test_it_cannot_be_made_the_owners(alice: User, bob: User, viewer: str | None) -> None:
    link = link_to_result(finished_edit_of(alice, shared=True), viewer_id=bob.pk, now=timezone.now())
    assert_opens_nothing(changed(link, **{"for": viewer}))


def test_the_owners_own_link_needs_no_mark(alice: User) -> None:
    edit = finished_edit_of(alice)
    assert link_to_result(edit, viewer_id=alice.pk, now=timezone.now()) == link_to_result(
        edit, now=timezone.now()
    )
