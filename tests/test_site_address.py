"""Which address links have where no request says it: one that a browser can open, or none at all."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from editor_site.site_address import site_url
from tests.test_settings import run

PLAIN: dict[str, Any] = {"origins": [], "hosts": ["localhost", "127.0.0.1"], "https": False, "port": 8000}


def test_a_fresh_installation_is_found_on_this_computer() -> None:
    assert site_url("", **PLAIN) == "http://localhost:8000"


def test_behind_a_proxy_the_port_is_the_proxys() -> None:
    assert site_url("", **PLAIN | {"hosts": ["a.example"], "https": True}) == "https://a.example"


def test_an_origin_knows_more_than_a_host() -> None:
    assert site_url("", **PLAIN | {"origins": ["https://a.example:8443/"]}) == "https://a.example:8443"


@pytest.mark.parametrize("hosts", [["*"], [".example.com"], ["*", ".example.com"], []])
def test_a_pattern_is_no_address(hosts: list[str]) -> None:
    assert site_url("", **PLAIN | {"hosts": hosts, "origins": ["https://*.example.com"]}) == ""


def test_a_full_name_behind_a_pattern_is_found() -> None:
    named = {"hosts": [".example.com", "a.example"], "origins": ["https://*.example.com"]}
    assert site_url("", **PLAIN | named) == "http://a.example:8000"


def test_what_is_given_wins() -> None:
    assert site_url("https://a.example:8443/", **PLAIN | {"hosts": ["*"]}) == "https://a.example:8443"


@pytest.mark.parametrize(
    "given", ["a.example", "ftp://a.example", "https://", "https://*", "https://.example.com", "http://a:x/", "/x",
              "https://a.example/?q=1"],
)  # fmt: skip
def test_what_is_no_address_is_refused_by_name(given: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SITE_URL must be an address such as https://"):
        site_url(given, **PLAIN)


@pytest.mark.processes
@pytest.mark.parametrize("hosts", ["*", ".example.com"])
def test_nothing_starts_before_links_have_an_address(tmp_path: Path, hosts: str) -> None:
    done = run(tmp_path, "up", ALLOWED_HOSTS=hosts)
    assert done.returncode != 0
    assert "retake.E008" in done.stderr
    assert "Set SITE_URL" in done.stderr
