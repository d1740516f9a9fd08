"""A provider that answers correctly after a given time and counts its calls.  Runs in its own process.

    python -m bench.provider 10    answers each edit after 10 s; prints its port

It must be cheap compared to what is measured: one thread, and answers that are prepared in advance.
A prompt that begins with "at once" is answered immediately.
"""

import asyncio
import base64
import json
import re
import subprocess
import sys
from collections import Counter
from types import TracebackType
from typing import Any, Self

import requests

from bench.pictures import Results

AT_ONCE = "at once"
HEADERS_END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
PROMPT = re.compile(rb'name="prompt"[^\n]*\r\n(?:[^\r\n]+\r\n)*\r\n(.*?)\r\n--', re.DOTALL)
SEED = re.compile(rb'name="seed"[^\n]*\r\n(?:[^\r\n]+\r\n)*\r\n(\d+)')
CONNECTIONS = 2000


class Desk:
    """The state that all connections share: pictures, latency and counts."""

    def __init__(self, latency_seconds: float) -> None:
        self.latency_seconds = latency_seconds
        self.results = Results()
        self.calls: Counter[str] = Counter()
        self.open_now = 0
        self.most_at_once = 0

    def edit(self, body: bytes) -> tuple[float, bytes]:
        """Count the call; returns the seconds to wait and the answer."""
        prompt = _found(PROMPT, body)
        self.calls[prompt] += 1
        self.open_now += 1
        self.most_at_once = max(self.most_at_once, self.open_now)
        picture = base64.b64encode(self.results.png(prompt)).decode("ascii")
        result = {"finish_reason": "success", "seed": int(_found(SEED, body) or 1), "b64_json": picture}
        answer = json.dumps({"id": f"edit-{self.calls.total()}", "created": 1, "data": [result]}).encode()
        return 0.0 if prompt.startswith(AT_ONCE) else self.latency_seconds, answer

    def counts(self) -> bytes:
        """The number of calls per prompt, and how many were open at the same time."""
        return json.dumps({"calls": self.calls, "most_at_once": self.most_at_once}).encode()


class Connection(asyncio.Protocol):
    """One caller, which sends one request after another."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.received = bytearray()
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        headers_end = self.received.find(HEADERS_END)
        if headers_end < 0:
            return
        length = LENGTH.search(self.received, 0, headers_end)
        body_start = headers_end + len(HEADERS_END)
        end = body_start + (int(length[1]) if length else 0)
        if len(self.received) < end:
            return
        head, body = bytes(self.received[:headers_end]), bytes(self.received[body_start:end])
        del self.received[:end]
        self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"POST "):
            seconds, answer = self.desk.edit(body)
            asyncio.get_running_loop().call_later(seconds, self._finish, answer)
        else:
            self._send(self.desk.counts())

    def _finish(self, answer: bytes) -> None:
        self.desk.open_now -= 1
        self._send(answer)

    def _send(self, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode("ascii") + body)


def _found(pattern: re.Pattern[bytes], body: bytes) -> str:
    match = pattern.search(body)
    return match[1].decode() if match else ""


class Provider:
    """The provider's process, running inside ``with``."""

    def __init__(self, *, latency_seconds: float) -> None:
        self.latency_seconds = latency_seconds
        self.process: subprocess.Popen[str] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The base URL to configure clients with."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def settings(self) -> dict[str, str]:
        """Settings that send an installation's edits here, without a practical limit per minute."""
        return {
            "STEPFUN_BASE_URL": self.url,
            "STEPFUN_API_KEY": "bench",
            "STEPFUN_MAX_PER_MINUTE": "100000",
        }

    def counts(self) -> dict[str, Any]:
        """``calls`` by prompt, and ``most_at_once``, the most that were open at the same time."""
        counts: dict[str, Any] = requests.get(f"{self.url}/counts", timeout=60).json()
        return counts

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "bench.provider", str(self.latency_seconds)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.process:
            self.process.terminate()
            self.process.communicate()


async def serve(latency_seconds: float) -> None:
    """Answer until the process is terminated."""
    desk = Desk(latency_seconds)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(desk), "127.0.0.1", 0, backlog=CONNECTIONS)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201  read by the parent process
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
