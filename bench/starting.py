"""The time from ``make run`` to the first page when everything is installed."""

from pathlib import Path
from statistics import median

from bench.installation import Installation
from bench.report import Figure

ROUNDS = 5
LIMIT_SECONDS = 2.5


def measure(folder: Path) -> list[Figure]:
    """The very first start, which creates the tables, and the median of those after it."""
    retake = Installation(folder)
    seconds = []
    for _ in range(1 + ROUNDS):
        seconds.append(retake.start())
        retake.stop()
    first, *later = seconds
    return [
        Figure(
            "start to first page",
            median(later),
            "s",
            LIMIT_SECONDS,
            f"slowest of {ROUNDS}: {max(later):.2f} s",
        ),
        Figure("the same on an empty folder", first, "s", note="makes the tables"),
    ]
