"""Quick tests cannot start other programs, and those that are marked can."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

PROGRAM = [sys.executable, "-c", ""]


@pytest.mark.parametrize(
    "start",
    [
        lambda: subprocess.run(PROGRAM, check=True),
        lambda: os.system("true"),
        lambda: os.posix_spawn(PROGRAM[0], PROGRAM, {}),
    ],
    ids=["subprocess", "system", "posix_spawn"],
)
def test_a_test_without_the_mark_starts_nothing(start: Callable[[], object]) -> None:
    with pytest.raises(AssertionError, match="without the mark of processes"):
        start()


@pytest.mark.processes
def test_a_test_with_the_mark_starts_what_it_wants() -> None:
    assert subprocess.run(PROGRAM, check=True).returncode == 0
