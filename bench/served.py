"""Measures what is asked of one library, for a process that asks several in turn.

Called inside an installation; reads names line by line, and answers each by a line of JSON after ``MARK``.
"""

import json
import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from bench.asked import Asked, Library
from bench.meter import cpu_ms, work_of
from bench.pictures import sources
from edits.models import EditRequest, Star, Status
from edits.services.queue.claiming import claim_next
from edits.services.queue.maintenance import UNTIL_A_STOP, UNTIL_THE_END

MARK = "measured: "
TIMES = 5
WRITE, ROUND, MEMORY = "write", "round", "memory"
ROUNDS, CLAIM = "a worker's rounds, idle", "claim, nothing waits"
SELECTED = 50


def serve() -> None:
    """Answer until the input ends; the first answer has all names with their kind and what they are compared to."""
    Session.objects.all().delete()  # the settings list sign-ins, and each run adds some
    library = Library()
    asked = {**library.asked(), **_rounds(), **dict(_writes(library))}
    _answer({name: [each.kind, each.first] for name, each in asked.items()})
    for line in sys.stdin:
        name = line.strip()
        _answer(_megabytes() if name == MEMORY else _measured(asked[name].ask))
    EditRequest.objects.filter(status=Status.QUEUED).delete()


def _measured(ask: Callable[[], object]) -> dict[str, float]:
    ask()
    milliseconds = median(cpu_ms(ask) for _ in range(TIMES))
    work = work_of(ask)
    return {"cpu_ms": milliseconds, "work": work.done, "locked": work.longest, "queries": len(work.queries)}


def _megabytes() -> float:
    """What this process holds after all it was asked: its own memory and the mapped part of the database."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def _answer(found: object) -> None:
    sys.stdout.write(f"{MARK}{json.dumps(found)}\n")
    sys.stdout.flush()


def _writes(library: Library) -> Iterator[tuple[str, Asked]]:
    """Each leaves the library as it was, but for a few edits that wait and a tag."""
    person = library.heavy
    client = library.clients[person.pk]
    done = EditRequest.objects.of(person).not_trashed().filter(status=Status.SUCCEEDED, shared_at=None)
    ids = [str(edit.public_id) for edit in done.order_by("-pk")[:SELECTED]]
    pictures = iter(sources(4 * TIMES))

    def post(address: str, **data: Any) -> None:
        answer = client.post(address, data)
        assert answer.status_code in (200, 302), (address, answer.status_code)
        b"".join(answer) if answer.streaming else answer.content

    def submit() -> None:
        picture = SimpleUploadedFile("source.jpg", next(pictures), "image/jpeg")
        options = {"size": "512x512", "steps": "28", "cfg_scale": "6"}
        post("/", submission_key=str(uuid.uuid4()), prompt="black and white", image=picture, **options)

    def star_again() -> None:
        Star.objects.filter(edit__public_id__in=ids).delete()
        post("/edits/bulk/", action="star", edit=ids, list="history")

    def trash_and_restore() -> None:
        post("/edits/bulk/", action="trash", edit=ids, list="history")
        post("/edits/bulk/", action="restore", edit=ids, list="trash")

    acts: dict[str, Callable[[], object]] = {
        "submit": submit,
        "star one": lambda: post(f"/edits/{ids[0]}/star/", starred="1"),
        "star 50": star_again,
        "tag 50": lambda: post("/edits/bulk/", action="tag", names="zebra", edit=ids, list="history"),
        "trash and restore 50": trash_and_restore,
        "zip of 50": lambda: post("/edits/bulk/", action="download", edit=ids, list="history"),
    }
    return ((name, Asked(WRITE, act, name)) for name, act in acts.items())


def _rounds() -> dict[str, Asked]:
    return {ROUNDS: Asked(ROUND, run_rounds, ROUNDS), CLAIM: Asked(WRITE, claim_nothing, CLAIM)}


def run_rounds() -> None:
    """All rounds of a worker, once."""
    lease, now = timedelta(seconds=settings.LEASE_SECONDS), timezone.now()
    for step in chain(*UNTIL_THE_END, *UNTIL_A_STOP):
        step(lease=lease, now=now)


def claim_nothing() -> None:
    """What a worker does that was woken for nothing.  Has to be asked before anything waits."""
    assert claim_next(lease=timedelta(seconds=settings.LEASE_SECONDS), now=timezone.now()) is None
