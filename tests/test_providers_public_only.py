"""A provider that may not be on a private network is never called there, whatever its name resolves to."""

import pytest

from edits.providers import Unreachable, UnsafeLink
from edits.providers.links import LinkRules
from tests.provider import provider
from tests.provider_client import ask, client_of

URL = "http://gpu.example.org:8000/v1/images/edits"


def rules(*addresses: str, only_public: bool = True) -> LinkRules:
    """Of a provider whose name has these addresses."""
    return LinkRules(
        base_url="http://gpu.example.org:8000/v1",
        allow_hosts=frozenset(),
        resolve=lambda host, port: list(addresses),
        only_public=only_public,
    )


@pytest.mark.parametrize("local", [[], ["127.0.0.1"]])
def test_a_call_to_a_private_address_is_not_made(local: list[str]) -> None:
    with provider() as p:
        url = p.base_url if not local else p.base_url.replace("127.0.0.1", "gpu.example.org")
        client = client_of(p, only_public=True, base_url=url, resolve=lambda host, port: local)
        with pytest.raises(Unreachable) as trouble:
            ask(client)
    assert (trouble.value.cause, trouble.value.charged, p.calls) == ("private", "no", 0)


@pytest.mark.parametrize(
    "address", ["10.0.0.5", "192.168.1.7", "127.0.0.1", "169.254.169.254", "fd00::1", "::1"]
)
def test_one_private_address_among_public_ones_is_enough_to_refuse(address: str) -> None:
    with pytest.raises(UnsafeLink):
        rules("93.184.216.34", address).judge(URL, seen_at=URL)


def test_a_public_address_may_have_any_port_and_is_called_itself() -> None:
    target = rules("93.184.216.34").judge(URL, seen_at=URL)
    assert target.url_at(target.addresses[0]) == "http://93.184.216.34:8000/v1/images/edits"
    assert (target.host_header, target.server_name) == ("gpu.example.org:8000", "")


def test_where_an_administrator_allows_it_the_private_address_is_called() -> None:
    assert rules("10.0.0.5", only_public=False).judge(URL, seen_at=URL).addresses == ("10.0.0.5",)
