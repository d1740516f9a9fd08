"""What the benchmark says about its figures, without measuring anything."""

import os
import subprocess
import sys

import pytest

from bench.memory import family, kilobytes
from bench.report import Figure, as_markdown


def test_a_figure_beyond_its_limit_says_so() -> None:
    assert Figure("start", 2.6, "s", limit=2.5).row() == "| start | 2.6 s | ≤ 2.5 s | **no** |  |"


def test_a_figure_at_its_limit_holds() -> None:
    assert Figure("start", 2.5, "s", limit=2.5).holds


def test_what_could_not_be_measured_is_not_called_good() -> None:
    row = Figure("first visit", None, "kB", limit=150, note="no Chromium here").row()
    assert row == "| first visit | not measured | ≤ 150 kB |  | no Chromium here |"


def test_the_page_names_the_machine() -> None:
    page = as_markdown([Figure("start", 1.5, "s")])
    assert f"{os.cpu_count()} cores" in page
    assert page.endswith("| start | 1.5 s |  |  |  |\n")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_counted_over_children_and_their_children() -> None:
    nested = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    parent = subprocess.Popen([sys.executable, "-c", f"print(flush=True); {nested}"], stdin=-1, stdout=-1)
    try:
        assert parent.stdout
        parent.stdout.readline()
        while len(family(parent.pid)) < 2 and parent.poll() is None:  # the child is about to start
            pass
        assert all(kilobytes(pid, "Rss") >= kilobytes(pid, "Pss") > 0 for pid in family(parent.pid))
    finally:
        parent.communicate(b"\n")
