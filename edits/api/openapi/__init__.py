"""The API as an OpenAPI 3.1 document, generated from the same definitions that validate calls."""

from edits.api.openapi.docs_page import calls, shapes
from edits.api.openapi.document import document_of

__all__ = ["calls", "document_of", "shapes"]
