"""What a file says of itself when it leaves: the marks that the law asks for, and how it was made.

The stored bytes stay as they came.  A copy gets one XMP packet and then, signed last, content credentials; no pixel
is encoded again.  What cannot be signed leaves unsigned, and the log says so once.
"""

import logging
from functools import cache
from typing import Any

from django.utils.module_loading import import_string

from edits.images import containers, xmp
from edits.models import EditRequest

CREDENTIALS = "edits.services.pictures.credentials"
MOST_RECIPE_BYTES = 8_000
VERSION = 1
MARKS = "m1"
"""Changes whenever files are marked in another way."""

log = logging.getLogger(__name__)


def marked(data: bytes, *, edit: EditRequest, format_name: str, with_recipe: bool) -> bytes:
    """A picture of the edit with its marks; the edit's ``provider`` and ``result`` are read.

    ``data`` is a file of PNG, JPEG or WEBP without metadata, as all stored pictures are.
    """
    by_model = not edit.provider.is_practice
    source_type = xmp.EDITED_BY_MODEL if by_model else xmp.EDITED_BY_PROGRAM
    packet = xmp.packet(
        source_type=source_type,
        label=_label(edit) if by_model else None,
        recipe=recipe_of(edit) if with_recipe else None,
    )
    return _signed(
        containers.with_xmp(data, packet, format_name=format_name),
        format_name=format_name,
        source_type=source_type,
        title=str(edit.public_id),
    )


def kind_of_marks(*, with_recipe: bool) -> str:
    """Part of an ETag: changes whenever the same picture would be marked otherwise."""
    return f"{MARKS}{'r' if with_recipe else ''}{_fingerprint()}"


def recipe_of(edit: EditRequest) -> dict[str, Any]:
    """How the picture was made, in at most 8 kB of JSON; a longer prompt is cut, and ``cut`` says so."""
    recipe = {
        "v": VERSION,
        "edit": str(edit.public_id),
        "prompt": edit.prompt,
        "model": edit.model,
        "seed": edit.seed_to_repeat,
        "steps": edit.steps,
        "cfg_scale": edit.cfg_scale,
        "size": edit.size,
        "options": edit.extras,
    }
    recipe = {name: value for name, value in recipe.items() if value not in (None, "", {})}
    if _weight(recipe) > MOST_RECIPE_BYTES:
        recipe.pop("options", None)
        recipe["cut"] = True
    while (over := _weight(recipe) - MOST_RECIPE_BYTES) > 0:
        prompt = str(recipe["prompt"])
        recipe["prompt"] = prompt[: max(0, len(prompt) - max(1, over // 6))]
    return recipe


def _weight(recipe: dict[str, Any]) -> int:
    return len(xmp.as_json(recipe).encode(errors="replace"))


def _label(edit: EditRequest) -> dict[str, str]:
    """The implicit label of GB 45438-2025: made by the provider's model, under the edit's id."""
    return {
        "Label": "1",
        "ContentProducer": edit.provider.title,
        "ProduceID": str(edit.public_id),
        "ReservedCode1": "",
        "ContentPropagator": "",
        "PropagateID": "",
        "ReservedCode2": "",
    }


def _signed(data: bytes, *, format_name: str, source_type: str, title: str) -> bytes:
    sign = _credentials("sign")
    if sign is None:
        return data
    try:
        signed: bytes = sign(
            data, format_name=format_name, source_type=source_type, title=title, version=str(VERSION)
        )
    except (OSError, ValueError, import_string(f"{CREDENTIALS}.NotSigned")) as error:
        _say_unsigned(f"{type(error).__name__}: {error}")
        return data
    return signed


@cache
def _credentials(name: str) -> Any:
    """A function of the module that knows the library; None where that cannot be imported."""
    try:
        return import_string(f"{CREDENTIALS}.{name}")
    except (ImportError, OSError) as error:  # OSError: the wheel is there, its library cannot be loaded
        _say_unsigned(f"c2pa cannot be imported: {error}")
        return None


@cache
def _say_unsigned(why: str) -> None:
    log.warning("Files leave without content credentials: %s", why)


@cache
def _fingerprint() -> str:
    find = _credentials("fingerprint")
    try:
        return str(find()) if find else ""
    except (OSError, ValueError):
        return ""
