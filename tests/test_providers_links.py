"""Where result links may lead, and how what lies behind them is fetched.

Nothing here connects to anything but loopback: names resolve through fakes, addresses are only judged.
"""

import logging
from pathlib import Path

import pytest

from edits.providers import ResultLost, UnsafeLink, Unusable
from edits.providers.links import LinkRules
from tests.certificates import server_context
from tests.provider import provider
from tests.provider_client import KEY, ask, client_of
from tests.provider_links import PICTURE as LINKED
from tests.provider_links import UNSAFE

BASE_URL = "https://api.example/v1"


def rules(*addresses: str, base_url: str = BASE_URL, allow: tuple[str, ...] = ()) -> LinkRules:
    """Rules under which every name has these addresses."""
    return LinkRules(
        base_url=base_url, allow_hosts=frozenset(allow), resolve=lambda host, port: list(addresses)
    )


@pytest.mark.parametrize(
    "fault", ["ok_url", "url_when_b64", "url_relative", "url_flaky:2", "url_redirect_once"]
)
def test_a_linked_picture_is_fetched_at_once(fault: str) -> None:
    with provider(fault) as p:
        answer = ask(client_of(p))
    assert answer.image == LINKED
    assert "from_url" in answer.notes
    assert (p.calls, p.charged) == (1, 1)


def test_no_key_and_no_cookie_goes_along_with_a_download() -> None:
    with provider("url_redirect_once") as p:
        ask(client_of(p))
    for download in p.downloads:
        assert "Authorization" not in download.headers
        assert "Cookie" not in download.headers
        assert KEY not in str(download)
        assert download.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    "fault", ["url_403", "url_404", "url_410", "url_expired:0", "url_500", "url_flaky:9"]
)
def test_a_failed_download_is_tried_five_times_and_the_edit_never_again(fault: str) -> None:
    with provider(fault) as p, pytest.raises(ResultLost) as failed:
        ask(client_of(p))
    assert (p.calls, len(p.downloads)) == (1, 5)
    assert (failed.value.fault, failed.value.charged, failed.value.trace_id) == (
        "result_lost",
        "yes",
        "trace-1",
    )


@pytest.mark.parametrize("fault", ["url_reset_mid", "url_truncated", "url_slow:0.05", "url_hang"])
def test_a_download_that_breaks_off_is_lost_and_not_taken_by_half(fault: str) -> None:
    with provider(fault) as p, pytest.raises(ResultLost):
        ask(client_of(p, download_seconds=0.3, download_read_seconds=0.1))
    assert p.calls == 1
    assert 1 <= len(p.downloads) <= 5


def test_a_lost_result_can_be_fetched_later() -> None:
    with provider("url_flaky:5") as p:
        client = client_of(p)
        with pytest.raises(ResultLost) as failed:
            ask(client)
        assert client.download(failed.value.link) == LINKED
    assert p.calls == 1


def test_neither_message_nor_detail_of_a_lost_result_tells_its_link() -> None:
    with provider("url_404") as p, pytest.raises(ResultLost) as failed:
        ask(client_of(p))
    assert "/files/" in failed.value.link
    assert "/files/" not in f"{failed.value} {failed.value.detail}"


@pytest.mark.parametrize(
    "fault", ["url_html", "url_html_as_png", "url_empty_body", "url_gzip", "url_endless", "url_huge"]
)
def test_what_is_not_a_picture_is_unusable_whatever_it_calls_itself(fault: str) -> None:
    with provider(fault) as p, pytest.raises(Unusable) as failed:
        ask(client_of(p))
    assert (p.calls, len(p.downloads), failed.value.charged) == (1, 1, "yes")


def test_a_bomb_behind_a_link_is_fetched_but_not_opened() -> None:
    with provider("url_bomb") as p:
        answer = ask(client_of(p, download_seconds=20.0, download_read_seconds=20.0))
    assert answer.image is not None
    assert len(answer.image) < 200_000


@pytest.mark.parametrize(
    "fault",
    [
        "url_redirect_private",
        "url_redirect_metadata",
        "url_redirect_file",
        "url_redirect_loop",
        "url_redirect_many",
    ],
)
def test_a_redirect_to_where_it_must_not_go_is_not_followed(
    fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "edits.security"), provider() as elsewhere:
        with provider(fault, elsewhere=elsewhere.host) as p, pytest.raises(UnsafeLink):
            ask(client_of(p))
        assert (elsewhere.calls, elsewhere.downloads) == (0, [])
    assert len(p.downloads) <= 3
    assert p.calls == 1
    assert [record.name for record in caplog.records] == ["edits.security"]


