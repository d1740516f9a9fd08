"""Several edits of one press in the studio: what is made, what is refused, and what the page shows of them."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from edits.models import Batch, Budget, EditRequest, ProviderModel, StagedUpload, Status, Upload, User
from edits.views import studio_batch
from tests.batches import batch_of
from tests.conftest import signed_in
from tests.factories import finished_edit_of, picture
from tests.offers import GPT, QWEN, SMALL, model

IN_PLACE = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}


def stage(client: Client, *, name: str = "harbor.png", mark: int | None = None, **size: Any) -> str:
    """The reference of a picture that was uploaded."""
    file = SimpleUploadedFile(name, picture(mark=mark, **size))
    response: Any = client.post("/source/", {"image": file}, headers=JSON)
    assert response.status_code == 200, response.content
    return str(response.json()["reference"])


def send(client: Client, *, in_place: bool = False, **fields: Any) -> Any:
    pictures = fields.get("picture", [])
    if pictures and "source" not in fields:
        fields["source"] = pictures[0]
    asked = {"prompt": "sepia", "submission_key": str(uuid.uuid4())} | fields
    return client.post("/", asked, headers=IN_PLACE if in_place else {})


def grid(steps: str, strengths: str) -> dict[str, str]:
    return {"vary_a": "steps", "vary_a_values": steps, "vary_b": "cfg_scale", "vary_b_values": strengths}


def made() -> list[EditRequest]:
    return list(EditRequest.objects.filter(batch__isnull=False).order_by("batch_position"))


def said(response: Any) -> str:
    assert response.status_code in (422, 429), response.status_code
    assert not Batch.objects.exists()
    return str(response.content.decode())


# --- What is made -----------------------------------------------------------------------------------------


def test_many_pictures_with_one_prompt_lead_to_their_batch(alice: User) -> None:
    client = signed_in(alice)
    pictures = [stage(client, name=f"{number}.png") for number in range(3)]
    response = send(client, picture=pictures)
    batch = Batch.objects.get()
    assert response["Location"] == f"/batches/{batch.public_id}/"
    assert [edit.source_name for edit in made()] == ["0.png", "1.png", "2.png"]


def test_in_place_the_board_comes_on_the_stage(alice: User) -> None:
    client = signed_in(alice)
    response = send(client, source="sample:cat", variations="4", in_place=True)
    batch = Batch.objects.get()
    text = response.content.decode()
    assert response["HX-Push-Url"] == f"/?batch={batch.public_id}"
    assert text.count('class="cell ') == 4
    assert f'id="batch-{batch.public_id}"' in text
    assert 'id="submission-key"' in text


def test_seeds_follow_a_given_one(alice: User) -> None:
    send(signed_in(alice), source="sample:cat", variations="3", seed="41")
    assert [edit.seed for edit in made()] == [41, 42, 43]


def test_several_models_make_the_same(alice: User) -> None:
    model(QWEN)
    send(signed_in(alice), source="sample:cat", also_model=["studio-gpu/Qwen/Qwen-Image-Edit-2511"])
    assert [edit.model for edit in made()] == ["step-1x-edit", "Qwen/Qwen-Image-Edit-2511"]


def test_a_grid_of_two_options(alice: User) -> None:
    send(
        signed_in(alice), source="sample:cat", vary_a="steps", vary_a_values="8, 28", vary_b="prompt",
        vary_b_values="warm light\nblue, cold light",
    )  # fmt: skip
    assert [(edit.steps, edit.prompt) for edit in made()] == [
        (8, "warm light"), (8, "blue, cold light"), (28, "warm light"), (28, "blue, cold light"),
    ]  # fmt: skip


def test_a_size_may_be_named_by_its_side(alice: User) -> None:
    send(signed_in(alice), source="sample:cat", vary_a="size", vary_a_values="512 1024×1024")
    assert [edit.size for edit in made()] == ["512x512", "1024x1024"]


def test_one_picture_and_one_seed_is_an_ordinary_edit(alice: User) -> None:
    client = signed_in(alice)
    send(client, picture=[stage(client)], variations="1", vary_a="steps", vary_a_values="")
    assert not Batch.objects.exists()
    assert EditRequest.objects.count() == 1


def test_the_same_press_is_one_batch_and_a_changed_one_another(alice: User) -> None:
    client, key = signed_in(alice), str(uuid.uuid4())
    for variations in ("2", "2", "3"):
        send(client, source="sample:cat", variations=variations, submission_key=key)
    assert Batch.objects.count() == 2
    assert len(made()) == 5


def test_uploads_that_were_used_are_kept_for_another_day(alice: User) -> None:
    client = signed_in(alice)
    pictures = [stage(client), stage(client)]
    StagedUpload.objects.update(used_at="2026-01-01T00:00Z")
    send(client, picture=pictures)
    assert not StagedUpload.objects.filter(used_at__lt=timezone.now() - timedelta(hours=1)).exists()


# --- Without script ---------------------------------------------------------------------------------------


def test_several_files_are_stored_and_the_broken_ones_left_out(alice: User) -> None:
    client = signed_in(alice)
    files = [SimpleUploadedFile(f"{number}.png", picture()) for number in range(2)]
    response = send(client, image=[*files, SimpleUploadedFile("broken.png", b"no picture")])
    assert [edit.source_name for edit in made()] == ["0.png", "1.png"]
    page = client.get(response["Location"]).content.decode()
    assert "1 file was left out. “broken.png”" in page


def test_more_files_than_a_batch_takes_are_left_out_with_a_sentence(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_batch, "MOST_EDITS", 2)
    client = signed_in(alice)
    files = [SimpleUploadedFile(f"{number}.png", picture(width_px=64)) for number in range(110)]
    page = client.get(send(client, image=files)["Location"]).content.decode()
    assert len(made()) == 2
    assert "108 files were left out. “2.png”: At most 2 pictures at once." in page


def test_files_none_of_which_can_be_edited_are_refused_with_each_reason(alice: User) -> None:
    files = [SimpleUploadedFile(name, b"no picture") for name in ("a.png", "b.png")]
    text = said(send(signed_in(alice), image=files))
    assert "“a.png”" in text
    assert "“b.png”" in text
    assert not Upload.objects.exists()


# --- What is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"variations": "10"}, "Choose 1 to 9 variations."),
        ({"variations": "x"}, "Choose 1 to 9 variations."),
        ({"vary_a": "steps", "vary_a_values": "8, 101"}, "from 1 to 100"),
        ({"vary_a": "size", "vary_a_values": "7x7"}, "There is no size 7x7."),
        ({"also_model": ["nobody/none"]}, "The model nobody/none is not available."),
        (
            grid("1 2 3 4 5 6 7", "1 2 3 4 5 6"),
            "A grid has at most 36 edits.",
        ),
        (
            grid("1 2", "1 2") | {"variations": "2"},
            "Vary at most two things at once",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_one_batch_is_refused_in_a_sentence(
    alice: User, fields: dict[str, Any], words: str
) -> None:
    assert words in said(send(signed_in(alice), source="sample:cat", in_place=True, **fields))


def test_three_hundred_pictures_are_too_many(alice: User) -> None:
    pictures = [f"source:{uuid.uuid4()}" for _ in range(300)]
    text = said(send(signed_in(alice), source="sample:cat", picture=pictures, in_place=True))
    assert "At most 200 pictures at once, not 300." in text


def test_somebody_elses_upload_is_no_picture(alice: User, bob: User) -> None:
    theirs, mine = stage(signed_in(bob)), stage(signed_in(alice))
    said(send(signed_in(alice), picture=[mine, theirs], in_place=True))


def test_a_picture_that_does_not_fit_needs_a_shape(alice: User) -> None:
    client = signed_in(alice)
    pictures = [stage(client), stage(client, name="long.png", width_px=900, height_px=100)]
    assert "“long.png”" in said(send(client, picture=pictures, in_place=True))
    send(client, picture=pictures, shape="crop")
    assert len(made()) == 2


def test_a_prompt_that_another_model_does_not_take_is_never_cut(alice: User) -> None:
    model(SMALL)
    text = said(
        send(
            signed_in(alice),
            source="sample:cat",
            prompt="x" * 101,
            also_model=["studio-gpu/small"],
            in_place=True,
        )
    )
    assert "at most 100 characters" in text


def test_over_budget_nothing_is_stored_and_it_says_what_would_fit(alice: User) -> None:
    Budget.objects.update(person_per_day=2)
    response = send(signed_in(alice), source="sample:cat", variations="4", in_place=True)
    assert response.status_code == 429
    assert "2 of your 4 edits would fit" in said(response)
    assert not EditRequest.objects.exists()


# --- What the page shows ------------------------------------------------------------------------------------


def test_the_form_says_price_and_room_for_the_script(alice: User) -> None:
    Budget.objects.update(person_per_day=5, person_cost_per_day=Decimal("1.25"))
    ProviderModel.objects.update(price=Decimal("0.04"))
    text = signed_in(alice).get("/").content.decode()
    assert 'data-price="0.0400"' in text
    assert 'data-room-edits="5"' in text
    assert 'data-room-cost="1.2' in text


def test_a_model_without_seeds_has_variations(alice: User) -> None:
    model(GPT)
    text = signed_in(alice).get("/?model=studio-gpu/gpt-image-2").content.decode()
    assert "Variations for each picture" in text


def test_the_strip_has_a_card_for_a_batch_and_not_its_edits(alice: User) -> None:
    batch, edits = batch_of(alice, [Status.SUCCEEDED, Status.QUEUED])
    single = finished_edit_of(alice)
    text = signed_in(alice).get("/").content.decode()
    assert f'id="batch-{batch.public_id}"' in text
    assert f'id="thumb-{single.public_id}"' in text
    assert f'id="thumb-{edits[0].public_id}"' not in text


def test_the_poll_sends_the_card_only_where_it_changed(alice: User) -> None:
    batch, _ = batch_of(alice, [Status.QUEUED])
    client, address = signed_in(alice), "/status/"
    asked = {"as": "thumb", "batch": str(batch.public_id), "batch_was": "0"}
    text = client.get(address, asked, headers=IN_PLACE).content.decode()
    assert f'id="batch-{batch.public_id}"' in text
    mark = text.split('name="batch_was" value="')[1].split('"')[0]
    assert (
        "batch-card"
        not in client.get(address, asked | {"batch_was": mark}, headers=IN_PLACE).content.decode()
    )


def test_somebody_elses_batch_is_not_on_the_stage(alice: User, bob: User) -> None:
    batch, _ = batch_of(alice, [Status.QUEUED])
    assert str(batch.public_id) not in signed_in(bob).get(f"/?batch={batch.public_id}").content.decode()
