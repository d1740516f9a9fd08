"""What changed from one prompt to another, word by word and in Chinese sign by sign."""

import pytest

from edits.http.prompt_diff import MOST_PAIRS, prompt_diff
from edits.templatetags.prompt_tags import marked


def with_marks(before: str, after: str) -> str:
    """[-removed-] and {+added+} within what stayed."""
    shapes = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(shapes[word.kind].format(word.text) for word in prompt_diff(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a red house", "a red house", "a red house"),
        ("a red house", "a blue house", "a [-red -]{+blue +}house"),
        ("a deep blue, keep it", "a racing green, keep it", "a [-deep blue-]{+racing green+}, keep it"),
        ("a house", "a house, softly", "a house{+, softly+}"),
        ("now, a house", "a house", "[-now, -]a house"),
        ("", "new", "{+new+}"),
        ("把天空变成蓝色", "把天空变成绿色", "把天空变成[-蓝-]{+绿+}色"),
        ("空を青く", "空を赤く", "空を[-青-]{+赤+}く"),
        ("a 猫 sits", "a 狗 sits", "a [-猫 -]{+狗 +}sits"),
        ("don't move", "do move", "[-don't -]{+do +}move"),
        ("el niño", "el niña", "el [-niño-]{+niña+}"),
    ],
)  # fmt: skip
def test_what_was_removed_and_added_stands_where_it_was(before: str, after: str, expected: str) -> None:
    assert with_marks(before, after) == expected


@pytest.mark.parametrize("after", ["make  it\nblue", "make it blue "])
def test_other_blanks_are_no_change(after: str) -> None:
    assert [word.kind for word in prompt_diff("make it blue", after)] == ["same"]


@pytest.mark.parametrize(
    ("before", "after"),
    [("one, two; three", "two three, four"), ("把它变成方形", "变成圆形的"), ("a b c d", "d c b a")],
)
def test_without_the_removed_words_it_is_the_later_prompt(before: str, after: str) -> None:
    assert "".join(word.text for word in prompt_diff(before, after) if word.kind != "removed") == after


def test_a_stop_that_stayed_between_two_changes_belongs_to_them() -> None:
    assert with_marks("red, round", "blue,square") == "[-red, round-]{+blue,square+}"


def test_of_two_very_long_prompts_the_middle_counts_as_replaced() -> None:
    before, after = "start " + "a b " * 8000 + "end", "start " + "b c " * 8000 + "end"
    kinds = [word.kind for word in prompt_diff(before, after)]
    assert kinds == ["same", "removed", "added", "same"]
    assert MOST_PAIRS > 512 * 512  # a whole prompt of the usual length, sign by sign


def test_it_is_marked_up_without_blanks_between_and_as_text() -> None:
    html = marked(prompt_diff("a <b> c", "a <i> c"))
    assert html == "<span>a &lt;</span><del>b</del><ins>i</ins><span>&gt; c</span>"
    assert marked(prompt_diff("蓝色", "绿色")) == "<del>蓝</del><ins>绿</ins><span>色</span>"
