"""One request and its answer over a connection of its own, bounded in time and in bytes.

No retries, no redirects, no proxies, no cookies, no content encoding, nothing from the environment:
a ``requests`` adapter is used without a session, for a session reads the whole body of a redirect.
"""

import io
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from ssl import SSLError as PlainSSLError
from typing import Any, Literal, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3 import exceptions as urllib3_errors
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from edits.providers.deadline import Deadline
from edits.providers.errors import UnreachableCause

Stage = Literal["connecting", "sending", "waiting"]
_CHUNK_BYTES = 64 * 1024
_FIRST_LOOK_SECONDS = 0.005
_FAILURES = (urllib3_errors.HTTPError, HTTPException, OSError, ValueError)


class NoAnswer(Exception):
    """The exchange broke off; ``stage`` says how far it had come."""

    def __init__(
        self, message: str, *, stage: Stage, cause: UnreachableCause, read_bytes: int | None = None
    ) -> None:
        """``read_bytes`` is what had come of the body; None where not even the headers had."""
        super().__init__(message)
        self.stage = stage
        self.cause = cause
        self.read_bytes = read_bytes


@dataclass(frozen=True)
class Limits:
    """Seconds to connect, between two bytes of the upload, and between two of the answer; bytes to read."""

    connect_seconds: float
    write_seconds: float
    read_seconds: float
    most_bytes: int
    ca_bundle: str = ""
    """A file of certificates to trust instead of the usual ones."""


@dataclass(frozen=True)
class RawAnswer:
    """What came back, undecoded.  ``whole`` is false where the body was longer than the limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool

    @property
    def is_encoded(self) -> bool:
        """Whether the body is compressed, which was not asked for: it may unpack to any size."""
        return self.headers.get("Content-Encoding", "identity").strip().lower() != "identity"


def exchange(
    request: requests.Request, *, limits: Limits, deadline: Deadline, server_name: str = ""
) -> RawAnswer:
    """Send a request and read the answer.

    ``server_name`` is whose certificate to ask for when the URL holds a bare address.
    Raises NoAnswer unless a whole answer came in time.  Of an answer other than 200 the body may be
    incomplete, for the status says enough.
    """
    prepared, upload = _prepared(request, deadline)
    body: bytearray | None = None
    with _Adapter(limits, deadline=deadline, server_name=server_name) as adapter:
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


def _read(response: requests.Response, body: bytearray, *, most_bytes: int) -> RawAnswer:
    """Reads into ``body``, so that it is known how much had come when the connection breaks."""
    try:
        while len(body) <= most_bytes and (chunk := response.raw.read(_CHUNK_BYTES, decode_content=False)):
            body += chunk
    except _FAILURES:
        if response.status_code == 200:
            raise
    whole = len(body) <= most_bytes
    return RawAnswer(response.status_code, response.headers, bytes(body[:most_bytes]), whole)


def _broken_off(error: Exception, *, upload: "_Upload | None", deadline: Deadline) -> NoAnswer:
    """How far it came: the body is read only once there is a connection that took the headers."""
    stage: Stage = "waiting"
    if upload and not upload.begun:
        stage = "connecting"
    elif upload and not upload.finished and not deadline.passed and deadline.peer_hung_up():
        stage = "sending"
    cause = "timeout" if deadline.passed else _cause_of(error)
    return NoAnswer(f"{type(error).__name__} while {stage} ({cause})", stage=stage, cause=cause)


def _cause_of(error: BaseException | None) -> UnreachableCause:
    kinds: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], UnreachableCause], ...] = (
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
    """The request's body, which knows how much of itself was handed to the network.

    It stops when the server hangs up: sending on could only destroy an early answer.  The first look
    takes a moment longer, so that a server that hung up on the headers is known not to have the picture.
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
        self.finished = not block  # asked for more: what came before is handed over
        return block


class _Adapter(HTTPAdapter):
    """Opens watched connections, each to be used once."""

    def __init__(self, limits: Limits, *, deadline: Deadline, server_name: str) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
        if server_name:
            names = {"server_hostname": server_name, "assert_hostname": server_name}
            self.poolmanager.connection_pool_kw.update(names)
        self._limits = limits
        self._deadline = deadline

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: Any,
        proxies: Mapping[str, str] | None = None,
        cert: Any = None,
    ) -> Any:
        pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
        if isinstance(pool, _Pool | _TLSPool):
            pool.deadline, pool.write_seconds = self._deadline, self._limits.write_seconds
        return pool

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Connection(HTTPConnection):
    deadline: Deadline
    write_seconds: float

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        self.deadline.watch(sock)
        return sock

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(self.write_seconds)


class _TLSConnection(HTTPSConnection):
    deadline: Deadline
    write_seconds: float

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        self.deadline.watch(sock)  # before the handshake, which is the server's to draw out as well
        return sock

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(self.write_seconds)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection
    deadline: Deadline
    write_seconds: float

    def _new_conn(self) -> Any:
        connection: Any = super()._new_conn()
        connection.deadline, connection.write_seconds = self.deadline, self.write_seconds
        return connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection
    deadline: Deadline
    write_seconds: float

    def _new_conn(self) -> Any:
        connection: Any = super()._new_conn()
        connection.deadline, connection.write_seconds = self.deadline, self.write_seconds
        return connection
