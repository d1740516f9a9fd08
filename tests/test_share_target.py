"""What a phone shares with the installed app lands in the studio's form, and nothing is sent by it."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from edits.models import EditRequest, StagedUpload, User
from tests.conftest import signed_in
from tests.pictures import photo

SHARE = "/share/"
STATIC = Path(__file__).resolve().parent.parent / "static"


def file(data: bytes | None = None, *, name: str = "IMG_1.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data or photo(), content_type="image/jpeg")


def shared(client: Client, **fields: Any) -> Any:
    """The studio to which the share leads."""
    return client.post(SHARE, fields, follow=True)


def test_a_picture_becomes_the_source_and_a_text_the_prompt(alice: User) -> None:
    page = shared(signed_in(alice), image=file(), text="make it a sketch", title="IMG_1")
    staged = StagedUpload.objects.get()
    assert (staged.owner, staged.name) == (alice, "IMG_1.jpg")
    assert page.context["card"].reference == f"upload:{staged.public_id}"
    assert page.context["values"]["prompt"] == "make it a sketch"
    assert not EditRequest.objects.exists()


def test_the_share_sheet_has_no_token(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post(SHARE, {"image": file()}, headers={"Sec-Fetch-Site": "none"})
    assert answer.status_code == 302
    assert StagedUpload.objects.count() == 1


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_cannot_share(alice: User, site: str) -> None:
    answer = signed_in(alice).post(SHARE, {"image": file()}, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert not StagedUpload.objects.exists()


def test_a_text_alone_is_a_prompt_and_a_title_stands_in_for_it(alice: User) -> None:
    client = signed_in(alice)
    assert shared(client, text="sepia").context["values"]["prompt"] == "sepia"
    page = shared(client, title="A red harbor")
    assert page.context["values"]["prompt"] == "A red harbor"
    assert page.context["card"] is None


def test_it_goes_before_what_was_entered_and_not_sent(alice: User) -> None:
    client = signed_in(alice)
    client.post("/draft/", {"prompt": "entered before", "revision": "0"})
    assert client.get("/").context["values"]["prompt"] == "entered before"
    assert shared(client, text="sepia").context["values"]["prompt"] == "sepia"


def test_several_pictures_become_a_batch_without_those_that_cannot_be_used(alice: User) -> None:
    good = [file(photo(seed=number), name=f"{number}.jpg") for number in (1, 2)]
    page = shared(signed_in(alice), image=[good[0], file(b"no picture", name="a.jpg"), good[1]])
    staged = list(StagedUpload.objects.order_by("pk"))
    assert [one.name for one in staged] == ["1.jpg", "2.jpg"]
    assert [one.reference for one in page.context["pictures"]] == [
        f"upload:{one.public_id}" for one in staged
    ]
    (message,) = page.context["messages"]
    assert message.level_tag == "warning"
    assert "a.jpg" in message.message


def test_the_same_picture_twice_and_no_other_is_one_source(alice: User) -> None:
    page = shared(signed_in(alice), image=[file(), file()])
    assert page.context["card"].reference == f"upload:{StagedUpload.objects.get().public_id}"
    assert page.context["pictures"] == []


def test_what_is_no_picture_is_refused_with_its_reason_and_the_text_stays(alice: User) -> None:
    page = shared(signed_in(alice), image=file(b"no picture", name="a.jpg"), text="sepia")
    assert [message.level_tag for message in page.context["messages"]] == ["error"]
    assert page.context["values"]["prompt"] == "sepia"
    assert not StagedUpload.objects.exists()


def test_a_picture_that_needs_a_shape_offers_one(alice: User) -> None:
    page = shared(signed_in(alice), image=file(photo(width=1000, height=100)))
    assert [offer.shape for offer in page.context["offers"]] == ["crop", "pad"]


def test_strangers_sign_in_first_and_nothing_of_theirs_is_stored(alice: User) -> None:
    answer = Client().post(SHARE, {"image": file(), "text": "sépia"})
    assert answer.status_code == 302
    assert "/accounts/login/?next=/share/?text=s" in unquote(answer["Location"])
    assert not StagedUpload.objects.exists()
    after = signed_in(alice).get(SHARE, {"text": "sépia"}, follow=True)
    assert after.context["values"]["prompt"] == "sépia"


def test_the_share_of_one_person_is_not_that_of_another(alice: User, bob: User) -> None:
    shared(signed_in(alice), image=file(), text="mine")
    page = signed_in(bob).get("/?shared=1")
    assert (page.context["card"], page.context["values"]["prompt"]) == (None, "")


def test_the_icons_of_the_manifest_have_the_sizes_that_it_says() -> None:
    icons = json.loads((STATIC / "site.webmanifest").read_text())["icons"]
    pngs = [icon for icon in icons if icon["type"] == "image/png"]
    assert {(icon["sizes"], icon.get("purpose", "any")) for icon in pngs} == {
        (size, purpose) for size in ("192x192", "512x512") for purpose in ("any", "maskable")
    }
    for icon in pngs:
        with Image.open(STATIC / icon["src"]) as picture:
            assert icon["sizes"] == f"{picture.width}x{picture.height}"
