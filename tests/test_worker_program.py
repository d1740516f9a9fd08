"""``python -m editor_site.worker``: what a worker does not need is not loaded, because it would stay in memory."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

PROGRAM = """
import sys
from editor_site.worker import app
app.loader.import_default_modules()
print(*sorted(sys.modules))
"""


def test_a_worker_loads_neither_pages_nor_other_commands(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "editor_site.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert "edits.tasks" in loaded
    assert not loaded & {"editor_site.urls", "edits.views", "edits.api", "edits.forms"}
    assert not loaded & {"celery.bin.celery", "prompt_toolkit"}


def test_the_practice_engine_runs_without_django() -> None:
    words = "import sys, edits.local_engine.__main__; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert "django" not in done.stdout.split()
