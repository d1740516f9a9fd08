"""The reader of the log is gone, full or broken: edits end as usual, and programs stop cleanly."""

import io
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.core.files.uploadedfile import SimpleUploadedFile

from editor_site import logs
from editor_site.supervisor import say
from edits.models import Attempt, Charged, EditRequest, Status, User
from edits.providers import Unanswered
from edits.services.calls import spooling
from tests.conftest import signed_in
from tests.editors import Editor, made, run, run_until_final
from tests.factories import edit_of, picture
from tests.installation import ROOT, Installation, eventually, installed
from tests.provider import Provider as Upstream
from tests.provider import provider
from tests.test_stopping import SUBMIT, counts


class Broken(io.StringIO):
    """Takes nothing."""

    def __init__(self, trouble: Exception) -> None:
        super().__init__()
        self.trouble = trouble

    def write(self, text: str) -> int:
        raise self.trouble


def closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


STREAMS = {
    "whose reader is gone": lambda: Broken(BrokenPipeError(32, "Broken pipe")),
    "on a full disk": lambda: Broken(OSError(28, "No space left on device")),
    "that is closed": closed,
    "with a defect of its own": lambda: Broken(RuntimeError("defect")),
}


@contextmanager
def logging_to(stream: Any) -> Iterator[None]:
    """All that is logged goes there alone, through the handler that is shipped."""
    settings = logs.config(form="json", level="DEBUG")
    handler = logs.Stderr(stream)
    formatter = settings["formatters"]["structured"]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"]
        )
    )
    root = logging.getLogger()
    before = root.handlers
    root.handlers = [handler]
    try:
        yield
    finally:
        root.handlers = before


@pytest.fixture(params=list(STREAMS))
def deaf(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The log goes to such a stream, and so does what Python says of that."""
    stream = STREAMS[request.param]()
    monkeypatch.setattr(sys, "stderr", stream)
    with logging_to(stream):
        yield


@pytest.mark.usefixtures("deaf")
def test_a_line_that_cannot_be_written_is_no_error() -> None:
    logging.getLogger("edits").warning("a line of %s", "text")
    structlog.stdlib.get_logger("edits").warning("a line", edit="x")
    try:
        raise ValueError
    except ValueError:
        logging.getLogger("edits").exception("a traceback")


def test_the_handler_that_is_shipped_is_this_one() -> None:
    handler = logs.config(form="text", level="INFO")["handlers"]["stderr"]
    assert handler["()"] is logs.Stderr


@pytest.mark.usefixtures("deaf")
class TestAnEdit:
    def test_it_is_taken_in(self, alice: User) -> None:
        form = {"prompt": "sepia", "image": SimpleUploadedFile("a.png", picture(), "image/png")}
        assert signed_in(alice).post("/", form).status_code == 302
        assert EditRequest.objects.get().status == Status.QUEUED

    def test_what_its_call_brought_is_stored(self, alice: User) -> None:
        edit = run(edit_of(alice), editor := Editor([made()]))
        assert (edit.status, edit.result.seed_used, len(editor.calls)) == (Status.SUCCEEDED, 77120, 1)
        assert Attempt.objects.get().charged == Charged.YES
        assert spooling.count() == 0

    @pytest.mark.parametrize(("trouble", "calls"), [(RuntimeError("defect"), 2), (Unanswered("cut off"), 1)])
    def test_what_its_call_may_have_cost_is_on_record(
        self, alice: User, trouble: Exception, calls: int
    ) -> None:
        edit = edit_of(alice)
        assert run_until_final(edit, Editor([trouble])) == calls
        assert edit.status == Status.FAILED
        assert set(Attempt.objects.values_list("charged", flat=True)) == {Charged.MAYBE}


def test_the_supervisor_goes_on_when_nobody_reads_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream in (Broken(BrokenPipeError()), closed()):
        monkeypatch.setattr(sys, "stdout", stream)
        say("worker ended with code 1; restart 1 of 5 in 0.5 s.")


class Pipe:
    """Takes what programs say until it is broken."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()

    def close(self) -> None:
        """As when `| tee` is killed, or the program that collects the log."""
        for end in (self.reading, self.writing):
            os.close(end)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with provider() as p:
        p.numbers_pictures, p.picture_px = True, (96, 96)
        yield p


@pytest.fixture
def place(tmp_path: Path, upstream: Upstream) -> Iterator[Installation]:
    settings = {"STEPFUN_BASE_URL": upstream.base_url, "STEPFUN_API_KEY": "sk-test", "LOG_LEVEL": "DEBUG"}
    with installed(tmp_path, **settings) as installation:
        installation.migrate()
        yield installation


@pytest.mark.processes
def test_a_worker_whose_log_nobody_takes_any_more_works_on_and_stops_well(
    place: Installation, upstream: Upstream
) -> None:
    pipe = Pipe()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up", "worker"],
        cwd=ROOT,
        env=place.environment,
        stdout=pipe.writing,
        stderr=pipe.writing,
        start_new_session=True,
    )
    place.processes.append(process)
    upstream.gate.clear()
    place.python(SUBMIT.format(first=0, count=1))
    eventually(lambda: upstream.running == 1)
    pipe.close()
    upstream.gate.set()
    eventually(lambda: counts(place) == {"succeeded": 1})

    upstream.gate.clear()
    place.python(SUBMIT.format(first=1, count=3))
    eventually(lambda: upstream.running == 3)
    process.send_signal(signal.SIGTERM)
    upstream.gate.set()
    process.wait(timeout=120)
    assert counts(place) == {"succeeded": 4}
    assert sorted(call.prompt for call in upstream.diary) == [f"wish {number}" for number in range(4)]
