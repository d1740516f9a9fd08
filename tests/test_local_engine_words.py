"""The words that the practice engine stops."""

import pytest

from edits.local_engine import FILTER_WORDS, REFUSED_WORDS
from edits.local_engine.words import (
    FILTERED_WITH_PICTURE,
    FILTERED_WITHOUT_PICTURE,
    FilterVerdict,
    judge,
)


@pytest.mark.parametrize(
    "prompt", ["make it warmer", "a night in Gorefield", "unweaponized", "bombastic colors", ""]
)
def test_it_passes_prompts_without_a_stopped_word(prompt: str) -> None:
    assert judge(prompt) is FilterVerdict.PASSED


@pytest.mark.parametrize("word", sorted(FILTERED_WITH_PICTURE))
def test_some_words_are_filtered_with_the_picture_withheld(word: str) -> None:
    assert judge(f"add {word} to it") is FilterVerdict.FILTERED_WITH_PICTURE


@pytest.mark.parametrize("word", sorted(FILTERED_WITHOUT_PICTURE))
def test_other_words_are_filtered_without_a_picture(word: str) -> None:
    assert judge(f"add {word} to it") is FilterVerdict.FILTERED_WITHOUT_PICTURE


@pytest.mark.parametrize("word", sorted(REFUSED_WORDS))
def test_the_worst_words_are_refused(word: str) -> None:
    assert judge(f"add a {word}.") is FilterVerdict.REFUSED


@pytest.mark.parametrize("prompt", ["GORE", "Gore!", "some,gore,here", "no gore please"])
def test_case_punctuation_and_negation_do_not_get_a_word_past_it(prompt: str) -> None:
    assert judge(prompt) is FilterVerdict.FILTERED_WITH_PICTURE


def test_the_strictest_word_decides() -> None:
    assert judge("gore and weapons") is FilterVerdict.FILTERED_WITHOUT_PICTURE
    assert judge("gore, weapons and a bomb") is FilterVerdict.REFUSED


def test_no_word_stands_on_two_lists() -> None:
    assert FILTER_WORDS == FILTERED_WITH_PICTURE | FILTERED_WITHOUT_PICTURE
    assert not FILTERED_WITH_PICTURE & FILTERED_WITHOUT_PICTURE
    assert not FILTER_WORDS & REFUSED_WORDS
