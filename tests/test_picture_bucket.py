"""Pictures in a bucket, against a real S3 server in this process."""

import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import requests
from botocore.config import Config
from django.core.files.base import ContentFile
from django.utils import timezone
from moto.server import ThreadedMotoServer

from editor_site.picture_bucket import PictureBucket

pytestmark = pytest.mark.servers

THREADS = 32
ROUNDS = 2


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    """A server with the bucket "pictures"."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    client.create_bucket(Bucket="pictures")
    yield address
    server.stop()


def open_bucket(address: str, name: str = "pictures") -> PictureBucket:
    """A bucket with a connection of its own, as a fresh process has."""

    class FreshBucket(PictureBucket):
        _shared = None

    return FreshBucket(
        bucket_name=name,
        endpoint_url=address,
        region_name="us-east-1",
        access_key="key",
        secret_key="secret",
    )


@pytest.fixture
def bucket(s3_address: str) -> PictureBucket:
    """The bucket as the settings would make it."""
    return open_bucket(s3_address)


def test_a_picture_comes_back_as_it_was_stored(bucket: PictureBucket) -> None:
    name = bucket.save("results/a.png", ContentFile(b"picture"))
    assert re.fullmatch(r"results/a_\w{7}\.png", name)
    with bucket.open(name) as file:
        assert file.read() == b"picture"
    assert bucket.size(name) == 7
    bucket.delete(name)
    assert not bucket.exists(name)


def test_an_open_picture_can_be_read_again_from_its_start(bucket: PictureBucket) -> None:
    name = bucket.save("results/again.png", ContentFile(b"picture"))
    with bucket.open(name) as file:
        assert (file.read(), file.seek(0), file.read()) == (b"picture", 0, b"picture")
        assert file.size == 7


def test_a_name_that_is_taken_is_not_overwritten(bucket: PictureBucket) -> None:
    first = bucket.save("results/b.png", ContentFile(b"one"))
    second = bucket.save("results/b.png", ContentFile(b"two"))
    assert first != second
    with bucket.open(first) as file:
        assert file.read() == b"one"


def test_two_that_store_the_same_picture_at_once_do_not_share_a_file(bucket: PictureBucket) -> None:
    names = [bucket.get_available_name("uploads/b.png") for _ in range(2)]  # neither is stored yet
    assert names[0] != names[1]


def test_a_link_lives_a_minute_and_the_picture_is_not_public(bucket: PictureBucket) -> None:
    name = bucket.save("results/c.png", ContentFile(b"picture"))
    link = bucket.url(name)
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["60"]
    assert requests.get(link, timeout=5).content == b"picture"
    grants = bucket.bucket.Object(name).Acl().grants
    assert not any("AllUsers" in str(grant) for grant in grants)


def test_a_missing_picture_is_a_missing_file(bucket: PictureBucket) -> None:
    with pytest.raises(FileNotFoundError):
        bucket.open("results/never-stored.png")
    bucket.delete("results/never-stored.png")


def test_a_missing_picture_is_one_over_another_connection_too(bucket: PictureBucket, s3_address: str) -> None:
    other = open_bucket(s3_address)
    bucket._bucket = other.bucket  # botocore makes exception classes for each connection
    with pytest.raises(FileNotFoundError):
        bucket.open("results/none.png")


def test_a_bucket_that_refuses_is_an_oserror_without_the_key(s3_address: str) -> None:
    missing = open_bucket(s3_address, "no-such-bucket")
    with pytest.raises(OSError, match="refused") as caught:
        missing.save("results/d.png", ContentFile(b"picture"))
    assert "secret" not in str(caught.value)


def test_a_bucket_that_is_away_is_an_oserror(bucket: PictureBucket) -> None:
    away = open_bucket("http://127.0.0.1:1")
    for use in (away.exists, away.size, away.delete, away.open):
        with pytest.raises(OSError, match="cannot be reached"):
            use("results/e.png")


def test_a_bucket_that_does_not_answer_is_an_oserror() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        silent = open_bucket(f"http://127.0.0.1:{deaf.getsockname()[1]}")
        once = {"mode": "standard", "total_max_attempts": 1}
        silent.client_config = PictureBucket.client_config.merge(Config(read_timeout=0.2, retries=once))
        with pytest.raises(OSError, match="ReadTimeoutError"):
            silent.open("results/f.png")


def test_it_walks_through_all_files_with_size_and_time(bucket: PictureBucket) -> None:
    names = [bucket.save(f"walk/{number}/full.png", ContentFile(b"picture")) for number in range(3)]
    found = {name: (size, at) for name, size, at in bucket.walk() if name.startswith("walk/")}
    assert sorted(found) == sorted(names)
    assert {size for size, _ in found.values()} == {7}
    assert all(abs(at - timezone.now()) < timedelta(hours=1) for _, at in found.values())


def test_a_bucket_that_cannot_be_walked_through_is_an_oserror() -> None:
    with pytest.raises(OSError, match="cannot be reached"):
        list(open_bucket("http://127.0.0.1:1").walk())


def test_many_threads_share_one_connection_and_lose_nothing(bucket: PictureBucket) -> None:
    """boto3 promises this of its clients, not of the resources that the storage uses: hence the proof."""
    together = threading.Barrier(THREADS)

    def use(number: int) -> int:
        together.wait(timeout=30)
        for turn in range(ROUNDS):
            data = f"{number}/{turn}".encode() * 50
            name = bucket.save(f"stress/{number}-{turn}.png", ContentFile(data))
            with bucket.open(name) as file:
                assert file.read() == data
            assert bucket.size(name) == len(data)
            assert bucket.url(name).startswith("http://127.0.0.1")
        return id(bucket.connection)

    with ThreadPoolExecutor(THREADS) as pool:
        connections = set(pool.map(use, range(THREADS)))
    assert len(connections) == 1


@pytest.mark.processes
def test_without_a_bucket_boto3_is_not_loaded() -> None:
    script = (
        "import sys, django; django.setup(); import editor_site.storages; sys.exit('boto3' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert done.returncode == 0
