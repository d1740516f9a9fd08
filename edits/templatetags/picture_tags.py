"""The pictures of an edit for templates: ``{% result_picture edit as after %}``."""

from django import template

from edits.http.shown_pictures import ShownPicture, result_of, source_of

register = template.Library()

register.simple_tag(result_of, name="result_picture")
register.simple_tag(source_of, name="source_picture")


@register.filter
def is_like(one: ShownPicture, other: ShownPicture) -> bool:
    """Whether both have about the same ratio."""
    return one.is_like(other)
