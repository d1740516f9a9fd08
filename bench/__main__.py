"""Runs the measurements one after another, each on a clean installation.

python -m bench                     all; writes the table to results.md
python -m bench --only one flight   some; only prints them
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

import requests

from bench import by_api, claiming, flight, memory, one_edit, pages, sizes, starting
from bench.installation import Installation
from bench.report import Figure, as_markdown

RESULTS = Path(__file__).parent / "results.md"

APART: dict[str, Callable[[Path], list[Figure]]] = {
    "start": starting.measure,
    "one": one_edit.measure,
    "flight": flight.measure,
    "api": by_api.measure,
    "sizes": sizes.measure,
}
"""Measurements that create their own installations."""

TOGETHER: dict[str, Callable[[Installation, requests.Session], list[Figure]]] = {
    "memory": lambda retake, _: memory.measure(retake),
    "claiming": claiming.measure,
    "pages": pages.measure,
}
"""Measurements of one running installation, in this order."""

NAMES = (*APART, *TOGETHER)


def measure(folder: Path, names: Collection[str]) -> list[Figure]:
    """The figures of these measurements, in the order of the report."""
    figures = [figure for name in APART if name in names for figure in APART[name](folder / name)]
    wanted = [look for name, look in TOGETHER.items() if name in names]
    if wanted:
        with Installation(folder / "running") as retake:
            visitor = retake.visitor()
            figures += [figure for look in wanted for figure in look(retake, visitor)]
    return figures


def main() -> None:
    """Print the table and store it.

    A figure beyond its limit is only marked, because a busy machine is no failure.
    """
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure a running Retake.")
    parser.add_argument(
        "--only", nargs="+", choices=NAMES, default=NAMES, metavar="NAME", help=" ".join(NAMES)
    )
    names = parser.parse_args().only
    with tempfile.TemporaryDirectory(prefix="retake-bench-") as folder:
        table = as_markdown(measure(Path(folder), names))
    if set(names) == set(NAMES):
        RESULTS.write_text(table, encoding="utf-8")
    sys.stdout.write(table)


if __name__ == "__main__":
    main()
