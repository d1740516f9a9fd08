"""Providers of edits: one HTTP call in the dialect that the server speaks.  Knows nothing of Django.

client        sends one edit, or lists the models
connections   one request and its answer, limited in time and bytes
watched       the sockets of these, with a deadline and proxy tunnels
deadline      ends a call on time from outside
dialects      how to write a call and read an answer: StepFun's and OpenAI's protocols
answers       the content of a 200 answer
error_bodies  the content of an error's body
refusals      the meaning of any status other than 200
links         checks where a link leads
addresses     checks a host or an address
proxies       finds the proxy for a URL
downloads     fetches the picture behind a link
redaction     removes secrets from texts
errors        the error tree
"""

from edits.providers.answers import Answer, FilteredAt, FinishReason
from edits.providers.client import Client
from edits.providers.dialects import Dialect, dialect_of
from edits.providers.errors import (
    Charged,
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
