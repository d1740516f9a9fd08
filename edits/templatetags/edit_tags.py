"""The words and figures of edits for templates: their status, seeds, spans of time, sizes, fresh keys."""

import uuid

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from edits.forms.sources import SAMPLES
from edits.http import humanize
from edits.http.edit_status import StatusDisplay, status_display
from edits.model_specs import MODEL_SPECS
from edits.models import EditRequest, User
from edits.services.pictures.faces import face_of
from edits.services.queue.positions import QueuePosition
from edits.services.queue.sources import expected_merge_of
from edits.templatetags.aspect_ratio import aspect

register = template.Library()

SAMPLE_TITLES: dict[str, Promise] = {
    "cat": pgettext_lazy("sample picture", "Cat"),
    "coffee": pgettext_lazy("sample picture", "Coffee"),
    "rocket": pgettext_lazy("sample picture", "Rocket"),
}

register.filter("ordinal", humanize.ordinal)
register.filter("span", humanize.span)
register.filter("grouped", humanize.grouped)
register.filter("weight", humanize.weight)
register.filter("plain", humanize.plain)
register.filter("percent", humanize.percent)
register.filter("side", humanize.side)


@register.filter
def tidy(value: float | str) -> str:
    """A number without needless zeros; what somebody typed as they typed it."""
    return humanize.plain(value) if isinstance(value, float) else value


@register.simple_tag
def status(edit: EditRequest, place: QueuePosition | None = None) -> StatusDisplay:
    """What is said of the edit now."""
    return status_display(edit, place=place, now=timezone.now())


@register.filter
def place_of(places: dict[int, QueuePosition] | None, edit: EditRequest) -> QueuePosition | None:
    """The edit's place among those that ``queueing.places`` gave; None when it is not waiting or running."""
    return (places or {}).get(edit.pk)


@register.simple_tag
def edit_aspect(edit: EditRequest) -> str:
    """The class that reserves the room of an edit's picture: of the result, or of the one that is expected."""
    return aspect(*picture_size_px(edit))


def picture_size_px(edit: EditRequest) -> tuple[int, int]:
    """The (width, height) of the picture that may be shown, or of the one that will come."""
    if edit.is_done and getattr(edit, "result", None):
        face = face_of(edit)
        return face.width_px or 1, face.height_px or 1
    if expected_merge_of(edit):
        return edit.source_width_px, edit.source_height_px
    upload, spec = edit.upload, MODEL_SPECS.get(edit.model)
    if spec is None:  # its spec is a row, and a page of cards does not read as many rows
        return _exact_px(edit.size) or (upload.width_px, upload.height_px)
    return spec.output_size_px(upload.width_px, upload.height_px, edit.size)


def _exact_px(size: str) -> tuple[int, int] | None:
    """The (width, height) of a size; None for "auto" and ""."""
    width, _, height = size.partition("x")
    return (int(width), int(height)) if width.isdigit() and height.isdigit() else None


@register.simple_tag
def new_key() -> str:
    """A submission key: each rendered form has one of its own, so that one click is one edit."""
    return str(uuid.uuid4())


@register.simple_tag
def references_of(edit: EditRequest) -> str:
    """The edit's references as the studio's form takes them, with a blank between; one query."""
    positions = edit.references.values_list("position", flat=True)
    return " ".join(f"reference:{edit.public_id}:{position}" for position in positions)


@register.filter
def owns(viewer: User, edit: EditRequest) -> bool:
    """Whether the edit is the viewer's own; asks no database."""
    return viewer.pk == edit.owner_id


@register.filter
def sees_source_of(viewer: User, edit: EditRequest) -> bool:
    """Whether the viewer may see what the edit was made of."""
    return edit.source_is_open_to(viewer)


@register.filter
def text(value: object) -> str:
    """An id as text, to be compared with one from an address."""
    return str(value)


@register.filter
def at(values: dict[str, str], key: str) -> str:
    """What a dictionary says under this key; blank where it says nothing."""
    return values.get(key, "")


@register.simple_tag
def sample_names() -> list[tuple[str, Promise]]:
    """The pictures that ship with Retake: their names, and what they show."""
    return [(name, SAMPLE_TITLES[name]) for name in SAMPLES]


@register.filter
def show_address(edit: EditRequest) -> str:
    """The studio with this edit on its stage."""
    return f"{reverse('edits:studio')}?show={edit.public_id}"
