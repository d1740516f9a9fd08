"""References: further pictures of an edit, as files and by reference, in the order in which they are shown."""

import uuid
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from edits.models import EditReference, EditRequest, ProviderModel, Upload, User
from tests.conftest import signed_in
from tests.editors import Editor, made, run
from tests.factories import edit_of, finished_edit_of, upload_of
from tests.offers import QWEN, SMALL, model
from tests.pictures import photo
from tests.stored import fetched, stored

STUDIO = "/"
NOBODYS = "00000000-0000-4000-8000-000000000000"
IN_PLACE = {"HX-Request": "true", "HX-Target": "stage"}


@pytest.fixture
def qwen(db: None) -> ProviderModel:
    """Takes two references."""
    return model(QWEN)


def said(response: Any) -> str:
    return unescape(response.content.decode())


def file(name: str, *, seed: int = 1, data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo(seed=seed) if data is None else data)


def send(client: Client, target: ProviderModel, *, in_place: bool = False, **values: Any) -> Any:
    """Send the form as the page does."""
    form = {"prompt": "in the colors of reference 1", "submission_key": str(uuid.uuid4())}
    form |= {"model": target.full_id, "image": file("harbor.jpg")} | values
    return client.post(STUDIO, form, headers=IN_PLACE if in_place else {})


def names(edit: EditRequest) -> list[str]:
    return list(edit.references.values_list("name", flat=True))


def with_references(owner: User, target: ProviderModel, *names: str, **fields: Any) -> EditRequest:
    """A done edit with these references."""
    size = target.spec.default_size
    edit = finished_edit_of(
        owner, **({"provider": target.provider, "model": target.name, "size": size} | fields)
    )
    for position, name in enumerate(names, start=1):
        EditReference.objects.create(edit=edit, upload=upload_of(), position=position, name=name)
    return edit


# --- Sending ------------------------------------------------------------------------------------------------


def test_files_are_sent_in_their_order_after_the_picture(alice: User, qwen: ProviderModel) -> None:
    send(signed_in(alice), qwen, reference=[file("a.jpg", seed=2), file("b.jpg", seed=3)])
    edit = EditRequest.objects.get()
    assert names(edit) == ["a.jpg", "b.jpg"]
    editor = Editor([made()])
    run(edit, editor)
    assert len(editor.calls) == 1
    sent = [picture.data for picture in editor.calls[0].pictures]
    kept = [edit.upload, *(row.upload for row in edit.references.all())]
    assert sent == [upload.file.open().read() for upload in kept]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (["file", "source"], ["new.jpg", "old.png"]),
        (["source", "file"], ["old.png", "new.jpg"]),
        ([], ["old.png", "new.jpg"]),
        (["x", "file", "file", "file"], ["new.jpg", "old.png"]),
    ],
)
def test_the_order_that_is_shown_is_the_order_that_is_sent(
    alice: User, qwen: ProviderModel, order: list[str], expected: list[str]
) -> None:
    old = with_references(alice, qwen, "old.png")
    chosen = f"reference:{old.public_id}:1"
    send(signed_in(alice), qwen, reference=file("new.jpg"), reference_source=chosen, reference_order=order)
    assert names(EditRequest.objects.latest("id")) == expected


def test_a_stored_reference_is_not_stored_twice(alice: User, qwen: ProviderModel) -> None:
    old = with_references(alice, qwen, "old.png")
    before = Upload.objects.count()
    send(signed_in(alice), qwen, reference_source=f"reference:{old.public_id}:1")
    edit = EditRequest.objects.latest("id")
    assert edit.references.get().upload == old.references.get().upload
    assert Upload.objects.count() == before + 1  # the picture itself


def test_results_and_sources_of_ones_own_may_be_references_too(alice: User, qwen: ProviderModel) -> None:
    edit = finished_edit_of(alice, source_name="harbor.png")
    chosen = [f"result:{edit.public_id}", f"source:{edit.public_id}"]
    send(signed_in(alice), qwen, reference_source=chosen)
    assert names(EditRequest.objects.latest("id")) == ["harbor.png · edited", "harbor.png"]


def test_a_reference_is_made_to_fit_as_the_picture_is(alice: User, qwen: ProviderModel) -> None:
    send(signed_in(alice), qwen, reference=file("big.jpg", data=photo(width=3000, height=2000)))
    upload = EditRequest.objects.get().references.get().upload
    assert upload.width_px * upload.height_px <= QWEN.max_area_px


