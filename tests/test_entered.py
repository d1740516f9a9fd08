"""What was entered stays, whichever model is chosen: shown within its limits, back with a model that takes it."""

import json

import pytest

from edits.model_specs import STEP_1X_EDIT, ModelSpec
from edits.views.entered import changed_words, read_entered, shown_for, written_kept
from tests.offers import GPT, QWEN


def after(data: dict[str, str], *models: ModelSpec) -> dict[str, str]:
    """The form's fields once these models were chosen one after the other."""
    for spec in models:
        entered = read_entered(data)
        shown = shown_for(spec, entered)
        data = shown | {"kept": written_kept(entered, shown)}
    return data


def test_each_model_shows_its_own_defaults() -> None:
    fresh = after({}, STEP_1X_EDIT)
    assert (fresh["steps"], fresh["cfg_scale"], fresh["size"]) == ("28", "6", "512x512")
    other = after(fresh, QWEN)
    assert (other["steps"], other["cfg_scale"], other["size"]) == ("40", "4", "auto")


def test_numbers_are_brought_within_the_range_and_come_back() -> None:
    entered = after({}, STEP_1X_EDIT) | {"steps": "90", "cfg_scale": "9.5", "seed": "7"}
    other = after(entered, QWEN)
    assert (other["steps"], other["cfg_scale"], other["seed"]) == ("50", "8", "7")
    back = after(other, STEP_1X_EDIT)
    assert (back["steps"], back["cfg_scale"], back["seed"]) == ("90", "9.5", "7")


def test_what_a_model_does_not_take_comes_back_with_one_that_does() -> None:
    entered = after({}, QWEN) | {"seed": "7", "negative_prompt": "blur", "size": "1664x928"}
    gone = after(entered, GPT)
    assert not {"seed", "steps", "cfg_scale", "negative_prompt"} & gone.keys()
    assert gone["size"] == "auto"
    back = after(gone, STEP_1X_EDIT, QWEN)
    assert (back["seed"], back["negative_prompt"], back["size"]) == ("7", "blur", "1664x928")


def test_what_is_changed_meanwhile_counts() -> None:
    other = after(after({}, STEP_1X_EDIT) | {"steps": "90"}, QWEN) | {"steps": "12"}
    assert after(other, STEP_1X_EDIT)["steps"] == "12"


@pytest.mark.parametrize("typed", ["many", "1.5", "NaN", "0x10"])
def test_what_is_no_number_stays_to_be_corrected(typed: str) -> None:
    assert shown_for(STEP_1X_EDIT, {"steps": typed})["steps"] == typed


@pytest.mark.parametrize(
    ("typed", "shown"), [("9" * 5000, "100"), ("-" + "9" * 5000, "1"), ("0", "1"), (" 7 ", "7"), ("", "28")]
)
def test_any_whole_number_is_brought_within_the_range(typed: str, shown: str) -> None:
    assert shown_for(STEP_1X_EDIT, {"steps": typed})["steps"] == shown


def test_a_decimal_comma_is_understood() -> None:
    assert shown_for(STEP_1X_EDIT, {"cfg_scale": "7,5"})["cfg_scale"] == "7.5"
    assert changed_words({"cfg_scale": "7,5"}, {"cfg_scale": "7.5"}) == ""


def test_it_says_what_was_adjusted_and_nothing_else() -> None:
    entered = {"steps": "90", "seed": "7", "size": ""}
    assert changed_words(entered, shown_for(QWEN, entered)) == "Adjusted to this model: steps 50."


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "{",
        "[]",
        "1",
        '{"steps": 1}',
        '{"steps": ["a"]}',
        '{"steps": [1, 2]}',
        '{"prompt": ["x", ""]}',
        "[" * 9000,
    ],
)
def test_a_made_up_hidden_field_changes_nothing(kept: str) -> None:
    assert read_entered({"steps": "12", "kept": kept}) == {"steps": "12"}


def test_only_differences_are_kept() -> None:
    assert json.loads(written_kept({"steps": "12", "seed": "7"}, {"steps": "12"})) == {"seed": ["7", ""]}
