"""Calls through a company's proxy: everything that was judged without one is judged with it, before it is asked."""

from base64 import b64encode
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pytest_django import Settings

from edits.models import User
from edits.providers import Client, ResultLost, Unreachable, UnsafeLink
from edits.providers.proxies import Proxies
from edits.services.provider.connecting import link_client, provider_client
from edits.services.webhooks.posting import PRIVATE, PROBLEMS, Message, post
from tests.certificates import server_context
from tests.connect_proxy import ConnectProxy, connect_proxy
from tests.factories import finished_edit_of
from tests.installation import free_port
from tests.provider import provider
from tests.provider_calls import Provider
from tests.provider_client import ask, client_of
from tests.receiver import receiver

NAME = "gpu.example.org"
PUBLIC = "93.184.216.34"


def port_of(there: Provider) -> int:
    return int(there.host.rpartition(":")[2])


def through(proxy: ConnectProxy, there: Provider, **changes: object) -> Client:
    """A client of a provider that only the proxy reaches."""
    scheme = urlsplit(there.base_url).scheme
    proxies = Proxies(http=proxy.url, https=proxy.url)
    return client_of(there, **{"base_url": f"{scheme}://{NAME}/v1", "proxies": proxies} | changes)


class TestTheWay:
    def test_the_operators_own_provider_is_asked_for_by_its_name(self) -> None:
        """The proxy may know names that this machine does not."""
        with provider() as p, connect_proxy(leads_to=port_of(p)) as proxy:
            assert ask(through(proxy, p)).finish_reason == "success"
        assert (proxy.asked, p.calls) == ([f"CONNECT {NAME}:80"], 1)
        assert p.received[0].headers["Host"] == NAME

    def test_any_other_is_asked_for_by_the_address_that_was_judged(self) -> None:
        with provider() as p, connect_proxy(leads_to=port_of(p)) as proxy:
            ask(through(proxy, p, only_public=True, resolve=lambda *_: [PUBLIC]))
        assert proxy.asked == [f"CONNECT {PUBLIC}:80"]
        assert p.received[0].headers["Host"] == NAME

    @pytest.mark.parametrize("address", ["10.0.0.5", "127.0.0.1", "169.254.169.254", "::1", "fd00::1"])
    def test_a_private_address_is_not_even_asked_for(self, address: str) -> None:
        with (
            provider() as p,
            connect_proxy(leads_to=port_of(p)) as proxy,
            pytest.raises(Unreachable) as failed,
        ):
            ask(through(proxy, p, only_public=True, resolve=lambda *_: [PUBLIC, address]))
        assert (failed.value.cause, proxy.asked, p.calls) == ("private", [], 0)

    def test_a_name_that_cannot_be_looked_up_here_is_not_left_to_the_proxy(self) -> None:
        with (
            provider() as p,
            connect_proxy(leads_to=port_of(p)) as proxy,
            pytest.raises(Unreachable) as failed,
        ):
            ask(through(proxy, p, only_public=True))
        assert (failed.value.cause, proxy.asked) == ("name", [])

    def test_tls_is_spoken_with_the_server_behind_it(self, tmp_path: Path) -> None:
        context, trusted = server_context(tmp_path, name=NAME)
        with provider(tls=context) as p, connect_proxy(leads_to=port_of(p)) as proxy:
            for changes in ({}, {"only_public": True, "resolve": lambda *_: [PUBLIC]}):
                ask(through(proxy, p, ca_bundle=trusted, **changes))
            with pytest.raises(Unreachable) as failed:
                ask(through(proxy, p))
        assert proxy.asked == [f"CONNECT {host}:443" for host in (NAME, PUBLIC, NAME)]
        assert (failed.value.cause, p.calls) == ("tls", 2)

    def test_a_result_is_fetched_from_the_judged_address(self, tmp_path: Path) -> None:
        context, trusted = server_context(tmp_path, name="files.example")
        with provider(tls=context) as p, connect_proxy(leads_to=port_of(p)) as proxy:
            client = through(proxy, p, ca_bundle=trusted, resolve=lambda *_: [PUBLIC])
            assert client.download("https://files.example/files/ok/1.png")
            with pytest.raises(UnsafeLink):
                client.download("https://10.0.0.5/files/ok/1.png")
        assert proxy.asked == [f"CONNECT {PUBLIC}:443"]


class TestItsFailures:
    @pytest.mark.parametrize(
        "answer", ["403 Forbidden", "407 Proxy Authentication Required", "502 Bad Gateway", "x"]
    )
    def test_a_proxy_that_refuses_is_told_apart_and_nothing_is_charged(self, answer: str) -> None:
        with provider() as p, connect_proxy(leads_to=port_of(p), answer=answer) as proxy:
            with pytest.raises(Unreachable) as failed:
                ask(through(proxy, p))
            with pytest.raises(ResultLost):
                through(proxy, p, resolve=lambda *_: [PUBLIC]).download(f"https://{NAME}/1.png", tries=1)
        assert (failed.value.cause, failed.value.charged, p.calls) == ("proxy", "no", 0)

    def test_a_proxy_that_is_away(self) -> None:
        gone = ConnectProxy(leads_to=0, port=free_port())
        with provider() as p, pytest.raises(Unreachable) as failed:
            ask(through(gone, p))
        assert (failed.value.cause, p.calls) == ("proxy", 0)

    def test_its_password_goes_to_it_alone_and_into_no_message(self) -> None:
        with provider() as p, connect_proxy(leads_to=port_of(p)) as proxy:
            secret = proxy.url.replace("//", "//retake:p%40ss@")
            client = through(proxy, p, proxies=Proxies(http=secret))
            ask(client)
        assert proxy.headers[0]["Proxy-Authorization"] == f"Basic {b64encode(b'retake:p@ss').decode()}"
        assert "Proxy-Authorization" not in p.received[0].headers
        assert "Authorization" not in proxy.headers[0]
        assert "p%40ss" not in repr(client)


