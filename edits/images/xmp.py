"""The XMP packet that says how a picture was made.

Four properties: IPTC's DigitalSourceType, the AIGC label of GB 45438-2025 (one JSON text), Retake's recipe (another
one) and the program.
"""

import json
import re
from dataclasses import dataclass, field
from html import escape
from typing import Any

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
RETAKE = "urn:retake:1.0:"
XMP = "http://ns.adobe.com/xap/1.0/"
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
EDITED_BY_MODEL = f"{SOURCE_TYPES}compositeWithTrainedAlgorithmicMedia"
EDITED_BY_PROGRAM = f"{SOURCE_TYPES}algorithmicallyEnhanced"
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
        f"<Iptc4xmpExt:DigitalSourceType>{escape(source_type, quote=False)}</Iptc4xmpExt:DigitalSourceType>",
        "<xmp:CreatorTool>Retake</xmp:CreatorTool>",
    ]
    if label is not None:
        properties.append(f"<TC260:AIGC>{escape(as_json(label), quote=False)}</TC260:AIGC>")
    if recipe is not None:
        properties.append(f"<retake:Recipe>{escape(as_json(recipe), quote=False)}</retake:Recipe>")
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
