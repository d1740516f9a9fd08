"""Compares the time of one edit through Retake with the same edit made with the OpenAI SDK alone."""

import time
from pathlib import Path
from statistics import median

from bench import direct
from bench.clicks import Clicker, looking, wait_until_final, wait_until_shown
from bench.installation import Installation
from bench.pictures import sources
from bench.provider import AT_ONCE, Provider
from bench.report import Figure

EDITS = 30
MOST_TIMES = 2.0
LOOK_EVERY_SECONDS = 0.002


def measure(folder: Path) -> list[Figure]:
    """One edit after another; the provider answers immediately.  The SDK runs before and after ours."""
    with Provider(latency_seconds=0) as provider:
        alone = direct.run_apart(provider.url, count=EDITS // 2, at_once=1, prompt=AT_ONCE).seconds
        with Installation(folder, provider.settings) as retake:
            ours, shown = one_after_another(retake)
        alone += direct.run_apart(provider.url, count=EDITS // 2, at_once=1, prompt=AT_ONCE).seconds
    return [figure(ours=ours, shown=shown, alone=alone)]


def one_after_another(retake: Installation) -> tuple[list[float], list[float]]:
    """For each edit, the seconds from the click until its picture is stored, and until it has its thumbnails.

    The next click waits for these.  The first edit is a warm-up.
    """
    person = Clicker(retake, retake.visitor())
    stored, shown = [], []
    with looking(retake.database) as database:
        for number, picture in enumerate(sources(EDITS + 1)):
            form = person.body(picture=picture, prompt=f"{AT_ONCE}: {number}")
            began = time.monotonic()
            taken = person.click(form)
            if not taken or not wait_until_final(database, pause_seconds=LOOK_EVERY_SECONDS):
                raise RuntimeError("An edit did not come to its end")
            stored.append(time.monotonic() - began)
            if not wait_until_shown(database, pause_seconds=LOOK_EVERY_SECONDS):
                raise RuntimeError("An edit did not get its thumbnails")
            shown.append(time.monotonic() - began)
    if any(status != "succeeded" or tag != prompt for prompt, status, tag in retake.inside("results()")):
        raise RuntimeError("An edit did not come to its picture")
    return stored[1:], shown[1:]


def figure(*, ours: list[float], shown: list[float], alone: list[float]) -> Figure:
    """The ratio of our time to the SDK's."""
    note = (
        f"through the page's form until the picture is stored {median(ours) * 1000:.0f} ms "
        f"(with its thumbnails {median(shown) * 1000:.0f} ms), the SDK {median(alone) * 1000:.0f} ms; "
        f"medians of {len(ours)}"
    )
    times = median(ours) / median(alone)
    return Figure("one edit ÷ the openai SDK alone, provider answering at once", times, "", MOST_TIMES, note)
