"""Compares edits made with the OpenAI SDK directly at the provider with those through Retake's API."""

from pathlib import Path
from statistics import median

from bench import direct, flight
from bench.clicks import looking, wait_until_shown
from bench.cpu import Cpu
from bench.direct import Run
from bench.flight import LATENCY_SECONDS, ROWS, Row
from bench.installation import Installation
from bench.memory import Peak
from bench.provider import AT_ONCE, Provider
from bench.report import Figure

EDITS = 30
OURS = "through Retake"
MOST_TIMES = 2.2
FIRST_OF_RUN = 1
"""The SDK's first edit, for what it loads then."""


def measure(folder: Path) -> list[Figure]:
    """One edit after another, then many in flight, each row on its own installation."""
    many = [figure for row in ROWS for figure in measure_row(row, folder=folder / str(row.edits))]
    return [measure_one(folder / "one"), *many]


def measure_one(folder: Path) -> Figure:
    """The provider answers immediately.  The SDK alone runs before and after ours."""
    with Provider(latency_seconds=0) as provider:
        alone = direct.run_apart(provider.url, count=EDITS // 2, at_once=1, prompt=AT_ONCE).seconds
        with Installation(folder, provider.settings) as retake:
            ours = through(retake, count=EDITS, at_once=1, prompt=AT_ONCE)
        alone += direct.run_apart(provider.url, count=EDITS // 2, at_once=1, prompt=AT_ONCE).seconds
    return figure_of_one(ours=ours, alone=alone)


def through(retake: Installation, *, count: int, at_once: int, prompt: str) -> Run:
    """``count`` edits with the OpenAI SDK through Retake."""
    [key] = retake.inside("make_api_keys(1)")
    return direct.run_apart(f"{retake.url}/v1", key=key, count=count, at_once=at_once, prompt=prompt)


def figure_of_one(*, ours: Run, alone: list[float]) -> Figure:
    """The ratio of the times until the picture arrives."""
    note = (
        f"until the SDK has the picture: {median(ours.seconds) * 1000:.0f} ms of Retake, "
        f"{median(alone) * 1000:.0f} ms of the provider; medians of {len(ours.seconds)}; lost {ours.lost}"
    )
    times = median(ours.seconds) / median(alone)
    return Figure("by the API: one edit ÷ the openai SDK alone", times, "", MOST_TIMES, note)


def measure_row(row: Row, *, folder: Path) -> list[Figure]:
    """Concurrent callers, each waiting for its picture."""
    what = f"by the API: {row.edits} in flight"
    if not flight.has_open_files(row):
        return [Figure(f"{what}: lost", None, "", 0, flight.NO_FILES)]
    with Provider(latency_seconds=LATENCY_SECONDS) as provider:
        alone = direct.run_apart(provider.url, count=row.edits, at_once=row.edits, prompt=what)
        with Installation(folder, flight.settings_of(row, provider)) as retake, Peak(retake.pid) as memory:
            through(retake, count=flight.WARM_UP, at_once=1, prompt=AT_ONCE)
            cpu = spent(retake)
            ours = through(retake, count=row.edits, at_once=row.edits, prompt=OURS)
            spent_on = spent(retake).figures(cpu, what=what, edits=row.edits + FIRST_OF_RUN)
        calls = provider.counts()["calls"]
    twice = sum(number - 1 for prompt, number in calls.items() if prompt.startswith(OURS))
    return figures(row, ours=ours, alone=alone, called_twice=twice, memory=memory) + spent_on


def spent(retake: Installation) -> Cpu:
    """What the installation has spent so far, when its results have their thumbnails."""
    with looking(retake.database) as database:
        wait_until_shown(database, pause_seconds=0.05)
    return Cpu.of(retake.pid)


def figures(row: Row, *, ours: Run, alone: Run, called_twice: int, memory: Peak) -> list[Figure]:
    """The figures of the row; memory is that of Retake's processes, without the callers'."""
    what = f"by the API: {row.edits} in flight"
    lost = f"called twice: {called_twice}; the openai SDK alone lost {alone.lost}"
    ideal = f"the openai SDK alone {alone.wall_seconds / LATENCY_SECONDS:.2f}; both share the machine"
    rss = memory.rss_mb or None
    return [
        Figure(f"{what}: lost", ours.lost, "", 0, lost),
        Figure(
            f"{what}: time ÷ the provider's {LATENCY_SECONDS:g} s",
            ours.wall_seconds / LATENCY_SECONDS,
            "",
            row.most_times_ideal,
            ideal,
        ),
        Figure(f"{what}: memory, RSS", rss, "MB", row.most_mb, f"PSS {memory.pss_mb:.0f} MB"),
    ]
