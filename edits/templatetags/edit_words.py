"""The words and figures of edits for templates: where one stands, seeds, spans of time, sizes, fresh keys."""

import uuid

from django import template
from django.utils import timezone

from edits.models import EditRequest
from edits.profiles import PROFILES
from edits.services.queueing import Place
from edits.templatetags.look import aspect
from edits.views import wording
from edits.views.standing import Standing, standing_of

register = template.Library()

register.filter("ordinal", wording.ordinal)
register.filter("span", wording.span)
register.filter("grouped", wording.grouped)
register.filter("weight", wording.weight)
register.filter("plain", wording.plain)


@register.simple_tag
def standing(edit: EditRequest, place: Place | None = None) -> Standing:
    """Where the edit stands now."""
    return standing_of(edit, place=place, now=timezone.now())


@register.filter
def place_of(places: dict[int, Place] | None, edit: EditRequest) -> Place | None:
    """The edit's place among those that ``queueing.places`` gave; None when it is not waiting or running."""
    return (places or {}).get(edit.pk)


@register.simple_tag
def edit_aspect(edit: EditRequest) -> str:
    """The class that reserves the room of an edit's picture: of the result, or of the one that is expected."""
    return aspect(*picture_size_px(edit))


def picture_size_px(edit: EditRequest) -> tuple[int, int]:
    """The (width, height) of the picture that may be shown, or of the one that will come."""
    result = getattr(edit, "result", None)
    if edit.is_done and result:
        return result.width_px, result.height_px
    upload, profile = edit.upload, PROFILES.get(edit.model)
    if profile is None:  # a model that this version no longer knows
        return upload.width_px, upload.height_px
    return profile.output_size_px(upload.width_px, upload.height_px, edit.size)


@register.simple_tag
def new_key() -> str:
    """A submission key: each rendered form has one of its own, so that one click is one edit."""
    return str(uuid.uuid4())


@register.filter
def side(size: str) -> str:
    """512x512 as 512, for a square is named by its side."""
    return size.partition("x")[0] if size else "same size"
