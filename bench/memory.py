"""The memory of all processes of an installation, idle or at work (Linux only)."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.installation import Installation
from bench.report import Figure

LIMIT_MB = 350
LOOK_EVERY_SECONDS = 0.5
SETTLING_SECONDS = 8.0  # the worker and the engine start after the web server


def measure(retake: Installation) -> list[Figure]:
    """RSS counts shared pages once per process, PSS once in total."""
    if not Path("/proc/self/smaps_rollup").exists():
        return [Figure("idle memory", None, "MB", LIMIT_MB, "needs Linux")]
    time.sleep(SETTLING_SECONDS)
    rss, pss = megabytes(retake.pid)
    note = f"{len(family(retake.pid))} processes"
    return [
        Figure("idle memory, RSS", rss, "MB", LIMIT_MB, note),
        Figure("idle memory, PSS", pss, "MB", note="shared pages counted once"),
    ]


@dataclass
class Peak:
    """Samples the memory of a process and its children inside ``with``.

    Keeps the highest sums in MB; 0 if unavailable.
    """

    pid: int
    rss_mb: float = 0.0
    pss_mb: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def look(self) -> None:
        """Sample every half second until the end."""
        while not self._over.wait(LOOK_EVERY_SECONDS):
            rss_mb, pss_mb = megabytes(self.pid)
            self.rss_mb, self.pss_mb = max(self.rss_mb, rss_mb), max(self.pss_mb, pss_mb)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.look)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread:
            self._thread.join()


def megabytes(pid: int) -> tuple[float, float]:
    """RSS and PSS in MB of the process and all its descendants."""
    processes = family(pid)
    rss, pss = (sum(kilobytes(member, name) for member in processes) / 1024 for name in ("Rss", "Pss"))
    return rss, pss


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            continue
    found = [pid]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found


def kilobytes(pid: int, name: str) -> int:
    """One value of the kernel's statistics of a process's memory in kB; 0 if unavailable."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    for line in lines:
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return 0
