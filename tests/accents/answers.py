"""What the kinds of servers answer: pictures, documents and errors in the shape that each of them has."""

import base64
import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from PIL import Image

CREATED = 1_796_000_000


@dataclass(frozen=True)
class Reply:
    """A whole answer."""

    document: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """As it goes over the wire; nothing for None."""
        return b"" if self.document is None else json.dumps(self.document).encode()


class Refusal(Exception):
    """The server takes no such call."""

    def __init__(self, status: int, message: Any, *, code: str = "", kind: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.kind = status, message, code, kind


def in_error(refusal: Refusal) -> Any:
    """OpenAI's shape."""
    kind = refusal.kind or "invalid_request_error"
    return {"error": {"message": refusal.message, "type": kind, "param": None, "code": refusal.code or None}}


def in_detail(refusal: Refusal) -> Any:
    """FastAPI's shape."""
    return {"detail": refusal.message}


def in_text(refusal: Refusal) -> Any:
    """The shape of sd-server, whose 404 has no body."""
    return None if refusal.status == 404 else {"error": refusal.message}


def in_gateway(refusal: Refusal) -> Any:
    """LiteLLM's shape, in which the code is the status as text."""
    code = refusal.code or str(refusal.status)
    kind = refusal.kind or "invalid_request_error"
    return {"error": {"message": refusal.message, "type": kind, "param": None, "code": code}}


def drawn(size_px: tuple[int, int], *, output_format: str = "png", text: str = "") -> str:
    """A picture in base64; a PNG may carry ``text`` under "parameters", as sd-server writes it."""
    stream = BytesIO()
    Image.new("RGB", size_px, (90, 140, 60)).save(stream, {"jpg": "jpeg"}.get(output_format, output_format))
    data = stream.getvalue()
    if text:
        data = data[:33] + _chunk(b"tEXt", b"parameters\0" + text.encode("latin-1")) + data[33:]
    return base64.b64encode(data).decode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
