"""The pictures of an edit for templates: ``{% result_picture edit as after %}``."""

from django import template
from django.template import RequestContext

from edits.forms.downloads import SIDES_PX
from edits.http.access import signed_in
from edits.http.shown_pictures import (
    ShownPicture,
    before_address,
    face_address,
    face_picture_of,
    merged_picture_of,
    original_of,
    result_of,
    shows_merged,
    source_of,
)
from edits.models import EditRequest, MergedPicture
from edits.services.pictures.faces import face_of, ready_merge_of
from edits.services.pictures.merging import can_keep_detail
from edits.services.queue.sources import expected_merge_of, merged_of

register = template.Library()

register.simple_tag(result_of, name="result_picture")
register.simple_tag(source_of, name="source_picture")
register.simple_tag(original_of, name="original_picture")
register.simple_tag(merged_picture_of, name="merged_picture")
register.simple_tag(face_picture_of, name="face_picture")
register.filter(shows_merged)
register.filter(can_keep_detail)
register.filter("face", face_of)
register.filter("face_at", face_address)
register.filter("before_at", before_address)
register.filter("is_in_original", ready_merge_of)


@register.filter
def merged(edit: EditRequest) -> MergedPicture | None:
    """What becomes of the edit's answer in the original, if anything."""
    return expected_merge_of(edit)


@register.filter
def changed_share(edit: EditRequest) -> float | None:
    """How much of the original changed where the answer was put into it, of the source elsewhere, 0 to 1."""
    found = merged_of(edit)
    if found and found.is_ready:
        return found.changed_share
    return edit.result.changed_share if edit.is_done else None


@register.filter
def is_like(one: ShownPicture, other: ShownPicture) -> bool:
    """Whether both have about the same ratio."""
    return one.is_like(other)


@register.simple_tag(takes_context=True)
def recipe_in_files(context: RequestContext) -> bool:
    """Whether the reader's downloads say how they were made."""
    return signed_in(context.request).recipe_in_files


@register.simple_tag
def download_sides(edit: EditRequest) -> list[int]:
    """The sizes in pixels to which a download can be made smaller."""
    sizes = [edit.result.width_px, edit.result.height_px]
    if (found := merged_of(edit)) and found.is_ready:
        sizes += [found.width_px or 0, found.height_px or 0]
    longest = max(sizes)
    return [side for side in SIDES_PX if side < longest]
