"""Sentences in which `words` between backticks are meant for programs, as the API's document has them."""

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def inline_code(text: str) -> SafeString:
    """The sentence with those words as code."""
    parts = text.split("`")
    shown = [
        format_html("<code>{}</code>", part) if number % 2 else conditional_escape(part)
        for number, part in enumerate(parts)
    ]
    return mark_safe("".join(shown))  # noqa: S308  each part is escaped above
