"""Merged pictures on pages: their layers, downloads, who may see them, and asking for one later."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from edits.models import EditRequest, MergedPicture, MergeKind, MergeRefusal, MergeState, Upload, User
from edits.services.pictures.storing import save_picture
from edits.services.prompts.prompt_presets import PresetContent, save_preset
from edits.views.call_receipt import part_notes
from tests.conftest import signed_in
from tests.factories import finished_edit_of, picture, upload_of
from tests.stored import fetched

REGION = {"box": [100, 80, 200, 160], "crop": [50, 40, 306, 296], "feather_px": 4}
SIZE = (400, 300)


def original() -> Upload:
    return upload_of(picture(width_px=SIZE[0], height_px=SIZE[1]), width_px=SIZE[0], height_px=SIZE[1])


def merged_edit_of(owner: User, *, state: MergeState = MergeState.READY, **fields: Any) -> EditRequest:
    """A done edit of a region whose answer is in the original, or is going to be."""
    edit = finished_edit_of(owner, original=original(), **fields)
    row: dict[str, Any] = {"kind": MergeKind.REGION, "region": REGION, "state": state}
    if state == MergeState.READY:
        data = picture(width_px=SIZE[0], height_px=SIZE[1])
        file = save_picture(f"results/{edit.public_id.hex}/full", data, "PNG")
        row |= {
            "file": file,
            "width_px": SIZE[0],
            "height_px": SIZE[1],
            "size_bytes": len(data),
            "changed_share": 0.1,
        }
    elif state == MergeState.REFUSED:
        row |= {"refusal": MergeRefusal.ALIGNMENT}
    MergedPicture.objects.create(edit=edit, created_at=timezone.now(), **row)
    return edit


def said(response: Any) -> str:
    return str(response.content.decode())


def test_an_original_that_fits_is_not_called_scaled(alice: User) -> None:
    edit = merged_edit_of(alice, source_width_px=SIZE[0], source_height_px=SIZE[1])
    card = said(signed_in(alice).get(f"/?from={edit.public_id}&use=source"))
    assert "<span data-whole>Will be sent as 400×300</span>" in card


@pytest.mark.parametrize("page", ["/presets/", "/presets/new/?edit={}", "/edits/{}/lineage/"])
def test_it_stands_for_its_edit_beside_the_original(alice: User, page: str) -> None:
    edit = merged_edit_of(alice)
    content = PresetContent(name="x", prompt="y", example=edit)
    save_preset(owner=alice, content=content, shared=False, now=timezone.now())
    shown = said(signed_in(alice).get(page.format(edit.public_id)))
    kinds = [
        f"/edits/{edit.public_id}/{kind}/320/" in shown for kind in ("original", "merged", "source", "result")
    ]
    assert kinds == [True, True, False, False]


@pytest.mark.parametrize("page", ["/edits/{}/", "/?show={}"])
def test_a_page_shows_it_and_on_request_the_models_own_answer(alice: User, page: str) -> None:
    edit, client = merged_edit_of(alice), signed_in(alice)
    address = page.format(edit.public_id)
    shown = said(client.get(address))
    assert f"/edits/{edit.public_id}/merged/1024/" in shown
    assert f"/edits/{edit.public_id}/original/1024/" in shown
    answer = said(client.get(f"{address}{'&' if '?' in address else '?'}layer=answer"))
    assert f"/edits/{edit.public_id}/result/1024/" in answer
    assert f"/edits/{edit.public_id}/merged/1024/" not in answer
    assert "256×256 of 96×64" in part_notes(edit)[0]
    assert part_notes(edit)[1].startswith("10 %")
    assert "4 px" in part_notes(edit)[2]


@pytest.mark.parametrize(
    ("state", "share"),
    [(MergeState.READY, "10 %"), (MergeState.REFUSED, "62 %"), (MergeState.WAITING, "62 %")],
)
def test_the_panel_says_how_much_of_what_is_shown_changed(alice: User, state: str, share: str) -> None:
    edit = merged_edit_of(alice, state=MergeState(state))
    type(edit.result).objects.filter(edit=edit).update(changed_share=0.62)
    assert f"{share} of the picture" in said(signed_in(alice).get(f"/edits/{edit.public_id}/"))


@pytest.mark.parametrize("page", ["/edits/{}/", "/?show={}"])
def test_a_page_says_why_there_is_none(alice: User, page: str) -> None:
    edit = merged_edit_of(alice, state=MergeState.REFUSED)
    shown = said(signed_in(alice).get(page.format(edit.public_id)))
    assert "does not lie over the original" in shown
    assert f"/edits/{edit.public_id}/result/1024/" in shown


@pytest.mark.parametrize(("format", "kept"), [("png", "PNG"), ("webp", "WEBP"), ("jpg", "JPEG")])
def test_it_is_downloaded_in_any_of_three_formats(alice: User, format: str, kept: str) -> None:
    edit = merged_edit_of(alice)
    response = fetched(signed_in(alice), f"/edits/{edit.public_id}/merged/download/{format}/")
    with Image.open(BytesIO(response.content)) as image:
        assert (image.format, image.size) == (kept, SIZE)
    assert f".{format}" in response.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "part", ["merged/", "merged/320/", "merged/download/png/", "original/", "original/1024/"]
)
def test_nobody_else_sees_it(alice: User, bob: User, part: str) -> None:
    edit = merged_edit_of(alice)
    assert fetched(signed_in(alice), f"/edits/{edit.public_id}/{part}").status_code == 200
    assert signed_in(bob).get(f"/edits/{edit.public_id}/{part}").status_code == 404
    assert signed_in(alice).get(f"/edits/{edit.public_id}/merged/download/gif/").status_code == 404


def test_sharing_follows_the_edit_and_the_original_its_source(alice: User, bob: User) -> None:
    edit, client = merged_edit_of(alice, shared=True), signed_in(bob)
    assert fetched(client, f"/edits/{edit.public_id}/merged/").status_code == 200
    assert client.get(f"/edits/{edit.public_id}/original/").status_code == 404
    EditRequest.objects.filter(pk=edit.pk).update(source_is_shared=True)
    assert fetched(client, f"/edits/{edit.public_id}/original/").status_code == 200


def test_one_that_waits_is_asked_after_until_it_is_settled(alice: User) -> None:
    edit, client = merged_edit_of(alice, state=MergeState.WAITING), signed_in(alice)
    EditRequest.objects.update(finished_at=timezone.now() - timedelta(minutes=1))
    address = f"/edits/{edit.public_id}/merging/"
    assert address in said(client.get(f"/edits/{edit.public_id}/"))
    assert client.get(f"/edits/{edit.public_id}/merged/").status_code == 404
    assert client.get(address).status_code == 204
    MergedPicture.objects.update(state=MergeState.REFUSED, refusal=MergeRefusal.CHANGED)
    assert client.get(address).headers["HX-Refresh"] == "true"
    in_studio = client.get(f"{address}?in=studio")
    assert in_studio.headers["HX-Retarget"] == "#stage"
    assert "more than 60 percent" in said(in_studio)


def test_detail_is_kept_later_by_the_owner_of_a_larger_original(alice: User, bob: User) -> None:
    edit = finished_edit_of(alice, original=original(), source_width_px=96, source_height_px=64)
    small = finished_edit_of(alice)
    address = f"/edits/{edit.public_id}/keep-detail/"
    assert address in said(signed_in(alice).get(f"/edits/{edit.public_id}/"))
    assert signed_in(bob).post(address).status_code == 404
    assert signed_in(alice).post(address).status_code == 302
    assert MergedPicture.objects.get().state == MergeState.WAITING
    assert address not in said(signed_in(alice).get(f"/edits/{edit.public_id}/"))
    assert "keep-detail" not in said(signed_in(alice).get(f"/edits/{small.public_id}/"))
    signed_in(alice).post(f"/edits/{small.public_id}/keep-detail/")
    assert MergedPicture.objects.count() == 1


def test_one_goes_on_with_the_merged_picture_or_the_whole_source(alice: User) -> None:
    edit, client = merged_edit_of(alice), signed_in(alice)
    page = said(client.get(f"/?from={edit.public_id}&use=result"))
    assert f'value="merged:{edit.public_id}"' in page
    assert 'data-width="400" data-height="300"' in page
    page = said(client.get(f"/?from={edit.public_id}&use=source"))
    assert f'value="source:{edit.public_id}"' in page
    assert 'data-width="400" data-height="300"' in page
    for reference in (f"merged:{edit.public_id}", f"source:{edit.public_id}"):
        sent = client.post("/", {"prompt": "again", "source": reference})
        assert sent.status_code == 302
        again = EditRequest.objects.latest("pk")
        assert (again.upload.width_px, again.upload.height_px) == SIZE
        assert not MergedPicture.objects.filter(edit=again).exists()
