"""The words that the practice engine filters, so that every outcome of a content filter can be tried.

StepFun documents two events, and leaves open whether a filtered answer carries a picture:

    REFUSED_WORDS            451, nothing was made
    FILTERED_WITH_PICTURE    200, finish_reason content_filtered, and the picture that was withheld
    FILTERED_WITHOUT_PICTURE 200, finish_reason content_filtered, and no picture

It matches whole words without understanding them: "no gore" is filtered too, as by real filters.
"""

import re
from enum import StrEnum

FILTERED_WITH_PICTURE = frozenset({"nude", "naked", "gore", "gory", "bloody"})
FILTERED_WITHOUT_PICTURE = frozenset({"violence", "violent", "weapon", "weapons"})
FILTER_WORDS = FILTERED_WITH_PICTURE | FILTERED_WITHOUT_PICTURE
REFUSED_WORDS = frozenset({"bomb", "massacre", "torture", "terrorist"})

_WORD = re.compile(r"\w+")


class FilterVerdict(StrEnum):
    """The filter's decision about a prompt, strictest first."""

    REFUSED = "refused"
    FILTERED_WITHOUT_PICTURE = "filtered_without_picture"
    FILTERED_WITH_PICTURE = "filtered_with_picture"
    PASSED = "passed"


def judge(prompt: str) -> FilterVerdict:
    """The strictest verdict for any word of the prompt."""
    words = {word.casefold() for word in _WORD.findall(prompt)}
    if words & REFUSED_WORDS:
        return FilterVerdict.REFUSED
    if words & FILTERED_WITHOUT_PICTURE:
        return FilterVerdict.FILTERED_WITHOUT_PICTURE
    if words & FILTERED_WITH_PICTURE:
        return FilterVerdict.FILTERED_WITH_PICTURE
    return FilterVerdict.PASSED
