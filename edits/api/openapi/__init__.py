"""The API described for programs, as an OpenAPI 3.1 document made of the same facts that calls are checked by."""

from edits.api.openapi.document import document_of
from edits.api.openapi.reading import calls, shapes

__all__ = ["calls", "document_of", "shapes"]
