"""Which pictures the storage holds during a test, be it a folder or a bucket."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from django.conf import settings
from django.core.files.storage import default_storage
from django.test import Client

from_a_folder = pytest.mark.skipif(
    bool(settings.AWS_STORAGE_BUCKET_NAME), reason="a bucket answers with headers of its own"
)


def stored(under: str = "") -> list[str]:
    """The names of all files that lie below this folder of the storage, sorted."""
    if settings.AWS_STORAGE_BUCKET_NAME:
        found = [item.key for item in default_storage.bucket.objects.all()]  # type: ignore[attr-defined]
    else:
        root = Path(settings.MEDIA_ROOT)
        found = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    return sorted(name for name in found if name.startswith(f"{under}/" if under else ""))


def forget() -> None:
    """Throw all of them away."""
    if settings.AWS_STORAGE_BUCKET_NAME:
        default_storage.bucket.objects.all().delete()  # type: ignore[attr-defined]
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


@dataclass(frozen=True)
class Fetched:
    """A picture as a browser has it in the end."""

    status_code: int
    content: bytes
    headers: Mapping[str, str]
    """By name, however it is spelled."""


def fetched(browser: Client, address: str) -> Fetched:
    """Ask for a picture, and go on to the bucket where the answer is a link to it."""
    response = browser.get(address)
    link = response.headers.get("Location", "")
    if settings.AWS_STORAGE_BUCKET_NAME and link.startswith(str(settings.AWS_S3_ENDPOINT_URL)):
        answer = requests.get(link, timeout=60)
        return Fetched(answer.status_code, answer.content, answer.headers)
    content = response.getvalue() if response.streaming else response.content
    return Fetched(response.status_code, content, response.headers)
