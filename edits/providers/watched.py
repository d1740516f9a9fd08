"""Connections under a deadline, each used once: to the server itself or through a proxy's tunnel."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3 import exceptions as urllib3_errors
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from edits.providers.deadline import Deadline
from edits.providers.proxies import Proxy


class Adapter(HTTPAdapter):
    """Opens connections that a deadline watches, each to be used once."""

    def __init__(
        self, *, deadline: Deadline, write_seconds: float, server_name: str, proxy: Proxy | None
    ) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
        if server_name:
            names = {"server_hostname": server_name, "assert_hostname": server_name}
            self.poolmanager.connection_pool_kw.update(names)
        self._deadline = deadline
        self._write_seconds = write_seconds
        self._proxy = proxy

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: Any,
        proxies: Mapping[str, str] | None = None,
        cert: Any = None,
    ) -> Any:
        pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
        if isinstance(pool, _Pool):
            pool.deadline, pool.write_seconds = self._deadline, self._write_seconds
            pool.by_way_of = self._proxy
        return pool

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class NoTunnel(OSError):
    """The proxy could not be reached or did not open the tunnel."""


@contextmanager
def _to_proxy(connection: HTTPConnection) -> Iterator[None]:
    """Distinguishes failures of the proxy from those of the server behind it."""
    is_meant = connection.proxy_is_tunneling  # a closed connection no longer knows it
    try:
        yield
    except (urllib3_errors.HTTPError, HTTPException, OSError) as error:
        if is_meant:
            raise NoTunnel(type(error).__name__) from error
        raise


class _Connection(HTTPConnection):
    deadline: Deadline
    write_seconds: float

    def _new_conn(self) -> socket.socket:
        with _to_proxy(self):
            sock = super()._new_conn()
        self.deadline.watch(sock)
        return sock

    def _tunnel(self) -> None:
        with _to_proxy(self):
            super()._tunnel()

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(self.write_seconds)


class _TLSConnection(_Connection, HTTPSConnection):
    """Watched before its handshake, which the server can also draw out."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection
    deadline: Deadline
    write_seconds: float
    by_way_of: Proxy | None

    def _new_conn(self) -> Any:
        connection: Any = super()._new_conn()
        connection.deadline, connection.write_seconds = self.deadline, self.write_seconds
        if self.by_way_of:
            self.by_way_of.stand_before(connection)
        return connection


class _TLSPool(_Pool, HTTPSConnectionPool):
    ConnectionCls = _TLSConnection
