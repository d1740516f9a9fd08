"""GET /v1/presets: one's own and the team's, page after page, as the document says."""

from typing import Any

import pytest
from django.test import Client

from edits.models import Rates, User
from tests.callers import caller_of
from tests.factories import finished_edit_of
from tests.test_api_openapi import assert_is
from tests.test_prompt_presets import preset_of


def listed(client: Client, query: str = "") -> dict[str, Any]:
    response = client.get(f"/v1/presets?{query}")
    assert response.status_code == 200, response.content
    page: dict[str, Any] = response.json()
    assert_is("PresetList", page)
    return page


def names(page: dict[str, Any]) -> list[str]:
    return [preset["name"] for preset in page["data"]]


def test_ones_own_and_the_teams_are_listed_with_nothing_of_their_edits(alice: User, bob: User) -> None:
    mine = preset_of(alice, name="mine", options={"steps": "9"}, example=finished_edit_of(alice))
    preset_of(bob, name="his")
    shared = preset_of(bob, name="the team's", shared=True, model="stepfun/step-1x-edit")
    shared.rates_json = Rates(edits=5, done=5).stored()
    shared.save(update_fields=["rates_json"])
    page = listed(caller_of(alice))
    assert names(page) == ["the team's", "mine"]
    first, second = page["data"]
    assert (first["owner"], first["mine"], first["model"]) == ("bob", False, "stepfun/step-1x-edit")
    assert first["rates"] == {"edits": 5, "done": 5, "filtered": 0, "kept": 0, "repeated": 0}
    assert (second["options"], second["model"], second["rates"]) == ({"steps": "9"}, None, None)
    assert str(mine.example.public_id if mine.example else "") not in str(page)


def test_pages_follow_each_other(alice: User) -> None:
    for number in range(3):
        preset_of(alice, name=str(number))
    client = caller_of(alice)
    first = listed(client, "limit=2")
    assert (names(first), first["has_more"]) == (["2", "1"], True)
    second = listed(client, f"limit=2&after={first['data'][-1]['id']}")
    assert (names(second), second["has_more"]) == (["0"], False)


@pytest.mark.parametrize(
    ("query", "param"),
    [("limit=0", "limit"), ("after=x", "after"), ("after=00000000-0000-4000-8000-000000000000", "after")],
)
def test_what_cannot_be_asked_for_is_said(alice: User, query: str, param: str) -> None:
    response = caller_of(alice).get(f"/v1/presets?{query}")
    assert (response.status_code, response.json()["error"]["param"]) == (400, param)
