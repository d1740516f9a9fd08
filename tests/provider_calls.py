"""What the misbehaving provider saw, and one call with the means to answer it well or badly."""

import base64
import io
import json
import select
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from PIL import Image

from edits.model_specs import MODEL_SPECS
from tests.provider_pictures import tagged

MISSING = object()
T = TypeVar("T")


@dataclass(frozen=True)
class Part:
    """One part of a multipart body."""

    name: str
    data: bytes
    filename: str | None = None
    content_type: str | None = None


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    parts: tuple[Part, ...] = ()

    @property
    def fields(self) -> dict[str, str]:
        """The text fields, in their order."""
        return {part.name: part.data.decode() for part in self.parts if part.filename is None}

    @property
    def image(self) -> bytes:
        """The bytes of the picture; b"" where there was none."""
        return next((part.data for part in self.parts if part.name == "image"), b"")


@dataclass
class Entry:
    """One call in the provider's diary.  Times are seconds since 1970, None until then."""

    number: int
    fault: str
    path: str
    prompt: str = ""
    seed: str = ""
    tag: str = ""
    """What identifies the picture of this call, if one is drawn."""
    charged: bool = False
    began: float = field(default_factory=time.time)
    answering: float | None = None
    """Just before the first byte of the answer: from here on the call is over for its sender."""
    ended: float | None = None


@dataclass
class Provider:
    """What happened at the provider so far."""

    base_url: str
    host: str
    """As ``host:port``."""
    elsewhere: str
    """The ``host:port`` that faulty links and redirects lead to: another provider that must not be hit."""
    faults: list[str]
    calls: int = 0
    """Edits asked for, whether or not the request came whole."""
    charged: int = 0
    """Edits that a real provider would have made and charged."""
    received: list[Received] = field(default_factory=list)
    """The requests for edits that were read to their end."""
    downloads: list[Received] = field(default_factory=list)
    """Every GET but those for the models."""
    running: int = 0
    most_running: int = 0
    latency_seconds: float = 0.0
    draw: Callable[[int], tuple[str, float]] | None = None
    """Fault and latency in seconds of the call with this number, instead of the plan."""
    numbers_pictures: bool = False
    """No two calls get the same picture, not even two of the same request."""
    picture_px: tuple[int, int] | None = None
    """Size of every picture, instead of what was asked for."""
    diary: list[Entry] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    """While it is clear, calls are taken and none is answered."""
    closing: threading.Event = field(default_factory=threading.Event)
    """Set when the provider goes away; whatever hangs waits for it."""
    _lock: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self.gate.set()

    def plan(self, *faults: str) -> None:
        """Play these from now on."""
        with self._lock:
            self.faults[:] = faults

    def begin(self, path: str) -> tuple[Entry, float]:
        """Count a call; gives its entry in the diary and its latency in seconds."""
        with self._lock:
            self.calls += 1
            self.running += 1
            self.most_running = max(self.most_running, self.running)
            if self.draw:
                fault, latency = self.draw(self.calls)
            else:
                fault = self.faults.pop(0) if len(self.faults) > 1 else self.faults[0]
                latency = self.latency_seconds
            entry = Entry(self.calls, fault, path)
            self.diary.append(entry)
            self._lock.notify_all()
            return entry, latency

    def asked(self, entry: Entry, fields: dict[str, str]) -> None:
        """Write down what the call asks for."""
        with self._lock:
            entry.prompt, entry.seed = fields.get("prompt", ""), fields.get("seed", "")
            number = f" {entry.number}" if self.numbers_pictures else ""
            entry.tag = f"{entry.prompt} {entry.seed}{number}"

    def charge(self, entry: Entry) -> None:
        """Count an edit that was made."""
        with self._lock:
            self.charged += 1
            entry.charged = True

    def end(self, entry: Entry) -> None:
        """Count the end of a call."""
        with self._lock:
            self.running -= 1
            entry.ended = time.time()
            entry.answering = entry.answering or entry.ended
            self._lock.notify_all()

    def found(self, look: Callable[[list[Entry]], T | None], *, seconds: float) -> T | None:
        """What ``look`` finds in the diary as soon as it finds something; None after ``seconds``."""
        with self._lock:
            return self._lock.wait_for(lambda: look(self.diary), seconds) or None

    def is_idle_within(self, seconds: float) -> bool:
        """Wait until no call is being played any more."""
        with self._lock:
            return self._lock.wait_for(lambda: self.running == 0, seconds)


