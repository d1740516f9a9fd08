"""What the program logs during a test, as production would write it: one object of JSON a line."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog

from editor_site import logs


@dataclass
class Lines:
    """What was logged so far."""

    stream: io.StringIO = field(default_factory=io.StringIO)

    @property
    def text(self) -> str:
        """All of it as it would stand in a file."""
        return self.stream.getvalue()

    @property
    def all(self) -> list[dict[str, Any]]:
        """Each line read back."""
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        """The lines of one kind."""
        return [line for line in self.all if line["event"] == event]


@contextmanager
def logged(name: str = "", *, form: str = "json") -> Iterator[Lines]:
    """Collects the lines of this logger and those below it; "" is everything."""
    lines = Lines()
    formatter = logs.config(form=form, level="INFO")["formatters"]["structured"]
    handler = logging.StreamHandler(lines.stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"]
        )
    )
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
