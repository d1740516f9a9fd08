"""How soon after the click on *Edit image* a worker has the edit."""

import random
import sqlite3
import time
import uuid
from contextlib import closing
from io import BytesIO
from statistics import median

import requests
from PIL import Image

from bench.installation import PATIENCE_SECONDS, Installation
from bench.report import Figure

CLICKS = 30
LIMIT_SECONDS = 0.3
UNFINISHED = "SELECT count(*) FROM edits_editrequest WHERE status IN ('queued', 'running')"


def measure(retake: Installation, visitor: requests.Session) -> list[Figure]:
    """One edit after another at random gaps, each timed from before its POST until a worker has it."""
    gaps = random.Random(7)  # noqa: S311  the same pauses in every run
    clicks = []
    for number in range(CLICKS):
        clicks.append(submit(retake, visitor, number))
        wait_until_finished(retake)
        time.sleep(gaps.uniform(0.1, 0.7))
    taken = retake.inside("claim_times()")
    waits = [claim - click for click, claim in zip(clicks, taken, strict=True)]
    note = f"slowest of {CLICKS}: {max(waits):.2f} s"
    return [Figure("from the click to a worker, median", median(waits), "s", LIMIT_SECONDS, note)]


def submit(retake: Installation, visitor: requests.Session, number: int) -> float:
    """Fill in the studio's form and send it; returns the moment of the click."""
    visitor.get(f"{retake.url}/", timeout=PATIENCE_SECONDS).raise_for_status()
    fields = {
        "csrfmiddlewaretoken": visitor.cookies["csrftoken"],
        "submission_key": str(uuid.uuid4()),
        "prompt": "turn it black and white, add film grain",
        "size": "512x512",
        "steps": "28",
        "cfg_scale": "6",
    }
    files = {"image": (f"{number}.png", picture(number), "image/png")}
    click = time.time()
    answer = visitor.post(
        f"{retake.url}/",
        data=fields,
        files=files,
        timeout=PATIENCE_SECONDS,
        allow_redirects=False,
    )
    if answer.status_code != requests.codes.found:
        raise RuntimeError(f"The edit was not taken: {answer.status_code}")
    return click


def wait_until_finished(retake: Installation) -> None:
    """Until the queue is empty, so that each click finds an idle worker.  Looks where it costs the least."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with closing(sqlite3.connect(f"file:{retake.database}?mode=ro", uri=True)) as database:
        while database.execute(UNFINISHED).fetchone()[0]:
            if time.monotonic() > deadline:
                raise RuntimeError("An edit did not finish")
            time.sleep(0.05)


def picture(number: int) -> bytes:
    """A small picture that differs from all others."""
    image = Image.linear_gradient("L").resize((512, 384)).convert("RGB")
    image.putpixel((number, 0), (255, 0, 0))
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()
