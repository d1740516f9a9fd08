"""Names of pictures that are taken away: words in any script, and nothing that a system could stumble over."""

import re
import uuid
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edits.models import EditRequest, ReturnedImage, User
from edits.services.pictures.file_names import result_stem
from tests.conftest import signed_in
from tests.factories import finished_edit_of
from tests.stored import fetched


def stem(prompt: str, *, seed: int | None = 5, number: int | None = None, source: str = "") -> str:
    """What the file of an edit with this prompt is called."""
    edit = EditRequest(prompt=prompt, seed=seed, source_name=source, public_id=uuid.UUID(int=10))
    edit.result = ReturnedImage(seed_used=None, format="PNG")
    return result_stem(edit, number=number)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("把猫变成英短", "把猫变成英短-5"),
        ("Кошка на крыше", "кошка-на-крыше-5"),
        ("חתול על הגג", "חתול-על-הגג-5"),
        ("straße in BERLIN", "straße-in-berlin-5"),
        ("Ajoute un E\u0301clair", "ajoute-un-éclair-5"),
        ("एक बिल्ली", "एक-बिल्ली-5"),
        ("แมว น่ารัก", "แมว-น่ารัก-5"),
        ("ｶﾞﾗｽ の 猫", "ガラス-の-猫-5"),
        ("the cat's hat, don’t ask", "the-cats-hat-dont-ask-5"),
        ("../../etc/passwd", "etc-passwd-5"),
        (r"C:\Windows\x", "c-windows-x-5"),
        ('a<b>:"|?*\x00\n\tc', "a-b-c-5"),
        ("ends in dots. . .", "ends-in-dots-5"),
        ("gpj.\u202eexe", "gpj-exe-5"),
        ("🐈 ❤\ufe0f!", "edit-5"),
        ("?!", "edit-5"),
    ],
)
def test_it_is_made_of_the_words_of_the_prompt(prompt: str, expected: str) -> None:
    assert stem(prompt) == expected


@pytest.mark.parametrize("device", ["CON", "nul", "aux.", "COM1", "lpt9.txt", "COM¹", "CONIN$"])
def test_it_is_no_device_of_windows(device: str) -> None:
    for seed in (5, None):
        assert re.fullmatch(r"\w+(-txt)?-(5|00000000)", stem(device, seed=seed))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("IMG_2031.HEIC", "img-2031-red-cat-5"),
        ('../../x"<script>.png', "x-script-red-cat-5"),
        ("夏の港.jpeg", "夏の港-red-cat-5"),
        ("gpj.\u202eexe", "gpj-exe-red-cat-5"),
        (".png", "red-cat-5"),
        ("harbor.png · edited", "harbor-red-cat-5"),
        ("x" * 255, f"{'x' * 20}-red-cat-5"),
    ],
)
def test_the_name_of_the_source_comes_first(source: str, expected: str) -> None:
    edit = EditRequest(prompt="red cat", seed=5, source_name=source, public_id=uuid.UUID(int=10))
    edit.result = ReturnedImage(seed_used=None, format="PNG")
    assert result_stem(edit) == expected


def test_without_a_seed_it_ends_with_the_edits_id() -> None:
    assert stem("red cat", seed=None, number=7) == "007-red-cat-00000000"


@given(st.text(max_size=600), st.text(max_size=255))
def test_whatever_is_asked_for_the_name_is_safe(prompt: str, source: str) -> None:
    name = f"{stem(prompt, seed=2**31 - 1, number=200, source=source)}.webp"
    assert len(name.encode()) <= 143
    assert not re.search(r'[<>:"/\\|?*\s\x00-\x1f\u200b-\u200f\u202a-\u202e\u2066-\u2069]|\.\.|--', name)


def test_a_download_says_its_name_in_any_script(alice: User) -> None:
    edit = finished_edit_of(alice, prompt="把猫变成英短")
    found = fetched(signed_in(alice), f"/edits/{edit.public_id}/download/")
    said = found.headers["Content-Disposition"]
    assert said.isascii()
    assert unquote(said) == "attachment; filename*=utf-8''harbor-把猫变成英短-77120.png"
