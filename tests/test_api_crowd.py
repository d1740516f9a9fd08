"""Many callers wait in a real web server: pages are served meanwhile, and a caller that leaves frees a place."""

import http.client
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from tests.factories import picture
from tests.installation import PATIENCE_SECONDS, Installation, answers, eventually, installed

pytestmark = pytest.mark.processes

CALLERS = 300
THREADS = 12
OWN_THREADS = 6
"""Of the process itself and of the one that looks after those who wait."""
BOUNDARY = "cat-7d1c9a5e4f"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("retake")


@pytest.fixture(scope="module")
def prepared(folder: Path) -> Iterator[tuple[Installation, str]]:
    """A migrated installation in which nothing runs yet, and Alice's key."""
    with installed(folder) as retake:
        retake.migrate()
        retake.collect_static()
        retake.python(
            "from edits.models import User; User.objects.create_user('alice', password='open sesame 7'); answer(1)"
        )
        yield retake, retake.manage("create_api_key", "alice", "--per-minute", "60000").strip()


@pytest.fixture
def web(prepared: tuple[Installation, str]) -> Iterator[Installation]:
    """The web server without a worker, so that every call waits."""
    retake, _ = prepared
    retake.settings |= {"WEB_THREADS": str(THREADS), "GUNICORN_CMD_ARGS": ""}
    yield from served(retake)


@pytest.fixture
def narrow(prepared: tuple[Installation, str]) -> Iterator[Installation]:
    """A web server in which two may wait."""
    retake, _ = prepared
    retake.settings |= {"WEB_THREADS": "4", "GUNICORN_CMD_ARGS": "--worker-connections 5"}
    yield from served(retake)


def served(retake: Installation) -> Iterator[Installation]:
    retake.start("-m", "gunicorn", "-c", "python:editor_site.gunicorn_conf", log="web")
    eventually(lambda: answers(f"{retake.url}/healthz"))
    yield retake
    cancel(retake)
    retake.stop()
    retake.processes.clear()


@pytest.fixture
def key(prepared: tuple[Installation, str]) -> str:
    return prepared[1]


def body() -> bytes:
    """The form of one call."""
    fields = {"model": "step-1x-edit", "prompt": "sepia"}
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="cat.png"\r\n\r\n'
    return b"".join(parts) + head.encode() + picture(mark=7) + f"\r\n--{BOUNDARY}--\r\n".encode()


def begin(
    retake: Installation, key: str, headers: Mapping[str, str] = MappingProxyType({})
) -> http.client.HTTPConnection:
    """A call whose answer nobody has read yet."""
    line = http.client.HTTPConnection("127.0.0.1", retake.port, timeout=PATIENCE_SECONDS)
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    own = {"Authorization": f"Bearer {key}", "Content-Type": kind, **headers}
    line.request("POST", "/v1/images/edits", body(), own)
    return line


def call(retake: Installation, key: str) -> tuple[int, dict[str, Any]]:
    """Call, wait, and give status and JSON."""
    with closing(begin(retake, key)) as line:
        response = line.getresponse()
        return response.status, json.loads(response.read())


def active(retake: Installation, which: str = "1") -> int:
    """How many of these edits are in line."""
    query = f"SELECT COUNT(*) FROM edits_editrequest WHERE status = 'queued' AND {which}"
    return int(retake.rows(query)[0][0])


def last_id(retake: Installation) -> int:
    """The key of the newest edit."""
    return int(retake.rows("SELECT MAX(id) FROM edits_editrequest")[0][0])


def code_of(retake: Installation, key: str) -> str:
    """The code of the error that a call ends with."""
    return str(call(retake, key)[1]["error"]["code"])


def cancel(retake: Installation, which: str = "1") -> None:
    """End these edits that are in line, as no worker is there to do it."""
    with closing(sqlite3.connect(retake.folder / "retake.sqlite3", timeout=60)) as database, database:
        database.execute(
            "UPDATE edits_editrequest SET status = 'canceled', finished_at = created_at "
            f"WHERE status = 'queued' AND {which}"
        )


def all_at_once(
    retake: Installation, key: str, threads: ThreadPoolExecutor, *, count: int
) -> "list[Future[tuple[int, dict[str, Any]]]]":
    """So many calls, all of them waiting for their edits."""
    jobs = [threads.submit(call, retake, key) for _ in range(count)]
    eventually(lambda: active(retake) == count)
    return jobs


