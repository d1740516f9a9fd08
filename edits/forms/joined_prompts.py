"""Joins the prompts of a chain of edits into one: sentences in their order, in any script.

turn it black and white · add a red hat!    →  turn it black and white. add a red hat!
改成黑白 · 加一顶红帽子                      →  改成黑白。加一顶红帽子
"""

import unicodedata
from collections.abc import Iterable

ENDS = frozenset(".!?…。！？｡؟।:;：；")
"""Signs after which a further sentence may begin."""
OPTIONAL_ENDS = " \t\r\n,，、"
"""What is left out at the end of a prompt, because a full stop takes its place."""
QUOTES = "\"'”’»)）」』】"
WIDE_SCRIPTS = ("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "FULLWIDTH")
"""Scripts that end a sentence with 。 and put no space after it, by the names of their characters."""


def join_prompts(prompts: Iterable[str]) -> str:
    """The prompts as one text, in their order; one that ends without a full stop gets that of its script."""
    texts = [text for prompt in prompts if (text := prompt.strip().rstrip(OPTIONAL_ENDS))]
    joined = ""
    for text in texts:
        joined += _between(joined, text) + text if joined else text
    return joined


def _between(before: str, after: str) -> str:
    """What goes between two sentences: the full stop that the first lacks, and a space where scripts have one."""
    last = before.rstrip(QUOTES)[-1:] or before[-1]
    is_wide = _is_wide(last)
    stop = "" if last in ENDS else "。" if is_wide else "."
    return stop if is_wide and _is_wide(after[0]) else f"{stop} " if not is_wide else stop


def _is_wide(char: str) -> bool:
    return unicodedata.name(char, "").startswith(WIDE_SCRIPTS)
