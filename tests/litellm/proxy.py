"""Starts the proxy and waits until it takes calls."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from editor_site.supervisor import die_with
from tests.installation import ROOT, answers, eventually, free_port

PROGRAM = ROOT / ".venv" / "gateway" / "bin" / "litellm"
CONFIG = Path(__file__).with_name("config.yaml")
KEY = "sk-proxy-4711"
QUIET = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # otherwise it asks the internet for its list of prices
    "LITELLM_TELEMETRY": "False",
    "NO_PROXY": "127.0.0.1",
}


@contextmanager
def litellm_proxy(folder: Path, **places: str) -> Iterator[str]:
    """The base URL of a proxy whose config names these places; its log is in the folder."""
    port = free_port()
    words = [str(PROGRAM), "--config", str(CONFIG), "--host", "127.0.0.1", "--port", str(port)]
    environment = (
        {"PATH": os.environ["PATH"], "HOME": str(folder), "LITELLM_MASTER_KEY": KEY} | QUIET | places
    )
    with (folder / "litellm.log").open("wb") as log:
        process = subprocess.Popen(
            words,
            env=environment,
            cwd=folder,
            stdout=log,
            stderr=log,
            preexec_fn=partial(die_with, os.getpid()),
        )
    try:
        eventually(
            lambda: process.poll() is not None or answers(f"http://127.0.0.1:{port}/health/liveliness")
        )
        assert process.poll() is None, (folder / "litellm.log").read_text()
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(timeout=30)
