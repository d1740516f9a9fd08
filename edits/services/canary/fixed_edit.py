"""The edit that a canary makes: each day the same picture, prompt, seed and options, the cheapest possible."""

from dataclasses import replace
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageDraw

from edits.edit_call import EditCall, EditOptions, Picture
from edits.model_specs import ModelSpec
from edits.models import ProviderModel
from edits.services.provider.trial_edit import smallest_size

PROMPT = "make it a little warmer"
SEED = 20_261_130
SIDE_PX = 64
CHEAPEST_QUALITY = "low"
VERSION = 1
"""Version of the picture.  Changing it begins a new baseline for every model."""


def canary_call(model: ProviderModel) -> EditCall:
    """The call, with the fewest steps and the smallest size that the model takes."""
    spec = model.spec
    options = replace(
        spec.fitted(EditOptions(prompt=PROMPT, seed=SEED, size=smallest_size(spec))),
        steps=max(1, int(spec.steps.least)) if spec.steps else None,
        quality=CHEAPEST_QUALITY if CHEAPEST_QUALITY in spec.qualities else "",
    )
    return EditCall(model.name, options, (_picture(spec),))


def digest_of(call: EditCall, *, accent: str) -> str:
    """Eight hex digits that change with what is sent, so that pictures of other calls are not compared."""
    said = repr((VERSION, _side_px_of(call), accent, call.options))
    return sha256(said.encode()).hexdigest()[:8]


def _side_px_of(call: EditCall) -> int:
    with Image.open(BytesIO(call.pictures[0].data)) as picture:
        return picture.width


def _picture(spec: ModelSpec) -> Picture:
    """A warm disk and a dark square against a sky gradient, drawn in memory."""
    side = max(SIDE_PX, spec.min_side_px)
    image = Image.new("RGB", (side, side))
    draw = ImageDraw.Draw(image)
    for row in range(side):
        shade = 100 * row // side
        draw.line((0, row, side, row), fill=(210 - shade, 214 - shade, 205 - shade // 2))
    draw.ellipse((side // 8, side // 8, side * 5 // 8, side * 5 // 8), fill=(214, 122, 60))
    draw.rectangle((side * 9 // 16, side * 9 // 16, side * 7 // 8, side * 7 // 8), fill=(44, 74, 98))
    format = "PNG" if "PNG" in spec.formats else spec.formats[0]
    file = BytesIO()
    image.save(file, format)
    return Picture(
        file.getvalue(), filename=f"canary.{format.lower()}", content_type=f"image/{format.lower()}"
    )
