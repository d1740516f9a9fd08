"""Errors of calls to a provider.

ProviderError
├── TemporaryError      the same request may work later
│   ├── SourceAway      storage      the picture to send could not be read from storage charged no
│   ├── Unreachable     not_sent     name, connection, TLS, connect timeout             charged no
│   ├── RateLimited     busy         429; has retry_after if the server sent one        charged no
│   ├── ServerFailed    busy         408 425 500 503 529, or hang-up during the upload  charged no
│   ├── GatewayFailed   gateway      502 504 520 and other 5xx: outcome unknown         charged maybe
│   ├── Unanswered      no_answer    no complete answer after sending the request       charged maybe
│   └── Unusable        unusable     200 that cannot be parsed                          charged yes
│       └── NoPicture   unusable     200 without any picture, as after a filter         charged yes
└── PermanentError      the same request will fail again
    ├── NotAuthorized   account      401 402 403 404 405: key, balance, path; tell the operator
    ├── Rejected        rejected     any other 4xx: the request; tell the user
    ├── Unexpected      rejected     3xx, 2xx other than 200, 409, 418, 501             charged maybe if 2xx
    ├── ResultLost      result_lost  the picture was made, its link could not be fetched   charged yes
    └── UnsafeLink      result_lost  the picture was made, its link must not be followed   charged yes

The second column is the ``Fault``, which decides whether the same request may be sent again.
Edits stopped by a content filter are no errors but an ``Answer``.

Messages and ``detail`` are for the operator.  They contain no key, picture or prompt, and no page shows them;
only ``Rejected.provider_message`` is meant for the user.
"""

from typing import Literal

from edits.faults import Fault

Charged = Literal["no", "maybe", "yes"]
Blames = Literal["", "key", "balance", "model"]
UnreachableCause = Literal["name", "refused", "timeout", "tls", "address", "private", "proxy", "broken"]


class ProviderError(Exception):
    """An edit without a usable answer."""

    fault: Fault
    charged: Charged = "no"

    def __init__(
        self, message: str, *, status: int | None = None, trace_id: str = "", detail: str = ""
    ) -> None:
        """``detail`` is the redacted beginning of the answer, at most 2,000 characters."""
        super().__init__(message)
        self.status = status
        self.trace_id = trace_id
        self.provider_id = ""
        self.detail = detail
        self.answer_bytes: int | None = None
        """Bytes read of the answer's body; None if no answer had begun."""
        self.notes: tuple[str, ...] = ()
        """Anomalies, as codes: maybe_repeated."""
        self.sent: list[list[str]] = []
        """Names and values of the sent fields; for files, name, type and size.  Empty if nothing was sent."""


class TemporaryError(ProviderError):
    """The same request may work later."""

    retry_after: float | None = None


class PermanentError(ProviderError):
    """The same request will fail again."""


class SourceAway(TemporaryError):
    """The picture to send could not be read from our own storage, so that nothing was sent."""

    fault = Fault.STORAGE


class Unreachable(TemporaryError):
    """No connection could be established, so that nothing was sent."""

    fault = Fault.NOT_SENT

    def __init__(self, message: str, *, cause: UnreachableCause) -> None:
        """The operator has to fix a ``cause`` of "tls", "address" or "private"; the others may resolve themselves."""
        super().__init__(message)
        self.cause = cause


class RateLimited(TemporaryError):
    """Too many calls; ``retry_after`` is the requested wait in seconds."""

    fault = Fault.BUSY


class ServerFailed(TemporaryError):
    """The server said or showed that it did not perform the edit."""

    fault = Fault.BUSY


class GatewayFailed(TemporaryError):
    """A gateway gave up waiting; the server behind it may have performed the edit."""

    fault = Fault.GATEWAY
    charged = "maybe"


class Unanswered(TemporaryError):
    """The request was sent and no complete answer came back."""

    fault = Fault.NO_ANSWER
    charged = "maybe"


class Unusable(TemporaryError):
    """A successful answer without a readable picture."""

    fault = Fault.UNUSABLE
    charged = "yes"


class NoPicture(Unusable):
    """A successful answer without any picture, which services return if a filter stopped the result."""


class NotAuthorized(PermanentError):
    """The key, the balance, the path or the model is wrong, so that every other edit would fail as well."""

    fault = Fault.ACCOUNT
    blames: Blames = ""
    """The cause named in the answer; "" if only the status says it."""


class Rejected(PermanentError):
    """The provider refused this request."""

    fault = Fault.REJECTED
    provider_message = ""
    """The provider's own words, one line of plain text of at most 300 characters; may be empty."""


class Unexpected(PermanentError):
    """A status that an edit should never get."""

    fault = Fault.REJECTED


class ResultLost(PermanentError):
    """The picture was made, but every try to fetch it from its link failed."""

    fault = Fault.RESULT_LOST
    charged = "yes"
    link = ""
    """For a later try with ``Client.download``.  Never shown to users."""
    may_come = False
    """Whether a later try makes sense: nothing said yet that the picture is gone.

    So the last try got no answer, or another one than "gone".
    """
    seed: int | None = None
    """The seed that was used, if the answer confirms it."""


class UnsafeLink(PermanentError):
    """The answer's link leads to a place that Retake must not call."""

    fault = Fault.RESULT_LOST
    charged = "yes"
