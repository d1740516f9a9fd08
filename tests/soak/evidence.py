"""What is left after a soak: rows, files, logs and the provider's diary, read without any of the app's code."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.installation import Installation
from tests.provider_calls import Entry, Provider
from tests.soak.fleet import End
from tests.soak.people import Look
from tests.soak.plan import Plan

Row = dict[str, Any]


@dataclass
class Evidence:
    """Everything that the promises are held against; the rows are read when it is made."""

    place: Installation
    upstream: Provider
    accepted: list[str]
    """Prompts that the site took."""
    plan: Plan = field(default_factory=Plan)
    trouble: list[str] = field(default_factory=list)
    """What kept the soak from its end."""
    ends: list[End] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    """What no log may hold besides the prompts."""

    def __post_init__(self) -> None:
        self.diary = list(self.upstream.diary)
        self.edits = _rows(self.place, "edits_editrequest")
        self.uploads = _rows(self.place, "edits_upload")
        self.results = {row["edit_id"]: row for row in _rows(self.place, "edits_returnedimage")}
        self.attempts: dict[int, list[Row]] = {edit["id"]: [] for edit in self.edits}
        for row in _rows(self.place, "edits_attempt", order="number"):
            self.attempts[row["edit_id"]].append(row)
        self._calls: dict[str, list[Entry]] = {}
        for entry in self.diary:
            self._calls.setdefault(entry.prompt, []).append(entry)

    def calls_of(self, edit: Row) -> list[Entry]:
        """The edit's calls that reached the provider whole."""
        return self._calls.get(edit["prompt"], [])

    @property
    def pictures(self) -> Path:
        """Where the installation keeps its pictures."""
        return self.place.folder / "pictures"

    def logs(self) -> dict[str, str]:
        """All that any program printed, by file."""
        paths = sorted(self.place.folder.glob("*.log"))
        return {path.name: path.read_text(errors="replace") for path in paths}


def kept_answers(place: Installation) -> list[str]:
    """Paid answers that lie on the disk until they are stored; not drafts of killed workers, which go later."""
    spool = place.folder / "spool"
    return sorted(path.name for path in spool.iterdir() if path.suffix != ".part") if spool.exists() else []


def _rows(place: Installation, table: str, *, order: str = "id") -> list[Row]:
    columns = [name for _, name, *_ in place.rows(f"PRAGMA table_info({table})")]
    found = place.rows(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}")
    return [dict(zip(columns, row, strict=True)) for row in found]


def lines_with(text: str, logs: dict[str, str], *, most: int = 12) -> list[str]:
    """The lines of the logs that hold a text, each with the file it stands in."""
    found = [
        f"{name}: {line}"
        for name, log in logs.items()
        for line in log.splitlines()
        if re.search(re.escape(text), line)
    ]
    return found[:most]
