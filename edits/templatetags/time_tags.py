"""Times for templates, in the zone of the reader: the only way in which a page shows them."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from edits import time_zones
from edits.time_zones import Style, moment_words

register = template.Library()


@register.filter
def time_tag(at: datetime, style: Style = "short") -> SafeString:
    """As short as it can be said, in a <time> that machines and pointers can read in full, with the zone's name.

    ``{{ edit.created_at|time_tag }}``, or with "clock", "day" or "full" (see ``moment_words``).
    """
    return format_html(
        '<time datetime="{}" title="{} ({})">{}</time>',
        timezone.localtime(at).isoformat(timespec="seconds"),
        moment_words(at, "full"),
        time_zones.reader_zone(),
        moment_words(at, style),
    )


@register.filter
def time_text(at: datetime) -> str:
    """To the second and without an element: for attributes."""
    return moment_words(at, "exact")


@register.simple_tag
def reader_zone() -> str:
    """The zone in which the page shows times: Asia/Shanghai."""
    return time_zones.reader_zone()
