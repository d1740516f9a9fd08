"""The protocols of providers: how to write a call and read an answer.  Opens no connections.

wire        the sent data except the headers: text fields and files
stepfun     StepFun's documentation page "Image edits", exactly
openai      multipart /v1/images/edits as OpenAI and other servers accept it
accents     how these servers differ, as data
results     the picture in an answer of 200, whichever dialect it is in
"""

from typing import Protocol

from edits.edit_call import EditCall
from edits.providers.answers import Answer, Fetch
from edits.providers.dialects.accents import ACCENTS, Accent
from edits.providers.dialects.openai import OpenAIDialect
from edits.providers.dialects.stepfun import StepFunDialect
from edits.providers.dialects.wire import Wire
from edits.providers.error_bodies import ErrorBody, Meaning

__all__ = ["ACCENTS", "OPENAI", "STEPFUN", "Accent", "Dialect", "dialect_of"]

STEPFUN = "stepfun"
OPENAI = "openai"


class Dialect(Protocol):
    """What a client needs from a protocol."""

    trace_headers: tuple[str, ...]
    """Headers with an id for the provider's support, best first."""
    retry_after_headers: tuple[str, ...]

    def wire(self, call: EditCall) -> Wire:
        """The fields and files of a call."""
        ...

    def read(self, body: bytes, *, status: int, trace_id: str, fetch: Fetch) -> Answer:
        """The answer in the body of a 200; ``fetch`` downloads the picture behind a link.

        Raises Unusable, NoPicture, and whatever ``fetch`` raises.
        """
        ...

    def meaning(self, status: int, body: ErrorBody) -> Meaning:
        """What an error says beyond its status: that a filter or the account stopped the call."""
        ...


def dialect_of(name: str, *, accent: str = "") -> Dialect:
    """The dialect with this name; ``accent`` is a key of ACCENTS.  Raises KeyError for an unknown accent."""
    return StepFunDialect() if name == STEPFUN else OpenAIDialect(ACCENTS[accent])