@pytest.mark.parametrize("fault", UNSAFE)
def test_an_unsafe_link_is_not_followed_but_logged(fault: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "edits.security"), provider() as elsewhere:
        with provider(fault, elsewhere=elsewhere.host) as p, pytest.raises(UnsafeLink) as failed:
            ask(client_of(p))
        assert (elsewhere.calls, elsewhere.downloads) == (0, [])
    assert (p.calls, p.downloads) == (1, [])
    assert (failed.value.fault, failed.value.charged) == ("result_lost", "yes")
    assert [record.name for record in caplog.records] == ["edits.security"]


def test_a_name_without_an_address_is_tried_again_and_then_lost() -> None:
    asked: list[str] = []

    def gone(host: str, port: int) -> list[str]:
        asked.append(host)
        raise OSError("no such name")

    with provider("url_no_dns") as p, pytest.raises(ResultLost):
        ask(client_of(p, resolve=gone))
    assert asked == ["stub.invalid"] * 5
    assert p.calls == 1


@pytest.mark.parametrize(
    "addresses",
    [
        ("10.0.0.1",),
        ("127.0.0.1",),
        ("169.254.169.254",),
        ("::1",),
        ("8.8.8.8", "10.0.0.1"),
        ("2606:4700::1", "::1"),
    ],
)
def test_one_private_address_among_many_is_enough_to_refuse(addresses: tuple[str, ...]) -> None:
    with pytest.raises(UnsafeLink):
        rules(*addresses).judge("https://files.example/x.png", seen_at=BASE_URL)


def test_a_public_link_is_judged_by_looking_it_up_once() -> None:
    asked: list[tuple[str, int]] = []

    def once(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["8.8.8.8"] if len(asked) == 1 else ["127.0.0.1"]

    judge = LinkRules(base_url=BASE_URL, allow_hosts=frozenset(), resolve=once).judge
    target = judge("https://files.example/a/b.png?sig=%2F1", seen_at=BASE_URL)
    assert asked == [("files.example", 443)]
    assert target.url_at(target.addresses[0]) == "https://8.8.8.8:443/a/b.png?sig=%2F1"
    assert (target.host_header, target.server_name) == ("files.example", "files.example")


def test_the_connection_goes_to_the_judged_address_with_the_name_of_the_link(tmp_path: Path) -> None:
    context, trusted = server_context(tmp_path, name="files.example")
    with provider(tls=context) as p:
        host = p.host.replace("127.0.0.1", "files.example")
        client = client_of(p, allow_hosts=(host,), resolve=lambda *_: ["127.0.0.1"], ca_bundle=trusted)
        assert client.download(f"https://{host}/files/ok/1.png") == LINKED
    assert p.downloads[0].headers["Host"] == host


def test_the_certificate_must_be_that_of_the_name_in_the_link(tmp_path: Path) -> None:
    context, trusted = server_context(tmp_path, name="127.0.0.1")
    with provider(tls=context) as p:
        host = p.host.replace("127.0.0.1", "files.example")
        client = client_of(p, allow_hosts=(host,), resolve=lambda *_: ["127.0.0.1"], ca_bundle=trusted)
        with pytest.raises(ResultLost):
            client.download(f"https://{host}/files/ok/1.png")
    assert p.downloads == []


def test_a_listed_host_is_trusted_with_its_port_only() -> None:
    with provider() as files, provider() as p:
        link = f"http://{files.host}/files/ok/1.png"
        assert client_of(p, allow_hosts=(files.host,)).download(link) == LINKED
        with pytest.raises(UnsafeLink):
            client_of(p, allow_hosts=("127.0.0.1:80", "127.0.0.1")).download(link)
    assert len(files.downloads) == 1


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "fe80::1", "::ffff:10.0.0.1"])
def test_even_a_trusted_name_may_not_lead_to_the_metadata_service(address: str) -> None:
    with pytest.raises(UnsafeLink):
        rules(address).judge("https://api.example/x.png", seen_at=BASE_URL)
    with pytest.raises(UnsafeLink):
        rules(address, allow=("files.example:80",)).judge("http://files.example/x.png", seen_at=BASE_URL)


def test_the_providers_own_host_may_be_private_but_not_go_back_to_plain_text() -> None:
    own = rules("10.0.0.1")
    assert own.judge("/x.png", seen_at=BASE_URL).addresses == ("10.0.0.1",)
    with pytest.raises(UnsafeLink):
        own.judge("http://api.example:443/x.png", seen_at=BASE_URL)
    with pytest.raises(UnsafeLink):
        own.judge("https://api.example:8443/x.png", seen_at=BASE_URL)


def test_a_relative_link_starts_from_where_it_stood() -> None:
    target = rules("8.8.8.8").judge("files/x.png", seen_at=BASE_URL + "/")
    assert target.url.url == "https://api.example/v1/files/x.png"


def test_an_ipv6_address_keeps_its_brackets() -> None:
    target = rules().judge("https://[2606:4700::1111]/x.png", seen_at=BASE_URL)
    assert target.url_at(target.addresses[0]) == "https://[2606:4700::1111]:443/x.png"
    assert (target.host_header, target.server_name) == ("[2606:4700::1111]", "")
