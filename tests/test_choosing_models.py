"""Choosing a model in the studio: what is offered, what follows the choice, and what stays as it was entered."""

import uuid
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from edits.models import FIRST, EditRequest, Provider, ProviderModel, User
from tests.conftest import signed_in
from tests.factories import default_model, edit_of, finished_edit_of
from tests.offers import GPT, QWEN, SMALL, model, provider
from tests.pictures import photo

STUDIO = "/"
IN_PLACE = {"HX-Request": "true", "HX-Target": "refit"}


def said(response: Any) -> str:
    return unescape(response.content.decode())


def chosen(response: Any) -> str:
    """The full id of the model that the form shows."""
    return str(response.context["choice"].chosen.full_id)


def refit(client: Client, *, in_place: bool = True, **values: Any) -> Any:
    """What the page sends when another model is chosen."""
    return client.post(STUDIO, {"show": "options"} | values, headers=IN_PLACE if in_place else {})


def send(client: Client, model: ProviderModel, **values: Any) -> Any:
    """Send the form with a picture."""
    image = SimpleUploadedFile("harbor.jpg", photo())
    form = {"prompt": "sepia", "image": image, "model": model.full_id, "submission_key": str(uuid.uuid4())}
    return client.post(STUDIO, form | values)


def hold(provider: Provider) -> None:
    provider.held_since, provider.held_reason = timezone.now(), "The key was refused"
    provider.save()


# --- What is offered ----------------------------------------------------------------------------------------


def test_a_single_model_is_no_choice(alice: User) -> None:
    page = said(signed_in(alice).get(STUDIO))
    assert 'type="radio" name="model"' not in page
    assert f'type="hidden" name="model" value="{default_model().full_id}"' in page


def test_each_model_says_who_offers_it_what_it_costs_and_what_it_is_good_at(alice: User) -> None:
    qwen = model(QWEN, price="0.02", label="Qwen")
    model(GPT, of=provider("OpenAI"))
    page = said(signed_in(alice).get(STUDIO))
    assert page.count('type="radio" name="model"') == 3
    assert f'value="{qwen.full_id}"' in page
    for words in ("Qwen", "Studio GPU", "$0.02 per edit", "Keeps faces and text.", "OpenAI"):
        assert words in page
    assert page.count(" per edit") == page.count("$0.02 per edit")  # a model without a price says none


def test_a_model_that_is_switched_off_or_removed_is_not_there(alice: User) -> None:
    model(QWEN, is_on=False)
    model(GPT, of=provider("Gone", removed_at=timezone.now()))
    page = said(signed_in(alice).get(STUDIO))
    assert "Qwen" not in page
    assert "gpt-image" not in page


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ({"held_since": timezone.now(), "held_reason": "401"}, "on hold"),
        ({"stopped_since": timezone.now()}, "switched off"),
        ({"paused_until": timezone.now() + timedelta(hours=3)}, "pause"),
    ],
)
def test_a_provider_that_sends_nothing_stays_in_sight_and_cannot_be_chosen(
    alice: User, state: dict[str, Any], word: str
) -> None:
    qwen = model(QWEN, of=provider("Studio GPU", **state))
    response = signed_in(alice).get(STUDIO, {"model": qwen.full_id})
    option = next(option for option in response.context["choice"].options if option.model == qwen)
    assert word in option.reason
    assert not option.can_be_chosen
    assert chosen(response) == default_model().full_id
    assert option.reason in response.context["note"]
    assert response.content.decode().count("disabled") >= 1


def test_a_short_pause_hinders_nobody(alice: User) -> None:
    qwen = model(QWEN, of=provider(paused_until=timezone.now() + timedelta(seconds=20)))
    assert chosen(signed_in(alice).get(STUDIO, {"model": qwen.full_id})) == qwen.full_id


def test_where_every_provider_is_held_any_model_may_be_chosen_and_its_edits_wait(alice: User) -> None:
    qwen = model(QWEN)
    for row in Provider.objects.all():
        hold(row)
    response = signed_in(alice).get(STUDIO, {"model": qwen.full_id})
    assert chosen(response) == qwen.full_id
    assert all(option.can_be_chosen for option in response.context["choice"].options)
    assert response.context["choice"].reason


# --- Which one is chosen ------------------------------------------------------------------------------------


