"""Running an edit again: with its own model, and where that is gone only with what its owner agrees to."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from edits.models import Budget, EditReference, EditRequest, ProviderModel, Status, User
from edits.services.queue import submitting
from edits.views.model_choice import price_words
from tests.conftest import signed_in
from tests.factories import (
    default_model,
    edit_of,
    filtered_edit_of,
    finished_edit_of,
    picture,
    upload_of,
)
from tests.offers import GPT, QWEN, SMALL, model

GONE: dict[str, Any] = {"model": "step-0-edit"}


def said(response: Any) -> str:
    return str(response.content.decode())


def rerun(client: Client, edit: EditRequest, *, in_place: bool = False, **values: Any) -> Any:
    """Press the button of a page."""
    headers = {"HX-Request": "true"} if in_place else {}
    return client.post(
        reverse("edits:rerun_edit", args=[edit.public_id]), {"seed": "same"} | values, headers=headers
    )


def instead(edit: EditRequest) -> str:
    return reverse("edits:rerun_instead", args=[edit.public_id])


def only(edit: EditRequest) -> bool:
    """Nothing was made besides this edit."""
    return list(EditRequest.objects.all()) == [edit]


def made_with(owner: User, target: ProviderModel, **fields: Any) -> EditRequest:
    """A done edit of this model, without a seed where it takes none."""
    seedless: dict[str, Any] = (
        {} if target.spec.takes_seed else {"seed": None, "steps": None, "cfg_scale": None}
    )
    options = {"provider": target.provider, "model": target.name, "size": target.spec.default_size}
    return finished_edit_of(owner, **(options | seedless | fields))


# --- With its own model -------------------------------------------------------------------------------------


def test_it_goes_to_the_same_provider_and_model(alice: User) -> None:
    qwen = model(QWEN)
    edit = made_with(alice, qwen, extras={"negative_prompt": "fog"})
    rerun(signed_in(alice), edit)
    again = EditRequest.objects.latest("id")
    assert (again.provider, again.model, again.seed) == (edit.provider, edit.model, edit.seed)
    assert (again.rerun_of, again.extras) == (edit, edit.extras)


def test_a_model_that_takes_a_mask_gets_it_again(alice: User) -> None:
    edit = made_with(alice, model(GPT), mask=upload_of())
    rerun(signed_in(alice), edit)
    assert EditRequest.objects.latest("id").mask == edit.mask


@pytest.mark.parametrize("page", ["studio", "viewer"])
def test_without_a_seed_it_is_run_again_and_nothing_is_promised(alice: User, page: str) -> None:
    edit = made_with(alice, model(GPT))
    addresses = {
        "studio": f"/?show={edit.public_id}",
        "viewer": reverse("edits:viewer", args=[edit.public_id]),
    }
    text = said(signed_in(alice).get(addresses[page]))
    assert "Run again" in text
    for promise in ("same seed", "New seed", "Use seed", "Copy seed"):
        assert promise not in text
    rerun(signed_in(alice), edit)
    again = EditRequest.objects.latest("id")
    assert (again.seed, again.rerun_of, again.seed_is_drawn) == (None, None, False)


def test_galleries_and_stopped_edits_say_so_too(alice: User) -> None:
    gpt = model(GPT)
    made_with(alice, gpt)
    seedless: dict[str, Any] = {"seed": None, "steps": None, "cfg_scale": None, "size": "auto"}
    filtered_edit_of(alice, provider=gpt.provider, model=gpt.name, **seedless)
    text = said(signed_in(alice).get(reverse("edits:history")))
    assert "Run again" in text
    assert "New seed" not in text
    assert "None" not in text


def test_with_a_seed_both_buttons_are_there(alice: User) -> None:
    edit = made_with(alice, model(QWEN))
    text = said(signed_in(alice).get(f"/?show={edit.public_id}"))
    assert "Re-run same seed" in text
    assert "New seed" in text
    assert "Run again" not in text


# --- Where its model is gone --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FILTERED, Status.CANCELED])
def test_the_button_leads_to_a_page_that_says_so(alice: User, status: Status) -> None:
    edit = (
        filtered_edit_of(alice, **GONE)
        if status == Status.FILTERED
        else edit_of(alice, status=status, **GONE)
    )
    if status == Status.SUCCEEDED:
        edit.delete()
        edit = finished_edit_of(alice, **GONE)
    text = said(signed_in(alice).get(reverse("edits:viewer", args=[edit.public_id])))
    assert f'href="{instead(edit)}"' in text
    assert reverse("edits:rerun_edit", args=[edit.public_id]) + '"' not in text


def test_the_page_offers_todays_default_by_name_and_price(alice: User) -> None:
    qwen = model(QWEN, price="0.02", label="Qwen", is_default=True)
    edit = finished_edit_of(alice, **GONE)
    text = said(signed_in(alice).get(instead(edit)))
    assert "step-0-edit is no longer available" in text
    assert "Run with Qwen instead" in text
    assert "$0.02 per edit" in text
    assert f'name="model" value="{qwen.full_id}"' in text
    assert only(edit)


def test_it_then_runs_with_everything_fitted_and_claims_no_sameness(alice: User) -> None:
    small = model(SMALL, is_default=True)
    edit = finished_edit_of(alice, upload=upload_of(width_px=512, height_px=256), size="768x768", **GONE)
    rerun(signed_in(alice), edit, model=small.full_id)
    again = EditRequest.objects.latest("id")
    assert (again.provider, again.model, again.rerun_of) == (small.provider, small.name, None)
    assert (again.size, again.steps, again.seed) == ("", None, edit.seed)
    assert (again.upload.width_px, again.upload.height_px) == (256, 128)


def test_it_says_what_is_left_out(alice: User) -> None:
    model(SMALL, is_default=True, label="Small")
    edit = finished_edit_of(alice, mask=upload_of(), extras={"negative_prompt": "fog"}, **GONE)
    EditReference.objects.create(edit=edit, upload=upload_of(), position=1)
    text = said(signed_in(alice).get(instead(edit)))
    assert "Small does not take the mask, 1 reference or the negative prompt." in text


@pytest.mark.parametrize("in_place", [True, False])
def test_nothing_is_sent_to_another_model_unasked(alice: User, in_place: bool) -> None:
    edit = finished_edit_of(alice, **GONE)
    response = rerun(signed_in(alice), edit, in_place=in_place)
    assert response["HX-Redirect" if in_place else "Location"] == instead(edit)
    assert only(edit)


def test_where_its_model_is_served_the_page_leads_back(alice: User) -> None:
    edit = finished_edit_of(alice)
    assert signed_in(alice).get(instead(edit))["Location"] == reverse("edits:viewer", args=[edit.public_id])


# --- What can go wrong --------------------------------------------------------------------------------------


def test_a_prompt_that_is_too_long_is_never_cut_but_leads_to_the_studio(alice: User) -> None:
    small = model(SMALL, is_default=True)
    edit = finished_edit_of(alice, prompt="x" * 101, **GONE)
    text = said(signed_in(alice).get(instead(edit)))
    assert "101 characters" in text
    assert f"?from={edit.public_id}&amp;use=all&amp;use=source&amp;model=studio-gpu%2Fsmall" in text
    assert "<button class=" not in text.split('class="panel"')[1].split("</main>")[0]
    response = rerun(signed_in(alice), edit, model=small.full_id)
    assert response.status_code == 422
    assert only(edit)


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize("name", ["openai/none", "<b>", "x" * 5000])
def test_an_unknown_model_is_a_sentence(alice: User, name: str, in_place: bool) -> None:
    edit = finished_edit_of(alice)
    response = rerun(signed_in(alice), edit, model=name, in_place=in_place)
    assert response.status_code == 422
    assert "no longer available" in said(response)
    assert "<b></b>" not in said(response)
    assert only(edit)


@pytest.mark.parametrize("in_place", [True, False])
def test_a_picture_that_the_model_does_not_take_is_a_sentence(alice: User, in_place: bool) -> None:
    model(SMALL, is_default=True)
    edit = finished_edit_of(
        alice, upload=upload_of(picture(width_px=800, height_px=100), width_px=800, height_px=100)
    )
    response = rerun(signed_in(alice), edit, model="studio-gpu/small", in_place=in_place)
    assert response.status_code == 422
    assert "3:1" in said(response)
    assert only(edit)


def test_a_used_up_budget_is_a_sentence(alice: User) -> None:
    Budget.objects.update(person_per_day=1)
    small = model(SMALL)
    edit = finished_edit_of(alice)
    assert rerun(signed_in(alice), edit, model=small.full_id).status_code == 429
    assert only(edit)


def test_a_storage_that_is_away_is_a_sentence(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OSError("storage away")

    monkeypatch.setattr(submitting, "require_room", away)
    edit = finished_edit_of(alice)
    response = rerun(signed_in(alice), edit)
    assert response.status_code == 302
    assert only(edit)


def test_a_double_click_is_one_edit(alice: User) -> None:
    small, key = model(SMALL), uuid.uuid4()
    edit = finished_edit_of(alice)
    for _ in range(2):
        rerun(signed_in(alice), edit, model=small.full_id, submission_key=key)
    assert EditRequest.objects.count() == 2


def test_others_edits_do_not_exist(alice: User, bob: User, root: User, stranger: Client) -> None:
    edit = finished_edit_of(alice, **GONE)
    for person in (bob, root):
        assert signed_in(person).get(instead(edit)).status_code == 404
        assert rerun(signed_in(person), edit, model=default_model().full_id).status_code == 404
    assert stranger.get(instead(edit))["Location"].startswith("/accounts/login/")
    assert signed_in(alice).post(instead(edit)).status_code == 405
    assert only(edit)


def test_a_rerun_in_the_studio_keeps_the_line_of_the_shown_model(alice: User, bob: User) -> None:
    qwen = model(QWEN)
    for _ in range(2):
        edit_of(bob, provider=qwen.provider, model=qwen.name)
    edit = finished_edit_of(alice)
    response = rerun(signed_in(alice), edit, in_place=True, **{"as": "thumb", "provider": qwen.provider_id})
    assert "2 ahead of you" in said(response)
    assert 'id="shown-provider"' not in said(response)


@pytest.mark.parametrize(
    ("price", "words"), [("", ""), ("0.02", "$0.02 per edit"), ("0.0042", "$0.0042 per edit")]
)
def test_a_price_is_said_as_money(db: None, price: str, words: str) -> None:
    assert price_words(model(GPT, price=price)) == words
