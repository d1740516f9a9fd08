"""A process that is asked to stop knows it, and still stops."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from editor_site import shutdown


@pytest.fixture
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(shutdown, "_stopping", False)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("_as_before")
def test_the_signal_sets_the_mark_and_does_what_it_did() -> None:
    came = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: came.set())
    shutdown.watch_for_sigterm()
    assert not shutdown.is_stopping()
    os.kill(os.getpid(), signal.SIGTERM)
    assert came.wait(60)
    assert shutdown.is_stopping()
