"""What can go wrong between Retake and the provider of edits.

ProviderError
├── TemporaryError      the same request may work later
│   ├── SourceAway        S   our own storage did not give the picture to send  charged no
│   ├── Unreachable       A   name, connection, TLS, connect time-out           charged no
│   ├── RateLimited       B   429; carries retry_after where the server said so  charged no
│   ├── ServerFailed      B   408 425 500 503 529, or hung up during the upload  charged no
│   ├── GatewayFailed     B'  502 504 520 and other 5xx: it cannot know          charged maybe
│   ├── Unanswered        C   no whole answer after the request went out         charged maybe
│   └── Unusable          D   200 that cannot be read                            charged yes
│       └── NoPicture     D   200 without any picture, as after a filter        charged yes
└── PermanentError      the same request will fail again
    ├── NotAuthorized     F   401 402 403 404 405: key, balance, path; tell the operator
    ├── Rejected          E   any other 4xx: the request; tell the user
    ├── Unexpected        E   3xx, 2xx other than 200, 409, 418, 501             charged maybe if 2xx
    ├── ResultLost        G   the picture was made, its link could not be fetched  charged yes
    └── UnsafeLink        G   the picture was made, its link must not be followed  charged yes

The letters are the classes of fault: they say whether the same request may be sent again.
What content filters stop is no error but an ``Answer``.

Messages and ``detail`` are for the operator.  They hold no key, no picture and no prompt, and no
page shows them; ``Rejected.provider_message`` alone is meant for the person who edits.
"""

from typing import Literal

Charged = Literal["no", "maybe", "yes"]
Fault = Literal["S", "A", "B", "B'", "C", "D", "E", "F", "G"]
Blames = Literal["", "key", "balance", "model"]
UnreachableCause = Literal["name", "refused", "timeout", "tls", "address", "private", "broken"]


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
        """Read of the answer's body until it ended or broke off; None where no answer had begun."""
        self.notes: tuple[str, ...] = ()
        """What was odd, as codes: maybe_repeated."""
        self.sent: list[list[str]] = []
        """Names and values of the fields that went out, files by name, type and size; empty if nothing did."""


class TemporaryError(ProviderError):
    """The same request may work later."""

    retry_after: float | None = None


class PermanentError(ProviderError):
    """The same request will fail again."""


class SourceAway(TemporaryError):
    """The picture to send could not be read from our own storage, so nothing was sent."""

    fault = "S"


class Unreachable(TemporaryError):
    """No connection came about, so nothing was sent."""

    fault = "A"

    def __init__(self, message: str, *, cause: UnreachableCause) -> None:
        """A ``cause`` of "tls", "address" or "private" is for the operator to fix; the others may pass."""
        super().__init__(message)
        self.cause = cause


class RateLimited(TemporaryError):
    """Too many calls; ``retry_after`` is the wait that was asked for, in seconds."""

    fault = "B"


class ServerFailed(TemporaryError):
    """The server said, or made plain, that it did not do it."""

    fault = "B"


class GatewayFailed(TemporaryError):
    """Something in between gave up waiting; what stands behind it may have done the edit."""

    fault = "B'"
    charged = "maybe"


class Unanswered(TemporaryError):
    """The request went out and no whole answer came back."""

    fault = "C"
    charged = "maybe"


class Unusable(TemporaryError):
    """An answer of success that holds no picture one could read."""

    fault = "D"
    charged = "yes"


class NoPicture(Unusable):
    """An answer of success without any picture: services give it when a filter stopped what they made."""


class NotAuthorized(PermanentError):
    """The key, the balance, the path or the model: every other edit would fail as well."""

    fault = "F"
    blames: Blames = ""
    """What is to blame by the words of the answer; "" where its status alone says it."""


class Rejected(PermanentError):
    """The provider refused this request."""

    fault = "E"
    provider_message = ""
    """The provider's own words, one line of plain text of at most 300 characters; may be empty."""


class Unexpected(PermanentError):
    """A status that an edit should never get."""

    fault = "E"


class ResultLost(PermanentError):
    """The picture was made, but every try to fetch it from its link failed."""

    fault = "G"
    charged = "yes"
    link = ""
    """For a later try with ``Client.download``.  Never shown to anybody."""
    may_come = False
    """A later try makes sense: nothing answered at last, or what did has not said that there is no picture."""
    seed: int | None = None
    """The one that was used, where the answer confirms it."""


class UnsafeLink(PermanentError):
    """The answer's link leads where Retake must not go."""

    fault = "G"
    charged = "yes"
