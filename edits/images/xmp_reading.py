"""Reads what an XMP packet says of how a picture was made; strangers write them, so nothing in it is to be trusted.

Imported by name at first use, because XML takes a fiftieth of a second to import.
"""

import json
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from edits.images.xmp import IPTC, RDF, RETAKE, TC260, XMP, FoundXmp

MOST_SHOWN_CHARS = 200


def read_packet(data: bytes) -> FoundXmp:
    """What a packet says.  Never raises: one that is broken or has a document type says nothing."""
    if not data:
        return FoundXmp()
    try:
        root = fromstring(data.strip(b"\x00"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return FoundXmp()
    return FoundXmp(
        source_type=_text(root, IPTC, "DigitalSourceType")[:MOST_SHOWN_CHARS],
        label=_object(_text(root, TC260, "AIGC")),
        recipe=_object(_text(root, RETAKE, "Recipe")),
        tool=_text(root, XMP, "CreatorTool")[:MOST_SHOWN_CHARS],
    )


def _text(root: Element, namespace: str, name: str) -> str:
    """A property's value, which may be an attribute or an element of rdf:Description."""
    full = f"{{{namespace}}}{name}"
    for description in root.iter(f"{{{RDF}}}Description"):
        if full in description.attrib:
            return description.attrib[full].strip()
        found = description.find(full)
        if found is not None:
            return (found.text or found.get(f"{{{RDF}}}resource") or "").strip()
    return ""


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
