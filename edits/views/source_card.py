"""The source card: what a picture is, how it will be sent and how big its result will be, in words."""

import base64
from dataclasses import dataclass
from math import isqrt

from django.templatetags.static import static
from django.urls import reverse

from edits.forms.sources import Chosen, edit_behind, name_of_result
from edits.images import CheckedImage, fit, shrunk, thumbnail
from edits.model_specs import ModelSpec
from edits.models import EditRequest, User
from edits.views.wording import dimensions, weight

PREVIEW_PX = 192
SAMPLE_SIZES_PX = {"cat": (451, 300), "coffee": (600, 400), "rocket": (640, 427)}

DONE = {
    "turned": "turned upright",
    "first_frame": "first frame only",
    "cropped": "cropped",
    "padded": "white border added",
    "flattened": "laid on white",
    "converted": "converted to sRGB",
    "metadata_removed": "camera data removed",
}
"""What was done to a picture, as the card lists it.  "scaled" is told by the size."""


@dataclass(frozen=True)
class SourceCard:
    """``reference`` is blank for a file that the browser still holds; ``results`` are sizes by option."""

    name: str
    original: str
    sent: str
    done: str
    results: dict[str, str]
    picture_url: str
    reference: str = ""


def card_of_file(picture: CheckedImage, *, name: str, spec: ModelSpec) -> SourceCard:
    """The card of a picture that was just checked and is not stored: its preview is part of the page."""
    pixels = shrunk(picture.data, width_px=PREVIEW_PX)
    preview = base64.b64encode(thumbnail(pixels, width_px=PREVIEW_PX)).decode()
    measured = dimensions(picture.original_width_px, picture.original_height_px)
    done = ", ".join(words for note, words in DONE.items() if note in picture.notes)
    return SourceCard(
        name=name,
        original=f"{measured} · {weight(picture.original_bytes)}",
        sent=_sent(picture.width_px, picture.height_px, scaled="scaled" in picture.notes, spec=spec),
        done=done[:1].upper() + done[1:],
        results=_results(picture.width_px, picture.height_px, spec=spec),
        picture_url=f"data:image/webp;base64,{preview}",
    )


def card_of_choice(choice: Chosen, *, owner: User, spec: ModelSpec) -> SourceCard:
    """The card of a picture by reference.  Raises ValidationError when it may not be used."""
    if choice.kind == "sample":
        name = f"{choice.key}.jpg"
        size, picture_url = SAMPLE_SIZES_PX[choice.key], static(f"samples/{name}")
        return _card(choice, name, "A sample", size=size, picture_url=picture_url, spec=spec)
    edit = edit_behind(choice, owner=owner)
    if choice.kind == "source":
        return card_of_source(edit, spec=spec)
    size = edit.result.width_px, edit.result.height_px
    picture_url = reverse("edits:result_width", args=[edit.public_id, 320])
    original = f"{dimensions(*size)} · an earlier result"
    name = name_of_result(edit, owner=owner)
    return _card(choice, name, original, size=size, picture_url=picture_url, spec=spec)


def card_of_source(edit: EditRequest, *, spec: ModelSpec) -> SourceCard:
    """The card of the picture that an edit was made of; it is stored, so it need not be sent again."""
    upload = edit.upload
    return _card(
        Chosen("source", str(edit.public_id)),
        edit.source_name,
        dimensions(edit.source_width_px, edit.source_height_px),
        size=(upload.width_px, upload.height_px),
        picture_url=reverse("edits:source_width", args=[edit.public_id, 320]),
        spec=spec,
        scaled=edit.was_fitted,
    )


def _card(
    choice: Chosen,
    name: str,
    original: str,
    *,
    size: tuple[int, int],
    picture_url: str,
    spec: ModelSpec,
    scaled: bool = False,
) -> SourceCard:
    fitted = fit(*size, spec=spec)
    return SourceCard(
        name=name,
        original=original,
        sent=_sent(*fitted, scaled=scaled or fitted != size, spec=spec),
        done="",
        results=_results(*fitted, spec=spec),
        picture_url=picture_url,
        reference=str(choice),
    )


def _sent(width_px: int, height_px: int, *, scaled: bool, spec: ModelSpec) -> str:
    size = dimensions(width_px, height_px)
    if not scaled:
        return f"Will be sent as {size}"
    return f"Will be sent as {size} (limit {isqrt(spec.max_area_px)}² px)"


def _results(width_px: int, height_px: int, *, spec: ModelSpec) -> dict[str, str]:
    return {size: dimensions(*spec.output_size_px(width_px, height_px, size)) for size in spec.sizes or ("",)}
