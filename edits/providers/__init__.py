"""Providers of edits: one call over HTTP, in the dialect that the server speaks.  Knows nothing of Django.

client        sends one edit, or asks for the models
connections   one request and its answer, bounded in time and bytes
deadline      ends a call on time from outside
dialects      how a call is spelled and an answer is read: StepFun's and OpenAI's way
answers       what an answer of 200 brings
error_bodies  what the body of an error says
refusals      says what any status other than 200 means
links         judges where a link leads
addresses     judges a host or an address
downloads     fetches the picture behind a link
redaction     takes secrets out of texts
errors        the tree of failures
"""

from edits.providers.answers import Answer, FilteredAt, FinishReason
from edits.providers.client import Client
from edits.providers.dialects import Dialect, dialect_of
from edits.providers.errors import (
    Charged,
    Fault,
    GatewayFailed,
    NoPicture,
    NotAuthorized,
    PermanentError,
    ProviderError,
    RateLimited,
    Rejected,
    ResultLost,
    ServerFailed,
    SourceAway,
    TemporaryError,
    Unanswered,
    Unexpected,
    Unreachable,
    UnsafeLink,
    Unusable,
)
from edits.providers.links import expires_at

__all__ = [
    "Answer",
    "Charged",
    "Client",
    "Dialect",
    "Fault",
    "FilteredAt",
    "FinishReason",
    "GatewayFailed",
    "NoPicture",
    "NotAuthorized",
    "PermanentError",
    "ProviderError",
    "RateLimited",
    "Rejected",
    "ResultLost",
    "ServerFailed",
    "SourceAway",
    "TemporaryError",
    "Unanswered",
    "Unexpected",
    "Unreachable",
    "UnsafeLink",
    "Unusable",
    "dialect_of",
    "expires_at",
]
