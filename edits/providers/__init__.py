"""The provider of edits: StepFun's image-edit API over HTTP.  Knows nothing of Django.

client        sends one edit, or asks for the models
connections   one request and its answer, bounded in time and bytes
deadline      ends a call on time from outside
answers       reads a 200
refusals      says what any other status means
links         judges where a link leads
addresses     judges a host or an address
downloads     fetches the picture behind a link
redaction     takes secrets out of texts
errors        the tree of failures
"""

from edits.providers.answers import Answer, FilteredAt, FinishReason
from edits.providers.client import Client
from edits.providers.errors import (
    Charged,
    Fault,
    GatewayFailed,
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
    "Fault",
    "FilteredAt",
    "FinishReason",
    "GatewayFailed",
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
    "expires_at",
]
