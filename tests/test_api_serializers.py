"""An edit in JSON: all that is needed to repeat it, and nothing that the reader may not see."""

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from edits.model_specs import ModelSpec
from edits.models import EditRequest, Reason, ReturnedImage, ReviewCase, Status, User, Verdict
from edits.services.api.serializers import describe, with_descriptions
from edits.services.site_links import absolute
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, picture, result_of, upload_of
from tests.second_provider import model_at, second_provider

Queries = Callable[[int], AbstractContextManager[Any]]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
NAMES = {
    "id", "object", "status", "created", "started", "finished", "owner", "model", "prompt", "seed", "seed_sent",
    "seed_is_drawn", "steps", "cfg_scale", "size", "source", "source_edit", "rerun_of", "batch", "attempts", "shared",
    "trashed", "finish_reason", "result", "merged", "error", "page", "provider", "references", "negative_prompt",
    "quality", "background", "output_format", "cost",
}  # fmt: skip


def test_an_edit_says_all_that_can_be_repeated(alice: User) -> None:
    edit = edit_of(alice, prompt="make it night", steps=11, cfg_scale=7.5, size="768x768", now=NOON)
    shown = describe(edit)
    assert shown.keys() == NAMES
    asked = {name: shown[name] for name in ("model", "prompt", "seed", "steps", "cfg_scale", "size")}
    assert asked == {
        "model": "step-1x-edit",
        "prompt": "make it night",
        "seed": 77120,
        "steps": 11,
        "cfg_scale": 7.5,
        "size": "768x768",
    }
    assert (shown["id"], shown["object"], shown["owner"]) == (str(edit.public_id), "edit", "alice")
    assert shown["created"] == int(NOON.timestamp())


@pytest.mark.parametrize("status", Status)
def test_every_status_can_be_told(alice: User, status: Status) -> None:
    shown = json.loads(json.dumps(describe(edit_of(alice, status=status))))
    assert shown.keys() == NAMES
    assert shown["status"] == status
    assert (shown["finished"] is None) == (status in (Status.QUEUED, Status.RUNNING, Status.SAVING))
    assert (shown["error"] is None) == (status != Status.FAILED)


def test_times_that_are_not_yet_are_null(alice: User) -> None:
    shown = describe(edit_of(alice))
    assert (shown["started"], shown["finished"], shown["result"], shown["finish_reason"]) == (None,) * 4


def test_the_source_is_told_as_it_was_sent_and_as_it_came(alice: User) -> None:
    data = picture(width_px=90, height_px=60)
    edit = edit_of(alice, upload=upload_of(data, width_px=90, height_px=60), source_width_px=3000)
    assert describe(edit)["source"] == {
        "name": "harbor.png",
        "width": 90,
        "height": 60,
        "format": "png",
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "original_width": 3000,
        "original_height": 60,
    }


def test_a_result_comes_with_a_link_and_its_receipt(alice: User) -> None:
    edit = edit_of(alice, status=Status.SUCCEEDED)
    data = picture(width_px=80, height_px=48)
    result_of(edit, data)
    ReturnedImage.objects.update(receipt=Verdict.IDENTICAL, similarity=1.0)
    shown = describe(EditRequest.objects.get())
    result = shown["result"]
    assert result.pop("url").startswith(f"{absolute('')}/v1/results/{edit.public_id}?expires=")
    assert result == {
        "width": 80,
        "height": 48,
        "format": "png",
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "seed": 77120,
        "receipt": "identical",
        "similarity": 1.0,
    }
    assert shown["finish_reason"] == "success"


def test_a_result_without_a_receipt_says_null(alice: User) -> None:
    result = describe(finished_edit_of(alice))["result"]
    assert (result["receipt"], result["similarity"]) == (None, None)


@pytest.mark.parametrize(("used", "repeat"), [(123, 123), (None, 77120), (2**70 % 2**63, 77120)])
def test_the_seed_is_the_one_that_makes_this_picture_again(
    alice: User, used: int | None, repeat: int
) -> None:
    edit = finished_edit_of(alice, seed_is_drawn=True)
    edit.result.seed_used = used
    shown = describe(edit)
    assert (shown["seed"], shown["seed_sent"], shown["seed_is_drawn"]) == (repeat, 77120, True)
    assert shown["result"]["seed"] == used


def test_links_depend_on_the_caller(alice: User) -> None:
    edit = finished_edit_of(alice)
    shown = describe(edit, address=lambda path: f"https://here.example{path}")
    assert shown["page"] == f"https://here.example/edits/{edit.public_id}/"
    assert shown["result"]["url"].startswith("https://here.example/v1/results/")


# --- Models and their options -----------------------------------------------------------------------------


def test_what_the_model_does_not_take_is_null(alice: User) -> None:
    model = model_at(second_provider(), "plain", spec=ModelSpec(name=""))
    bare: dict[str, Any] = {
        "provider": model.provider,
        "model": "plain",
        "seed": None,
        "steps": None,
        "cfg_scale": None,
    }
    shown = describe(edit_of(alice, size="", **bare))
    nothing = (
        "seed",
        "seed_sent",
        "steps",
        "cfg_scale",
        "negative_prompt",
        "quality",
        "background",
        "output_format",
    )
    assert {shown[name] for name in nothing} == {None}
    assert (shown["model"], shown["provider"], shown["size"], shown["references"]) == ("plain", "gpu", "", [])


def test_the_options_of_some_models_are_told(alice: User) -> None:
    said = {"negative_prompt": "dogs", "quality": "high", "background": "opaque", "output_format": "webp"}
    shown = describe(edit_of(alice, extras=said))
    assert {name: shown[name] for name in said} == said


