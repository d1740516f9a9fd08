"""Regions: what is sent of a picture, in forms, pages and the API, and what is refused before anything is stored."""

import base64
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from edits.images import encoding
from edits.images.regions import BadRegion, cut_out, read_paint, region_of, soft_mask
from edits.model_specs import STEP_1X_EDIT
from edits.models import EditRequest, MergedPicture, MergeKind, User
from edits.services.pictures.storing import picture_bytes
from tests.api_calls import ask, error_of, taken
from tests.callers import caller_of
from tests.conftest import signed_in
from tests.pictures import encoded, opened, photo
from tests.second_provider import model_at, second_provider
from tests.stored import stored

SIZE = (3000, 2000)
LARGE = photo(width=SIZE[0], height=SIZE[1])
FIELDS = {"prompt": "make it blue", "only_here": "1"}


def painted(*, box: tuple[int, int, int, int] = (100, 60, 200, 120)) -> bytes:
    """A painted region in the shape of the large photo, a tenth of its size."""
    paint = Image.new("RGBA", (300, 200))
    paint.paste((0, 0, 0, 255), box)
    return encoded(paint, format="PNG")


@pytest.mark.parametrize(
    ("box", "crop"),
    [
        (
            (1400, 900, 1600, 1000),
            (1244, 694, 1756, 1206),
        ),  # a small one with half of the best size around it
        ((0, 0, 300, 200), (0, 0, 512, 512)),  # in a corner it is moved inside
        ((200, 200, 2200, 1400), (0, 0, 2774, 1974)),  # a large one with a quarter of its side around it
        ((0, 800, 3000, 860), (0, 330, 3000, 1330)),  # a narrow one in a ratio that the model takes
    ],
)
def test_the_model_sees_what_is_around_a_region(box: Any, crop: Any) -> None:
    region = region_of(box, size=SIZE, spec=STEP_1X_EDIT)
    assert region.crop == crop
    sent = cut_out(LARGE, region=region, spec=STEP_1X_EDIT)
    assert sent.width_px * sent.height_px <= STEP_1X_EDIT.max_area_px
    assert abs(sent.width_px / sent.height_px - region.crop_size[0] / region.crop_size[1]) < 0.01


@pytest.mark.parametrize(
    ("box", "code"),
    [
        ((0, 0, 0, 0), "empty"),
        ((10, 10, 17, 500), "empty"),
        ((-1, 0, 100, 100), "invalid"),
        ((2900, 0, 3001, 100), "invalid"),
        ((0, 0, 3000, 1801), "too_large"),
    ],
)
def test_a_region_that_cannot_be_is_refused(box: Any, code: str) -> None:
    with pytest.raises(BadRegion) as refused:
        region_of(box, size=SIZE, spec=STEP_1X_EDIT)
    assert refused.value.code == code


def test_the_mask_is_full_inside_and_ends_with_the_feather() -> None:
    region = region_of((1000, 700, 1400, 1000), size=SIZE, spec=STEP_1X_EDIT)
    for paint in (None, read_paint(painted(box=(100, 70, 140, 100)), size=SIZE)[0].data):
        mask = soft_mask(region, size=SIZE, paint=paint)
        left, top = region.crop[:2]
        reach = region.feather_px
        inside = mask.crop((1010 - left, 710 - top, 1390 - left, 990 - top))
        assert inside.getextrema() == (255, 255)
        bounds = mask.getbbox()
        assert bounds is not None
        assert 1000 - reach - 6 <= bounds[0] + left <= 1000
        assert (
            1000 <= bounds[3] + top <= 1000 + reach + 6
        )  # what is painted has the pixels of its small picture


@pytest.mark.parametrize("paint", [b"", b"no picture", encoded(Image.new("RGBA", (300, 200)), format="PNG")])
def test_paint_that_says_nothing_is_refused(paint: bytes) -> None:
    with pytest.raises(BadRegion):
        read_paint(paint, size=SIZE)


def post(owner: User, **fields: Any) -> Any:
    sent = FIELDS | {"image": SimpleUploadedFile("harbor.jpg", LARGE, "image/jpeg")} | fields
    return signed_in(owner).post("/", sent)


def test_the_page_sends_the_part_around_a_box(alice: User) -> None:
    assert post(alice, region="1400，900、200 100").status_code == 302
    edit = EditRequest.objects.get()
    assert (edit.upload.width_px, edit.upload.height_px) == (512, 512)
    assert (edit.source_width_px, edit.source_height_px) == SIZE
    assert edit.original is not None
    assert picture_bytes(edit.original.file) == LARGE
    assert edit.merged.region["box"] == [1400, 900, 1600, 1000]
    assert edit.mask is None


