"""One soak from an empty folder to its evidence."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.installation import ROOT, Installation, installed
from tests.provider import provider
from tests.provider_calls import Provider
from tests.soak.evidence import Evidence, kept_answers
from tests.soak.fleet import Fleet
from tests.soak.invariants import FINAL, Broken, broken_promises
from tests.soak.killing import keep_killing
from tests.soak.people import Look, Person, keep_looking
from tests.soak.plan import API_KEY, PASSWORD, PEOPLE, Plan
from tests.soak.story import as_text, figures_of, report

PICTURE_PX = (96, 96)
MAKE_PEOPLE = """
from edits.models import Role, User
names = {names}
for name in names[:-1]:
    User.objects.create_user(name, f"{{name}}@example.com", "{password}")
User.objects.create_superuser(names[-1], "root@example.com", "{password}")
answer(len(names))
"""
DONE = f"SELECT count(*) FROM edits_editrequest WHERE status IN {tuple(sorted(FINAL))}"
BARE = "SELECT count(*) FROM edits_returnedimage WHERE withheld = 0 AND thumb_320 = ''"
LAST_PART = 0.8
"""Of the edits are final at the last kill, so that there still is something to kill for."""


@dataclass(frozen=True)
class Outcome:
    """What came of a soak."""

    broken: list[Broken]
    evidence: Evidence
    seconds: float

    def __str__(self) -> str:
        """Figures, and what was broken."""
        text = as_text(figures_of(self.evidence, seconds=self.seconds))
        return f"{text}\n{report(self.broken, self.evidence)}" if self.broken else text


def soak(plan: Plan, folder: Path) -> Outcome:
    """Run a plan in an empty folder.  Raises AssertionError when it does not come to its end in time."""
    began = time.monotonic()
    with provider() as upstream, installed(folder, **plan.settings) as place:
        upstream.draw, upstream.numbers_pictures, upstream.picture_px = plan.chances(), True, PICTURE_PX
        place.settings["STEPFUN_BASE_URL"] = upstream.base_url
        place.migrate()
        place.collect_static()
        place.python(MAKE_PEOPLE.format(names=list(PEOPLE), password=PASSWORD))
        fleet = Fleet(place, upstream.host, plan)
        fleet.start()
        evidence = _Soak(plan, place, fleet, upstream, deadline=began + plan.minutes * 60).run()
    return Outcome(broken_promises(evidence), evidence, time.monotonic() - began)


@dataclass
class _Soak:
    plan: Plan
    place: Installation
    fleet: Fleet
    upstream: Provider
    deadline: float
    trouble: list[str] = field(default_factory=list)

    def run(self) -> Evidence:
        """People send and look while programs are killed; then all is left alone until it is final."""
        people = [Person(name, self.place.url, self.fleet.web_is_up) for name in PEOPLE]
        for person in people:
            person.sign_in()
        looks: list[Look] = []
        accepted: list[str] = []
        stop = threading.Event()
        with ThreadPoolExecutor(2) as threads:
            looking = threads.submit(keep_looking, at_a_second_window(people), looks, stop=stop)
            sending = threads.submit(self._send_all, people, accepted)
            try:
                keep_killing(self.fleet, self.upstream, plan=self.plan, ready=self._ready)
                sending.result()
                self._settle()
            except AssertionError as error:
                self.trouble.append(str(error))
                self.deadline = time.monotonic()  # nobody waits for anything any more
            stop.set()
            looking.result()
        self.trouble += self.fleet.stop_all()
        self.trouble += wrong_media(self.place)
        return Evidence(
            plan=self.plan,
            place=self.place,
            upstream=self.upstream,
            accepted=accepted,
            trouble=self.trouble,
            ends=self.fleet.ends,
            looks=looks,
            secrets=[API_KEY, PASSWORD, *(person.cookie("session") for person in people)],
        )

    def _settle(self) -> None:
        """Wait until all is final, thumbnails included, and workers had a round to clear away what is left."""
        self._until(lambda: self._done() >= self.plan.edits, "not all edits became final in time")
        self._until(lambda: self.place.rows(BARE) == [(0,)], "not all thumbnails were made in time")
        self._until(lambda: not kept_answers(self.place), "an answer stayed in the spool")

    def _send_all(self, people: list[Person], accepted: list[str]) -> None:
        for number in range(self.plan.edits):
            self._until(lambda: len(accepted) < self._done() + self.plan.waiting, "no edit became final")
            prompt = self.plan.prompt(number)
            people[number % len(people)].submit(prompt)
            accepted.append(prompt)

    def _ready(self, kill: int) -> None:
        due = int(self.plan.edits * LAST_PART * kill / self.plan.kills)
        self._until(lambda: self._done() >= due, f"fewer than {due} edits became final before kill {kill}")

    def _done(self) -> int:
        return int(self.place.rows(DONE)[0][0])

    def _until(self, look: Callable[[], object], trouble: str) -> None:
        """Wait for what other processes do.  Raises AssertionError with these words when time is up."""
        while not look():
            assert time.monotonic() < self.deadline, trouble
            time.sleep(0.1)


def at_a_second_window(people: list[Person]) -> list[Person]:
    """The same people at a second window: a session of cookies is no place for two threads."""
    again = [replace(person, session=type(person.session)()) for person in people]
    for one, other in zip(people, again, strict=True):
        other.session.cookies.update(one.session.cookies)
    return again


A_DAY_OF_SWEEPING = """
from datetime import UTC, datetime, timedelta
from edits.services.pictures.orphans import EVERY, FOLDERS, clear_unnamed_uploads
every = int(EVERY.total_seconds())
first = int(datetime.now(UTC).timestamp()) // every
for turn in range(first, first + FOLDERS):
    clear_unnamed_uploads(lease=timedelta(seconds=30), now=datetime.fromtimestamp(turn * every, UTC))
"""


def wrong_media(place: Installation) -> list[str]:
    """What the operator's own check finds a day after everything: workers looked into each folder of uploads once.

    Two workers may make the thumbnails of one upload; if the slower one is killed, its files wait for that look.
    """
    long_ago = time.time() - 7200
    for path in (place.folder / "pictures").rglob("*"):
        os.utime(path, (long_ago, long_ago))
    sweep = [sys.executable, "manage.py", "shell", "-c", A_DAY_OF_SWEEPING]
    subprocess.run(sweep, cwd=ROOT, env=place.environment, capture_output=True, check=True)
    words = [sys.executable, "manage.py", "check_media", "--hashes"]
    done = subprocess.run(words, cwd=ROOT, env=place.environment, capture_output=True, text=True, check=False)
    return (
        [f"check_media: {line}" for line in (done.stdout or done.stderr).splitlines()]
        if done.returncode
        else []
    )
