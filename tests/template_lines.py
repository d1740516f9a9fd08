"""Reports the template lines that are too long to be read in a diff: python -m tests.template_lines"""

import sys
from collections.abc import Iterator
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
MOST_CHARS = 160


def too_long(templates: Path) -> Iterator[str]:
    """Each long line, as a path and a number."""
    for path in sorted(templates.rglob("*.html")):
        within = path.relative_to(templates)
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if len(line) > MOST_CHARS:
                yield f"templates/{within}:{number}: {len(line)} characters, {MOST_CHARS} are the most"


if __name__ == "__main__":
    found = list(too_long(TEMPLATES))
    sys.exit("\n".join(found) or None)
