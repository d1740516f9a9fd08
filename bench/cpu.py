"""The CPU that an installation spends on each edit, by kind of process (Linux only).

User and system time of the processes, as the kernel counts them: a busy machine changes it far less than wall times.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bench.memory import family
from bench.report import Figure

LIMITS_MS = {"web": 25.0, "worker": 15.0, "thumbnails": 30.0}
"""For each kind, the most milliseconds for one edit."""
PROGRAMS = {"gunicorn": "web", "editor_site.worker": "worker"}
THUMBNAILS = "thumbnails"
"""The name of the worker's thread that makes them; its time is not counted as the worker's."""
USER, SYSTEM = 11, 12
"""Places in the kernel's line about a process or a thread, after its name."""


@dataclass(frozen=True)
class Cpu:
    """Milliseconds since the processes were started, by kind; zeros where the system does not tell."""

    web: float = 0.0
    worker: float = 0.0
    thumbnails: float = 0.0

    @classmethod
    def of(cls, pid: int) -> Self:
        """What the process and its descendants have spent so far."""
        spent = dict.fromkeys(LIMITS_MS, 0.0)
        for member in family(pid):
            kind = kind_of(_read(f"/proc/{member}/cmdline"))
            if kind:
                spent[kind] += milliseconds(_read(f"/proc/{member}/stat"))
            if kind == "worker":
                drawn = _of_thread(member, name=THUMBNAILS)
                spent["worker"] -= drawn
                spent["thumbnails"] += drawn
        return cls(**spent)

    def figures(self, before: "Cpu", *, what: str, edits: int) -> list[Figure]:
        """What was spent on each of this many edits since ``before``."""
        told = not Path("/proc/self/stat").exists() and "needs Linux"
        return [
            Figure(
                f"{what}: CPU of one edit, {kind}",
                None if told else (getattr(self, kind) - getattr(before, kind)) / edits,
                "ms",
                limit,
                told or "user and system time of the processes",
            )
            for kind, limit in LIMITS_MS.items()
        ]


def kind_of(command_line: str) -> str:
    """The kind of a process, by the module that it runs; blank for others, such as the supervisor."""
    words = command_line.split("\0")
    return next((kind for module, kind in PROGRAMS.items() if words[1:3] == ["-m", module]), "")


def milliseconds(stat: str) -> float:
    """User and system time in the kernel's line about a process or a thread."""
    fields = stat.rpartition(")")[2].split()
    return (int(fields[USER]) + int(fields[SYSTEM])) * 1000 / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _of_thread(pid: int, *, name: str) -> float:
    tasks = Path(f"/proc/{pid}/task")
    named = [task for task in tasks.glob("*") if _read(task / "comm").strip() == name]
    return sum(milliseconds(_read(task / "stat")) for task in named)


def _read(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return ""
