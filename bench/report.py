"""The measured figures and their limits as a table."""

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured number.  ``value`` is None if it could not be measured; ``note`` then says why."""

    what: str
    value: float | None
    unit: str
    limit: float | None = None
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is within its limit, or there is nothing to compare."""
        return self.value is None or self.limit is None or self.value <= self.limit

    def row(self) -> str:
        """The figure as a row of the table."""
        value = "not measured" if self.value is None else f"{self.value:.4g} {self.unit}"
        limit = "" if self.limit is None else f"≤ {self.limit:g} {self.unit}"
        verdict = "" if self.limit is None or self.value is None else ("yes" if self.holds else "**no**")
        return f"| {self.what} | {value} | {limit} | {verdict} | {self.note} |"


def as_markdown(figures: Iterable[Figure]) -> str:
    """The page that ``make bench`` writes."""
    lines = [
        "# Measured",
        "",
        f"By `make bench` on {datetime.now(UTC):%Y-%m-%d}: {machine()}.",
        "",
        "| what | measured | limit | holds | |",
        "|---|---|---|---|---|",
        *(figure.row() for figure in figures),
    ]
    return "\n".join(lines) + "\n"


def machine() -> str:
    """The size of the machine and its current load."""
    words = (
        Path("/proc/meminfo").read_text(encoding="ascii").split() if Path("/proc/meminfo").exists() else []
    )
    memory = f"{int(words[1]) / 1024**2:.0f} GB, " if words else ""
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, {memory}{platform.system()}, Python {platform.python_version()}, load {load:.1f}"