@dataclass(frozen=True)
class Call:
    """One call to be answered, well or badly."""

    handler: Any
    provider: Provider
    number: int
    name: str
    argument: str
    asked: Received | None
    tag: str = ""

    def number_argument(self, default: float) -> float:
        """The number after the colon of the fault's name."""
        return float(self.argument or default)

    def send(
        self,
        body: bytes,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> None:
        """A whole answer."""
        self.handler.send_response(status)
        own = {"Content-Type": "application/json", "X-Trace-Id": f"trace-{self.number}"}
        for name, value in (own | (headers or {})).items():
            self.handler.send_header(name, value)
        self.handler.send_header("Content-Length", str(len(body)))
        self.handler.end_headers()
        self.write(body)

    def json(self, document: object, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """A whole answer in JSON."""
        self.send(json.dumps(document).encode(), status=status, headers=headers)

    def write(self, data: bytes) -> None:
        """Bytes as they are."""
        self.handler.wfile.write(data)
        self.handler.wfile.flush()

    def finish(self, data: bytes) -> None:
        """Bytes as they are, and the end of the connection."""
        with suppress(OSError):
            self.write(data)
        self.handler.close()

    def hang(self) -> None:
        """Say nothing more until the provider goes away."""
        self.provider.closing.wait()
        self.handler.close()

    def hang_while_held(self) -> None:
        """Say nothing more until the other side hangs up: after a whole request it has nothing else to send."""
        while not self.provider.closing.is_set():
            if select.select([self.handler.connection], [], [], 0.2)[0]:
                break
        self.handler.close()

    def drip(self, data: bytes) -> None:
        """One byte at a time, each after a pause that no read time-out notices."""
        with suppress(OSError):
            for byte in data:
                self.write(bytes([byte]))
                if self.provider.closing.wait(self.number_argument(0.05)):
                    return

    def picture(self) -> bytes:
        """What the edit would give: the same for the same request, of the size that the spec tells."""
        fields = self.asked.fields if self.asked else {}
        size_px = (96, 64)
        if self.provider.picture_px:
            return tagged(self.tag, size_px=self.provider.picture_px)
        with suppress(OSError, KeyError):
            spec = MODEL_SPECS[fields["model"]]
            source = Image.open(io.BytesIO(self.asked.image if self.asked else b""))
            size_px = spec.output_size_px(*source.size, fields.get("size", ""))
        return tagged(self.tag, size_px=size_px)

    def document(self, **changes: object) -> dict[str, Any]:
        """A proper answer, with some of the result's fields changed or left out."""
        seed = self.asked.fields.get("seed", "1") if self.asked else "1"
        result: dict[str, object] = {
            "b64_json": encoded(self.picture()),
            "finish_reason": "success",
            "seed": int(seed) or 1,
        } | changes
        kept = {name: value for name, value in result.items() if value is not MISSING}
        return {"id": f"edit-{self.number}", "created": 1_589_478_378, "data": [kept]}

    def link(self, path: str) -> str:
        """The absolute link to something that this provider serves."""
        return f"{self.provider.base_url.removesuffix('/v1')}{path}"


@dataclass(frozen=True)
class Fault:
    """How to play it, and whether the provider read the request and charged for it."""

    play: Callable[[Call], None]
    reads_body: bool = True
    charged: bool = True
    holds: bool = False
    """Whether the other side waits in vain rather than for an answer."""


def encoded(data: bytes) -> str:
    """Base64 as the API has it."""
    return base64.b64encode(data).decode()
