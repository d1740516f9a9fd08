"""Links to pictures in a bucket, and the policy that lets pages show them: made without asking anybody."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.moody_bucket import FreshBucket

R2 = "https://account.r2.cloudflarestorage.com"
COS = "https://cos.ap-guangzhou.myqcloud.com"


def made(name: str, *, region: str | None = None, server: str | None = None, style: str | None = None) -> str:
    """The link to a picture up to its signature."""

    class OneBucket(FreshBucket):
        _shared = None

    bucket = OneBucket(
        bucket_name=name,
        region_name=region,
        endpoint_url=server,
        addressing_style=style,
        access_key="key",
        secret_key="secret",
    )
    link = urlsplit(bucket.url("results/a.png"))
    assert bucket.origin == f"{link.scheme}://{link.netloc}"
    return f"{bucket.origin}{link.path}".removesuffix("/results/a.png")


@pytest.mark.parametrize(
    ("region", "host"),
    [
        (None, "s3.amazonaws.com"),
        ("us-east-1", "s3.amazonaws.com"),
        ("eu-central-1", "s3.eu-central-1.amazonaws.com"),
        ("me-south-1", "s3.me-south-1.amazonaws.com"),
        ("cn-north-1", "s3.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "s3.us-gov-west-1.amazonaws.com"),
    ],
)
def test_a_link_to_amazon_names_the_region_of_the_bucket(region: str | None, host: str) -> None:
    assert made("retake", region=region) == f"https://retake.{host}"
    assert made("retake.pictures", region=region) == f"https://{host}/retake.pictures"
    assert made("retake", region=region, style="path") == f"https://{host}/retake"


def test_other_servers_find_the_bucket_in_the_path_unless_they_are_asked_otherwise() -> None:
    assert made("retake", server=R2, region="auto") == f"{R2}/retake"
    assert made("retake.pictures", server=R2, region="auto") == f"{R2}/retake.pictures"
    assert made("retake", server="http://10.0.0.5:9000", region="eu") == "http://10.0.0.5:9000/retake"
    assert made("retake", server=COS, style="virtual") == "https://retake.cos.ap-guangzhou.myqcloud.com"


def policy_of_a_page(folder: Path, **environment: str) -> list[str]:
    """Where the sign-in page may show pictures from, in a process that can reach no server."""
    code = """
import json, socket, django
django.setup()
socket.socket.connect = None
from django.test import Client
answer = Client().get("/healthz", headers={"host": "localhost"})
print(json.dumps(answer.headers["Content-Security-Policy"]))
"""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    settings = {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "editor_site.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=kept | settings | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    directives = json.loads(done.stdout.splitlines()[-1]).split("; ")
    (images,) = (directive for directive in directives if directive.startswith("img-src"))
    return sorted(set(images.split()) - {"img-src", "'self'", "data:", "blob:"})


KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.mark.processes
@pytest.mark.parametrize(
    ("settings", "origins"),
    [
        ({}, []),
        (
            KEYS | {"AWS_STORAGE_BUCKET_NAME": "retake.pictures", "AWS_S3_REGION_NAME": "eu-central-1"},
            ["https://s3.eu-central-1.amazonaws.com"],
        ),
        (
            KEYS | {"AWS_STORAGE_BUCKET_NAME": "retake", "AWS_S3_ENDPOINT_URL": "http://10.0.0.5:9000/s3"},
            ["http://10.0.0.5:9000"],
        ),
    ],
    ids=["a folder", "amazon", "a server of one's own"],
)
def test_pages_show_pictures_from_where_links_lead_and_nowhere_else(
    tmp_path: Path, settings: dict[str, str], origins: list[str]
) -> None:
    assert policy_of_a_page(tmp_path, **settings) == origins
