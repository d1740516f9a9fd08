"""The studio: what its form makes, what it refuses without leaving anything behind, and what it starts with."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from edits.models import EditRequest, Status, Upload, User
from edits.services import submitting
from edits.views.body_size import MOST_BYTES
from edits.views.studio import RECENT_PROMPTS
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of
from tests.pictures import photo

STUDIO = "/"
IN_PLACE = {"HX-Request": "true", "HX-Target": "stage"}


def post(client: Client, *, file: bytes | None = None, in_place: bool = False, **values: Any) -> Any:
    """Send the form as the page does; in place means by htmx."""
    data: dict[str, Any] = {"prompt": "make it sepia", "submission_key": str(uuid.uuid4())} | values
    if file is not None:
        data["image"] = SimpleUploadedFile("harbor.jpg", file, content_type="image/jpeg")
    return client.post(STUDIO, data, headers=IN_PLACE if in_place else {})


def said(response: Any) -> str:
    return str(response.content.decode())


def nothing_is_left(media_root: Path) -> bool:
    files = [path for path in media_root.rglob("*") if path.is_file()]
    return not files and not Upload.objects.exists() and not EditRequest.objects.exists()


# --- Sending ----------------------------------------------------------------------------------------------


def test_a_picture_and_a_prompt_make_a_queued_edit(alice: User) -> None:
    response = post(signed_in(alice), file=photo(), seed="7", steps="12", cfg_scale="7.5", size="768x768")
    edit = EditRequest.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/?show={edit.public_id}"
    assert (edit.owner, edit.status, edit.prompt, edit.source_name) == (
        alice,
        Status.QUEUED,
        "make it sepia",
        "harbor.jpg",
    )
    assert (edit.seed, edit.seed_is_drawn, edit.steps, edit.cfg_scale, edit.size) == (
        7,
        False,
        12,
        7.5,
        "768x768",
    )


def test_an_open_seed_is_drawn_before_the_call(alice: User) -> None:
    post(signed_in(alice), file=photo(), seed="0")
    edit = EditRequest.objects.get()
    assert edit.seed_is_drawn
    assert edit.seed >= 1


def test_the_page_then_shows_the_edit_with_its_picture_still_chosen(alice: User) -> None:
    client = signed_in(alice)
    page = said(client.get(post(client, file=photo())["Location"]))
    edit = EditRequest.objects.get()
    assert f'name="source" value="source:{edit.public_id}"' in page
    assert "make it sepia</textarea>" in page
    assert "Next in line" in page


def test_the_same_form_sent_again_leads_to_the_same_edit(alice: User) -> None:
    client, key, picture = signed_in(alice), str(uuid.uuid4()), photo()
    first = post(client, file=picture, submission_key=key)
    second = post(client, file=picture, submission_key=key)
    assert first["Location"] == second["Location"]
    assert EditRequest.objects.count() == 1


def test_each_rendered_form_has_a_key_of_its_own(alice: User) -> None:
    client = signed_in(alice)
    keys = [client.get(STUDIO).context["new_key"] for _ in range(2)]
    assert keys[0] != keys[1]


def test_another_edit_of_the_same_picture_needs_no_upload(alice: User) -> None:
    client = signed_in(alice)
    post(client, file=photo())
    first = EditRequest.objects.get()
    post(client, source=f"source:{first.public_id}", prompt="blur it")
    second = EditRequest.objects.exclude(pk=first.pk).get()
    assert second.upload == first.upload
    assert Upload.objects.count() == 1


def test_the_edit_of_a_result_knows_its_parent(alice: User) -> None:
    first = finished_edit_of(alice)
    post(signed_in(alice), source=f"result:{first.public_id}")
    assert EditRequest.objects.latest("id").parent == first


def test_in_place_the_page_gets_the_stage_the_strip_and_a_new_key(alice: User) -> None:
    key = str(uuid.uuid4())
    response = post(signed_in(alice), file=photo(), submission_key=key, in_place=True)
    edit = EditRequest.objects.get()
    page = said(response)
    assert response.status_code == 200
    assert response["HX-Push-Url"] == f"/?show={edit.public_id}"
    assert 'id="stage"' in page
    assert f'id="thumb-{edit.public_id}"' in page
    assert f'value="source:{edit.public_id}"' in page
    assert 'id="submission-key"' in page
    assert key not in page
    assert "<html" not in page


# --- Refusing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"prompt": ""}, "Write what should change in the picture."),
        ({"prompt": "x" * 513}, "513 characters"),
        ({"prompt": "a\x00b"}, "cannot be stored"),
        ({"seed": "-1"}, "The seed must be a whole number"),
        ({"seed": "9" * 5000}, "The seed must be a whole number"),
        ({"steps": "101"}, "Steps must be a whole number from 1 to 100, not 101."),
        ({"cfg_scale": "NaN"}, "The prompt strength must be a number from 1 to 10, not NaN."),
        ({"size": "auto"}, "512x512, 768x768 or 1024x1024, not auto."),
        ({"file": b"no picture"}, ""),
        ({"file": None}, "Add a picture."),
        ({"file": None, "source": f"source:{uuid.uuid4()}"}, "not there any more"),
    ],
)
def test_bad_input_gets_a_sentence_and_leaves_nothing(
    alice: User, media_root: Path, values: dict[str, Any], sentence: str
) -> None:
    client = signed_in(alice)
    for in_place in (False, True):
        response = post(client, **({"file": photo()} | values), in_place=in_place)
        assert response.status_code == 422
        assert sentence in said(response)
    assert nothing_is_left(media_root)


def test_whatever_else_was_typed_is_kept(alice: User) -> None:
    response = post(
        signed_in(alice),
        file=photo(),
        prompt="<b>make it sepia</b>",
        seed="-1",
        steps="99",
        cfg_scale="7.5",
        size="768x768",
    )
    page = said(response)
    assert "&lt;b&gt;make it sepia&lt;/b&gt;</textarea>" in page
    assert 'value="99"' in page
    assert 'value="7.5"' in page
    assert 'value="768x768" checked' in page


def test_a_picture_by_reference_is_kept_over_an_error(alice: User) -> None:
    edit = edit_of(alice)
    page = said(post(signed_in(alice), source=f"source:{edit.public_id}", steps="0"))
    assert f'name="source" value="source:{edit.public_id}"' in page


def test_in_place_an_error_leaves_the_chosen_file_alone(alice: User) -> None:
    response = post(signed_in(alice), file=photo(), prompt="", in_place=True)
    assert response["HX-Reswap"] == "none"
    page = said(response)
    assert 'id="error-prompt" hx-swap-oob="true"' in page
    assert 'type="file"' not in page


def test_a_wrong_ratio_is_offered_a_crop_or_a_border_and_then_taken(alice: User) -> None:
    client, wide = signed_in(alice), photo(width=400, height=100)
    page = said(post(client, file=wide))
    assert 'name="shape" value="crop"' in page
    assert 'name="shape" value="pad"' in page
    assert not EditRequest.objects.exists()
    post(client, file=wide, shape="crop")
    assert EditRequest.objects.get().upload.width_px == 300


def test_a_storage_that_fails_leaves_no_row(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: Any) -> Upload:
        raise OSError("disk full")

    monkeypatch.setattr(submitting, "store_upload", full)
    response = post(signed_in(alice), file=photo())
    assert response.status_code == 422
    assert "could not be stored" in said(response)
    assert "disk full" not in said(response)
    assert not EditRequest.objects.exists()


def test_a_body_of_60_mb_ends_with_a_sentence(alice: User, media_root: Path) -> None:
    client = signed_in(alice)
    response = client.generic(
        "POST", STUDIO, b"x" * (MOST_BYTES + 1), content_type="multipart/form-data; boundary=x"
    )
    assert response.status_code == 413
    assert "50 MB" in said(response)
    assert nothing_is_left(media_root)


def test_a_body_that_claims_a_gigabyte_is_not_waited_for(alice: User) -> None:
    response = signed_in(alice).generic("POST", STUDIO, b"x", CONTENT_LENGTH=str(2**30))
    assert response.status_code == 413


def test_a_program_reads_the_size_limit_as_json(alice: User) -> None:
    response = signed_in(alice).generic(
        "POST", STUDIO, b"x", CONTENT_LENGTH=str(2**30), HTTP_ACCEPT="application/json"
    )
    assert response.json()["error"]["code"] == "too_large"


@pytest.mark.parametrize(
    "body", [b"", b"--x\r\n", b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\nabc']
)
def test_a_broken_form_is_no_crash(alice: User, body: bytes) -> None:
    response = signed_in(alice).generic("POST", STUDIO, body, content_type="multipart/form-data; boundary=x")
    assert response.status_code in (400, 422)


# --- Checking a picture beforehand ------------------------------------------------------------------------


def check(client: Client, file: bytes, **values: Any) -> Any:
    return client.post("/source/", {"image": SimpleUploadedFile("IMG_4471.jpg", file)} | values)


def test_the_source_card_says_what_will_be_sent_and_stores_nothing(alice: User, media_root: Path) -> None:
    page = said(
        check(signed_in(alice), photo(width=3000, height=2000, orientation=6, place=True), size="512x512")
    )
    assert "IMG_4471.jpg" in page
    assert "2000×3000 · " in page
    assert "Turned upright" in page
    assert "camera data removed" in page
    assert "Will be sent as 836×1254 (limit 1024² px)" in page
    assert "Result about 416×624 at 512" in page
    assert "data:image/webp;base64," in page
    assert nothing_is_left(media_root)


def test_a_picture_that_fits_is_not_said_to_be_limited(alice: User) -> None:
    page = said(check(signed_in(alice), photo(width=600, height=400)))
    assert "Will be sent as 600×400" in page
    assert "limit" not in page


def test_the_check_offers_ways_out_and_takes_one(alice: User) -> None:
    client, wide = signed_in(alice), photo(width=400, height=100)
    refused = check(client, wide)
    assert "It will be sent as 300×100" in said(refused)
    taken = said(check(client, wide, shape="pad"))
    assert "White border added" in taken
    assert 'name="shape" value="pad"' in taken


def test_the_check_names_what_is_wrong_with_a_file(alice: User) -> None:
    assert "empty" in said(check(signed_in(alice), b""))


def test_a_hostile_name_is_escaped(alice: User) -> None:
    name = "<script>alert(1)</script>.jpg"
    response = signed_in(alice).post("/source/", {"image": SimpleUploadedFile(name, photo())})
    assert "<script>" not in said(response)


# --- What it starts with ----------------------------------------------------------------------------------


def studio(client: Client, **query: Any) -> Any:
    return client.get(STUDIO, query)


def test_newcomers_are_shown_how_to_begin(alice: User) -> None:
    page = said(studio(signed_in(alice)))
    assert "Begin with a picture" in page
    for sample in ("cat", "coffee", "rocket"):
        assert f"?sample={sample}" in page


def test_a_sample_is_chosen_without_script(alice: User) -> None:
    client = signed_in(alice)
    assert 'name="source" value="sample:coffee"' in said(studio(client, sample="coffee"))
    post(client, source="sample:coffee")
    assert EditRequest.objects.get().source_name == "coffee.jpg"


def test_an_unknown_sample_does_not_exist(alice: User) -> None:
    assert studio(signed_in(alice), sample="../secret").status_code == 404


def test_each_recall_brings_what_it_says_and_no_more(alice: User) -> None:
    edit = finished_edit_of(alice, prompt="a red harbor", steps=11, cfg_scale=3.5, size="768x768")
    client = signed_in(alice)
    prompt = studio(client, **{"from": edit.public_id, "use": "prompt"}).context["values"]
    assert (prompt["prompt"], prompt["seed"], prompt["steps"]) == ("a red harbor", "", 28)
    seed = studio(client, **{"from": edit.public_id, "use": "seed"}).context["values"]
    assert (seed["prompt"], seed["seed"], seed["lock"]) == ("", 77120, True)
    everything = studio(client, **{"from": edit.public_id, "use": "all"}).context
    assert everything["values"] | {"lock": True} == {
        "prompt": "a red harbor",
        "seed": 77120,
        "lock": True,
        "steps": 11,
        "cfg_scale": 3.5,
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
        edit_of(alice, prompt=prompt)
    edit_of(bob, prompt="Bob's secret")
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


def test_the_page_asks_few_questions_however_much_there_is(
    alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(15):
        finished_edit_of(alice)
        edit_of(alice)
    client = signed_in(alice)
    with django_assert_max_num_queries(11):
        client.get(STUDIO)


def test_strangers_are_led_to_the_door(alice: User, stranger: Client) -> None:
    for address in (STUDIO, "/source/", "/status/"):
        assert stranger.get(address)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(alice: User, method: str) -> None:
    assert getattr(signed_in(alice), method)(STUDIO).status_code == 405


def test_a_form_without_its_token_makes_nothing(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert post(client, file=photo()).status_code == 403
    assert not EditRequest.objects.exists()
