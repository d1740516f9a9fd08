"""The region of an edit as forms carry it: a box in pixels of the original, or a painted shape as a small PNG.

region         x,y,width,height
region_paint   data:image/png;base64,…, opaque where the picture may change
feather_px     how soft its edge is, in pixels of the original; blank: by its size
"""

import base64
import binascii
import re
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from edits.images import BadImage, CheckedImage
from edits.images.regions import (
    BadRegion,
    Box,
    mask_to_send,
    read_paint,
    region_of,
    stored_paint,
    usual_feather,
)
from edits.model_specs import ModelSpec
from edits.models import EditRequest
from edits.services.pictures.storing import picture_bytes
from edits.services.queue.sources import Source, bytes_of, merged_of, region_in

BOX = re.compile(
    r"\s*(-?[0-9]{1,6})\s*[,;，、\s]\s*(-?[0-9]{1,6})\s*[,;，、\s]\s*([0-9]{1,6})\s*[,;，、\s]\s*([0-9]{1,6})\s*"
)
PAINT = "data:image/png;base64,"
NOT_A_BOX = _("The region must be four whole numbers: x, y, width, height.")
NO_REGION = _("Mark the region that may change, or switch “Only here” off.")
ONE_PICTURE = _("“Only here” works with a single picture. Remove the others, or switch it off.")
ORIGINAL_GONE = _("The original of this picture is no longer stored. Choose the picture again.")
UNREADABLE = _("That picture cannot be read now. Choose another one.")


def read_box(text: str) -> Box | None:
    """The box of a form's text; None where it is blank.  Raises ValidationError."""
    if not text.strip():
        return None
    found = BOX.fullmatch(text)
    if found is None:
        raise ValidationError(NOT_A_BOX, code="invalid")
    left, top, width, height = map(int, found.groups())
    return left, top, left + width, top + height


def paint_in(text: str) -> bytes:
    """The PNG of a painted region; empty where there is none, or something else."""
    if not text.startswith(PAINT):
        return b""
    try:
        return base64.b64decode(text[len(PAINT) :], validate=True)
    except (binascii.Error, ValueError):
        return b""


def region_words(error: BadRegion) -> str:
    """Why a region cannot be used, in the reader's language."""
    return gettext(error.text) % error.values if error.values else gettext(error.text)


def whole_size(source: Source) -> tuple[int, int]:
    """The size of the picture in whose pixels a region is given."""
    whole = source.original or source.picture
    return whole.width_px, whole.height_px


def only_region(
    source: Source,
    *,
    box: Box | None,
    paint: bytes,
    spec: ModelSpec,
    feather_px: int | None = None,
    fit: bool = True,
) -> tuple[Source, CheckedImage | None]:
    """The part around the region, and the mask of it where the model takes one.

    A painted region counts more than a box.  Raises ValidationError.
    """
    size, painted = whole_size(source), None
    try:
        if paint:
            painted, box = read_paint(paint, size=size)
        if box is None:
            raise ValidationError(NO_REGION, code="required")
        region = region_of(box, size=size, spec=spec, feather_px=feather_px)
        part = source.around(region, paint=painted, spec=spec, fit=fit)
    except BadRegion as error:
        raise ValidationError(region_words(error), code=error.code) from error
    except BadImage as error:
        text = gettext(error.text) % error.values if error.values else gettext(error.text)
        raise ValidationError(text, code=error.code) from error
    except FileNotFoundError as error:
        raise ValidationError(ORIGINAL_GONE, code="gone") from error
    except OSError as error:
        raise ValidationError(UNREADABLE, code="unreadable") from error
    if not spec.takes_mask:
        return part, None
    sent_size = part.picture.width_px, part.picture.height_px
    shape = bytes_of(painted) if painted else None
    mask = mask_to_send(region, size=size, sent_size=sent_size, paint=shape)
    return part, mask


def with_kept_detail(source: Source) -> Source:
    """What the model changes is put into the original, where there is a larger one of the same shape."""
    keeps = source.original is not None and not source.is_reshaped
    return replace(source, keeps_detail=keeps)


def part_as_entered(edit: EditRequest) -> dict[str, str]:
    """The region of an edit as the form's fields have it; none where it has none, or its shape cannot be read."""
    merged = merged_of(edit)
    region = region_in(merged) if merged else None
    if merged is None or region is None:
        return {}
    left, top, right, bottom = region.box
    width, height = right - left, bottom - top
    box, paint = f"{left}, {top}, {width}, {height}", ""
    if merged.paint:
        try:
            box, paint = "", PAINT + base64.b64encode(stored_paint(picture_bytes(merged.paint.file))).decode()
        except (OSError, BadImage):
            return {}
    is_usual = region.feather_px == usual_feather(width, height)
    feather = "" if is_usual else str(region.feather_px)
    return {"only_here": "1", "region": box, "region_paint": paint, "feather_px": feather}
