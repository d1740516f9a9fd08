"""Opens a picture as StepFun does: within its model's limits, first frame, alpha dropped, not rotated.

It handles odd files like the hosted model, which is not the best way: Retake itself rotates and flattens
pictures before it sends them.
"""

import io

from PIL import Image

from edits.model_specs import ModelSpec

from .refusals import bad_picture

# Everything that Pillow raised on broken files; it has no common class for them.
_UNREADABLE = (
    OSError,
    ValueError,
    TypeError,
    SyntaxError,
    EOFError,
    RuntimeError,
    OverflowError,
    LookupError,
)


def check_picture(data: bytes, *, spec: ModelSpec) -> None:
    """Reject a picture that exceeds a limit, by its header alone.  Raises ContractError."""
    with _opened(data, spec=spec) as picture:
        width_px, height_px = picture.size
    short_px, long_px = sorted((width_px, height_px))
    if short_px < spec.min_side_px:
        raise bad_picture(
            f"image is {width_px}x{height_px}, the shorter side must be at least {spec.min_side_px} px"
        )
    if long_px > spec.max_side_px:
        raise bad_picture(
            f"image is {width_px}x{height_px}, the longer side must be at most {spec.max_side_px} px"
        )
    if width_px * height_px > spec.max_area_px:
        raise bad_picture(f"image is {width_px}x{height_px}, the area must be at most {spec.max_area_px} px")
    if long_px > spec.max_ratio * short_px:
        most = spec.max_ratio
        raise bad_picture(
            f"image is {width_px}x{height_px}, the aspect ratio must lie between 1:{most} and {most}:1"
        )


def decode_picture(data: bytes, *, spec: ModelSpec) -> Image.Image:
    """The whole picture as RGB.  Raises ContractError if its data is damaged or in another format."""
    with _opened(data, spec=spec) as picture:
        try:
            picture.load()
            if picture.mode.startswith("I"):
                # 16 bits per pixel: convert() alone would clip all but the darkest tones to white.
                return picture.convert("I").point(lambda tone: tone / 256).convert("L").convert("RGB")
            return picture.convert("RGB")
        except _UNREADABLE as error:
            raise bad_picture("image is damaged and cannot be decoded") from error


def _opened(data: bytes, *, spec: ModelSpec) -> Image.Image:
    if len(data) > spec.max_upload_bytes:
        raise bad_picture(f"image has {len(data)} bytes, at most {spec.max_upload_bytes} are allowed")
    try:
        return Image.open(io.BytesIO(data), formats=spec.formats)
    except Image.DecompressionBombError as error:
        raise bad_picture("image has too many pixels") from error
    except _UNREADABLE as error:
        raise bad_picture(f"image is not a readable {', '.join(spec.formats)} file") from error
