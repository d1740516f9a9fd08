"""Which URLs a provider may have: how they are spelled afterwards, and where nothing may be sent."""

import pytest

from edits.services.provider.url_check import BadUrl, judge_url, origin_of


def public(host: str, port: int) -> list[str]:
    """Every name is that of a machine on the internet."""
    return ["93.184.216.34"]


def private(host: str, port: int) -> list[str]:
    """Every name is that of a machine of one's own."""
    return ["192.168.1.20"]


def unknown(host: str, port: int) -> list[str]:
    """No name is known."""
    raise OSError("no such name")


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("https://api.example.com/v1", "https://api.example.com/v1"),
        (" https://api.example.com/v1/ ", "https://api.example.com/v1"),
        ("https://api.example.com", "https://api.example.com/v1"),
        ("HTTPS://api.example.com:8443/", "https://api.example.com:8443/v1"),
        ("https://api.example.com/v1/images/edits", "https://api.example.com/v1"),
        ("https://api.example.com/openai/v1/models", "https://api.example.com/openai/v1"),
    ],
)
def test_it_is_stored_in_one_spelling(text: str, stored: str) -> None:
    assert judge_url(text, is_private=False, look_up=public).text == stored


def test_the_name_is_looked_up_once() -> None:
    asked: list[tuple[str, int]] = []

    def look_up(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["93.184.216.34"]

    judge_url("https://api.example.com/v1", is_private=False, look_up=look_up)
    assert asked == [("api.example.com", 443)]


def test_a_name_that_leads_to_a_private_network_needs_the_permission() -> None:
    with pytest.raises(BadUrl):
        judge_url("https://gpu.example.com/v1", is_private=False, look_up=private)
    assert judge_url("http://gpu.example.com/v1", is_private=True, look_up=private).is_local


def test_plain_http_needs_the_permission() -> None:
    with pytest.raises(BadUrl):
        judge_url("http://api.example.com/v1", is_private=False, look_up=public)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(BadUrl):
        judge_url("https://no.example/v1", is_private=True, look_up=unknown)


@pytest.mark.parametrize("address", ["169.254.169.254", "224.0.0.1", "0.0.0.0", "fe80::1"])
def test_no_permission_opens_these(address: str) -> None:
    with pytest.raises(BadUrl):
        judge_url("https://x.example/v1", is_private=True, look_up=lambda *_: ["192.168.1.20", address])


@pytest.mark.parametrize(
    "text", ["http://2130706433/v1", "http://127.1/v1", "https://a\\@b/v1", "https://ü.example/v1"]
)
def test_odd_spellings_are_refused(text: str) -> None:
    with pytest.raises(BadUrl):
        judge_url(text, is_private=True, look_up=private)


def test_an_origin_has_a_port() -> None:
    assert (
        origin_of("https://A.example/v1") == origin_of("https://a.example:443/v2") == "https://a.example:443"
    )
    assert origin_of("http://a.example/v1") != origin_of("https://a.example/v1")