def test_the_same_references_in_another_order_are_another_edit(alice: User, qwen: ProviderModel) -> None:
    client, key = signed_in(alice), str(uuid.uuid4())
    for first, second in ((2, 3), (2, 3), (3, 2)):
        pictures = [file("a.jpg", seed=first), file("b.jpg", seed=second)]
        send(client, qwen, reference=pictures, submission_key=key)
    assert EditRequest.objects.count() == 2


# --- Refusing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_place", [True, False])
def test_more_than_the_model_takes_are_refused_at_their_field(
    alice: User, qwen: ProviderModel, in_place: bool
) -> None:
    pictures = [file(f"{number}.jpg", seed=number) for number in range(3)]
    response = send(signed_in(alice), qwen, reference=pictures, in_place=in_place)
    assert response.status_code == 422
    assert "at most 2 references, not 3" in said(response)
    assert not EditRequest.objects.exists()
    assert len(stored()) == (0 if in_place else 1)  # without script the source is kept


def test_a_model_without_references_takes_none(alice: User) -> None:
    response = send(signed_in(alice), model(SMALL), reference=file("a.jpg"))
    assert "takes a single picture and no references" in said(response)
    assert not EditRequest.objects.exists()


def test_each_bad_one_is_named_by_its_number(alice: User, qwen: ProviderModel) -> None:
    pictures = [file("a.jpg", data=b"no picture"), file("b.jpg", data=b"")]
    response = send(signed_in(alice), qwen, reference=pictures, in_place=True)
    page = said(response)
    assert 'id="error-reference"' in page
    assert "Reference 1: " in page
    assert "Reference 2: " in page
    assert not EditRequest.objects.exists()


@pytest.mark.parametrize(
    "made_up",
    [
        "reference:1:1",
        f"reference:{NOBODYS}:1",
        f"reference:{NOBODYS}:0",
        "reference::",
        "x",
        "file:///etc",
    ],
)
def test_a_made_up_reference_is_refused(alice: User, qwen: ProviderModel, made_up: str) -> None:
    assert send(signed_in(alice), qwen, reference_source=made_up).status_code == 422
    assert not EditRequest.objects.exists()


@pytest.mark.parametrize("position", ["0", "2", "99", "-1", "1:1", "１"])
def test_a_position_that_is_not_there_is_refused(alice: User, qwen: ProviderModel, position: str) -> None:
    edit = with_references(alice, qwen, "a.png")
    chosen = f"reference:{edit.public_id}:{position}"
    assert send(signed_in(alice), qwen, reference_source=chosen).status_code == 422
    assert EditRequest.objects.count() == 1


def test_an_error_elsewhere_keeps_stored_references_and_their_order(alice: User, qwen: ProviderModel) -> None:
    edit = with_references(alice, qwen, "a.png", "b.png")
    chosen = [f"reference:{edit.public_id}:2", f"reference:{edit.public_id}:1"]
    page = said(send(signed_in(alice), qwen, prompt="", reference_source=chosen))
    at = [page.index(f'name="reference_source" value="{each}"') for each in chosen]
    assert at == sorted(at)


# --- Checking one when it is added --------------------------------------------------------------------------


def test_it_is_checked_and_stored_at_once(alice: User, qwen: ProviderModel) -> None:
    form = {"model": qwen.full_id, "reference": file("big.jpg", data=photo(width=3000, height=2000))}
    page = said(signed_in(alice).post("/source/", form))
    assert "big.jpg" in page
    assert "Will be sent as" in page
    assert 'name="reference_order" value="source"' in page
    assert len(stored("uploads")) == 2  # as it is sent, and at its full size
    assert len(stored("staged")) == 1


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_what_cannot_be_sent_is_said_in_plain_text(alice: User, qwen: ProviderModel, language: str) -> None:
    form = {"model": qwen.full_id, "reference": file("<b>.jpg", data=b"%PDF-1.7")}
    response = signed_in(alice).post("/source/", form, headers={"accept-language": language})
    assert response.status_code == 422
    assert response["Content-Type"].startswith("text/plain")
    assert said(response).startswith("“<b>.jpg”")


def test_stored_ones_beside_the_file_are_no_crash(alice: User, qwen: ProviderModel) -> None:
    stored_ones = [f"reference:{NOBODYS}:{number}" for number in (1, 2)]
    form = {"model": qwen.full_id, "reference": file("a.jpg"), "reference_source": stored_ones}
    page = said(signed_in(alice).post("/source/", form))
    assert page.count('name="reference_source"') == 1


