"""The table of faults, end to end: answers of 200, usable, odd and useless."""

import io
import resource
from pathlib import Path

import pytest
from django.urls import reverse
from PIL import Image

from edits.models import EditRequest, ReturnedImage, Status, User
from edits.services.calls.unreadable import unreadable_of
from edits.services.pictures.storing import picture_bytes
from edits.views.info_panel import seed_in_words
from tests.conftest import signed_in
from tests.fault_table import Row, check, good, played, useless
from tests.provider_pictures import PICTURES, tagged


def stopped(fault: str) -> Row:
    """The content filter's."""
    return Row(
        fault, calls=1, status=Status.FILTERED, charged="yes", card="Stopped by the content filter", detail=""
    )


USELESS = [
    *("html_200", "invalid_json", "truncated_json", "empty_body", "json_string", "json_null", "json_number"),
    *("json_list", "utf16_json", "latin1_json", "deep_json", "gzip_broken", "no_data", "data_null"),
    *("empty_data", "data_object", "data_strings", "error_in_200", "wrong_types", "b64_number"),
    *("url_number", "url_null", "neither", "bad_b64", "b64_nonimage", "b64_html", "b64_svg", "b64_empty"),
    *("b64_null", "huge_body:40", "endless_body", "gzip_bomb:20"),
]
NO_PICTURE = ["png_truncated", "png_half", "png_bomb", "png_liar", "png_text_bomb", "gif_result", "tiny_1px"]
GOOD = [
    *("ok", "bom_json", "nan_json", "no_created", "created_string", "b64_nopad", "b64_urlsafe"),
    *("b64_data_uri", "b64_newlines", "two_data", "both", "b64_when_url", "ok_url", "url_when_b64"),
    *("seed_missing", "seed_null", "seed_string", "seed_float", "seed_negative", "seed_huge", "seed_other"),
    *("wrong_size", "jpeg_result", "webp_result", "png16_result", "rgba_result", "cmyk_result"),
    *("apng_result", "too_large_dims", "other_picture"),
]
STOPPED = [
    *("filtered_image", "filtered_noimage", "filtered_null", "filtered_empty"),
    *("finish_unknown", "finish_missing", "finish_null"),
]
EITHER = ["png_bad_crc"]
ANSWERS = [
    *[useless(fault) for fault in (*USELESS, *NO_PICTURE)],
    *[good(fault) for fault in GOOD],
    *[stopped(fault) for fault in STOPPED],
]


@pytest.mark.parametrize("row", [row for row in ANSWERS if row.fault not in STOPPED], ids=str)
def test_an_answer_ends_as_the_table_says(row: Row, alice: User) -> None:
    with played(row, alice) as outcome:
        check(row, outcome)


def played_once(fault: str, owner: User) -> EditRequest:
    """What came of an edit that met this answer."""
    with played(good(fault), owner) as outcome:
        assert outcome.there.calls == 1
        return outcome.edit


@pytest.mark.parametrize("fault", EITHER)
def test_a_damaged_picture_either_opens_or_fails_and_is_bought_once(fault: str, alice: User) -> None:
    edit = played_once(fault, alice)
    assert edit.status in (Status.SUCCEEDED, Status.FAILED)
    if edit.is_done:
        Image.open(io.BytesIO(picture_bytes(edit.result.file))).load()


@pytest.mark.parametrize("fault", ["png_truncated", "png_half"])
def test_the_bytes_of_a_cut_picture_are_kept_for_the_operator(fault: str, alice: User) -> None:
    edit = played_once(fault, alice)
    attempt = edit.attempts.get()
    path = unreadable_of(attempt)
    assert path is not None
    assert path.read_bytes() == PICTURES[fault]()
    assert attempt.trace_id == "trace-1"
    assert (attempt.answer_bytes or 0) > len(PICTURES[fault]())
    path.unlink()


