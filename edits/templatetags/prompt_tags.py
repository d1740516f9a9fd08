"""What changed from one prompt to another, for templates."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from edits.http.prompt_diff import Word

register = template.Library()

ELEMENTS = {"added": "ins", "removed": "del", "same": "span"}


@register.filter
def marked(words: Iterable[Word]) -> SafeString:
    """Each stretch in its element and its last blanks behind it, with none of ours: in Chinese it would be seen."""
    named = (
        (ELEMENTS[word.kind], word.text.rstrip(), ELEMENTS[word.kind], word.text[len(word.text.rstrip()) :])
        for word in words
    )
    return format_html_join("", "<{}>{}</{}>{}", named)
