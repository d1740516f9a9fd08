"""Pictures in a bucket whose server refuses what boto3 adds by default, and what ``check --deploy`` says of it."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boto3.s3.transfer import TransferConfig
from django.core.checks import ERROR, CheckMessage
from django.core.files.base import ContentFile
from pytest_django import Settings

from edits import checks
from edits.checks.bucket import pictures_come_encrypted, the_bucket_works
from tests.certificates import server_context
from tests.moody_bucket import FreshBucket
from tests.strict_bucket import StrictBucket, strict_bucket

pytestmark = pytest.mark.servers

LARGE = b"picture " * 1_200_000
"""More than boto3 sends in one request."""
ONE_AFTER_THE_OTHER = TransferConfig(use_threads=False)
OPTIONS = {"region_name": "us-east-1", "access_key": "key", "secret_key": "secret"}


def open_bucket(url: str, **more: Any) -> FreshBucket:
    """With a connection of its own."""

    class OneBucket(FreshBucket):
        _shared = None

    return OneBucket(bucket_name="pictures", endpoint_url=url, **OPTIONS, **more)


def comes_back(bucket: FreshBucket, data: bytes) -> bool:
    """Whether what is stored there is read there."""
    name = bucket.save("results/a.png", ContentFile(data))
    with bucket.open(name) as file:
        return bool(file.read() == data) and bucket.size(name) == len(data)


def test_a_server_that_knows_no_checksums_stores_what_it_is_sent() -> None:
    with strict_bucket() as server:
        assert comes_back(open_bucket(server.url), b"picture")
        assert list(server.files.values()) == [b"picture"]


def test_a_large_picture_comes_in_parts_without_checksums() -> None:
    with strict_bucket() as server:
        assert comes_back(open_bucket(server.url, transfer_config=ONE_AFTER_THE_OTHER), LARGE)
        assert list(server.files.values()) == [LARGE]
        assert server.operations.count("POST") == 2


def test_it_does_so_over_tls_too(tmp_path: Path) -> None:
    context, authority = server_context(tmp_path, name="127.0.0.1")
    with strict_bucket(context) as server:
        assert comes_back(open_bucket(server.url, verify=authority), b"picture")
        assert list(server.files.values()) == [b"picture"]


@pytest.fixture
def server(settings: Settings) -> Iterator[StrictBucket]:
    """Such a server, which the settings name."""
    FreshBucket._shared = None
    with strict_bucket() as bucket:
        settings.AWS_STORAGE_BUCKET_NAME, settings.AWS_S3_ENDPOINT_URL = "pictures", bucket.url
        options = OPTIONS | {"bucket_name": "pictures", "endpoint_url": bucket.url}
        backend = {"BACKEND": "tests.moody_bucket.FreshBucket", "OPTIONS": options}
        settings.STORAGES = settings.STORAGES | {"default": backend}
        yield bucket
        bucket.refused.clear()


def found() -> list[CheckMessage]:
    """What the check says."""
    return the_bucket_works(app_configs=None)


def sentence() -> str:
    """The one thing that is wrong."""
    (message,) = found()
    assert (message.id, message.level) == ("retake.E010", ERROR)
    assert "secret" not in f"{message.msg}{message.hint}"
    return message.msg


def test_the_check_writes_reads_lists_and_deletes_and_leaves_nothing(server: StrictBucket) -> None:
    assert found() == []
    assert server.operations == ["PUT", "GET", "LINK", "LIST", "DELETE"]
    assert server.files == {}


def test_the_check_runs_only_where_deployment_is_checked() -> None:
    assert "bucket.the_bucket_works" in checks.DEPLOYMENT
    assert "bucket.the_bucket_works" not in checks.ALWAYS


def test_without_a_bucket_nobody_is_asked(settings: Settings) -> None:
    settings.AWS_STORAGE_BUCKET_NAME = ""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", None)
        assert found() == []


@pytest.mark.parametrize(
    ("operation", "what", "remedy"),
    [
        ("PUT", "be written to", "s3:PutObject"),
        ("GET", "be read", "s3:GetObject"),
        ("LINK", "be read by a link", "AWS_S3_REGION_NAME"),
        ("LIST", "be listed", "s3:ListBucket"),
        ("DELETE", "delete files", "s3:DeleteObject"),
    ],
)
def test_a_key_that_may_not_do_everything(
    server: StrictBucket, operation: str, what: str, remedy: str
) -> None:
    server.refused = {operation: (403, "AccessDenied")}
    said = sentence()
    assert said.startswith(f"The bucket pictures cannot {what} (AccessDenied): ")
    assert remedy in said
    assert bool(server.files) is (operation == "DELETE")


@pytest.mark.parametrize(
    ("operation", "status", "code", "remedy"),
    [
        ("PUT", 404, "NoSuchBucket", "AWS_STORAGE_BUCKET_NAME"),
        ("PUT", 403, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
        ("PUT", 403, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"),
        ("PUT", 400, "IllegalLocationConstraintException", "AWS_S3_REGION_NAME"),
        ("PUT", 403, "RequestTimeTooSkewed", "clock"),
        ("LINK", 307, "TemporaryRedirect", "AWS_S3_REGION_NAME"),
        ("LINK", 400, "AuthorizationQueryParametersError", "AWS_S3_REGION_NAME"),
    ],
)
def test_what_the_server_says_decides_the_remedy(
    server: StrictBucket, operation: str, status: int, code: str, remedy: str
) -> None:
    server.refused = {operation: (status, code)}
    said = sentence()
    assert code in said
    assert remedy in said.partition(code)[2]


def test_each_thing_that_is_refused_is_a_sentence_of_its_own(server: StrictBucket) -> None:
    server.refused = {"LIST": (403, "AccessDenied"), "DELETE": (403, "AccessDenied")}
    assert len(found()) == 2


def test_a_server_that_stores_something_else_is_found_out(server: StrictBucket) -> None:
    server.spoils = True
    assert {"(other bytes)" in message.msg for message in found()} == {True}


def test_pictures_over_plain_http_are_none_on_a_page_over_https(
    server: StrictBucket, settings: Settings
) -> None:
    assert pictures_come_encrypted(app_configs=None) == []
    settings.HTTPS = True
    (message,) = pictures_come_encrypted(app_configs=None)
    assert message.id == "retake.W016"
    for address in ("https://s3.example.com", None):
        settings.AWS_S3_ENDPOINT_URL = address
        assert pictures_come_encrypted(app_configs=None) == []


def test_its_link_is_followed_as_the_settings_say_and_not_the_environment(
    server: StrictBucket, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert found() == []
    settings.HTTP_PROXY, settings.NO_PROXY = "http://127.0.0.1:1", ""
    options = OPTIONS | {"bucket_name": "pictures", "endpoint_url": "http://bucket.example.org"}
    backend = {"BACKEND": "tests.moody_bucket.FreshBucket", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": backend}
    FreshBucket._shared = None
    assert "(ProxyConnectionError): correct HTTPS_PROXY" in sentence()


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "https://s3:port", "https://"])
def test_a_server_that_is_not_there_is_said_at_once(
    server: StrictBucket, settings: Settings, address: str
) -> None:
    options = OPTIONS | {"bucket_name": "pictures", "endpoint_url": address}
    backend = {"BACKEND": "tests.moody_bucket.FreshBucket", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": backend}
    assert "AWS_S3_ENDPOINT_URL" in sentence()
    assert server.operations == []


def test_in_a_hurry_it_tries_once_and_waits_for_seconds() -> None:
    bucket = open_bucket("http://127.0.0.1:1")
    config = bucket.in_a_hurry().connection.meta.client.meta.config
    assert (config.retries["total_max_attempts"], config.read_timeout) == (1, 10)
    patient = bucket.connection.meta.client.meta.config
    assert (patient.retries["mode"], patient.read_timeout) == ("standard", 30)
    assert "total_max_attempts" not in patient.retries
