"""GET /v1/edits: one's own edits page by page, narrowed; nothing of what others keep to themselves."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from edits.models import ApiKey, EditRequest, Reason, Star, Status, User
from tests.callers import caller_of
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, upload_of
from tests.galleries import ids

Queries = Callable[[int], AbstractContextManager[Any]]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def listed(client: Client, query: str = "") -> dict[str, Any]:
    response = client.get(f"/v1/edits?{query}")
    assert response.status_code == 200, response.content
    page: dict[str, Any] = response.json()
    return page


def found(client: Client, query: str = "") -> list[str]:
    return [edit["id"] for edit in listed(client, query)["data"]]


def edits_of(owner: User, count: int, **fields: Any) -> list[EditRequest]:
    """The newest first, as lists have them."""
    upload = upload_of()
    return [edit_of(owner, upload=upload, **fields) for _ in range(count)][::-1]


# --- Pages ------------------------------------------------------------------------------------------------


def test_ones_own_edits_come_newest_first(alice: User, bob: User) -> None:
    edits = edits_of(alice, 3)
    edit_of(bob)
    page = listed(caller_of(alice))
    assert [edit["id"] for edit in page["data"]] == ids(edits)
    assert {name: value for name, value in page.items() if name != "data"} == {
        "object": "list",
        "first_id": str(edits[0].public_id),
        "last_id": str(edits[-1].public_id),
        "has_more": False,
    }


def test_each_is_told_as_it_is_told_alone_but_for_its_place_in_line(alice: User) -> None:
    client, edit = caller_of(alice), finished_edit_of(alice)
    alone = client.get(f"/v1/edits/{edit.public_id}").json()
    assert alone.pop("queue") is None
    assert listed(client)["data"] == [alone]


def test_a_list_may_be_empty(alice: User, bob: User) -> None:
    finished_edit_of(bob)
    assert listed(caller_of(alice)) == {
        "object": "list",
        "data": [],
        "first_id": None,
        "last_id": None,
        "has_more": False,
    }


def test_twenty_make_a_page_unless_another_number_is_asked_for(alice: User) -> None:
    edits_of(alice, 21)
    client = caller_of(alice)
    assert (len(listed(client)["data"]), listed(client)["has_more"]) == (20, True)
    assert (len(listed(client, "limit=21")["data"]), listed(client, "limit=21")["has_more"]) == (21, False)


@pytest.mark.parametrize("order", ["desc", "asc"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_page_after_page_gives_each_edit_once(alice: User, limit: int, order: str) -> None:
    edits = ids(edits_of(alice, 7))
    client, seen, query = caller_of(alice), list[str](), f"limit={limit}&order={order}"
    page = listed(client, query)
    seen += [edit["id"] for edit in page["data"]]
    while page["has_more"]:
        page = listed(client, f"{query}&after={page['last_id']}")
        seen += [edit["id"] for edit in page["data"]]
    assert seen == (edits if order == "desc" else edits[::-1])


def test_pages_lead_back_as_well(alice: User) -> None:
    edits = ids(edits_of(alice, 5))
    client = caller_of(alice)
    page = listed(client, f"limit=2&before={edits[3]}")
    assert ([edit["id"] for edit in page["data"]], page["has_more"]) == (edits[1:3], True)
    page = listed(client, f"limit=2&before={edits[1]}")
    assert ([edit["id"] for edit in page["data"]], page["has_more"]) == (edits[:1], False)
    assert listed(client, f"before={edits[0]}")["data"] == []


def test_what_arrives_meanwhile_moves_nothing(alice: User) -> None:
    edits = ids(edits_of(alice, 4))
    client = caller_of(alice)
    last = listed(client, "limit=2")["last_id"]
    edit_of(alice)
    assert found(client, f"limit=2&after={last}") == edits[2:]


def test_it_goes_on_after_an_edit_that_was_thrown_away_meanwhile(alice: User) -> None:
    first, second, third = edits_of(alice, 3)
    EditRequest.objects.filter(pk=second.pk).update(trashed_at=timezone.now())
    assert found(caller_of(alice), f"after={second.public_id}") == ids([third])
    assert found(caller_of(alice)) == ids([first, third])


def test_it_goes_on_after_an_edit_that_the_filter_leaves_out(alice: User) -> None:
    done, waiting, older = finished_edit_of(alice), edit_of(alice), finished_edit_of(alice)
    assert found(caller_of(alice), f"status=succeeded&after={waiting.public_id}") == ids([done])
    assert found(caller_of(alice), f"status=succeeded&before={waiting.public_id}") == ids([older])


@pytest.mark.parametrize("side", ["after", "before"])
def test_another_persons_edit_is_no_place_whether_or_not_it_exists(alice: User, bob: User, side: str) -> None:
    edit_of(alice)
    hidden = edit_of(bob)
    edit_of(alice)
    client = caller_of(alice)
    answers = [client.get(f"/v1/edits?{side}={place}") for place in (hidden.public_id, uuid.uuid4())]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["error"]["param"] == side


@pytest.mark.parametrize("scope", ["mine", "team"])
@pytest.mark.parametrize("count", [1, 12])
def test_a_page_takes_four_queries_at_most_whatever_it_holds(
    alice: User, bob: User, django_assert_num_queries: Queries, scope: str, count: int
) -> None:
    for _ in range(count):
        first = finished_edit_of(alice, shared=True)
        finished_edit_of(alice, shared=True, parent=first, rerun_of=first)
        filtered_edit_of(alice)
        edit_of(alice, last_fault="busy")
        edit_of(alice, status=Status.FAILED, reason=Reason.BAD_RESULT)
    client, query = caller_of(alice), f"scope={scope}&limit=50&starred=false&created_after=1"
    with django_assert_num_queries(4):
        listed(client, query)
    with django_assert_num_queries(
        5 if scope == "team" else 4
    ):  # the key was counted; names, and what has the word
        listed(client, f"{query}&q=turn")
    with django_assert_num_queries(3):  # the key was counted for some calls
        listed(client, f"scope={scope}&limit=2&order=asc&after={first.public_id}")


# --- What is not in it ------------------------------------------------------------------------------------


def test_the_trash_is_not_listed(alice: User) -> None:
    finished_edit_of(alice, trashed_at=timezone.now())
    assert found(caller_of(alice)) == []


@pytest.mark.parametrize("who", ["bob", "rita", "root"])
def test_nobody_lists_what_is_private_to_others(
    alice: User, request: pytest.FixtureRequest, who: str
) -> None:
    for edit in edits_of(alice, 3):
        Star.objects.create(user=alice, edit=edit, created_at=NOON)
    filtered_edit_of(alice)
    client = caller_of(request.getfixturevalue(who))
    for query in ("", "scope=team", "scope=team&q=turn", "starred=true", "status=filtered", "order=asc"):
        page = listed(client, query)
        assert (page["data"], page["has_more"]) == ([], False)


def test_the_answer_does_not_tell_how_much_others_edit(alice: User, bob: User) -> None:
    client = caller_of(alice)
    before = client.get("/v1/edits").content
    edits_of(bob, 30)
    assert client.get("/v1/edits").content == before


# --- The team's -------------------------------------------------------------------------------------------


def test_the_teams_edits_come_as_they_were_shared(alice: User, bob: User) -> None:
    late = finished_edit_of(alice, shared_at=NOON + timedelta(hours=1))
    same = [finished_edit_of(alice, shared_at=NOON), finished_edit_of(bob, shared_at=NOON)]
    finished_edit_of(alice)
    finished_edit_of(alice, shared=True, trashed_at=NOON)
    expected, client = ids([late, same[1], same[0]]), caller_of(bob)
    assert found(client, "scope=team") == expected
    assert found(client, "scope=team&order=asc") == expected[::-1]
    assert found(client, f"scope=team&after={expected[0]}") == expected[1:]
    assert found(client, f"scope=team&after={expected[1]}") == expected[2:]
    assert found(client, f"scope=team&before={expected[2]}") == expected[:2]


def test_of_a_colleagues_edit_the_source_is_not_told(alice: User, bob: User) -> None:
    finished_edit_of(alice, shared=True)
    shown = listed(caller_of(bob), "scope=team")["data"][0]
    assert (shown["owner"], shown["source"], shown["attempts"]) == ("alice", None, None)


def test_what_was_taken_back_is_no_place_any_more(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice)
    response = caller_of(bob).get(f"/v1/edits?scope=team&after={edit.public_id}")
    assert (response.status_code, response.json()["error"]["param"]) == (400, "after")


# --- Filters ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=queued", ["queued"]),
        ("status=queued&status=failed", ["failed", "queued"]),
        ("status=queued,failed", ["failed", "queued"]),
        ("status[]=queued&status[]=failed", ["failed", "queued"]),
        ("status=,queued, ,queued", ["queued"]),
        ("status=", ["failed", "canceled", "succeeded", "queued"]),
        ("status=saving", []),
    ],
)
def test_by_status(alice: User, query: str, expected: list[str]) -> None:
    for status in (Status.QUEUED, Status.SUCCEEDED, Status.CANCELED, Status.FAILED):
        edit_of(alice, status=status)
    assert [edit["status"] for edit in listed(caller_of(alice), query)["data"]] == expected


def test_by_when_they_were_asked_for(alice: User) -> None:
    edits = [edit_of(alice, now=NOON + timedelta(seconds=seconds)) for seconds in (-0.5, 0, 0.5, 1)]
    client, noon = caller_of(alice), int(NOON.timestamp())
    assert found(client, f"created_after={noon}") == ids(edits[:0:-1])
    assert found(client, f"created_before={noon}") == ids(edits[:1])
    assert found(client, f"created_after={noon}&created_before={noon + 1}") == ids(edits[2:0:-1])


def test_by_words_of_the_prompt(alice: User) -> None:
    red, both = edit_of(alice, prompt="a red CAT"), edit_of(alice, prompt="100% cat_like red fox")
    client = caller_of(alice)
    assert found(client, "q=cat+RED") == ids([both, red])
    assert found(client, "q=100%25") == found(client, "q=cat_") == ids([both])
    assert found(client, "q=dog") == []
    assert found(client, "q=++") == ids([both, red])


@pytest.mark.parametrize(("name", "field"), [("source_edit", "parent"), ("rerun_of", "rerun_of")])
def test_by_where_they_come_from(alice: User, bob: User, name: str, field: str) -> None:
    first = finished_edit_of(alice)
    second = finished_edit_of(alice, **{field: first}, shared=True)
    assert found(caller_of(alice), f"{name}={first.public_id}") == ids([second])
    assert found(caller_of(alice), f"{name}={uuid.uuid4()}") == []
    # Whether a shared edit comes from one that he may not see is not for Bob to find out.
    assert found(caller_of(bob), f"scope=team&{name}={first.public_id}") == []
    EditRequest.objects.filter(pk=first.pk).update(shared_at=NOON)
    assert found(caller_of(bob), f"scope=team&{name}={first.public_id}") == ids([second])


def test_by_ones_own_stars(alice: User, bob: User) -> None:
    starred, plain = finished_edit_of(alice, shared=True), finished_edit_of(alice)
    Star.objects.create(user=alice, edit=starred, created_at=NOON)
    Star.objects.create(user=bob, edit=plain, created_at=NOON)
    client = caller_of(alice)
    assert found(client, "starred=true") == ids([starred])
    assert found(client, "starred=0") == ids([plain])
    assert found(caller_of(bob), "scope=team&starred=1") == []


def test_by_whether_they_are_shared(alice: User) -> None:
    shared, private = finished_edit_of(alice, shared=True), finished_edit_of(alice)
    assert found(caller_of(alice), "shared=true") == ids([shared])
    assert found(caller_of(alice), "shared=false") == ids([private])
    assert found(caller_of(alice), "shared=") == ids([private, shared])


def test_names_that_are_not_known_are_left_alone(alice: User) -> None:
    edits = edits_of(alice, 1)
    assert found(caller_of(alice), "page=2&density=3&is=starred") == ids(edits)


# --- What is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("param", "values"),
    [
        ("limit", ["0", "101", "-1", "x", "1.5", "9" * 5000, "NaN"]),
        ("after", ["1", "x", "00000000-0000-0000-0000-00000000000g", "%00"]),
        ("before", ["1", "x"]),
        ("order", ["newest", "%00"]),
        ("scope", ["all", "everybody", "mine,team"]),
        ("status", ["done", "queued,done", "QUEUED", "%00", "%ff"]),
        ("created_after", ["-1", "yesterday", "2026-05-01", "1e9", "9" * 12, "inf"]),
        ("created_before", ["-1", "x", "1790000000000"]),
        ("q", ["%00", "x" * 201, "+".join(["x"] * 21)]),
        ("source_edit", ["1", "harbor"]),
        ("rerun_of", ["1", "harbor"]),
        ("starred", ["yes", "2"]),
        ("shared", ["maybe"]),
    ],
)
def test_a_value_that_cannot_be_read_is_400_and_named(alice: User, param: str, values: list[str]) -> None:
    client = caller_of(alice)
    for value in values:
        response = client.get(f"/v1/edits?{param}={value}")
        error = response.json()["error"]
        assert (response.status_code, error["param"], error["type"]) == (400, param, "invalid_request_error")
        assert error["code"]
        assert len(error["message"]) < 200


def test_after_and_before_are_not_asked_for_at_once(alice: User) -> None:
    edit = edit_of(alice).public_id
    response = caller_of(alice).get(f"/v1/edits?after={edit}&before={edit}")
    assert (response.status_code, response.json()["error"]["param"]) == (400, "before")


def test_it_takes_a_key_that_may_read(alice: User, stranger: Client) -> None:
    assert stranger.get("/v1/edits").status_code == 401
    assert signed_in(alice).get("/v1/edits").status_code == 401
    assert caller_of(alice, can_edit=False).get("/v1/edits").status_code == 200


def test_a_key_that_may_not_read_lists_the_edits_that_it_made(alice: User) -> None:
    client = caller_of(alice, can_read=False)
    made = edit_of(alice, api_key=ApiKey.objects.get())
    of_the_page = edit_of(alice)
    finished_edit_of(alice, shared=True)
    assert [edit["id"] for edit in client.get("/v1/edits").json()["data"]] == [str(made.public_id)]
    assert client.get(f"/v1/edits?after={of_the_page.public_id}").status_code == 400
    answer = client.get("/v1/edits?scope=team")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "insufficient_scope")


def test_it_is_only_read_and_never_kept_on_the_way(alice: User) -> None:
    client = caller_of(alice)
    response = client.post("/v1/edits")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert client.get("/v1/edits")["Cache-Control"] == "no-store"
    assert client.head("/v1/edits").content == b""
