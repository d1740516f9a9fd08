"""How much memory all processes of an idle installation take (Linux only)."""

import time
from pathlib import Path

from bench.installation import Installation
from bench.report import Figure

LIMIT_MB = 350
SETTLING_SECONDS = 8.0  # the worker and the engine start after the web server


def measure(retake: Installation) -> list[Figure]:
    """RSS counts what processes share once for each, PSS once in all."""
    if not Path("/proc/self/smaps_rollup").exists() or retake.process is None:
        return [Figure("idle memory", None, "MB", LIMIT_MB, "needs Linux")]
    time.sleep(SETTLING_SECONDS)
    processes = family(retake.process.pid)
    rss, pss = (sum(kilobytes(pid, name) for pid in processes) / 1024 for name in ("Rss", "Pss"))
    note = f"{len(processes)} processes"
    return [
        Figure("idle memory, RSS", rss, "MB", LIMIT_MB, note),
        Figure("idle memory, PSS", pss, "MB", note="shared pages counted once"),
    ]


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):  # it ended while we looked
            continue
    found = [pid]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found


def kilobytes(pid: int, name: str) -> int:
    """One line of what the kernel says about a process's memory."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return 0
