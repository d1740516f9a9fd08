"""The poll: what an open page learns about its edits, and what it must not learn."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from edits.models import EditRequest, Provider, Status, User
from edits.services.team.people import take_time_zone
from edits.views.status import MOST_EDITS
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, result_of


def poll(client: Client, *edits: EditRequest, was: list[str] | None = None, **query: Any) -> Any:
    asked = {"id": [str(edit.public_id) for edit in edits], "was": was or ["queued"] * len(edits)}
    asked["as"] = [query.pop("look", "card")]
    return client.get("/status/", asked | query, headers={"HX-Request": "true"})


def said(response: Any) -> str:
    return str(response.content.decode())


def test_while_nothing_moves_only_the_words_are_sent(alice: User) -> None:
    edit = edit_of(alice)
    page = said(poll(signed_in(alice), edit))
    assert f'id="words-{edit.public_id}" hx-swap-oob="true"' in page
    assert "Next in queue" in page
    assert f'id="card-{edit.public_id}"' not in page
    assert "<button" not in page


def test_a_browser_that_is_on_no_page_gets_the_same(alice: User) -> None:
    odd = {"HX-Request": "true", "HX-Current-URL": "http://["}
    response = signed_in(alice).get("/status/", {"id": str(edit_of(alice).public_id)}, headers=odd)
    assert "Next in queue" in said(response)


def test_an_edit_that_moved_is_sent_whole(alice: User) -> None:
    edit = edit_of(alice, status=Status.RUNNING)
    page = said(poll(signed_in(alice), edit))
    assert f'id="card-{edit.public_id}" hx-swap-oob="true"' in page
    assert "is-running" in page


def test_a_finished_edit_becomes_a_picture_and_is_announced_once(alice: User) -> None:
    edit = finished_edit_of(alice, prompt="a red harbor")
    page = said(poll(signed_in(alice), edit, was=["running"]))
    assert f"/edits/{edit.public_id}/result/320/" in page
    assert "a red harbor: Done." in page
    assert "polled" not in page


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
def test_an_active_card_asks_to_be_asked_about(alice: User, status: Status) -> None:
    edit = edit_of(alice, status=status)
    page = said(poll(signed_in(alice), edit, was=[status.value]))
    assert f'class="polled" name="id" value="{edit.public_id}"' in page
    assert f'class="polled" name="was" value="{status.value}"' in page


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELED, Status.FILTERED])
def test_an_ended_edit_is_asked_about_no_more(alice: User, status: Status) -> None:
    page = said(poll(signed_in(alice), edit_of(alice, status=status), was=["running"]))
    assert "polled" not in page


def test_the_studio_gets_a_thumb_and_the_stage(alice: User) -> None:
    edit = finished_edit_of(alice)
    page = said(poll(signed_in(alice), edit, was=["running"], stage=edit.public_id, look="thumb"))
    assert f'id="thumb-{edit.public_id}"' in page
    assert 'id="stage"' in page
    assert "Re-run same seed" in page
    assert f'id="card-{edit.public_id}"' not in page


def test_the_stage_is_left_alone_while_another_edit_moves(alice: User) -> None:
    shown, moved = finished_edit_of(alice), finished_edit_of(alice)
    page = said(poll(signed_in(alice), moved, was=["running"], stage=shown.public_id, look="thumb"))
    assert f'id="thumb-{moved.public_id}"' in page
    assert 'id="stage"' not in page


def test_an_edit_on_the_stage_that_is_not_in_the_strip_is_followed_too(alice: User) -> None:
    edit = edit_of(alice)
    query = {"as": "thumb", "stage": str(edit.public_id), "stage_was": "queued"}
    page = said(signed_in(alice).get("/status/", query))
    assert f'id="stage-words-{edit.public_id}"' in page


def test_a_stage_that_fell_behind_its_thumb_catches_up(alice: User) -> None:
    edit = edit_of(alice, status=Status.RUNNING)
    query: dict[str, Any] = {"stage": edit.public_id, "stage_was": "queued", "look": "thumb"}
    page = said(poll(signed_in(alice), edit, was=["running"], **query))
    assert 'id="stage"' in page
    assert f'id="thumb-{edit.public_id}"' not in page


def test_a_stage_that_stands_still_keeps_its_buttons(alice: User) -> None:
    edit = edit_of(alice)
    query: dict[str, Any] = {"stage": edit.public_id, "stage_was": "queued", "look": "thumb"}
    page = said(poll(signed_in(alice), edit, **query))
    assert f'id="stage-words-{edit.public_id}"' in page
    assert 'id="stage"' not in page


def test_the_viewer_loads_its_page_again_when_the_edit_moved(alice: User) -> None:
    client, edit = signed_in(alice), edit_of(alice)
    assert "HX-Refresh" not in poll(client, edit, look="page").headers
    assert poll(client, edit, was=["running"], look="page")["HX-Refresh"] == "true"


def test_nothing_is_told_about_edits_of_others(alice: User, bob: User, rita: User, root: User) -> None:
    edits = [edit_of(alice), finished_edit_of(alice), filtered_edit_of(alice)]
    for person in (bob, rita, root):
        client = signed_in(person)
        answer = said(poll(client, *edits)).strip()
        assert (
            answer == said(client.get("/status/", {"id": str(uuid.uuid4()), "was": "queued"})).strip() == ""
        )


def test_a_shared_edit_may_be_asked_about(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice, shared=True)
    assert f"card-{edit.public_id}" in said(poll(signed_in(bob), edit))


def test_a_withheld_picture_is_never_told(alice: User) -> None:
    edit = edit_of(alice, status=Status.FILTERED)
    result_of(edit, withheld=True)
    for look in ("card", "thumb", "page"):
        page = said(poll(signed_in(alice), edit, was=["running"], stage=edit.public_id, look=look))
        assert "/result/" not in page


@pytest.mark.parametrize(
    "query",
    ["", "id=", "id=1&was=queued", "id=%00", "stage=x&stage_was=y", "as=<b>", "was=queued&was=running"],
)
def test_odd_questions_get_an_empty_answer(alice: User, query: str) -> None:
    response = signed_in(alice).get(f"/status/?{query}")
    assert response.status_code == 200
    assert said(response).strip() == ""


def test_it_answers_for_a_hundred_edits_at_most(alice: User) -> None:
    edits = [edit_of(alice) for _ in range(MOST_EDITS + 1)]
    assert said(poll(signed_in(alice), *edits)).count('class="state-words"') == MOST_EDITS


def test_three_questions_do_however_many_edits_are_asked_about(
    alice: User, django_assert_max_num_queries: DjangoAssertNumQueries, keep_the_queue: Callable[[], None]
) -> None:
    edits = [edit_of(alice) for _ in range(20)] + [edit_of(alice, status=Status.RUNNING) for _ in range(3)]
    client = signed_in(alice)
    with django_assert_max_num_queries(13):  # the queue is read for all pages
        poll(client, *edits)
    keep_the_queue()
    for look in ("card", "thumb", "page"):
        with django_assert_max_num_queries(3):  # session, person, edits
            poll(client, *edits, was=["queued"] * 20 + ["running"] * 3, look=look)
    with django_assert_max_num_queries(3):
        poll(client, *edits, was=["running"] * 20 + ["queued"] * 3)


def test_an_open_studio_hears_how_many_are_ahead_while_nothing_moves(alice: User, bob: User) -> None:
    for _ in range(3):
        edit_of(bob)
    waiting = edit_of(alice)
    page = said(poll(signed_in(alice), waiting, look="thumb"))
    assert '<span id="line" hx-swap-oob="true">2 ahead of you' in page
    assert 'id="budget-left"' not in page


def test_a_pause_of_seconds_is_on_the_card_and_beside_the_button(alice: User) -> None:
    Provider.objects.update(paused_since=timezone.now(), paused_until=timezone.now() + timedelta(seconds=20))
    page = said(poll(signed_in(alice), edit_of(alice), look="thumb"))
    about = "continues in about (20|1[0-9]) s"  # ten seconds may pass on a busy machine
    assert re.search(f"<span>{about}</span>", page)
    assert re.search(f"paused, {about}", page)


@pytest.mark.parametrize(
    "state", [{"held_since": timezone.now(), "held_reason": "HTTP 401"}, {"stopped_since": timezone.now()}]
)
def test_beside_the_button_it_says_that_nothing_is_sent(alice: User, state: dict[str, Any]) -> None:
    Provider.objects.update(**state)
    page = said(poll(signed_in(alice), edit_of(alice), look="thumb"))
    assert '<span id="line" hx-swap-oob="true">nothing is sent at the moment</span>' in page


def test_a_back_off_of_seconds_is_on_the_card(alice: User) -> None:
    soon = timezone.now() + timedelta(seconds=20)
    page = said(poll(signed_in(alice), edit_of(alice, last_fault="busy", attempts_made=1, not_before=soon)))
    assert re.search("Trying again in&nbsp;about (20|1[0-9]) s", page)


def test_it_is_never_cached(alice: User) -> None:
    assert "no-store" in poll(signed_in(alice), edit_of(alice))["Cache-Control"]


def test_it_only_reads(alice: User) -> None:
    assert signed_in(alice).post("/status/").status_code == 405


def test_an_edit_in_another_try_says_when_on_the_reader_s_clock(alice: User) -> None:
    again_at = timezone.now().replace(microsecond=0) + timedelta(minutes=5)
    edit = edit_of(alice, last_fault="busy", attempts_made=1, not_before=again_at)
    take_time_zone(user=alice, name="Asia/Shanghai")
    page = said(poll(signed_in(alice), edit))
    here = again_at.astimezone(ZoneInfo("Asia/Shanghai"))
    assert f'<time datetime="{here.isoformat()}" title="' in page
    assert f"{here:%H:%M}</time>" in page
    assert "Retry now" in page


def test_it_can_be_asked_for_its_head_alone(alice: User) -> None:
    assert signed_in(alice).head("/status/").status_code == 200
    assert signed_in(alice).post("/status/").status_code == 405