def held(retake: Installation) -> tuple[int, int]:
    """How many threads the serving process has, and how many open files of the database."""
    arbiter = retake.processes[-1].pid
    (server,) = Path(f"/proc/{arbiter}/task/{arbiter}/children").read_text().split()
    links = (os.readlink(path) for path in Path(f"/proc/{server}/fd").iterdir())
    return len(list(Path(f"/proc/{server}/task").iterdir())), sum("retake.sqlite3" in link for link in links)


def test_callers_who_wait_hold_neither_a_thread_nor_a_database_connection(
    web: Installation, key: str
) -> None:
    """Pages are served meanwhile, and the answers are those of any other call."""
    with ThreadPoolExecutor(CALLERS) as threads:
        jobs = all_at_once(web, key, threads, count=CALLERS)
        its_threads, its_files = held(web)
        assert its_threads <= THREADS + OWN_THREADS
        assert its_files <= 3 * (THREADS + OWN_THREADS)
        for path in ("/healthz", "/accounts/login/", "/v1/openapi.json") * 5:
            with closing(http.client.HTTPConnection("127.0.0.1", web.port, timeout=PATIENCE_SECONDS)) as line:
                line.request("GET", path)
                assert line.getresponse().status == 200
        assert not any(job.done() for job in jobs)
        cancel(web)
        ended = [job.result(PATIENCE_SECONDS) for job in jobs]
    assert {(status, found["error"]["code"]) for status, found in ended} == {(400, "canceled")}


def test_an_answer_after_a_wait_is_like_any_other_and_keeps_the_connection(
    web: Installation, key: str
) -> None:
    with closing(begin(web, key, headers={"X-Request-Id": "from-a-proxy-1"})) as line:
        eventually(lambda: active(web) == 1)
        cancel(web)
        waited = line.getresponse()
        waited.read()
        ours = line.sock
        line.request("GET", "/v1/models", headers={"Authorization": f"Bearer {key}"})
        usual = line.getresponse()
        usual.read()
        assert line.sock is ours, "the same connection was used again"
    assert (waited.status, usual.status) == (400, 200)
    assert waited.headers["X-Request-Id"] == "from-a-proxy-1"
    own = {"X-Request-Id", "X-Edit-Id", "X-Should-Retry", "Date", "Content-Length"}
    alike = [
        {name: value for name, value in found.headers.items() if name not in own} for found in (waited, usual)
    ]
    assert alike[0] == alike[1]
    lines = web.log("web").splitlines()
    assert sum("edit taken in" in text and "from-a-proxy-1" in text for text in lines) == 1


def test_a_web_server_that_ends_after_so_many_requests_answers_those_who_wait(
    prepared: tuple[Installation, str], key: str
) -> None:
    retake, _ = prepared
    retake.settings |= {"WEB_THREADS": "4", "GUNICORN_CMD_ARGS": "--max-requests 20"}
    serving = served(retake)
    next(serving)
    with ThreadPoolExecutor(1) as threads:
        (job,) = all_at_once(retake, key, threads, count=1)
        while not job.done():
            answers(f"{retake.url}/healthz")
        status, found = job.result()
    assert (status, found["error"]["code"]) == (503, "edit_pending")
    next(serving, None)


def test_a_web_server_that_stops_answers_those_who_wait(web: Installation, key: str) -> None:
    with ThreadPoolExecutor(20) as threads:
        jobs = all_at_once(web, key, threads, count=20)
        web.processes[-1].terminate()
        ended = [job.result(PATIENCE_SECONDS) for job in jobs]
    assert {(status, found["error"]["code"]) for status, found in ended} == {(503, "edit_pending")}
    assert active(web) == 20  # nothing is lost over it


def test_who_hangs_up_frees_the_place_and_keeps_the_edit(narrow: Installation, key: str) -> None:
    gone = [begin(narrow, key) for _ in range(2)]
    eventually(lambda: active(narrow) == 2)
    with ThreadPoolExecutor(1) as threads:

        def is_kept_waiting() -> bool:
            """Whether one more call has a place, until somebody cancels the edit that it made."""
            before = last_id(narrow)
            job = threads.submit(code_of, narrow, key)
            while not job.done():
                wait([job], timeout=0.5)
                cancel(narrow, f"id > {before} AND id = (SELECT MAX(id) FROM edits_editrequest)")
            code = job.result()
            assert code in ("canceled", "edit_pending")
            return code == "canceled"

        def no_place_is_left() -> bool:
            """An edit is stored before its call has a place, which this one may have taken from it."""
            if not is_kept_waiting():
                return True
            gone.append(begin(narrow, key))
            return False

        eventually(no_place_is_left)
        left, kept = last_id(narrow), active(narrow)
        assert kept >= 2
        for line in gone:
            line.close()
        eventually(is_kept_waiting)
    assert active(narrow, f"id <= {left}") == kept