def test_without_a_wish_it_is_the_default_then_the_one_of_the_latest_edit(alice: User, bob: User) -> None:
    qwen = model(QWEN)
    client = signed_in(alice)
    assert chosen(client.get(STUDIO)) == default_model().full_id
    finished_edit_of(alice, provider=qwen.provider, model=qwen.name)
    assert chosen(client.get(STUDIO)) == qwen.full_id
    assert chosen(signed_in(bob).get(STUDIO)) == default_model().full_id


def test_the_latest_model_is_forgotten_once_it_is_not_offered(alice: User) -> None:
    qwen = model(QWEN)
    finished_edit_of(alice, provider=qwen.provider, model=qwen.name)
    ProviderModel.objects.filter(pk=qwen.pk).update(is_on=False)
    assert chosen(signed_in(alice).get(STUDIO)) == default_model().full_id


def test_an_address_chooses_one_and_says_where_there_is_none_such(alice: User) -> None:
    qwen = model(QWEN)
    client = signed_in(alice)
    assert chosen(client.get(STUDIO, {"model": qwen.full_id})) == qwen.full_id
    response = client.get(STUDIO, {"model": "openai/<b>none</b>"})
    assert chosen(response) == default_model().full_id
    assert response.context["note"]
    assert "<b>none" not in response.content.decode()


def test_using_all_of_an_edit_chooses_its_model(alice: User) -> None:
    qwen = model(QWEN)
    edit = finished_edit_of(
        alice,
        provider=qwen.provider,
        model=qwen.name,
        size="1664x928",
        steps=33,
        extras={"negative_prompt": "fog"},
    )
    finished_edit_of(alice)
    context = signed_in(alice).get(STUDIO, {"from": str(edit.public_id), "use": "all"}).context
    assert context["choice"].chosen == qwen
    assert (context["values"]["size"], context["values"]["steps"]) == ("1664x928", "33")
    assert context["values"]["negative_prompt"] == "fog"


def test_a_prompt_alone_leaves_the_model_as_it_is(alice: User) -> None:
    qwen = model(QWEN)
    edit = finished_edit_of(alice, provider=qwen.provider, model=qwen.name)
    finished_edit_of(alice)
    response = signed_in(alice).get(STUDIO, {"from": str(edit.public_id), "use": "prompt"})
    assert chosen(response) == default_model().full_id


def test_a_model_that_is_gone_is_named_and_its_options_are_fitted(alice: User) -> None:
    model(QWEN)
    edit = finished_edit_of(alice, model="step-0-edit", size="2048x2048", steps=500)
    context = signed_in(alice).get(STUDIO, {"from": str(edit.public_id), "use": "all"}).context
    assert "step-0-edit" in context["note"]
    assert (context["values"]["size"], context["values"]["steps"]) == ("512x512", "100")


# --- What follows the choice --------------------------------------------------------------------------------


def test_only_what_the_model_takes_is_shown(alice: User) -> None:
    qwen, gpt = model(QWEN), model(GPT)
    client = signed_in(alice)
    page = said(client.get(STUDIO, {"model": gpt.full_id}))
    for name in ("seed", "steps", "cfg_scale", "negative_prompt"):
        assert f'name="{name}"' not in page
    for name in ("quality", "background", "output_format"):
        assert f'<select name="{name}"' in page
    assert "This model takes no seed, so results can’t be reproduced." in page
    assert 'data-most="32000"' in page
    page = said(client.get(STUDIO, {"model": qwen.full_id}))
    assert '<select name="size"' in page  # five of them
    assert '<textarea name="negative_prompt"' in page
    assert "Same as the picture" in page


def test_changing_it_sends_the_parts_that_follow_and_neither_prompt_nor_page(alice: User) -> None:
    qwen = model(QWEN)
    page = said(refit(signed_in(alice), model=qwen.full_id, prompt="my own words", steps="90", seed="7"))
    for part in ("options-body", "summary", "prompt-count", "reference-limit", "estimate", "kept"):
        assert f'id="{part}"' in page
    assert "my own words" not in page
    assert "<html" not in page
    assert 'id="id_steps"' in page
    assert 'value="50"' in page
    assert 'value="7"' in page
    assert not EditRequest.objects.exists()


def test_without_script_a_button_shows_the_options_and_everything_stays(alice: User) -> None:
    gpt = model(GPT)
    edit = edit_of(alice)
    response = refit(
        signed_in(alice),
        in_place=False,
        model=gpt.full_id,
        prompt="my own words",
        seed="7",
        source=f"source:{edit.public_id}",
    )
    page = said(response)
    assert response.status_code == 200
    assert "my own words</textarea>" in page
    assert f'name="source" value="source:{edit.public_id}"' in page
    assert '"seed": ["7", ""]' in page
    assert EditRequest.objects.count() == 1


