"""The soft edge of a region: chosen on the page or by a program, kept with the edit, and repeated with it."""

import base64
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from edits.images.regions import Region, region_of, soft_mask
from edits.model_specs import STEP_1X_EDIT
from edits.models import EditRequest, User
from tests.api_calls import ask, error_of, taken
from tests.callers import caller_of
from tests.conftest import signed_in
from tests.test_merged_pages import merged_edit_of
from tests.test_regions import FIELDS, LARGE, SIZE, painted, post

BOX = (1400, 900, 1600, 1000)


def reach_of(region: Region) -> int:
    """How far beyond the box anything changes."""
    bounds = soft_mask(region, size=SIZE, paint=None).getbbox()
    assert bounds
    return region.box[0] - region.crop[0] - bounds[0]


@pytest.mark.parametrize(("chosen", "reach"), [(None, 4), (0, 0), (30, 30), (256, 256), (9999, 256)])
def test_the_blending_reaches_as_far_as_was_chosen(chosen: int | None, reach: int) -> None:
    region = region_of(BOX, size=SIZE, spec=STEP_1X_EDIT, feather_px=chosen)
    assert region.feather_px == reach
    assert reach - 2 <= reach_of(region) <= reach
    inside = soft_mask(region, size=SIZE, paint=None).crop(
        (BOX[0] - region.crop[0], BOX[1] - region.crop[1], BOX[2] - region.crop[0], BOX[3] - region.crop[1])
    )
    assert inside.getextrema() == (255, 255)


def test_what_is_sent_reaches_beyond_a_very_soft_edge() -> None:
    region = region_of(BOX, size=SIZE, spec=STEP_1X_EDIT, feather_px=256)
    assert region.crop[0] <= BOX[0] - 512
    mask = soft_mask(region, size=SIZE, paint=None)
    border = Image.new("L", mask.size, 255)
    border.paste(0, (1, 1, mask.width - 1, mask.height - 1))
    assert mask.histogram(border)[0] == border.histogram()[255]


@pytest.mark.parametrize(("sent", "kept"), [("", 4), ("64", 64), ("0", 0)])
def test_the_page_keeps_it_with_the_edit(alice: User, sent: str, kept: int) -> None:
    assert post(alice, region="1400,900,200,100", feather_px=sent).status_code == 302
    assert EditRequest.objects.get().merged.region["feather_px"] == kept


@pytest.mark.parametrize("sent", ["257", "-1", "soft"])
def test_another_one_is_refused(alice: User, sent: str) -> None:
    assert post(alice, region="1400,900,200,100", feather_px=sent).status_code == 422
    error = error_of(ask(caller_of(alice), picture=LARGE, region="1400,900,200,100", feather_px=sent))
    assert (error["code"], error["param"]) == ("invalid", "feather_px")


def test_a_program_chooses_it(alice: User) -> None:
    edit = taken(ask(caller_of(alice), picture=LARGE, region="1400,900,200,100", feather_px="31"))
    assert edit.merged.region["feather_px"] == 31


def test_an_open_page_is_told_the_usual_one(alice: User) -> None:
    client = signed_in(alice)
    client.post("/source/", {"image": SimpleUploadedFile("harbor.jpg", LARGE, "image/jpeg")})
    sent = {"source": f"upload:{alice.staged_uploads.get().public_id}", "region": "200,200,2000,1200"}
    assert client.post("/region/", sent).json()["feather"] == 40
    assert client.post("/region/", sent | {"feather_px": "9"}).json()["feather"] == 9


# --- Repeating -------------------------------------------------------------------------------------------


def entered(client: Client, address: str) -> dict[str, str]:
    """The fields of the form that a page shows."""
    html = client.get(address).content.decode()
    found = {}
    for name in ("source", "region", "region_paint", "feather_px", "prompt", "seed"):
        field = re.search(rf'<input[^>]*name="{name}"[^>]*>', html)
        value = re.search(r'value="([^"]*)"', field[0]) if field else None
        found[name] = value[1] if value else ""
    found["only_here"] = "1" if re.search(r'name="only_here"[^>]*checked', html) else ""
    return found


@pytest.mark.parametrize("fields", [
    {"region": "1400,900,200,100", "feather_px": "64"},
    {"region": "1400,900,200,100"},
    {"region_paint": "data:image/png;base64," + base64.b64encode(painted()).decode(), "feather_px": "12"},
], ids=["box", "usual edge", "paint"])  # fmt: skip
def test_use_all_takes_the_region_so_that_edit_repeats_it(alice: User, fields: dict[str, Any]) -> None:
    client = signed_in(alice)
    post(alice, seed="77", **fields)
    first = EditRequest.objects.get()
    form = entered(client, f"/?from={first.public_id}&use=all")
    assert form["source"] == f"source:{first.public_id}"
    assert form["only_here"] == "1"
    assert client.post("/", FIELDS | form | {"prompt": first.prompt}).status_code == 302
    again = EditRequest.objects.latest("pk")
    assert again != first
    assert (again.upload_id, again.original_id, again.seed) == (first.upload_id, first.original_id, 77)
    assert again.merged.region == first.merged.region
    assert again.merged.paint_id == first.merged.paint_id


def test_without_the_source_the_region_of_others_is_not_taken(alice: User, bob: User) -> None:
    edit = merged_edit_of(alice, shared=True)
    form = entered(signed_in(bob), f"/?from={edit.public_id}&use=all")
    assert not form["only_here"]
    assert not form["source"]


def test_a_rerun_keeps_it(alice: User) -> None:
    post(alice, region="1400,900,200,100", feather_px="64")
    edit = EditRequest.objects.get()
    signed_in(alice).post(f"/edits/{edit.public_id}/rerun/", {"seed": "same"})
    assert EditRequest.objects.latest("pk").merged.region == edit.merged.region
