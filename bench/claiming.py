"""The time from the click on *Edit image* until a worker claims the edit."""

import random
import time
from statistics import median

import requests

from bench.clicks import Clicker, looking, wait_until_final
from bench.installation import Installation
from bench.pictures import sources
from bench.report import Figure

CLICKS = 30
LIMIT_SECONDS = 0.3
PROMPT = "turn it black and white, add film grain"


def measure(retake: Installation, visitor: requests.Session) -> list[Figure]:
    """One edit after another with random pauses, each timed from before its POST until a worker claims it."""
    gaps = random.Random(7)  # noqa: S311  the same pauses in every run
    person = Clicker(retake, visitor)
    clicks = []
    with looking(retake.database) as database:
        for picture in sources(CLICKS):
            form = person.body(picture=picture, prompt=PROMPT)
            clicks.append(time.time())
            if not person.click(form) or not wait_until_final(database, pause_seconds=0.05):
                raise RuntimeError("An edit did not come to its end")
            time.sleep(gaps.uniform(0.1, 0.7))
    taken = retake.inside("claim_times()")
    waits = [claim - click for click, claim in zip(clicks, taken, strict=True)]
    note = f"slowest of {CLICKS}: {max(waits):.2f} s"
    return [Figure("from the click to a worker, median", median(waits), "s", LIMIT_SECONDS, note)]
