"""Pictures in an S3 bucket.  Loaded only where one is configured: boto3 is large.

Whatever goes wrong with the bucket is an OSError, as it is with a folder, so that nobody else need know of boto3.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from os.path import splitext
from typing import IO, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage


@contextmanager
def failures_as_oserror() -> Iterator[None]:
    """Raise OSError for all that boto3 raises; a missing file stays the FileNotFoundError it is."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "unknown")
        raise OSError(f"The bucket refused: {code}") from error
    except BotoCoreError as error:
        raise OSError(f"The bucket cannot be reached: {type(error).__name__}") from error


class PictureBucket(S3Storage):
    """Never public, never overwritten, over one connection a process.

    The parent keeps a boto3 resource for each thread: some 11 MB and 0.3 s each, too much for many threads.
    """

    default_acl = None
    querystring_auth = True
    querystring_expire = 60
    file_overwrite = False
    client_config = Config(
        signature_version="s3v4",
        max_pool_connections=64,
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard"},
    )
    _lock = threading.Lock()
    _shared: Any = None

    @property
    def connection(self) -> Any:
        cls = type(self)
        if cls._shared is None:
            with cls._lock:
                if cls._shared is None:
                    cls._shared = super().connection
        return cls._shared

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Always a name of its own.  A bucket has no "create unless it is there": of two that store the same
        picture at once both would find the name free, and the second would delete what the first relies on."""
        stem, extension = splitext(name)
        return str(self.get_alternative_name(stem, extension))

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        """The whole file with one request: read piecemeal, it could fail half-way with an error of boto3's."""
        with failures_as_oserror():
            try:
                found = self.bucket.Object(name).get()
            except self.connection.meta.client.exceptions.NoSuchKey as error:
                raise FileNotFoundError(f"The bucket has no {name}") from error
            return File(BytesIO(found["Body"].read()), name)

    def _save(self, name: str, content: "File[bytes] | IO[bytes]") -> str:
        with failures_as_oserror():
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        with failures_as_oserror():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with failures_as_oserror():
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        with failures_as_oserror():
            return int(super().size(name))

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with failures_as_oserror():
            folders, files = super().listdir(name)
        return folders, files

    def walk(self, under: str = "") -> Iterator[tuple[str, int, datetime]]:
        """Name, size in bytes and time of change of each file below this folder, a thousand at a request.

        Raises OSError.
        """
        with failures_as_oserror():
            for found in self.bucket.objects.filter(Prefix=f"{under}/" if under else ""):
                yield str(found.key), int(found.size), found.last_modified