def test_a_picture_by_reference_is_fitted_to_the_new_model_and_its_card_says_so(alice: User) -> None:
    small = model(SMALL)
    edit = edit_of(alice, upload=None, source_name="harbor.png")
    edit.upload.width_px, edit.upload.height_px = 512, 256
    edit.upload.save()
    page = said(refit(signed_in(alice), model=small.full_id, source=f"source:{edit.public_id}"))
    assert "Will be sent as 256×128 (limit 256² px)" in page


def test_a_stored_picture_that_the_model_does_not_take_is_offered_its_ways_out(alice: User) -> None:
    small = model(SMALL)
    edit = edit_of(alice)
    edit.upload.width_px, edit.upload.height_px = 800, 100
    edit.upload.save()
    choice = f"source:{edit.public_id}"
    page = said(refit(signed_in(alice), model=small.full_id, source=choice))
    assert 'name="shape" value="crop"' in page
    assert f'name="source" value="{choice}"' in page
    assert "Cropped" in said(refit(signed_in(alice), model=small.full_id, source=choice, shape="crop"))


# --- Sending ------------------------------------------------------------------------------------------------


def test_the_edit_goes_to_the_chosen_model_with_what_that_takes(alice: User) -> None:
    gpt = model(GPT)
    send(signed_in(alice), gpt, seed="7", steps="90", quality="high", size="1536x1024", prompt="x" * 5000)
    edit = EditRequest.objects.get()
    assert (edit.provider, edit.model, edit.seed, edit.steps) == (gpt.provider, gpt.name, None, None)
    assert (edit.size, edit.extras) == ("1536x1024", {"quality": "high"})


def test_the_limits_are_those_of_the_chosen_model(alice: User) -> None:
    small = model(SMALL)
    assert send(signed_in(alice), small, prompt="x" * 101).status_code == 422
    assert send(signed_in(alice), model(QWEN), negative_prompt="x" * 4001).status_code == 422
    assert not EditRequest.objects.exists()


@pytest.mark.parametrize("in_place", [True, False])
def test_a_model_that_went_away_meanwhile_is_said_at_its_field_and_nothing_is_sent(
    alice: User, in_place: bool
) -> None:
    gpt, qwen = model(GPT), model(QWEN)
    ProviderModel.objects.filter(pk=gpt.pk).update(is_on=False)
    form = {"prompt": "sepia", "model": gpt.full_id, "source": "sample:cat", "quality": "high"}
    headers = {"HX-Request": "true", "HX-Target": "stage"} if in_place else {}
    response = signed_in(alice).post(STUDIO, form, headers=headers)
    page = said(response)
    assert response.status_code == 422
    assert f"The model {gpt.full_id}" in page
    assert f'value="{qwen.full_id}"' in page
    assert f'value="{gpt.full_id}"' not in page
    assert '"quality": ["high", ""]' in page
    assert not EditRequest.objects.exists()


def test_the_waiting_line_is_that_of_the_chosen_models_provider(alice: User, bob: User) -> None:
    qwen = model(QWEN)
    for _ in range(3):
        edit_of(bob, provider=qwen.provider, model=qwen.name)
    client = signed_in(alice)
    assert client.get(STUDIO).context["line"] == ""
    response = client.get(STUDIO, {"model": qwen.full_id})
    assert response.context["line"] == "1 ahead of you"
    assert f'name="provider" id="shown-provider" value="{qwen.provider_id}"' in said(response)
    edit = edit_of(alice)
    asked = {"as": "thumb", "id": str(edit.public_id), "was": "running"}
    assert "ahead of you" in said(client.get("/status/", asked | {"provider": qwen.provider_id}))
    assert "ahead of you" not in said(client.get("/status/", asked | {"provider": FIRST}))


@pytest.mark.parametrize("value", ["", "0", "x", "9" * 30, "-1", "１"])
def test_a_made_up_provider_is_no_crash(alice: User, value: str) -> None:
    edit = edit_of(alice)
    asked = {"as": "thumb", "id": str(edit.public_id), "was": "running", "provider": value}
    assert signed_in(alice).get("/status/", asked).status_code == 200
