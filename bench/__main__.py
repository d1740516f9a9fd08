"""Runs all measurements one after another, each on a clean installation of its own making."""

import sys
import tempfile
from pathlib import Path

from bench import claiming, memory, pages, starting
from bench.installation import Installation
from bench.report import Figure, as_markdown

RESULTS = Path(__file__).parent / "results.md"


def measure(folder: Path) -> list[Figure]:
    """All figures, in the order in which they are told."""
    figures = starting.measure(folder / "starting")
    with Installation(folder / "running") as retake:
        figures += memory.measure(retake)
        visitor = retake.visitor()
        figures += claiming.measure(retake, visitor)
        figures += pages.measure(retake, visitor)
    return figures


def main() -> None:
    """Print the table and keep it.  A figure that does not hold is said there: a busy machine is no failure."""
    with tempfile.TemporaryDirectory(prefix="retake-bench-") as folder:
        table = as_markdown(measure(Path(folder)))
    RESULTS.write_text(table, encoding="utf-8")
    sys.stdout.write(table)


if __name__ == "__main__":
    main()
