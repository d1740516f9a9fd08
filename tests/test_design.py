"""What holds the look together: icons that exist, colors that can be read, nothing the content policy would block."""

import re
from pathlib import Path

import pytest
from django import forms
from django.contrib.messages import SUCCESS
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string
from django.test import RequestFactory

from editor_site.messages import UndoMessage
from edits.templatetags.aspect_ratio import NARROWEST, STEP, WIDEST, aspect

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
ICONS = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static" / "icons.svg").read_text()))
BASE_CSS = (ROOT / "static" / "css" / "base.css").read_text()
TOKENS = dict(re.findall(r"--([\w-]+): (light-dark\(#\w+, #\w+\))", BASE_CSS))


def _without_comments(path: Path) -> str:
    return re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(), flags=re.S)


def _luminance(color: str) -> float:
    digits = color.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(first: str, second: str) -> float:
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _shades(token: str) -> list[str]:
    """The token's color in light and in dark."""
    return re.findall(r"#\w+", TOKENS[token])


@pytest.mark.parametrize("surface", ["bg", "panel", "sunken", "stage"])
@pytest.mark.parametrize("ink", ["text", "muted", "faint", "ok", "warn", "bad"])
def test_text_can_be_read_on_every_surface_in_light_and_dark(ink: str, surface: str) -> None:
    for color, ground in zip(_shades(ink), _shades(surface), strict=True):
        assert _contrast(color, ground) >= 4.5


@pytest.mark.parametrize(
    ("ink", "surface"),
    [("accent", "panel"), ("accent", "bg"), ("accent", "accent-soft"), ("accent-ink", "accent")],
)
def test_the_accent_can_be_read_where_it_stands(ink: str, surface: str) -> None:
    for color, ground in zip(_shades(ink), _shades(surface), strict=True):
        assert _contrast(color, ground) >= 4.5


def test_the_outline_of_an_input_can_be_seen() -> None:
    for color, ground in zip(_shades("edge"), _shades("panel"), strict=True):
        assert _contrast(color, ground) >= 3


def test_every_icon_that_a_template_names_exists() -> None:
    named = {
        (name, path.name)
        for path in TEMPLATES
        for name in re.findall(r'_icon\.html" with name="([\w-]+)"', path.read_text())
    }
    assert named
    assert not [(name, page) for name, page in named if name not in ICONS]


@pytest.mark.parametrize(
    "blocked",
    [
        r"\sstyle\s*=",
        r"<style[\s>]",
        r"\son[a-z]+\s*=\s*[\"']",
        r"<script(?![^>]*\bsrc=)(?![^>]*application/json)",
        "https://",
    ],
)
def test_no_template_has_what_the_content_policy_blocks(blocked: str) -> None:
    assert TEMPLATES
    assert not [path for path in TEMPLATES if re.search(blocked, _without_comments(path))]


def test_every_template_says_first_what_it_is() -> None:
    assert not [path for path in TEMPLATES if not path.read_text().startswith("{#")]


def test_scripts_never_evaluate_text_as_code() -> None:
    for path in SCRIPTS:
        assert not re.search(
            r"\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write", path.read_text()
        ), path


def test_vendored_files_name_no_source_map_and_carry_their_license() -> None:
    vendor = ROOT / "static" / "vendor"
    for path in vendor.rglob("*.js"):
        assert "sourceMappingURL" not in path.read_text()
    for folder in (path for path in vendor.iterdir() if path.is_dir()):
        assert (folder / "LICENSE").exists()
        assert f"`{folder.name}/`" in (vendor / "README.md").read_text()


def test_the_page_for_our_own_faults_needs_nothing_that_may_be_broken() -> None:
    source = _without_comments(ROOT / "templates" / "500.html")
    tags = set(re.findall(r"\{% (\w+)", source))
    assert tags <= {"load", "get_current_language", "translate", "blocktranslate", "endblocktranslate"}
    values = set(re.findall(r"\{\{ (\w+)", source))
    assert values == {"base_path", "language"}  # a setting and a catalog in memory, which nothing can break


@pytest.mark.parametrize(
    ("width", "height", "name"),
    [
        (1500, 1000, "ar-150"),
        (451, 300, "ar-150"),
        (760, 663, "ar-115"),
        (100, 300, "ar-035"),
        (10, 1000, "ar-035"),
        (9000, 100, "ar-320"),
        (None, 100, "ar-100"),
        (100, 0, "ar-100"),
    ],
)
def test_a_picture_gets_the_class_of_the_nearest_ratio(
    width: int | None, height: int | None, name: str
) -> None:
    assert aspect(width, height) == name


def test_there_is_a_class_for_every_ratio_the_tag_can_name() -> None:
    for hundredths in range(NARROWEST, WIDEST + STEP, STEP):
        assert f".ar-{hundredths:03d}{{--ar:{hundredths / 100:g}}}" in BASE_CSS


class _NameForm(forms.Form):
    name = forms.CharField(help_text="As your colleagues know you.")
    note = forms.CharField(required=False)
    keep = forms.BooleanField(required=False, label="Keep me signed in")


def test_a_field_ties_its_hint_and_its_error_to_the_control() -> None:
    request = RequestFactory().get("/")
    page = render_to_string("_form.html", {"form": _NameForm({}), "submit": "Save"}, request=request)
    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert 'id="id_name_helptext"' in page
    assert 'id="id_name_error"' in page
    assert 'aria-invalid="true"' in page
    assert page.count("(optional)") == 1


def test_a_toast_offers_undo_only_for_a_message_that_can_be_undone() -> None:
    plain = Message(SUCCESS, "Saved.")
    undoable = UndoMessage(SUCCESS, "Moved to the trash.", undo="/trash/undo/7/")
    assert "<form" not in render_to_string("_toast.html", {"message": plain})
    page = render_to_string("_toast.html", {"message": undoable}, request=RequestFactory().get("/"))
    assert 'action="/trash/undo/7/"' in page
    assert 'name="csrfmiddlewaretoken"' in page


def test_a_toast_shows_words_as_words() -> None:
    assert "<b>" not in render_to_string("_toast.html", {"message": Message(SUCCESS, "<b>loud</b>")})


def test_each_class_of_a_template_is_known_to_a_style_or_a_script() -> None:
    """One that is not was renamed in one place, or means nothing."""
    known = set(re.findall(r"\.([a-z][\w-]*)", "".join(path.read_text() for path in STYLES)))
    known |= set(re.findall(r"[\w-]+", "".join(path.read_text() for path in SCRIPTS)))
    for path in (each for each in TEMPLATES if "admin" not in each.parts):  # that one has Django's styles
        for attribute in re.findall(r'class="((?:\{%.*?%\}|\{\{.*?\}\}|[^"{])*)"', path.read_text()):
            plain = re.sub(r"\{%.*?%\}|[\w-]*\{\{.*?\}\}[\w-]*", " ", attribute)
            assert set(plain.split()) <= known, path.name


def test_the_styles_of_a_page_stay_small() -> None:
    sizes = {path.name: path.stat().st_size for path in STYLES}
    base = sizes.pop("base.css")  # a page loads it and one or two of its own
    assert base + sum(sorted(sizes.values())[-2:]) < 62_000


def test_a_link_is_no_button() -> None:
    """Space presses a button and scrolls over a link, so that a link with that role would deceive."""
    assert not [path for path in TEMPLATES if re.search(r'<a\b[^>]*role="button"', _without_comments(path))]
