"""Which addresses are the open internet, and which hosts only pretend to be names."""

import threading

import pytest

from edits.providers.addresses import (
    MOST_LOOK_UPS,
    is_local,
    is_odd_spelling,
    is_public,
    parse_address,
    resolve,
    resolve_within,
)

NOT_PUBLIC = """
10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 127.0.0.1 127.255.255.254 169.254.169.254 169.254.0.1
100.64.0.1 100.127.255.255 0.0.0.0 0.1.2.3 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 192.0.0.1 192.88.99.1
:: ::1 fe80::1 fc00::1 fd12:3456::1 fd00:ec2::254 ff02::1 fec0::1 2001:db8::1 2001::1 2002:7f00:1::1
::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 ::ffff:0:127.0.0.1
64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 fe80::1%eth0
"""


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111"])
def test_addresses_of_the_open_internet_are_public(address: str) -> None:
    assert is_public(address)
    assert not is_local(address)


@pytest.mark.parametrize("address", NOT_PUBLIC.split())
def test_everything_else_is_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.0.9", "100.64.0.1", "::1", "fd12::1"])
def test_a_provider_of_ones_own_may_stand_on_loopback_or_a_private_network(address: str) -> None:
    assert is_local(address)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "fe80::1",
        "::",
        "::ffff:127.0.0.1",
        "name",
    ],
)
def test_metadata_services_and_the_like_are_not_even_local(address: str) -> None:
    assert not is_local(address)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "127.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "1.2.3.4.5",
        "0x",
        "name.7",
    ],
)
def test_numbers_in_disguise_are_odd(host: str) -> None:
    assert is_odd_spelling(host)
    assert not is_public(host)


@pytest.mark.parametrize(
    "host", ["files.example", "1.1.1.1", "[::1]", "7up.example", "localhost", "example.com."]
)
def test_names_and_plain_addresses_are_not_odd(host: str) -> None:
    assert not is_odd_spelling(host)


def test_brackets_are_taken_off_and_zones_are_not_taken() -> None:
    assert str(parse_address("[::1]")) == "::1"
    assert parse_address("fe80::1%1") is None
    assert parse_address("localhost") is None


def test_the_system_resolver_gives_each_address_once() -> None:
    assert resolve("127.0.0.1", 80) == ["127.0.0.1"]


@pytest.mark.parametrize("host", ["x" * 300, "a..b", "\0"])
def test_a_name_that_cannot_be_looked_up_is_an_os_error(host: str) -> None:
    with pytest.raises((OSError, ValueError)):
        resolve(host, 80)


class TestWithinATime:
    def test_an_answer_in_time_is_the_answer(self) -> None:
        assert resolve_within(60, look_up=lambda host, port: [host])("a.example", 443) == ["a.example"]

    def test_what_the_resolver_raises_is_raised(self) -> None:
        def fails(host: str, port: int) -> list[str]:
            raise OSError("no such name")

        with pytest.raises(OSError, match="no such name"):
            resolve_within(60, look_up=fails)("a.example", 443)

    def test_one_that_hangs_is_given_up_and_many_are_not_begun(self) -> None:
        go_on, began = threading.Event(), threading.Semaphore(0)

        def hangs(host: str, port: int) -> list[str]:
            began.release()
            go_on.wait(60)
            return [host]

        resolver = resolve_within(0.01, look_up=hangs)
        try:
            for _ in range(MOST_LOOK_UPS + 5):
                with pytest.raises(TimeoutError):
                    resolver("a.example", 443)
            assert all(began.acquire(timeout=60) for _ in range(MOST_LOOK_UPS))
            assert not began.acquire(blocking=False)
        finally:
            go_on.set()
