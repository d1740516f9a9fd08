"""What the studio starts with: an empty page, a recall, a picture by reference; and what others may not bring in."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from edits.models import EditRequest, User
from edits.services.prompts.past_prompts import remember_prompts
from edits.views.past_prompts import RECENT_PROMPTS
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of

STUDIO = "/"


def said(response: Any) -> str:
    return str(response.content.decode())


def studio(client: Client, **query: Any) -> Any:
    return client.get(STUDIO, query)


def test_newcomers_are_shown_how_to_begin(alice: User) -> None:
    page = said(studio(signed_in(alice)))
    assert "Start with a picture" in page
    for sample in ("cat", "coffee", "rocket"):
        assert f"?sample={sample}" in page


def test_a_sample_is_chosen_without_script(alice: User) -> None:
    client = signed_in(alice)
    assert 'name="source" value="sample:coffee"' in said(studio(client, sample="coffee"))
    client.post(STUDIO, {"prompt": "sepia", "source": "sample:coffee"})
    assert EditRequest.objects.get().source_name == "coffee.jpg"


def test_an_unknown_sample_does_not_exist(alice: User) -> None:
    assert studio(signed_in(alice), sample="../secret").status_code == 404


def test_each_recall_brings_what_it_says_and_no_more(alice: User) -> None:
    edit = finished_edit_of(alice, prompt="a red harbor", steps=11, cfg_scale=3.5, size="768x768")
    client = signed_in(alice)
    prompt = studio(client, **{"from": edit.public_id, "use": "prompt"}).context["values"]
    assert (prompt["prompt"], prompt["seed"], prompt["steps"]) == ("a red harbor", "", "28")
    seed = studio(client, **{"from": edit.public_id, "use": "seed"}).context["values"]
    assert (seed["prompt"], seed["seed"], seed["lock"]) == ("", "77120", True)
    everything = studio(client, **{"from": edit.public_id, "use": "all"}).context
    assert everything["values"] == {
        "prompt": "a red harbor",
        "seed": "77120",
        "lock": True,
        "steps": "11",
        "cfg_scale": "3.5",
        "size": "768x768",
    }
    assert everything["card"] is None


def test_settings_of_another_model_are_brought_within_the_limits(alice: User) -> None:
    edit = finished_edit_of(alice, size="2048x2048")
    values = studio(signed_in(alice), **{"from": edit.public_id, "use": "all"}).context["values"]
    assert values["size"] == "512x512"


def test_a_colleagues_shared_settings_may_be_used_on_ones_own_picture(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice, shared=True, prompt="a red harbor")
    context = studio(signed_in(bob), **{"from": edit.public_id, "use": ["all", "source"]}).context
    assert context["values"]["prompt"] == "a red harbor"
    assert context["card"] is None  # the source was not shared


def test_a_colleagues_shared_source_may_be_used_too(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice, shared=True, source_is_shared=True)
    card = studio(signed_in(bob), **{"from": edit.public_id, "use": "source"}).context["card"]
    assert card.reference == f"source:{edit.public_id}"


@pytest.mark.parametrize("query", ["show", "from"])
def test_what_is_private_does_not_exist_for_others(
    alice: User, bob: User, rita: User, root: User, query: str
) -> None:
    edit = finished_edit_of(alice)
    for person in (bob, rita, root):
        assert studio(signed_in(person), **{query: edit.public_id, "use": "all"}).status_code == 404
        assert studio(signed_in(person), **{query: uuid.uuid4(), "use": "all"}).status_code == 404


@pytest.mark.parametrize("value", ["1", "x" * 200, "'; --"])
def test_a_made_up_address_does_not_exist(alice: User, value: str) -> None:
    assert studio(signed_in(alice), show=value).status_code == 404


def test_a_filtered_edit_shows_words_and_never_its_picture(alice: User) -> None:
    edit = filtered_edit_of(alice)
    page = said(studio(signed_in(alice), show=edit.public_id))
    assert "Stopped by the content filter" in page
    assert "New seed" in page
    assert "Ask for a review" in page
    assert reverse("edits:result", args=[edit.public_id]) not in page


def test_the_stage_compares_before_and_after(alice: User) -> None:
    edit = finished_edit_of(alice)
    page = said(studio(signed_in(alice), show=edit.public_id))
    assert reverse("edits:source_width", args=[edit.public_id, 1024]) in page
    assert reverse("edits:result", args=[edit.public_id]) in page
    assert "data-compare" in page


def test_a_colleague_sees_no_source_that_was_not_shared(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice, shared=True)
    page = said(studio(signed_in(bob), show=edit.public_id))
    assert reverse("edits:result", args=[edit.public_id]) in page
    assert f"{edit.public_id}/source/" not in page
    assert "Re-run same seed" not in page


def test_only_the_part_that_is_asked_for_is_sent(alice: User) -> None:
    edit = finished_edit_of(alice)
    client = signed_in(alice)
    stage = client.get(
        STUDIO, {"show": str(edit.public_id)}, headers={"HX-Request": "true", "HX-Target": "stage"}
    )
    source = client.get(
        STUDIO,
        {"from": str(edit.public_id), "use": "result"},
        headers={"HX-Request": "true", "HX-Target": "source"},
    )
    assert said(stage).lstrip().startswith('<div id="stage"')
    assert said(source).lstrip().startswith('<div id="source"')
    assert f'value="result:{edit.public_id}"' in said(source)


def test_past_prompts_are_there_once_each_and_nobody_elses(alice: User, bob: User) -> None:
    for prompt in ["one", "two", "one", *(f"more {number}" for number in range(40))]:
        remember_prompts([edit_of(alice, prompt=prompt)])
    remember_prompts([edit_of(bob, prompt="Bob's secret")])
    recent = studio(signed_in(alice)).context["recent"]
    assert len(recent) == RECENT_PROMPTS
    assert recent[0] == "more 39"
    assert len(set(recent)) == len(recent)
    assert "Bob's secret" not in recent


def test_past_pictures_are_the_persons_own(alice: User, bob: User) -> None:
    mine, others, stopped = finished_edit_of(alice), finished_edit_of(bob), filtered_edit_of(alice)
    client = signed_in(alice)
    for headers in ({}, {"HX-Request": "true"}):
        page = said(client.get(STUDIO, {"pick": "1"}, headers=headers))
        assert f"?from={mine.public_id}&amp;use=result" in page
        assert f"?from={stopped.public_id}&amp;use=source" in page
        assert f"?from={stopped.public_id}&amp;use=result" not in page
        assert str(others.public_id) not in page
