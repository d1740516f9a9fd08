"""One machine of several: a data folder and processes of its own, everything else shared."""

import os
import signal
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.installation import Installation, answers, eventually
from tests.soak.evidence import kept_answers
from tests.soak.people import Person


@dataclass
class Machine(Installation):
    """What one machine runs and keeps on its own disk."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the shared database holds now."""
        with psycopg.connect(self.settings["DATABASE_URL"], connect_timeout=10) as connection:
            return connection.execute(query.encode()).fetchall()

    def run(self, *parts: str) -> None:
        """Start everything, or these parts; returns when the first page is there, where there are pages."""
        self.start("manage.py", "up", *parts, log="up")
        if "web" in parts or not parts:
            eventually(lambda: answers(f"{self.url}/healthz"))

    def kill(self) -> None:
        """As a power cut would: the supervisor and all that it started."""
        for process in self.processes:
            process.send_signal(signal.SIGSTOP)  # it must not restart what is killed first
            for child in children_of(process.pid):
                os.killpg(child, signal.SIGKILL)
            process.kill()
            process.wait()

    def states(self) -> Counter[str]:
        """How many edits stand where."""
        return Counter(status for (status,) in self.rows("SELECT status FROM edits_editrequest"))

    def spooled(self) -> int:
        """How many paid answers lie on this machine's disk."""
        return sum(name.endswith(".answer") for name in kept_answers(self))

    def visited_by(self, name: str) -> Person:
        """Somebody in front of this machine's pages, signed in."""
        is_up = threading.Event()
        is_up.set()
        person = Person(name, self.url, is_up)
        person.sign_in()
        return person


def children_of(pid: int) -> list[int]:
    """The processes that this one started; each leads a group of its own."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]