def test_references_are_told_in_their_order_as_the_source_is(alice: User) -> None:
    edit = edit_of(alice)
    uploads = [upload_of(), upload_of()]
    for position in (2, 1):
        edit.references.create(upload=uploads[position - 1], position=position, name=f"{position}.png")
    shown = describe(edit)
    assert [(each["name"], each["sha256"]) for each in shown["references"]] == [
        ("1.png", uploads[0].sha256),
        ("2.png", uploads[1].sha256),
    ]
    assert all(each.keys() == shown["source"].keys() for each in shown["references"])


def test_the_cost_is_that_of_all_calls(alice: User, django_assert_num_queries: Queries) -> None:
    edit = edit_of(alice)
    assert describe(edit)["cost"] is None
    for number, cost in enumerate(("0.0400", None, "0.0300"), start=1):
        edit.attempts.create(number=number, fence=number, started_at=NOON, cost=cost)
    assert describe(edit)["cost"] == "0.0700"
    (read,) = with_descriptions(EditRequest.objects.all())
    with django_assert_num_queries(0):
        assert describe(read)["cost"] == "0.0700"


# --- What went wrong --------------------------------------------------------------------------------------


def test_a_failed_edit_says_why_in_the_providers_words_or_ours(alice: User) -> None:
    said = edit_of(alice, status=Status.FAILED, message="prompt too odd")
    unsaid = edit_of(alice, status=Status.FAILED, reason=Reason.OUTCOME_UNKNOWN)
    assert describe(said)["error"] == {"code": "service_rejected", "message": "prompt too odd"}
    assert describe(unsaid)["error"] == {
        "code": "outcome_unknown",
        "message": Reason.OUTCOME_UNKNOWN.label,
    }


@pytest.mark.parametrize("with_picture", [True, False])
def test_of_a_filtered_edit_nothing_is_told_but_that_it_was(alice: User, with_picture: bool) -> None:
    edit = filtered_edit_of(alice, with_picture=with_picture)
    ReviewCase.objects.update(reason="not this one", question="why?", question_open=True)
    shown = describe(EditRequest.objects.get())
    assert (shown["status"], shown["finish_reason"], shown["result"]) == (
        "filtered",
        "content_filtered",
        None,
    )
    text = json.dumps(shown)
    assert "/v1/results/" not in text
    assert "not this one" not in text
    assert "why?" not in text
    if with_picture:
        assert edit.result.sha256 not in text
        assert str(edit.result.file.name) not in text


def test_a_picture_that_is_withheld_is_not_told_of_whatever_the_status_says(alice: User) -> None:
    edit = finished_edit_of(alice)
    edit.result.withheld = True
    assert describe(edit)["result"] is None


def test_in_the_trash_there_is_no_link(alice: User) -> None:
    shown = describe(finished_edit_of(alice, trashed_at=timezone.now()))
    assert (shown["trashed"], shown["result"]) == (True, None)


# --- To others --------------------------------------------------------------------------------------------


def test_a_colleague_learns_nothing_of_the_source(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice, shared=True)
    reference = edit.references.create(upload=upload_of(), position=1, name="hat.png")
    edit.attempts.create(number=1, fence=1, started_at=NOON, cost="0.0400")
    shown = describe(edit, viewer=bob)
    assert (shown["owner"], shown["shared"], shown["source"], shown["attempts"]) == (
        "alice",
        True,
        None,
        None,
    )
    assert (shown["references"], shown["cost"]) == (None, None)
    for hidden in ("harbor", "hat", "0.04", edit.upload.sha256, reference.upload.sha256):
        assert hidden not in json.dumps(shown)


def test_a_source_that_is_shared_too_is_told(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice, shared=True, source_is_shared=True)
    edit.references.create(upload=upload_of(), position=1, name="hat.png")
    shown = describe(edit, viewer=bob)
    assert shown["source"]["name"] == "harbor.png"
    assert [each["name"] for each in shown["references"]] == ["hat.png"]


@pytest.mark.parametrize("relation", ["parent", "rerun_of"])
def test_what_an_edit_comes_from_is_told_to_those_who_may_see_it(
    alice: User, bob: User, relation: str
) -> None:
    name = {"parent": "source_edit", "rerun_of": "rerun_of"}[relation]
    private, shared = finished_edit_of(alice), finished_edit_of(alice, shared=True)
    of_private = finished_edit_of(alice, shared=True, **{relation: private})
    of_shared = finished_edit_of(alice, shared=True, **{relation: shared})
    assert describe(of_private)[name] == str(private.public_id)
    assert describe(of_private, viewer=bob)[name] is None
    assert describe(of_shared, viewer=bob)[name] == str(shared.public_id)


def test_ones_own_edit_does_not_name_what_a_colleague_took_back(alice: User, bob: User) -> None:
    taken_back = finished_edit_of(alice)
    assert describe(finished_edit_of(bob, parent=taken_back))["source_edit"] is None


def test_two_queries_load_all_that_is_told(
    alice: User, bob: User, django_assert_num_queries: Queries
) -> None:
    first = finished_edit_of(alice, shared=True)
    finished_edit_of(bob, parent=first, rerun_of=first)
    filtered_edit_of(bob)
    edit_of(alice, status=Status.FAILED).references.create(upload=upload_of(), position=1)
    with django_assert_num_queries(2):
        assert len([describe(edit) for edit in with_descriptions(EditRequest.objects.all())]) == 4
