"""The lineage of the edit on the studio's stage, for the part of the page that shows it wherever that is drawn."""

from django import template

from edits.models import EditRequest, User
from edits.views.lineage import Lineage, lineage_of

register = template.Library()


@register.simple_tag
def lineage_for(edit: EditRequest, viewer: User) -> Lineage:
    """What the edit comes from and what was made of it; one query, and one for each ancestor."""
    return lineage_of(edit, viewer=viewer)
