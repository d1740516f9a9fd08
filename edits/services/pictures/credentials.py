"""Content credentials (C2PA): signs files with the installation's key, and reads what files carry.

Everything happens offline: no timestamp authority is asked, and no manifest is fetched that a file only names.
Imported by name at first use, because the library takes 25 MB and a tenth of a second.
"""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any, Literal

import c2pa

from edits.images.encoding import CONTENT_TYPES
from edits.services.pictures.signing_key import signing_key

State = Literal["ours", "other", "broken"]
MOST_SHOWN_CHARS = 200


class NotSigned(Exception):
    """The library refused to sign; what it said is the cause."""


@dataclass(frozen=True)
class Credentials:
    """What a file carries.  ``ours``: signed by this installation, unchanged since; ``other`` is not vouched for."""

    state: State
    issuer: str
    tool: str
    source_type: str


def sign(data: bytes, *, format_name: str, source_type: str, title: str, version: str) -> bytes:
    """The same file with a signed manifest; nothing in it may change any more.

    Raises NotSigned, UnusableKey, OSError.
    """
    made = {
        "action": "c2pa.created",
        "digitalSourceType": source_type,
        "softwareAgent": {"name": "Retake", "version": version},
    }
    manifest = {
        "claim_generator_info": [{"name": "Retake", "version": version}],
        "title": title,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [made]}}],
    }
    signer, context = _signer()
    signed = io.BytesIO()
    try:
        builder = c2pa.Builder(json.dumps(manifest), context)
        builder.sign(signer, CONTENT_TYPES[format_name], io.BytesIO(data), signed)
    except c2pa.C2paError as error:
        raise NotSigned(str(error)) from error
    return signed.getvalue()


def fingerprint() -> str:
    """Changes with the key.  Raises UnusableKey, OSError."""
    return sha256(signing_key().chain).hexdigest()[:12]


def read(data: bytes, *, format_name: str) -> Credentials | None:
    """What the file carries; None where that is nothing.  Never raises because of the file."""
    try:
        reader = c2pa.Reader.try_create(CONTENT_TYPES[format_name], io.BytesIO(data), context=_context())
        if reader is None:
            return None
        state = reader.get_validation_state()
        manifest: dict[str, Any] = reader.get_active_manifest() or {}
    except (c2pa.C2paError, ValueError):
        return Credentials("broken", "", "", "")
    signature = manifest.get("signature_info") or {}
    generators = manifest.get("claim_generator_info") or [{}]
    return Credentials(
        state="ours" if state == "Trusted" else "other" if state == "Valid" else "broken",
        issuer=_short(signature.get("issuer")),
        tool=_short(generators[0].get("name")),
        source_type=_short(next(_source_types(manifest), "")),
    )


def _source_types(manifest: dict[str, Any]) -> Iterator[object]:
    for assertion in manifest.get("assertions", []):
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            for action in assertion["data"].get("actions", []):
                if action.get("digitalSourceType"):
                    yield action["digitalSourceType"]


def _short(value: object) -> str:
    return value[:MOST_SHOWN_CHARS] if isinstance(value, str) else ""


@cache
def _signer() -> tuple[Any, Any]:
    kept = signing_key()
    info = c2pa.C2paSignerInfo(kept.algorithm.encode(), kept.chain, kept.key, None)
    try:
        return c2pa.Signer.from_info(info), _context()
    except c2pa.C2paError as error:
        raise NotSigned(str(error)) from error


@cache
def _context() -> Any:
    """Raises UnusableKey, OSError."""
    return c2pa.Context.from_dict(
        {
            "builder": {"thumbnail": {"enabled": False}},
            "trust": {"user_anchors": signing_key().root.decode()},
            "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
        }
    )