def test_the_page_sends_the_part_around_what_is_painted(alice: User) -> None:
    address = "data:image/png;base64," + base64.b64encode(painted()).decode()
    assert post(alice, region_paint=address).status_code == 302
    merged = MergedPicture.objects.get()
    assert merged.paint is not None
    left, top, right, bottom = merged.region["box"]
    assert (round(left, -1), round(top, -1), round(right, -1), round(bottom, -1)) == (1000, 600, 2000, 1200)


@pytest.mark.parametrize("region", ["", "one, two", "0,0,0,0", "2900,0,200,100", "0,0,3000,1900"])
def test_a_wrong_region_is_said_at_its_field_and_nothing_is_stored(alice: User, region: str) -> None:
    response = post(alice, region=region)
    assert response.status_code == 422
    assert response.context["said"]["region"]
    assert not EditRequest.objects.exists()


def test_without_the_switch_a_region_is_not_looked_at(alice: User) -> None:
    assert post(alice, region="0,0,0,0", only_here="").status_code == 302
    assert not MergedPicture.objects.exists()


def test_detail_is_kept_with_a_switch(alice: User) -> None:
    assert post(alice, only_here="", keep_detail="1").status_code == 302
    assert MergedPicture.objects.get().kind == MergeKind.DETAIL


def test_an_open_page_asks_what_is_sent(alice: User) -> None:
    client = signed_in(alice)
    client.post("/source/", {"image": SimpleUploadedFile("harbor.jpg", LARGE, "image/jpeg")})
    source = f"upload:{alice.staged_uploads.get().public_id}"

    def asked(region: str) -> Any:
        return client.post("/region/", {"source": source, "region": region}).json()

    assert asked("200,200,2000,1200")["crop"] == [0, 0, 2774, 1974]
    assert "2774×1974" in asked("200,200,2000,1200")["words"]
    assert "error" in asked("0,0,3000,1900")
    assert "error" in asked("")
    assert "error" in client.post("/region/", {"source": "upload:x", "region": "1,1,50,50"}).json()


@pytest.fixture
def program(alice: User) -> Client:
    return caller_of(alice)


def test_a_program_names_a_box(program: Client) -> None:
    edit = taken(ask(program, picture=LARGE, region="1400,900,200,100"))
    assert edit.merged.region["box"] == [1400, 900, 1600, 1000]
    shown = program.get(f"/v1/edits/{edit.public_id}").json()["merged"]
    assert (shown["state"], shown["kind"], shown["url"]) == ("waiting", "region", None)


def test_a_mask_is_the_region_of_a_model_that_takes_none(program: Client) -> None:
    mask = Image.new("RGBA", SIZE, (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (1000, 600, 2000, 1200))
    file = SimpleUploadedFile("mask.png", encoding.png(mask))
    edit = taken(ask(program, picture=LARGE, region="mask", mask=file))
    assert edit.mask is None
    left, top, right, bottom = edit.merged.region["box"]
    assert (round(left, -1), round(top, -1), round(right, -1), round(bottom, -1)) == (1000, 600, 2000, 1200)


def test_a_model_that_takes_a_mask_gets_one_of_the_part(program: Client) -> None:
    model = model_at(second_provider())
    edit = taken(ask(program, picture=LARGE, model=model.full_id, region="1400,900,200,100"))
    assert edit.mask is not None
    mask = opened(picture_bytes(edit.mask.file)).getchannel("A")
    assert mask.size == (edit.upload.width_px, edit.upload.height_px) == (512, 512)
    assert mask.point(lambda value: 255 - value).getbbox() == (156, 206, 356, 306)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"region": "everything"}, "invalid"),
        ({"region": "5000,0,100,100"}, "invalid"),
        ({"region": "0,0,2,2"}, "empty"),
        ({"region": "0,0,3000,2000"}, "too_large"),
        ({"region": "mask"}, "required"),
        ({"keep_detail": "perhaps"}, "invalid"),
    ],
    ids=json.dumps,
)
def test_a_program_is_told_what_is_wrong(program: Client, fields: dict[str, Any], code: str) -> None:
    error = error_of(ask(program, picture=LARGE, **fields))
    assert (error["code"], error["param"]) == (code, next(iter(fields)))
    assert stored() == []


def test_a_program_keeps_detail(program: Client) -> None:
    assert taken(ask(program, picture=LARGE, keep_detail="true")).merged.kind == MergeKind.DETAIL
    assert taken(ask(program, picture=LARGE, keep_detail="false", seed="9")).original is not None
    assert MergedPicture.objects.count() == 1