class TestWithout:
    @pytest.mark.parametrize(
        "but_not",
        [NAME, "example.org", ".example.org", "*.example.org", "a.b, EXAMPLE.org", "*", f"{NAME}:80"],
    )
    def test_who_is_excepted_by_name(self, but_not: str) -> None:
        assert Proxies(http="http://proxy:3128", but_not=but_not).before(f"http://{NAME}:80/v1") is None

    @pytest.mark.parametrize("but_not", ["le.org", "gpu.example.org:81", "pu.example.org", "", " , "])
    def test_who_is_not(self, but_not: str) -> None:
        assert Proxies(http="http://proxy:3128", but_not=but_not).before(f"http://{NAME}:80/v1")

    @pytest.mark.parametrize(
        ("but_not", "host"),
        [
            ("10.0.0.0/8", "10.1.2.3"),
            ("10.1.2.3", "10.1.2.3"),
            ("fd00::/8", "[fd00::7]"),
            ("[fd00::7]", "[fd00::7]"),
        ],
    )
    def test_networks_and_addresses(self, but_not: str, host: str) -> None:
        proxies = Proxies(http="http://proxy:3128", but_not=but_not)
        assert proxies.before(f"http://{host}:9000/v1") is None
        assert proxies.before("http://192.168.0.1:9000/v1")

    def test_the_name_counts_where_the_address_was_judged(self) -> None:
        proxies = Proxies(https="http://proxy:3128", but_not="example.org")
        assert proxies.before(f"https://{PUBLIC}:443/", name=NAME) is None
        assert proxies.before(f"https://{PUBLIC}:443/", name="files.example")

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.8.8.8"])
    def test_this_machine_is_never_the_proxys(self, host: str) -> None:
        proxies = Proxies(http="http://proxy:3128", https="http://proxy:3128")
        assert proxies.before(f"http://{host}:8001/v1") is None

    def test_http_and_https_have_each_their_own(self) -> None:
        proxies = Proxies(https="http://proxy:3128")
        assert proxies.before(f"http://{NAME}/v1") is None
        found = proxies.before(f"https://{NAME}/v1")
        assert found
        assert (found.host, found.port, found.headers) == ("proxy", 3128, {})


class TestSettings:
    @pytest.fixture(autouse=True)
    def _set(self, settings: Settings) -> None:
        settings.HTTP_PROXY, settings.HTTPS_PROXY = "http://a:1", "http://b:2"
        settings.NO_PROXY, settings.CA_BUNDLE = "example.org", "/ca.pem"

    def test_clients_of_providers_have_them(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        for client in (provider_client(edit.provider), link_client(edit)):
            assert client.proxies == Proxies(http="http://a:1", https="http://b:2", but_not="example.org")
            assert client.ca_bundle == "/ca.pem"


class TestWebhooks:
    def test_a_post_goes_through_it_to_the_judged_address(self, settings: Settings) -> None:
        with receiver(204) as there, connect_proxy(leads_to=there.port) as proxy:
            settings.HTTP_PROXY = proxy.url
            message = Message("http://hooks.example.com/hook", {}, b"{}")
            assert post(message, look_up=lambda *_: [PUBLIC]).status == 204
            assert post(message, look_up=lambda *_: ["10.0.0.5"]).problem == PRIVATE
        assert proxy.asked == [f"CONNECT {PUBLIC}:80"]
        assert there.posts[0].headers["host"] == "hooks.example.com"

    def test_a_proxy_that_refuses_is_named(self, settings: Settings) -> None:
        with connect_proxy(leads_to=0, answer="403 Forbidden") as proxy:
            settings.HTTPS_PROXY = proxy.url
            message = Message("https://hooks.example.com/hook", {}, b"{}")
            assert post(message, look_up=lambda *_: [PUBLIC]).problem == PROBLEMS["proxy"]

    def test_a_receiver_with_a_certificate_of_ones_own_is_trusted(
        self, settings: Settings, tmp_path: Path
    ) -> None:
        context, trusted = server_context(tmp_path, name="hooks.example.com")
        message = Message("https://hooks.example.com/v1/models", {}, b"{}")
        with provider(tls=context) as p, connect_proxy(leads_to=port_of(p)) as proxy:
            settings.HTTPS_PROXY = proxy.url
            assert post(message, look_up=lambda *_: [PUBLIC]).problem == PROBLEMS["tls"]
            settings.CA_BUNDLE = trusted
            assert post(message, look_up=lambda *_: [PUBLIC]).status is not None