@pytest.mark.parametrize("fault", ["png_bomb", "png_liar", "png_text_bomb", "gzip_bomb:200", "endless_body"])
def test_a_bomb_is_not_unpacked(fault: str, alice: User) -> None:
    played_once("ok", alice)  # what the first edit of all loads
    PICTURES.get(fault, bytes)()  # drawing it is the provider's cost
    before = _most_memory_bytes()
    played_once(fault, alice)
    assert _most_memory_bytes() - before < 150_000_000


def _most_memory_bytes() -> int:
    """The highest that this process had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize("fault", ["html_200", "invalid_json", "error_in_200"])
def test_the_beginning_of_a_useless_answer_is_for_the_operator_alone(
    fault: str, alice: User, root: User
) -> None:
    edit = played_once(fault, alice)
    detail = edit.attempts.get().detail
    assert detail
    address = reverse("edits:viewer", args=[edit.public_id])
    its_owner = signed_in(alice).get(address).content.decode()
    assert "trace-1" in its_owner
    assert "may have been charged" in its_owner
    for part in ("<html>hello", "&lt;html&gt;hello", '{"data"', "&quot;data&quot;", "type&quot;: &quot;busy"):
        assert part not in its_owner
    operator = signed_in(root).get(address).content.decode()
    assert "<html>hello" not in operator
    assert "fault unusable" in operator


@pytest.mark.parametrize(
    ("fault", "format", "size_px"),
    [
        ("wrong_size", "PNG", (320, 64)),
        ("jpeg_result", "JPEG", (512, 512)),
        ("webp_result", "WEBP", (512, 512)),
        ("png16_result", "PNG", (512, 512)),
        ("rgba_result", "PNG", (512, 512)),
        ("cmyk_result", "JPEG", (512, 512)),
        ("apng_result", "PNG", (64, 64)),
    ],
)
def test_an_odd_picture_is_stored_still_and_clean_under_its_true_type_and_size(
    fault: str, format: str, size_px: tuple[int, int], alice: User
) -> None:
    result = played_once(fault, alice).result
    assert (result.format, (result.width_px, result.height_px)) == (format, size_px)
    image = Image.open(io.BytesIO(picture_bytes(result.file)))
    assert (image.format, image.size) == (format, size_px)
    assert getattr(image, "n_frames", 1) == 1
    assert image.mode in ("RGB", "RGBA", "L")
    assert str(result.file.name).endswith({"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp"}[format])


@pytest.mark.parametrize(
    "fault", ["seed_missing", "seed_null", "seed_string", "seed_float", "seed_negative", "seed_huge"]
)
def test_a_seed_that_makes_no_sense_is_told_as_not_confirmed(fault: str, alice: User) -> None:
    edit = played_once(fault, alice)
    assert (edit.result.seed_used, edit.seed_to_repeat) == (None, edit.seed)
    assert "not confirmed" in seed_in_words(edit)


def test_another_seed_than_the_one_sent_is_shown_as_the_one_used(alice: User) -> None:
    edit = played_once("seed_other", alice)
    assert (edit.result.seed_used, edit.seed_to_repeat) == (124, 124)
    assert "the service used 124" in seed_in_words(edit)


def test_of_two_results_the_first_is_kept(alice: User) -> None:
    edit = played_once("two_data", alice)
    assert picture_bytes(edit.result.file) != tagged("the second")
    assert "two_results" in edit.attempts.get().detail


@pytest.mark.parametrize("fault", STOPPED)
def test_no_byte_of_a_stopped_picture_comes_out(fault: str, alice: User, bob: User, media_root: Path) -> None:
    with played(stopped(fault), alice) as outcome:
        check(stopped(fault), outcome)
        edit = outcome.edit
    has_picture = fault.startswith("finish") or fault == "filtered_image"
    assert ReturnedImage.objects.filter(withheld=True).count() == has_picture
    assert not list((media_root / "results").rglob("*.*"))
    for person in (alice, bob):
        browser = signed_in(person)
        assert browser.get(reverse("edits:result", args=[edit.public_id])).status_code == 404
    page = signed_in(alice).get(reverse("edits:viewer", args=[edit.public_id])).content.decode()
    assert "Stopped by the content filter" in page
    assert "quarantine" not in page
