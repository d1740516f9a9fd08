"""The catalogs: they have every sentence of the code, translated, with the same placeholders and tags."""

import os
import re
import shutil
from pathlib import Path

import polib
import pytest
from django.core.management import call_command
from django.test import override_settings

from tests.translations import LOCALES, ROOT, catalog, entries, has_gettext, key, translations

PLACES = re.compile(r"%\([^)]*\)[sd]|%%|\{\w*\}")
TAGS = re.compile(r"</?[a-z]+[^>]*>")
CHINESE = "\u4e00-\u9fff"
HALF_WIDTH = re.compile(rf"[{CHINESE}][,;:!?]|[{CHINESE}]\.(\s|$)|[{CHINESE}][(]|[)][{CHINESE}]")
NO_SPACE = re.compile(rf"[{CHINESE}][A-Za-z0-9]|[A-Za-z0-9][{CHINESE}]")

pytestmark = pytest.mark.parametrize("locale", LOCALES)


def test_what_retake_reads_is_what_translators_wrote(locale: str) -> None:
    compiled = polib.mofile(str(catalog(locale, "mo")))
    written = {key(entry): translations(entry) for entry in entries(locale) if entry.translated()}
    assert {key(entry): translations(entry) for entry in compiled} == written


@pytest.mark.processes
def test_it_has_the_sentences_of_the_code_and_no_others(
    locale: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_gettext():
        missing = "GNU gettext is missing, so no catalog was compared with the code"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    # In a copy: the tool writes files beside those that it reads.
    for folder in ("edits", "editor_site", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    with override_settings(LOCALE_PATHS=[tmp_path / "edits" / "locale"]):
        call_command("makemessages", locale=[locale], verbosity=0)
    collected = polib.pofile(str(tmp_path / catalog(locale).relative_to(ROOT)))
    assert {key(entry) for entry in entries(locale)} == {key(entry) for entry in collected}


def test_nothing_is_untranslated_guessed_or_left_over(locale: str) -> None:
    assert [entry.msgid for entry in entries(locale) if entry.obsolete or entry.fuzzy] == []
    assert [entry.msgid for entry in entries(locale) if not entry.translated()] == []


def test_placeholders_and_tags_are_those_of_the_english_sentence(locale: str) -> None:
    for entry in entries(locale):
        for words in translations(entry) if entry.translated() else []:
            # A plural form may leave the number out, but nothing may be there that the code does not fill in.
            english = entry.msgid_plural or entry.msgid
            assert sorted(PLACES.findall(words)) == sorted(PLACES.findall(english)), words
            assert sorted(TAGS.findall(words)) == sorted(TAGS.findall(english)), words


def test_chinese_has_full_width_marks_and_spaces_around_latin(locale: str) -> None:
    if locale != "zh_Hans":
        return
    for entry in entries(locale):
        for words in translations(entry) if entry.msgctxt != "date format" else []:
            bare = PLACES.sub("", TAGS.sub("", words))
            assert not HALF_WIDTH.search(bare), words
            assert not NO_SPACE.search(bare), words
