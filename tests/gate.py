"""A door in front of a server on loopback: while it is shut nobody gets in, and who was inside is put out."""

import socket
import threading
from contextlib import suppress

HOST = "127.0.0.1"
CHUNK_BYTES = 65_536


class Gate:
    """Listens on ``port`` while it is open and passes on every byte to the port behind it."""

    def __init__(self, *, port: int, behind: int) -> None:
        self.port = port
        self.behind = behind
        self._listener: socket.socket | None = None
        self._inside: set[socket.socket] = set()
        self._lock = threading.Lock()

    def open(self) -> None:
        """Let people in.  Raises OSError when somebody else took the port."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, self.port))
        listener.listen(256)
        self._listener = listener
        threading.Thread(target=self._let_in, args=(listener,), daemon=True).start()

    def shut(self) -> None:
        """Refuse new connections and break those that are open, in the middle of whatever they say."""
        listener, self._listener = self._listener, None
        if listener:
            _end(listener)
        with self._lock:
            inside, self._inside = self._inside, set()
        for connection in inside:
            _end(connection)

    def _let_in(self, listener: socket.socket) -> None:
        while listener is self._listener:
            try:
                guest, _ = listener.accept()
            except OSError:
                return
            try:
                host = socket.create_connection((HOST, self.behind), timeout=30)
            except OSError:
                _end(guest)
                continue
            host.settimeout(None)
            with self._lock:
                stays = listener is self._listener
                if stays:
                    self._inside |= {guest, host}
            if not stays:
                _end(guest)
                _end(host)
                return
            for source, target in ((guest, host), (host, guest)):
                threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK_BYTES):
                target.sendall(data)
        with self._lock:
            self._inside -= {source, target}
        _end(source)
        _end(target)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits for it; closing alone does not
    connection.close()