# --- Coming back --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [{"use": "all"}, {"show": "own"}])
def test_use_all_and_opening_an_edit_bring_them_back(
    alice: User, qwen: ProviderModel, query: dict[str, str]
) -> None:
    edit = with_references(alice, qwen, "a.png", "b.png")
    asked = {"show": str(edit.public_id)} if "show" in query else {"from": str(edit.public_id), "use": "all"}
    response = signed_in(alice).get(STUDIO, asked)
    kept = [card.reference for card in response.context["references"]]
    assert kept == [f"reference:{edit.public_id}:{number}" for number in (1, 2)]
    assert reverse("edits:reference_width", args=[edit.public_id, 1, 320]) in said(response)


def test_the_form_goes_on_with_them_once_the_edit_is_stored(alice: User, qwen: ProviderModel) -> None:
    page = said(send(signed_in(alice), qwen, reference=file("a.jpg"), in_place=True))
    assert f'value="reference:{EditRequest.objects.get().public_id}:1"' in page


def test_colleagues_get_them_only_with_the_source(alice: User, bob: User, qwen: ProviderModel) -> None:
    for open_to_bob in (False, True):
        edit = with_references(alice, qwen, "a.png", shared=True, source_is_shared=open_to_bob)
        client, chosen = signed_in(bob), f"reference:{edit.public_id}:1"
        context = client.get(STUDIO, {"from": str(edit.public_id), "use": "all"}).context
        assert bool(context["references"]) is open_to_bob
        picture = fetched(client, reverse("edits:reference", args=[edit.public_id, 1]))
        assert picture.status_code == (200 if open_to_bob else 404)
        sent = send(client, qwen, reference_source=chosen)
        assert sent.status_code == (302 if open_to_bob else 422)


def test_a_private_edits_references_do_not_exist_for_others(
    alice: User, bob: User, rita: User, qwen: ProviderModel
) -> None:
    edit = with_references(alice, qwen, "a.png")
    for person in (bob, rita):
        assert signed_in(person).get(reverse("edits:reference", args=[edit.public_id, 1])).status_code == 404
    assert signed_in(alice).get(reverse("edits:reference", args=[edit.public_id, 2])).status_code == 404
    small = fetched(signed_in(alice), reverse("edits:reference_width", args=[edit.public_id, 1, 320]))
    assert small.status_code == 200


# --- Moving and removing without script ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("earlier:2", [2, 1]),
        ("later:1", [2, 1]),
        ("earlier:1", [1, 2]),
        ("later:2", [1, 2]),
        ("remove:1", [2]),
        ("remove:9", [1, 2]),
        ("remove:0", [1, 2]),
        ("options", [1, 2]),
    ],
)
def test_buttons_move_and_remove_them(
    alice: User, qwen: ProviderModel, wish: str, expected: list[int]
) -> None:
    edit = with_references(alice, qwen, "a.png", "b.png")
    chosen = [f"reference:{edit.public_id}:{number}" for number in (1, 2)]
    form = {"show": wish, "model": qwen.full_id, "prompt": "sepia", "reference_source": chosen}
    response = signed_in(alice).post(STUDIO, form)
    kept = [card.reference for card in response.context["references"]]
    assert kept == [f"reference:{edit.public_id}:{number}" for number in expected]
    assert EditRequest.objects.count() == 1


def test_many_references_cost_no_more_questions(
    alice: User, qwen: ProviderModel, django_assert_max_num_queries: Any
) -> None:
    few = with_references(alice, qwen, "a.png")
    many = with_references(alice, qwen, *(f"{number}.png" for number in range(12)))
    client = signed_in(alice)
    for edit in (few, many):
        with django_assert_max_num_queries(24):
            client.get(STUDIO, {"from": str(edit.public_id), "use": "all"})


def test_one_that_does_not_fit_the_model_is_shown_with_the_reason(alice: User, qwen: ProviderModel) -> None:
    edit = with_references(alice, qwen, "long.png")
    Upload.objects.filter(references__edit=edit).update(width_px=900, height_px=100)
    response = signed_in(alice).get(STUDIO, {"from": str(edit.public_id), "use": "all"})
    assert len(response.context["references"]) == 1
    assert "Reference 1: " in said(response)


def test_a_rerun_sends_them_again(alice: User, qwen: ProviderModel) -> None:
    edit = with_references(alice, qwen, "a.png", "b.png")
    signed_in(alice).post(reverse("edits:rerun_edit", args=[edit.public_id]), {"seed": "same"})
    again = EditRequest.objects.latest("id")
    assert names(again) == ["a.png", "b.png"]
    assert again.rerun_of == edit


def test_an_edit_without_them_shows_none(alice: User, qwen: ProviderModel) -> None:
    edit_of(alice, provider=qwen.provider, model=qwen.name)
    assert signed_in(alice).get(STUDIO).context["references"] == []
