"""Posting: one request to a judged address and nowhere else, and what came of it in words."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from pytest_django import Settings

from edits.providers import UnsafeLink
from edits.services.webhooks.posting import (
    BROKEN,
    NO_NAME,
    PRIVATE,
    PROBLEMS,
    Answered,
    Message,
    judged,
    post,
)
from edits.services.webhooks.url_check import judge_address
from tests.installation import free_port
from tests.receiver import Receiver, receiver
from tests.test_providers_addresses import NOT_PUBLIC

PUBLIC = "93.184.216.34"


def never(host: str, port: int) -> list[str]:
    raise AssertionError("a name was looked up")


def message_to(url: str) -> Message:
    return Message(url, {"webhook-id": "1"}, b"{}")


@pytest.fixture
def there(settings: Settings) -> Iterator[Receiver]:
    with receiver(204) as found:
        settings.WEBHOOK_PRIVATE_HOSTS = [found.host]
        yield found


NO_WEB_ADDRESSES = """
http://localhost./ http://2130706433/ http://0x7f.1/ http://127.1/ http://user:pass@example.com/
ftp://example.com/ file:///etc/passwd gopher://example.com/ //example.com/ /hook example.com
http:///hook http://exa%6dple.com/ http://[fe80::1%25eth0]/ http://example.com:22/ http://example.com:25/
https://example.com:1023/ http://example.com:99999/
"""


class TestWhere:
    @pytest.mark.parametrize("address", [found for found in NOT_PUBLIC.split() if "%" not in found])
    def test_no_address_but_a_public_one_is_posted_to(self, address: str) -> None:
        host = f"[{address}]" if ":" in address else address
        for scheme in ("http", "https"):
            with pytest.raises(UnsafeLink):
                judge_address(f"{scheme}://{host}/hook", look_up=never)

    @pytest.mark.parametrize("url", NO_WEB_ADDRESSES.split())
    def test_nor_anything_that_is_no_plain_web_address(self, url: str) -> None:
        with pytest.raises(UnsafeLink):
            judge_address(url, look_up=lambda host, port: ["127.0.0.1"])

    @pytest.mark.parametrize(
        "found", [["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"], ["fd00::1"]]
    )
    def test_nor_a_name_one_of_whose_addresses_is_private(self, found: list[str]) -> None:
        answered = post(message_to("https://inside.example/hook"), look_up=lambda host, port: found)
        assert answered == Answered(None, PRIVATE)

    @pytest.mark.parametrize("port", [80, 443, 1024, 8080, 65535])
    def test_the_open_internet_may_listen_on_free_ports(self, port: int) -> None:
        for scheme in ("http", "https"):
            target = judge_address(f"{scheme}://hooks.example:{port}/a", look_up=lambda host, port: [PUBLIC])
            assert (target.addresses, target.port) == ((PUBLIC,), port)

    def test_a_private_host_that_is_listed_may_be_posted_to_and_its_neighbors_may_not(
        self, settings: Settings
    ) -> None:
        settings.WEBHOOK_PRIVATE_HOSTS = ["10.0.0.7:443", "hooks.internal:8080"]
        assert judge_address("https://10.0.0.7/a", look_up=never)
        assert judge_address("http://hooks.internal:8080/a", look_up=lambda host, port: ["10.1.2.3"])
        for url in ("http://10.0.0.7/", "https://10.0.0.7:8443/", "https://10.0.0.8/"):
            with pytest.raises(UnsafeLink):
                judge_address(url, look_up=never)

    def test_not_even_a_listed_name_leads_to_a_metadata_service(self, settings: Settings) -> None:
        settings.WEBHOOK_PRIVATE_HOSTS = ["hooks.internal:80"]
        with pytest.raises(UnsafeLink):
            judge_address("http://hooks.internal/", look_up=lambda host, port: ["169.254.169.254"])

    def test_what_is_not_listed_is_not_connected_to(self, there: Receiver, settings: Settings) -> None:
        settings.WEBHOOK_PRIVATE_HOSTS = []
        assert post(message_to(there.url)).problem == PRIVATE
        assert there.posts == []

    def test_a_name_is_looked_up_once_and_what_was_judged_is_connected_to(
        self, there: Receiver, settings: Settings
    ) -> None:
        settings.WEBHOOK_PRIVATE_HOSTS = [f"Hooks.internal:{there.port}"]
        asked: list[str] = []

        def look_up(host: str, port: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

        answered = post(message_to(f"http://hooks.internal:{there.port}/hook?a=1"), look_up=look_up)
        assert (answered, asked) == (Answered(204), ["hooks.internal"])
        (received,) = there.posts
        assert received.headers["host"] == f"hooks.internal:{there.port}"
        assert received.path == "/hook?a=1"


class TestAnswers:
    @pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
    def test_every_2xx_takes_it(self, there: Receiver, status: int) -> None:
        there.answers = [status]
        assert post(message_to(there.url)) == Answered(status)

    @pytest.mark.parametrize("status", [400, 401, 404, 410, 429, 500, 503])
    def test_nothing_else_does(self, there: Receiver, status: int) -> None:
        there.answers = [status]
        assert post(message_to(there.url)) == Answered(status, f"Answered {status}.")

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_redirects_are_not_followed(self, there: Receiver, status: int) -> None:
        there.answers = [status]
        answered = post(message_to(there.url))
        assert answered.status == status
        assert "not followed" in answered.problem
        assert [received.path for received in there.posts] == ["/hook"]

    def test_what_is_sent_says_who_sent_it_and_carries_nothing_else(
        self, there: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        assert post(message_to(there.url)).problem == ""
        (received,) = there.posts
        assert received.body == b"{}"
        assert received.headers["user-agent"] == "Retake"
        assert received.headers["content-type"] == "application/json"
        assert not {"cookie", "authorization"} & received.headers.keys()

    def test_a_slow_receiver_is_left_in_time(self, settings: Settings) -> None:
        with receiver(204, free=False) as slow:
            settings.WEBHOOK_PRIVATE_HOSTS = [slow.host]
            assert post(message_to(slow.url), seconds=2).problem == PROBLEMS["timeout"]

    def test_nobody_there_is_said_so(self, settings: Settings) -> None:
        port = free_port()
        settings.WEBHOOK_PRIVATE_HOSTS = [f"127.0.0.1:{port}"]
        assert post(message_to(f"http://127.0.0.1:{port}/")).problem == PROBLEMS["refused"]

    def test_a_second_address_is_tried_where_the_first_does_not_listen(
        self, there: Receiver, settings: Settings
    ) -> None:
        settings.WEBHOOK_PRIVATE_HOSTS = [f"hooks.internal:{there.port}"]
        answered = post(
            message_to(f"http://hooks.internal:{there.port}/"), look_up=lambda *_: ["127.0.0.2", "127.0.0.1"]
        )
        assert answered == Answered(204)

    def test_a_certificate_that_is_not_trusted_is_said_so(self, there: Receiver) -> None:
        assert post(message_to(there.url.replace("http:", "https:"))).problem == PROBLEMS["tls"]
        assert there.posts == []

    def test_a_name_that_is_not_found_is_said_so(self) -> None:
        def nowhere(host: str, port: int) -> list[str]:
            raise OSError("no such name")

        assert post(message_to("https://gone.example/"), look_up=nowhere) == Answered(None, NO_NAME)

    def test_a_connection_that_breaks_before_the_answer_is_no_answer(self, settings: Settings) -> None:
        with speaking(b"", settings) as (url, _):
            assert post(message_to(url)) == Answered(None, BROKEN)

    def test_one_that_breaks_after_it_was_taken_is(self, settings: Settings) -> None:
        with speaking(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc", settings) as (url, _):
            assert post(message_to(url)) == Answered(200)

    def test_what_the_receiver_says_is_not_read_to_the_end(self, settings: Settings) -> None:
        many = 256 * 2**20
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % many
        with speaking(head, settings, then=many) as (url, taken):
            assert post(message_to(url)) == Answered(200)
        assert taken() < many / 2

    @pytest.mark.parametrize("said", [b"hello\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nab"])
    def test_nonsense_is_a_problem_in_words(self, said: bytes, settings: Settings) -> None:
        with speaking(said, settings) as (url, _):
            answered = post(message_to(url))
        assert answered.status in (None, 200)
        assert answered.status or answered.problem


def test_a_status_is_told_in_words() -> None:
    assert judged(204).problem == ""
    assert judged(302).problem == "Answered 302, a redirect. Redirects are not followed."
    assert judged(100).problem == "Answered 100."


@contextmanager
def speaking(said: bytes, settings: Settings, *, then: int = 0) -> Iterator[tuple[str, Callable[[], int]]]:
    """Somebody who reads a request and says these bytes, then so many zeros as are taken, and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    taken = 0

    def speak() -> None:
        nonlocal taken
        with listener.accept()[0] as connection:
            connection.settimeout(60)
            request = b""
            while not request.endswith(b"{}"):
                request += connection.recv(65536)
            try:
                connection.sendall(said)
                while taken < then:
                    taken += connection.send(bytes(65536))
            except OSError:
                return

    thread = threading.Thread(target=speak, daemon=True)
    thread.start()
    host = f"127.0.0.1:{listener.getsockname()[1]}"
    settings.WEBHOOK_PRIVATE_HOSTS = [host]
    with listener:
        yield f"http://{host}/", lambda: taken
        thread.join(60)
