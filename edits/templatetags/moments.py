"""Moments for templates: as short as they can be told, with the whole date on demand."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def moment(at: datetime) -> SafeString:
    """14:02 today, 3 Nov 14:02 before, as a <time> that machines and pointers can read in full."""
    here = timezone.localtime(at)
    is_today = here.date() == timezone.localdate()
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        here.isoformat(timespec="seconds"),
        format_date(here, "j F Y, H:i"),
        format_date(here, "H:i" if is_today else "j M H:i"),
    )
