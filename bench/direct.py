"""The baseline: edits made with the OpenAI SDK in a separate process, with the provider's or Retake's API.

python -m bench.direct http://127.0.0.1:9000/v1 KEY 30 1 "at once"    30 edits, one after another
python -m bench.direct http://127.0.0.1:9000/v1 KEY 200 200 flight    200 edits at the same time
"""

import base64
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import httpx2
from openai import OpenAI, OpenAIError

from bench.pictures import sources
from bench.provider import AT_ONCE

TIMEOUT_SECONDS = 180.0


@dataclass(frozen=True)
class Run:
    """The seconds of each edit that came back, the total time, and how many did not come back."""

    seconds: list[float]
    wall_seconds: float
    lost: int


ANY_KEY = "bench"


def run_apart(url: str, *, count: int, at_once: int, prompt: str, key: str = ANY_KEY) -> Run:
    """Make ``count`` edits in another process, ``at_once`` of them concurrently."""
    command = [sys.executable, "-m", "bench.direct", url, key, str(count), str(at_once), prompt]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  our own command
    return Run(**json.loads(done.stdout))


def run(url: str, *, key: str, count: int, at_once: int, prompt: str) -> Run:
    """Make ``count`` edits in this process, after a first one for what the SDK loads on its first call."""
    limits = httpx2.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    with httpx2.Client(limits=limits, timeout=TIMEOUT_SECONDS) as connections:
        client = OpenAI(base_url=url, api_key=key, max_retries=0, http_client=connections)
        pictures = sources(count)
        edit(client, picture=pictures[0], prompt=f"{AT_ONCE}: direct, first")
        began = time.monotonic()
        with ThreadPoolExecutor(at_once) as threads:
            jobs = [
                threads.submit(edit, client, picture=picture, prompt=f"{prompt}: direct, {number}")
                for number, picture in enumerate(pictures)
            ]
            times = [job.result() for job in jobs]
        wall_seconds = time.monotonic() - began
    kept = [seconds for seconds in times if seconds is not None]
    return Run(kept, wall_seconds, lost=count - len(kept))


def edit(client: OpenAI, *, picture: bytes, prompt: str) -> float | None:
    """The seconds until the picture arrived; None if it did not, or was another one."""
    began = time.monotonic()
    try:
        answer = client.images.edit(
            model="step-1x-edit",
            image=("source.jpg", picture, "image/jpeg"),
            prompt=prompt,
            size="512x512",
            response_format="b64_json",
            extra_body={"seed": 1, "steps": 28, "cfg_scale": 6.0},
        )
    except OpenAIError:
        return None
    encoded = answer.data[0].b64_json if answer.data else None
    result = base64.b64decode(encoded or "")
    seconds = time.monotonic() - began
    return seconds if prompt.encode() in result[:512] else None


if __name__ == "__main__":
    address, own_key, edits, together, words = sys.argv[1:]
    found = run(address, key=own_key, count=int(edits), at_once=int(together), prompt=words)
    print(json.dumps(asdict(found)))  # noqa: T201  read by the parent process
