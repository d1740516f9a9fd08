"""One request and its answer over its own connection, limited in time and bytes.

No retries, redirects, cookies or content encoding, nothing from the environment, and only the given proxies.
Uses a ``requests`` adapter without a session, because a session reads the whole body of a redirect.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from ssl import SSLError as PlainSSLError
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from urllib3 import exceptions as urllib3_errors

from edits.providers.deadline import Deadline
from edits.providers.errors import UnreachableCause
from edits.providers.proxies import Proxies
from edits.providers.watched import Adapter, NoTunnel

Stage = Literal["connecting", "sending", "waiting"]
_CHUNK_BYTES = 64 * 1024
_FIRST_LOOK_SECONDS = 0.005
_FAILURES = (urllib3_errors.HTTPError, HTTPException, OSError, ValueError)


class NoAnswer(Exception):
    """The exchange broke off; ``stage`` says how far it got."""

    def __init__(
        self, message: str, *, stage: Stage, cause: UnreachableCause, read_bytes: int | None = None
    ) -> None:
        """``read_bytes`` is how much of the body was read; None if not even the headers arrived."""
        super().__init__(message)
        self.stage = stage
        self.cause = cause
        self.read_bytes = read_bytes


@dataclass(frozen=True)
class ExchangeLimits:
    """Seconds to connect, between two bytes of the upload, and between two of the answer; bytes to read."""

    connect_seconds: float
    write_seconds: float
    read_seconds: float
    most_bytes: int
    ca_bundle: str = ""
    """A file of certificates to trust instead of the usual ones."""
    proxies: Proxies = field(default_factory=Proxies)


@dataclass(frozen=True)
class RawAnswer:
    """The raw answer.  ``whole`` is False if the body was longer than the limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool

    @property
    def is_encoded(self) -> bool:
        """Whether the body is compressed, which was not requested: it could unpack to any size."""
        return self.headers.get("Content-Encoding", "identity").strip().lower() != "identity"


def exchange(
    request: requests.Request, *, limits: ExchangeLimits, deadline: Deadline, server_name: str = ""
) -> RawAnswer:
    """Send a request and read the answer.

    ``server_name`` is the name to verify in the certificate if the URL holds a bare address. Raises NoAnswer
    unless a complete answer arrived in time.  The body of an answer other than 200 may be incomplete, because
    the status is sufficient.
    """
    prepared, upload = _prepared(request, deadline)
    proxy = limits.proxies.before(str(prepared.url), name=_named(prepared))
    body: bytearray | None = None
    with Adapter(
        deadline=deadline, write_seconds=limits.write_seconds, server_name=server_name, proxy=proxy
    ) as adapter:
        try:
            with adapter.send(
                prepared,
                stream=True,
                timeout=(limits.connect_seconds, limits.read_seconds),
                verify=limits.ca_bundle or True,
            ) as response:
                body = bytearray()
                answer = _read(response, body, most_bytes=limits.most_bytes)
        except _FAILURES as error:
            trouble = _broken_off(error, upload=upload, deadline=deadline)
            trouble.read_bytes = None if body is None else len(body)
            raise trouble from error
    if deadline.passed and answer.status == 200:
        over = "the time for the whole call was over"
        raise NoAnswer(over, stage="waiting", cause="timeout", read_bytes=len(answer.body))
    return answer


def _prepared(
    request: requests.Request, deadline: Deadline
) -> tuple[requests.PreparedRequest, "_Upload | None"]:
    try:
        prepared: Any = request.prepare()
    except requests.RequestException as error:
        raise NoAnswer(type(error).__name__, stage="connecting", cause="address") from None
    prepared.headers.update({"Accept-Encoding": "identity", "User-Agent": "Retake"})
    if not prepared.body:
        return prepared, None
    prepared.body = _Upload(prepared.body, deadline)
    return prepared, prepared.body


def _named(prepared: requests.PreparedRequest) -> str:
    """The host that the request is for, if its URL holds a checked address instead."""
    return urlsplit(f"//{prepared.headers.get('Host', '')}").hostname or ""


def _read(response: requests.Response, body: bytearray, *, most_bytes: int) -> RawAnswer:
    """Reads into ``body``, so that the caller knows how much had arrived when the connection breaks."""
    try:
        while len(body) <= most_bytes and (chunk := response.raw.read(_CHUNK_BYTES, decode_content=False)):
            body += chunk
    except _FAILURES:
        if response.status_code == 200:
            raise
    whole = len(body) <= most_bytes
    return RawAnswer(response.status_code, response.headers, bytes(body[:most_bytes]), whole)


def _broken_off(error: Exception, *, upload: "_Upload | None", deadline: Deadline) -> NoAnswer:
    """How far the exchange got: the body is read only after a connection exists that accepted the headers."""
    stage: Stage = "waiting"
    if upload and not upload.begun:
        stage = "connecting"
    elif upload and not upload.finished and not deadline.passed and deadline.peer_hung_up():
        stage = "sending"
    cause = "timeout" if deadline.passed else _cause_of(error)
    return NoAnswer(f"{type(error).__name__} while {stage} ({cause})", stage=stage, cause=cause)


def _cause_of(error: BaseException | None) -> UnreachableCause:
    kinds: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], UnreachableCause], ...] = (
        (NoTunnel, "proxy"),
        (urllib3_errors.NameResolutionError, "name"),
        (urllib3_errors.NewConnectionError, "refused"),
        ((urllib3_errors.TimeoutError, TimeoutError), "timeout"),
        ((urllib3_errors.SSLError, PlainSSLError, requests.exceptions.SSLError), "tls"),
        (ValueError, "address"),
    )
    while error:
        reason = getattr(error, "reason", None)
        for kind, cause in kinds:
            if isinstance(error, kind) or isinstance(reason, kind):
                return cause
        error = error.__cause__ or error.__context__
    return "broken"


class _Upload(io.BytesIO):
    """The request's body, which records how much of it was handed to the network.

    It stops when the server hangs up, because sending more could only destroy an early answer.  The first check
    waits a moment, so that a server that hung up after the headers is known not to have the picture.
    """

    begun = False
    finished = False

    def __init__(self, body: bytes, deadline: Deadline) -> None:
        super().__init__(body)
        self._deadline = deadline
        self._size_bytes = len(body)

    def read(self, size: int | None = -1, /) -> bytes:
        wait_seconds = 0.0 if self.begun else _FIRST_LOOK_SECONDS
        self.begun = True
        if self.tell() < self._size_bytes and self._deadline.peer_hung_up(wait_seconds=wait_seconds):
            return b""
        block = super().read(size)
        self.finished = not block  # asked for more: everything before was handed over
        return block
