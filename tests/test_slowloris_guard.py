"""Who sends too slowly, stops or leaves in the middle of a picture: nothing is taken in, and nobody waits for it."""

import re
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection
from io import BytesIO
from types import SimpleNamespace

import pytest
import requests
from gunicorn.http.body import Body, LengthReader
from gunicorn.http.unreader import IterUnreader

from editor_site import gunicorn_conf
from editor_site.slowloris_guard import SLOWEST, Pace, WatchedSocket, WholeBody
from tests.factories import picture
from tests.installation import Installation, answers, eventually, installed
from tests.soak.people import Person
from tests.soak.plan import PASSWORD, PEOPLE
from tests.soak.running import MAKE_PEOPLE

PATIENCE_SECONDS = 60
THREADS = 3
QUICK = Pace(piece_bytes=10, seconds=0.2)


@pytest.fixture
def ends() -> Iterator[tuple[WatchedSocket, socket.socket]]:
    """Our end of a connection, which is watched, and the client's."""
    plain, theirs = socket.socketpair()
    ours = WatchedSocket(fileno=plain.detach())
    with ours, theirs:
        ours.begin(QUICK)
        yield ours, theirs


class TestThePace:
    def test_who_stops_is_let_go(self, ends: tuple[WatchedSocket, socket.socket]) -> None:
        ours, theirs = ends
        ours.begin(Pace(piece_bytes=10, seconds=PATIENCE_SECONDS))
        theirs.sendall(b"half")
        assert ours.recv(100) == b"half"
        ours._waited_seconds = PATIENCE_SECONDS - QUICK.seconds
        with pytest.raises(ConnectionResetError, match="too slowly"):
            ours.recv(100)

    def test_a_byte_now_and_then_is_not_enough(self, ends: tuple[WatchedSocket, socket.socket]) -> None:
        ours, theirs = ends
        over = threading.Event()

        def drip() -> None:
            with suppress(OSError):
                while not over.wait(0.02):
                    theirs.send(b"x")

        dripping = threading.Thread(target=drip)
        dripping.start()
        ours.begin(Pace(piece_bytes=10**6, seconds=0.2))
        try:
            with pytest.raises(ConnectionResetError):
                all(ours.recv(100) for _ in range(10**5))
        finally:
            over.set()
            dripping.join()

    def test_each_piece_has_all_the_time_again(self, ends: tuple[WatchedSocket, socket.socket]) -> None:
        ours, theirs = ends
        for _ in range(5):
            ours._waited_seconds = 0.9 * QUICK.seconds
            theirs.sendall(b"x" * 10)
            assert len(ours.recv(100)) == 10
            assert ours._waited_seconds == 0

    def test_the_time_that_we_take_ourselves_does_not_count(
        self, ends: tuple[WatchedSocket, socket.socket], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ours, theirs = ends
        clock = iter([0.0, 0.01, 1000.0, 1000.01])
        monkeypatch.setattr(
            "editor_site.slowloris_guard.time", SimpleNamespace(monotonic=lambda: next(clock))
        )
        for _ in range(2):
            theirs.sendall(b"x")
            assert ours.recv(100) == b"x"

    def test_a_shorter_time_of_the_servers_own_is_kept(
        self, ends: tuple[WatchedSocket, socket.socket]
    ) -> None:
        ours, _ = ends
        ours.begin(Pace(piece_bytes=10, seconds=60))
        ours.settimeout(0.01)
        with pytest.raises(TimeoutError):
            ours.recv(100)
        assert ours.gettimeout() == 0.01

    def test_who_was_let_go_is_not_waited_for_again(self, ends: tuple[WatchedSocket, socket.socket]) -> None:
        ours, theirs = ends
        with pytest.raises(ConnectionResetError):
            ours.recv(100)
        theirs.sendall(b"late")
        assert ours.recv(100) == b""

    def test_a_thread_is_free_after_half_a_minute_and_a_slow_line_is_no_reason(self) -> None:
        assert SLOWEST.seconds <= 30
        assert SLOWEST.piece_bytes / SLOWEST.seconds <= 8000


def body_of(data: bytes, *, announced: int) -> Body:
    """A body as gunicorn reads it from a client who sends this and closes."""
    request = SimpleNamespace(
        body=Body(LengthReader(IterUnreader([data]), announced)),
        unreader=SimpleNamespace(sock=socket.socket()),
    )
    with request.unreader.sock:
        gunicorn_conf.pre_request(None, request)
    return request.body


class TestTheWholeBody:
    @pytest.mark.parametrize("length", [1, 1024, 100_000])
    def test_it_comes_as_it_was_sent(self, length: int) -> None:
        data = bytes(range(256)) * (length // 256) + b"x" * (length % 256)
        assert body_of(data, announced=length).read() == data

    def test_half_of_it_is_an_error(self) -> None:
        with pytest.raises(ConnectionResetError, match="closed"):
            body_of(b"x" * 50, announced=100).read()

    def test_a_body_without_a_length_is_left_alone(self) -> None:
        request = SimpleNamespace(body=Body(BytesIO(b"x")), unreader=SimpleNamespace(sock=socket.socket()))
        with request.unreader.sock:
            gunicorn_conf.pre_request(None, request)
        assert not isinstance(request.body.reader, WholeBody)

    def test_who_does_not_read_the_answer_keeps_no_thread_either(self) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            body = Body(LengthReader(IterUnreader([]), 0))
            gunicorn_conf.pre_request(None, SimpleNamespace(unreader=SimpleNamespace(sock=ours), body=body))
            assert ours.gettimeout() == gunicorn_conf.SILENT_SECONDS <= 60


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A web server with few threads and little patience."""
    with installed(tmp_path_factory.mktemp("web"), WEB_THREADS=str(THREADS)) as place:
        place.migrate()
        place.collect_static()
        place.python(MAKE_PEOPLE.format(names=list(PEOPLE), password=PASSWORD))
        place.start("-m", "gunicorn", "-c", "python:tests.hasty", log="web")
        eventually(lambda: answers(f"{place.url}/healthz"))
        yield place
        print(place.log("web"))


@pytest.fixture(scope="module")
def alice(place: Installation) -> Person:
    """Signed in."""
    is_up = threading.Event()
    is_up.set()
    person = Person("alice", place.url, is_up)
    person.sign_in()
    return person


def form_of(person: Person) -> bytes:
    """A whole request that sends an edit, with a picture that does not stay in memory."""
    fields = {"submission_key": str(uuid.uuid4()), "prompt": "sepia", "size": "512x512", "steps": "28"}
    fields |= {"cfg_scale": "6", "csrfmiddlewaretoken": person.cookie("csrf")}
    drawn = picture()
    files = {"image": ("a.png", drawn + b"\0" * (3_000_000 - len(drawn)), "image/png")}
    request = requests.Request("POST", f"{person.url}/", data=fields, files=files)
    prepared = person.session.prepare_request(request)
    assert isinstance(prepared.body, bytes)
    head = [f"POST / HTTP/1.1\r\nHost: {person.url.removeprefix('http://')}"]
    head += [f"{name}: {value}" for name, value in prepared.headers.items()]
    return "\r\n".join([*head, "", ""]).encode() + prepared.body


def knock(person: Person) -> socket.socket:
    """A connection of their own."""
    host, port = person.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS)


def rest_of(connection: socket.socket) -> bytes:
    """What the server still says, until it closes.  Fails when it does not."""
    said = b""
    with suppress(ConnectionError):
        while data := connection.recv(65_536):
            said += data
    return said


def drip(person: Person, begun: str, over: threading.Event) -> None:
    """Begin a request and send a byte now and then, until the server has enough of it."""
    with closing(knock(person)) as connection:
        connection.sendall(begun.encode())
        with suppress(OSError):
            while not over.wait(0.1):
                connection.sendall(b"x")


def taken_in(place: Installation) -> tuple[int, int, int]:
    """How many files, edits and pictures there are, once nothing is on its way in."""
    eventually(lambda: not any((place.folder / "incoming").iterdir()))
    files = sum(path.is_file() for path in (place.folder / "pictures").rglob("*"))
    counts = "SELECT (SELECT count(*) FROM edits_editrequest), (SELECT count(*) FROM edits_upload)"
    [(edits, uploads)] = place.rows(counts)
    return files, edits, uploads


@pytest.mark.processes
class TestTheWebServer:
    def test_clients_that_stop_are_let_go_and_nothing_is_taken_in(
        self, place: Installation, alice: Person
    ) -> None:
        before, form = taken_in(place), form_of(alice)
        begun = [form[: int(len(form) * share)] for share in (0.01, 0.5, 0.999)]
        nobody_reads_this = b"POST /history/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nx"
        with ExitStack() as stack:
            connections = [stack.enter_context(closing(knock(alice))) for _ in range(4)]
            for connection, part in zip(connections, [*begun, nobody_reads_this], strict=True):
                connection.sendall(part)
            for connection in connections:
                assert b"?show=" not in rest_of(connection)
        assert taken_in(place) == before
        said = place.log("web")
        assert "A client sent too slowly and was let go" in said
        assert "Traceback" not in said
        assert not re.search("sepia|retake_session|retake_csrf", said)

    @pytest.mark.parametrize("missing_bytes", [1, 20, 100_000])
    def test_a_client_that_leaves_leaves_nothing(
        self, place: Installation, alice: Person, missing_bytes: int
    ) -> None:
        before = taken_in(place)
        with closing(knock(alice)) as connection:
            connection.sendall(form_of(alice)[:-missing_bytes])
            connection.shutdown(socket.SHUT_WR)
            assert b"?show=" not in rest_of(connection)
        assert taken_in(place) == before

    def test_a_byte_now_and_then_keeps_no_thread_from_others(
        self, place: Installation, alice: Person
    ) -> None:
        before, over = taken_in(place), threading.Event()
        begun = ["GET / HT", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000000\r\n\r\n"]
        dripping = [threading.Thread(target=drip, args=(alice, words, over)) for words in begun * THREADS]
        for thread in dripping:
            thread.start()
        try:
            assert alice.look("/history/").status == 200
            for thread in dripping:
                thread.join(PATIENCE_SECONDS)
            assert not any(thread.is_alive() for thread in dripping)
        finally:
            over.set()
        assert taken_in(place) == before

    def test_many_requests_one_after_the_other_on_one_connection_are_served(
        self, place: Installation
    ) -> None:
        with closing(HTTPConnection("127.0.0.1", place.port, timeout=PATIENCE_SECONDS)) as connection:
            for _ in range(5):
                connection.request("GET", "/healthz")
                assert connection.getresponse().read()

    def test_a_picture_that_comes_whole_is_taken_in(self, place: Installation, alice: Person) -> None:
        files, edits, uploads = taken_in(place)
        with closing(knock(alice)) as connection:
            connection.sendall(form_of(alice))
            assert connection.recv(12) == b"HTTP/1.1 302"
        assert taken_in(place) == (files + 1, edits + 1, uploads + 1)
