"""Many edits in flight at a provider that takes ten seconds: counts lost edits and measures the total time."""

import resource
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench import direct
from bench.clicks import Clicker, looking, wait_until_final, wait_until_shown
from bench.cpu import Cpu
from bench.installation import Installation
from bench.memory import Peak
from bench.pictures import sources
from bench.provider import AT_ONCE, Provider
from bench.report import Figure

LATENCY_SECONDS = 10.0
PATIENCE_SECONDS = 120.0
MEMBERS = 10
CLICKING_AT_ONCE = 64
WARM_UP = 4
FILES_PER_EDIT, OTHER_FILES = 5, 200
NO_FILES = "the system does not allow so many open files (ulimit -n)"


@dataclass(frozen=True)
class Row:
    """A number of concurrent edits, with the limits for their time and memory."""

    edits: int
    most_times_ideal: float
    most_mb: float | None = None


ROWS = (Row(200, most_times_ideal=1.25, most_mb=600), Row(500, most_times_ideal=1.6))


@dataclass(frozen=True)
class Flight:
    """The outcome of the edits; times in seconds since the first click.  Refused edits also count as lost."""

    taken_in_seconds: float
    wall_seconds: float
    lost: int
    refused: int
    called_twice: int
    most_at_once: int
    memory: Peak
    cpu: list[Figure]


def measure(folder: Path) -> list[Figure]:
    """All rows, each on its own installation, compared with the SDK alone at the same provider."""
    return [figure for row in ROWS for figure in measure_row(row, folder=folder / str(row.edits))]


def measure_row(row: Row, *, folder: Path) -> list[Figure]:
    """The figures of one row; none if the system does not let a process open enough files."""
    what = f"{row.edits} edits in flight"
    if not has_open_files(row):
        return [Figure(f"{what}: lost", None, "", 0, NO_FILES)]
    with Provider(latency_seconds=LATENCY_SECONDS) as provider:
        alone = direct.run_apart(provider.url, count=row.edits, at_once=row.edits, prompt=what)
        with Installation(folder, settings_of(row, provider)) as retake:
            flight = fly(retake, provider, count=row.edits)
    return figures(row, flight=flight, alone=alone)


def settings_of(row: Row, provider: Provider) -> dict[str, str]:
    """Settings that send all edits of the row to this provider at the same time."""
    at_once = {"WORKER_THREADS": str(row.edits), "STEPFUN_MAX_CONCURRENT": str(row.edits)}
    return provider.settings | at_once


def has_open_files(row: Row) -> bool:
    """Whether processes can open as many files as the row needs, after raising their limit."""
    needed = FILES_PER_EDIT * row.edits + OTHER_FILES
    return allow_open_files(needed) >= needed


def allow_open_files(needed: int) -> int:
    """Raise the limit of open files of this process and its children towards ``needed``; returns the new limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    wanted = needed if hard == unlimited else min(needed, hard)
    if soft != unlimited and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return needed if soft == unlimited else soft


def fly(retake: Installation, provider: Provider, *, count: int) -> Flight:
    """Submit all edits through the page's form, by ten users, as fast as they are accepted."""
    people = [Clicker(retake, visitor) for visitor in retake.visitors(MEMBERS)]
    with looking(retake.database) as database, ThreadPoolExecutor(CLICKING_AT_ONCE) as threads:
        for number, picture in enumerate(sources(WARM_UP, first=count)):
            people[number].click(people[number].body(picture=picture, prompt=f"{AT_ONCE}: {number}"))
        wait_until_final(database, pause_seconds=0.05, seconds=PATIENCE_SECONDS)
        wait_until_shown(database, pause_seconds=0.05)
        forms = [
            (person, person.body(picture=picture, prompt=f"flight: {number}"))
            for number, picture in enumerate(sources(count))
            for person in [people[number % MEMBERS]]
        ]
        with Peak(retake.pid) as memory:
            cpu = Cpu.of(retake.pid)
            began = time.monotonic()
            taken = list(threads.map(lambda form: form[0].click(form[1]), forms))
            taken_in_seconds = time.monotonic() - began
            wait_until_final(database, pause_seconds=0.02, seconds=PATIENCE_SECONDS)
            wall_seconds = time.monotonic() - began
        wait_until_shown(database, pause_seconds=0.05)
        spent = Cpu.of(retake.pid).figures(cpu, what=f"{count} edits in flight", edits=count)
    counts = provider.counts()
    calls = {prompt: calls for prompt, calls in counts["calls"].items() if prompt.startswith("flight")}
    return Flight(
        taken_in_seconds,
        wall_seconds,
        lost=lost(retake.inside("results()"), count=count),
        refused=taken.count(False),
        called_twice=sum(number - 1 for number in calls.values()),
        most_at_once=counts["most_at_once"],
        memory=memory,
        cpu=spent,
    )


def lost(results: list[list[str]], *, count: int) -> int:
    """How many of the edits did not get their own picture."""
    kept = {prompt for prompt, status, tag in results if status == "succeeded" and tag == prompt}
    return sum(f"flight: {number}" not in kept for number in range(count))


def figures(row: Row, *, flight: Flight, alone: direct.Run) -> list[Figure]:
    """The figures of the row."""
    what = f"{row.edits} edits in flight"
    times = flight.wall_seconds / LATENCY_SECONDS
    note = (
        f"all taken in after {flight.taken_in_seconds:.1f} s, the last picture after {flight.wall_seconds:.1f} s; "
        f"the openai SDK alone {alone.wall_seconds / LATENCY_SECONDS:.2f}"
    )
    calls = f"not taken in: {flight.refused}; called twice: {flight.called_twice}; "
    calls += f"open at once: {flight.most_at_once}"
    calls += f"; the openai SDK alone lost {alone.lost}"
    memory = [Figure(f"{what}: memory, RSS", None, "MB", row.most_mb, "needs Linux")]
    if flight.memory.rss_mb:
        note_of_memory = f"PSS {flight.memory.pss_mb:.0f} MB, highest of all processes together"
        memory = [Figure(f"{what}: memory, RSS", flight.memory.rss_mb, "MB", row.most_mb, note_of_memory)]
    return [
        Figure(f"{what}: lost", flight.lost, "", 0, calls),
        Figure(f"{what}: time ÷ the provider's {LATENCY_SECONDS:g} s", times, "", row.most_times_ideal, note),
        *memory,
        *flight.cpu,
    ]
