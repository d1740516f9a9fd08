"""The XMP packet that says how a picture was made, and the same of strangers' files, which is not to be trusted.

Four properties: IPTC's DigitalSourceType, the AIGC label of GB 45438-2025 (one JSON text), Retake's recipe (another
one) and the program.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
RETAKE = "urn:retake:1.0:"
XMP = "http://ns.adobe.com/xap/1.0/"
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
EDITED_BY_MODEL = f"{SOURCE_TYPES}compositeWithTrainedAlgorithmicMedia"
EDITED_BY_PROGRAM = f"{SOURCE_TYPES}algorithmicallyEnhanced"
MOST_SHOWN_CHARS = 200
NOT_IN_XML = re.compile("[\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class FoundXmp:
    """What a file says of itself; blank where it says nothing.  The JSON objects may hold anything."""

    source_type: str = ""
    label: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    tool: str = ""


def packet(*, source_type: str, label: dict[str, str] | None, recipe: dict[str, Any] | None) -> bytes:
    """The packet in UTF-8; a label or a recipe that is None is left out."""
    properties = [
        f"<Iptc4xmpExt:DigitalSourceType>{escape(source_type)}</Iptc4xmpExt:DigitalSourceType>",
        "<xmp:CreatorTool>Retake</xmp:CreatorTool>",
    ]
    if label is not None:
        properties.append(f"<TC260:AIGC>{escape(as_json(label))}</TC260:AIGC>")
    if recipe is not None:
        properties.append(f"<retake:Recipe>{escape(as_json(recipe))}</retake:Recipe>")
    text = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about=""'
        f' xmlns:Iptc4xmpExt="{IPTC}" xmlns:TC260="{TC260}" xmlns:xmp="{XMP}" xmlns:retake="{RETAKE}">'
        f'{"".join(properties)}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    )
    return text.encode()


def as_json(values: dict[str, Any]) -> str:
    """JSON of characters that XML may hold."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return NOT_IN_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


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
