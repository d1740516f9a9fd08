"""Reads the marks of files with programs that are not ours: Pillow, c2pa's reader and ExifTool."""

import io
import json
import os
import shutil
import subprocess
from typing import Any

import c2pa
import pytest
from PIL import Image

from edits.images.encoding import CONTENT_TYPES
from edits.services.pictures.signing_key import signing_key

EXIFTOOL = shutil.which("exiftool")
needs_exiftool = pytest.mark.skipif(
    not EXIFTOOL and not os.environ.get("CI"), reason="ExifTool is not installed (libimage-exiftool-perl)"
)


def pixels(data: bytes) -> bytes:
    """The decoded picture, with its alpha."""
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGBA").tobytes()


def credentials(data: bytes, *, format: str) -> tuple[str, dict[str, Any]]:
    """What c2pa's reader says of the file if it trusts this installation: the state, and the active manifest."""
    context = c2pa.Context.from_dict({"trust": {"user_anchors": signing_key().root.decode()}})
    reader = c2pa.Reader(CONTENT_TYPES[format], io.BytesIO(data), context=context)
    return str(reader.get_validation_state()), reader.get_active_manifest() or {}


def exif(data: bytes) -> dict[str, Any]:
    """All that ExifTool finds in the file, with its group: ``XMP-iptcExt:DigitalSourceType``."""
    command = [str(EXIFTOOL), "-json", "-G1", "-validate", "-warning", "-a", "-all", "-"]
    said = subprocess.run(command, input=data, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(said.stdout)[0]
    return found
