"""What the environment says about calls that leave this machine, up to the bucket, whose client is given it."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from pytest_django import Settings

from editor_site import outgoing
from editor_site.picture_bucket import PictureBucket
from tests.certificates import server_context
from tests.connect_proxy import connect_proxy
from tests.provider import provider
from tests.test_settings import run

SHOWN = (
    "from django.conf import settings as s;"
    "print([s.HTTP_PROXY, s.HTTPS_PROXY, s.NO_PROXY, s.CA_BUNDLE, s.AWS_S3_VERIFY])"
)


def shown(folder: Path, **environment: str) -> str:
    done = run(folder, "shell", "-v0", "--no-imports", "-c", SHOWN, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.processes
def test_without_a_word_nothing_is_in_between(tmp_path: Path) -> None:
    assert shown(tmp_path) == "['', '', '', '', None]"


@pytest.mark.processes
def test_small_letters_will_do_and_capitals_win(tmp_path: Path) -> None:
    given = {
        "http_proxy": "http://a:1",
        "https_proxy": "http://b:2",
        "HTTPS_PROXY": "http://c:3",
        "no_proxy": "x",
    }
    assert shown(tmp_path, **given) == "['http://a:1', 'http://c:3', 'x', '', None]"


@pytest.mark.processes
@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_certificate_of_ones_own_is_trusted_everywhere(tmp_path: Path, name: str) -> None:
    _, bundle = server_context(tmp_path, name="127.0.0.1")
    assert shown(tmp_path, **{name: bundle}) == f"['', '', '', '{bundle}', '{bundle}']"


def test_certificates_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="SSL_CERT_FILE cannot be read: "):
        outgoing.ca_bundle(REQUESTS_CA_BUNDLE="", SSL_CERT_FILE=str(tmp_path / "gone.pem"))
    with pytest.raises(ImproperlyConfigured, match=r"SSL_CERT_FILE cannot be read: .* \(Is a directory\)"):
        outgoing.ca_bundle(SSL_CERT_FILE=str(tmp_path))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"retake-host\n",
        b"\x00\xff",
        b"-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n",
    ],
    ids=["nothing", "a word", "bytes", "a broken one"],
)
def test_a_file_without_certificates_is_refused(tmp_path: Path, content: bytes) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(content)
    with pytest.raises(
        ImproperlyConfigured, match="REQUESTS_CA_BUNDLE must be a file with certificates in PEM: "
    ):
        outgoing.ca_bundle(REQUESTS_CA_BUNDLE=str(bundle))


@pytest.mark.parametrize(
    "given", ["proxy:3128", "https://proxy", "socks5://proxy", "http://", "http://u:secret@a:x"]
)
def test_what_is_no_proxy_is_refused_by_name_and_not_repeated(given: str) -> None:
    with pytest.raises(
        ImproperlyConfigured, match="HTTPS_PROXY must be an address such as http://"
    ) as refused:
        outgoing.proxy("HTTPS_PROXY", given)
    assert "secret" not in str(refused.value)


def open_bucket(address: str | None) -> PictureBucket:
    """A bucket with a connection of its own, as a fresh process has."""

    class FreshBucket(PictureBucket):
        _shared = None

    return FreshBucket(
        bucket_name="pictures",
        endpoint_url=address,
        region_name="us-east-1",
        access_key="key",
        secret_key="secret",
        addressing_style="path",
    )


def test_the_bucket_is_reached_through_the_proxy_of_the_settings(settings: Settings) -> None:
    with connect_proxy(leads_to=0, answer="403 Forbidden") as proxy:
        settings.HTTP_PROXY = proxy.url  # it may come from HTTP_PROXY_FILE, which boto3 knows nothing of
        with pytest.raises(OSError, match="bucket"):
            open_bucket("http://bucket.example.org").save("a.png", ContentFile(b"a"))
    assert {line.split("?")[0].rpartition("/")[0] for line in proxy.asked} == {
        "PUT http://bucket.example.org/pictures"
    }


def test_a_bucket_without_a_proxy_asks_none_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with provider() as p, connect_proxy(leads_to=0, answer="403 Forbidden") as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with pytest.raises(OSError, match="The bucket refused"):  # it is reached, and is no bucket
            open_bucket(f"http://{p.host}").exists("a.png")
    assert proxy.asked == []


@pytest.mark.parametrize(
    ("address", "but_not", "proxies"),
    [
        ("http://10.1.2.3:9000", "10.0.0.0/8", {}),
        ("http://10.1.2.3:9000", "192.168.0.0/16", {"http": "http://a:1"}),
        ("https://minio.internal", ".internal", {}),
        ("https://s3.example.org", "pictures.s3.example.org", {}),
        ("https://s3.example.org", "10.0.0.0/8", {"https": "http://b:2"}),
        (None, "", {"https": "http://b:2"}),
        (None, "s3.us-east-1.amazonaws.com", {}),
        (None, "pictures.s3.us-east-1.amazonaws.com", {}),
    ],
)
def test_no_proxy_means_the_same_for_the_bucket_as_for_providers(
    settings: Settings, address: str | None, but_not: str, proxies: dict[str, str]
) -> None:
    settings.HTTP_PROXY, settings.HTTPS_PROXY, settings.NO_PROXY = "http://a:1", "http://b:2", but_not
    assert open_bucket(address).client_config.proxies == proxies


def test_the_bucket_s_certificate_may_be_ones_own(tmp_path: Path) -> None:
    context, trusted = server_context(tmp_path, name="127.0.0.1")
    with provider(tls=context) as p:
        bucket = open_bucket(f"https://{p.host}")
        with pytest.raises(OSError, match="SSLError"):
            bucket.exists("a.png")
        bucket = open_bucket(f"https://{p.host}")
        bucket.verify = trusted  # the setting, before the first connection
        with pytest.raises(OSError, match="The bucket refused"):  # it is reached, and is no bucket
            bucket.exists("a.png")
