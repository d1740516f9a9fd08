"""The studio: what its form makes, what it refuses without leaving anything behind, and what it starts with."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from edits.models import EditRequest, StagedUpload, Status, Upload, User
from edits.services.pictures import staging
from edits.services.queue import inserting
from tests.conftest import signed_in
from tests.factories import edit_of, finished_edit_of
from tests.pictures import photo
from tests.stored import stored

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


def nothing_is_left() -> bool:
    return not stored() and not Upload.objects.exists() and not EditRequest.objects.exists()


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
    assert edit.seed in range(1, 2**31)


def test_the_page_then_shows_the_edit_with_its_picture_still_chosen(alice: User) -> None:
    client = signed_in(alice)
    page = said(client.get(post(client, file=photo())["Location"]))
    edit = EditRequest.objects.get()
    assert f'name="source" value="source:{edit.public_id}"' in page
    assert "make it sepia</textarea>" in page
    assert "Next in queue" in page


def test_the_same_form_sent_again_leads_to_the_same_edit(alice: User) -> None:
    client, key, picture = signed_in(alice), str(uuid.uuid4()), photo()
    first = post(client, file=picture, submission_key=key)
    second = post(client, file=picture, submission_key=key)
    assert first["Location"] == second["Location"]
    assert EditRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_many_times_at_once_is_one_edit(alice: User) -> None:
    key, picture, clients = str(uuid.uuid4()), photo(), [signed_in(alice) for _ in range(4)]

    def click(client: Client) -> set[str]:
        try:
            return {post(client, file=picture, submission_key=key)["Location"] for _ in range(5)}
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as pool:
        ways = set().union(*pool.map(click, clients))
    assert len(ways) == EditRequest.objects.count() == Upload.objects.count() == 1


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
        ({"cfg_scale": "NaN"}, "The guidance must be a number from 1 to 10, not NaN."),
        ({"size": "auto"}, "512x512, 768x768 or 1024x1024, not auto."),
        ({"file": b"no picture"}, ""),
        ({"file": None}, "Add a picture."),
        ({"file": None, "source": f"source:{uuid.uuid4()}"}, "no longer exists"),
    ],
)
def test_bad_input_gets_a_sentence_and_leaves_nothing(
    alice: User, values: dict[str, Any], sentence: str
) -> None:
    client = signed_in(alice)
    for in_place in (True, False):
        assert nothing_is_left()
        response = post(client, **({"file": photo()} | values), in_place=in_place)
        assert response.status_code == 422
        assert sentence in said(response)
    assert not EditRequest.objects.exists()


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


def test_a_file_is_kept_by_reference_over_an_error(alice: User) -> None:
    page = said(post(signed_in(alice), file=photo(), steps="0"))
    assert f'name="source" value="upload:{StagedUpload.objects.get().public_id}"' in page
    assert "Choose the picture again" not in page


def test_a_shape_is_chosen_of_a_file_that_was_kept(alice: User) -> None:
    page = said(post(signed_in(alice), file=photo(width=400, height=100)))
    assert f'name="source" value="upload:{StagedUpload.objects.get().public_id}"' in page
    assert 'value="crop"' in page


def test_a_file_that_cannot_be_kept_has_to_be_chosen_again(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "MOST_PICTURES", 0)
    assert "Choose the picture again" in said(post(signed_in(alice), file=photo(), steps="0"))


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

    monkeypatch.setattr(inserting, "store_upload", full)
    response = post(signed_in(alice), file=photo())
    assert response.status_code == 503
    assert "could not be stored" in said(response)
    assert "disk full" not in said(response)
    assert not EditRequest.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"--x\r\n", b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\nabc']
)
def test_a_broken_form_is_no_crash(alice: User, body: bytes) -> None:
    response = signed_in(alice).generic("POST", STUDIO, body, content_type="multipart/form-data; boundary=x")
    assert response.status_code in (400, 422)


# --- Who, and how often -----------------------------------------------------------------------------------


def test_the_page_asks_few_questions_however_much_there_is(
    alice: User, django_assert_max_num_queries: DjangoAssertNumQueries, keep_the_queue: Callable[[], None]
) -> None:
    for _ in range(15):
        finished_edit_of(alice)
        edit_of(alice)
    client = signed_in(alice)
    keep_the_queue()
    with django_assert_max_num_queries(12):
        client.get(STUDIO)


@pytest.mark.parametrize(("in_place", "most"), [(False, 14), (True, 32)])
def test_sending_asks_few_questions_however_much_there_is(
    alice: User,
    in_place: bool,
    most: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(15):
        finished_edit_of(alice)
    client = signed_in(alice)
    post(client, file=photo(), in_place=in_place)
    with django_assert_max_num_queries(most):
        assert post(client, file=photo(), in_place=in_place).status_code == (200 if in_place else 302)


def test_an_edit_that_was_sent_twice_is_shown_even_if_many_are_newer(alice: User) -> None:
    client, key, picture = signed_in(alice), str(uuid.uuid4()), photo()
    post(client, file=picture, in_place=True, submission_key=key)
    first = EditRequest.objects.get()
    for _ in range(15):
        edit_of(alice)
    response = post(client, file=picture, in_place=True, submission_key=key)
    assert response.context["edit"] == first
    assert response.context["edit"].model_is_offered


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
