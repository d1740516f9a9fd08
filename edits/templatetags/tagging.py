"""Where a tag leads: to all edits that have it, in the list in which it was read."""

from urllib.parse import urlencode

from django import template
from django.urls import reverse

register = template.Library()


@register.simple_tag
def tag_url(name: str, *, mine: bool) -> str:
    """The search for the tag, in one's own history or among what the team shares."""
    term = f'tag:"{name}"' if " " in name else f"tag:{name}"
    return f"{reverse('edits:history' if mine else 'edits:team')}?{urlencode({'q': term}, safe=':')}"
