"""Lists of words inside sentences."""

import pytest

from edits.forms.word_lists import all_of, either


@pytest.mark.parametrize(
    ("words", "alternatives", "together"),
    [
        ([], "", ""),
        (["png"], "png", "png"),
        (["png", "jpeg"], "png or jpeg", "png and jpeg"),
        (["png", "jpeg", "webp"], "png, jpeg or webp", "png, jpeg and webp"),
    ],
)
def test_a_list_ends_with_its_last_word(words: list[str], alternatives: str, together: str) -> None:
    assert either(words) == alternatives
    assert all_of(words) == together


def test_words_may_look_like_placeholders() -> None:
    assert either(["%(last)s", "{}", "100%"]) == "%(last)s, {} or 100%"
