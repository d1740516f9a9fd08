"""How costs grow with the library: everything is asked of a small and of a large one in turn, in one run.

``python -m bench.sizes --edits 1000 1000000 --folder DIR`` writes each page, filter and write to DIR/sizes.md, and
fills libraries that are not there yet.  ``--databases`` takes URLs of empty PostgreSQL databases, one for each.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bench.installation import ROOT
from bench.report import Figure, machine

SMALL, LARGE = 1_000, 100_000
SWEEP_SECONDS = 3
PAGE, FILTER, WRITE, ROUND, MEMORY = "page", "filter", "write", "round", "memory"
LIMITS = {PAGE: 1.2, FILTER: 2.0, WRITE: 1.2}
WORDS = {
    PAGE: "a page with {large:,} edits ÷ with {small:,}, CPU, median",
    FILTER: "a filter of {large:,} edits ÷ the first page, CPU, median",
    WRITE: "a write with {large:,} edits ÷ with {small:,}, CPU, median",
}
MARK = "measured: "
FILL = "from bench.library import fill, keep_picture, show_progress as tell; keep_picture(); fill({edits}, tell=tell)"
READ_PROMPTS = (
    "from edits.services.prompts.past_prompts import CHUNK, fill_some\nwhile fill_some() == CHUNK: pass"
)
LEARN = "from edits.services.query_statistics import Statistics; from django.utils import timezone; "
LEARN += "from django.db import connection; Statistics().keep(lease=None, now=timezone.now()); "
LEARN += "connection.vendor == 'postgresql' and connection.cursor().execute('VACUUM ANALYZE')"


@dataclass
class Library:
    """A library in a folder of its own, and the process that measures it."""

    edits: int
    folder: Path
    database: str = ""
    process: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Of its programs."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        named = {"DATABASE_URL": self.database} if self.database else {}
        return kept | {"DATA_DIR": str(self.folder)} | named

    def fill(self) -> None:
        """Make its tables and rows, unless it was filled before."""
        filled = self.folder / "filled"
        if not filled.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._run("migrate", "--verbosity=0")
            self._run("shell", "--no-imports", "-c", FILL.format(edits=self.edits))
            self._run("index_search")
            self._run("shell", "--no-imports", "-c", READ_PROMPTS)
            self._run("shell", "--no-imports", "-c", LEARN)
            filled.touch()

    def ask(self, name: str) -> Any:
        """What it costs, as ``bench.served`` measures it."""
        assert self.process
        assert self.process.stdin
        self.process.stdin.write(f"{name}\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> Any:
        """The next answer of its process.  Raises RuntimeError if that ended."""
        assert self.process
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith(MARK):
                return json.loads(line.removeprefix(MARK))
        raise RuntimeError(f"The library of {self.edits} edits could not be measured")

    def __enter__(self) -> Self:
        words = self._words("shell", "--no-imports", "-c", "from bench.served import serve; serve()")
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(words, cwd=ROOT, env=self.environment, **pipes)  # noqa: S603
        return self

    def __exit__(self, *_: object) -> None:
        if self.process:
            self.process.communicate()

    def _run(self, *words: str) -> None:
        subprocess.run(self._words(*words), cwd=ROOT, env=self.environment, check=True)  # noqa: S603

    def _words(self, *words: str) -> list[str]:
        return [sys.executable, "manage.py", *words]


@dataclass(frozen=True)
class Cost:
    """What was measured of one name: CPU in ms, and the database's work, with few edits and with many."""

    name: str
    kind: str
    few: dict[str, float]
    many: dict[str, float]
    first: dict[str, float]
    """Of the first page of its list, with many."""

    @property
    def ratio(self) -> float:
        """Of the CPU: filters to the first page of the same library, everything else to the small library."""
        return self.many["cpu_ms"] / (self.first if self.kind == FILTER else self.few)["cpu_ms"]

    def row(self) -> str:
        """As a row of the table."""
        figures = [f"{side['cpu_ms']:.1f} | {side['work']:,.0f}" for side in (self.few, self.many)]
        return f"| {self.kind} | {self.name} | {' | '.join(figures)} | {self.ratio:.2f} | {self.many['queries']} |"


def compare(few: Library, many: Library) -> tuple[list[Cost], tuple[float, float]]:
    """The costs of all that is asked, each of both in turn, and the memory of both processes in MB."""
    with few, many:
        names, _ = many.answer(), few.answer()
        found = {name: (few.ask(name), many.ask(name)) for name in names}
        memory = few.ask(MEMORY), many.ask(MEMORY)
    costs = [
        Cost(name, kind, *found[name], first=found.get(first, found[name])[1])
        for name, (kind, first) in names.items()
    ]
    return costs, memory


def figures(costs: Sequence[Cost], memory: tuple[float, float], *, few: int, many: int) -> list[Figure]:
    """The rows of the report: how many are within their limit, and which are furthest from it."""
    found = []
    for kind, limit in LIMITS.items():
        ratios = sorted((cost.ratio, cost.name) for cost in costs if cost.kind == kind)
        within = sum(ratio <= limit for ratio, _ in ratios)
        worst = ", ".join(f"{name} {ratio:.1f}" for ratio, name in reversed(ratios[-4:]))
        note = f"{within} of {len(ratios)} within it; highest: {worst}"
        what = WORDS[kind].format(small=few, large=many)
        found.append(Figure(what, ratios[len(ratios) // 2][0], "", limit, note))
    idle = sum(cost.many["cpu_ms"] for cost in costs if cost.kind == ROUND) / SWEEP_SECONDS / 10
    found.append(Figure(f"an idle worker's rounds with {many:,} edits, CPU", idle, "% of a core", 1.0))
    note = f"{memory[0]:.0f} and {memory[1]:.0f} MB, of a process that served all of this"
    return [
        *found,
        Figure(f"memory with {many:,} edits ÷ with {few:,}", memory[1] / memory[0], "", 1.3, note),
    ]


def measure(folder: Path) -> list[Figure]:
    """The figures of two libraries that are made for it."""
    few, many = Library(SMALL, folder / "small"), Library(LARGE, folder / "large")
    for library in (few, many):
        library.fill()
    costs, memory = compare(few, many)
    return figures(costs, memory, few=SMALL, many=LARGE)


def main() -> None:
    """Measure two libraries, and write everything about them to the folder."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.sizes", description="Compare two sizes of a library."
    )
    parser.add_argument("--edits", nargs=2, type=int, default=(SMALL, LARGE))
    parser.add_argument("--databases", nargs=2, default=("", ""), metavar="URL")
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args()
    few, many = (
        Library(edits, asked.folder / f"{edits}{'-postgresql' if url else ''}", url)
        for edits, url in zip(asked.edits, asked.databases, strict=True)
    )
    for library in (few, many):
        library.fill()
    costs, memory = compare(few, many)
    head = f"| | what | {few.edits:,}: CPU ms | work | {many.edits:,}: CPU ms | work | ratio | queries |"
    rows = [
        f"# {machine()}",
        "",
        head,
        "|---|---|---|---|---|---|---|---|",
        *(cost.row() for cost in costs),
        "",
    ]
    rows += [figure.row() for figure in figures(costs, memory, few=few.edits, many=many.edits)]
    (asked.folder / "sizes.md").write_text("\n".join(rows) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
