"""A plug-in of pytest: only tests that are marked for it start other programs, so that the quick ones stay quick."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

STARTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system"}
MARKS = ("browser", "processes", "servers", "soak")

_quick: list[str] = []
"""The test that runs now and may not start anything."""


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if _quick and event in STARTS:
        raise AssertionError(f"{_quick[0]} starts {args[0] if args else event} without the mark of processes")


def pytest_configure() -> None:
    """Look at each start of a program from now on."""
    sys.addaudithook(_watch)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[Any]:
    """Refuse them while a test runs, its fixtures included, that has none of the marks."""
    if not any(item.get_closest_marker(mark) for mark in MARKS):
        _quick.append(item.nodeid)
    try:
        return (yield)
    finally:
        _quick.clear()
