"""Pictures in an S3 bucket.  Imported only if one is configured, because boto3 is large.

All failures of the bucket are OSErrors, as with a folder, so that no other module needs to know boto3.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from functools import cached_property
from io import BytesIO
from os.path import splitext
from typing import IO, Any, Self
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from edits.services.outgoing import proxies

HURRIED = Config(read_timeout=10, retries={"mode": "standard", "total_max_attempts": 1})


def code_of(error: ClientError) -> str:
    """S3's error code, such as NoSuchKey."""
    return str(error.response.get("Error", {}).get("Code", "unknown"))


@contextmanager
def failures_as_oserror() -> Iterator[None]:
    """Raise OSError for everything that boto3 raises; FileNotFoundError for a missing file passes through."""
    try:
        yield
    except ClientError as error:
        raise OSError(f"The bucket refused: {code_of(error)}") from error
    except BotoCoreError as error:
        raise OSError(f"The bucket cannot be reached: {type(error).__name__}") from error


class PictureBucket(S3Storage):
    """A private bucket whose files are never overwritten, with one connection per process.

    The parent class keeps a boto3 resource per thread: some 11 MB and 0.3 s each, too much for many threads.
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
        # Many servers reject checksums that S3 does not require, or store them as part of the picture.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    _lock = threading.Lock()
    _shared: Any = None

    def __init__(self, **settings: Any) -> None:
        """Configure addressing style and proxies.

        Amazon's links contain the bucket's region only if the bucket is part of the host; other servers often
        have no such names.  A bucket name with dots, which certificates do not cover, always goes into the path.

        Proxies are always passed: boto3 itself would read the environment, where it does not support networks.
        """
        super().__init__(**settings)
        style = self.addressing_style or ("path" if self.endpoint_url else "virtual")
        self.client_config = self.client_config.merge(
            Config(s3={"addressing_style": style}, proxies=self._proxies())
        )

    def _proxies(self) -> dict[str, str]:
        """The proxies for the bucket's server, which may be called with or without the bucket in its name."""
        server = self.endpoint_url or f"https://s3.{self.region_name or 'us-east-1'}.amazonaws.com"
        return proxies().by_scheme(server, name=f"{self.bucket_name}.{urlsplit(server).hostname}")

    @property
    def connection(self) -> Any:
        cls = type(self)
        if self._shared is None:
            with cls._lock:
                if cls._shared is None:
                    cls._shared = self._connected()
        return self._shared

    def _connected(self) -> Any:
        """Connects lazily, but reads the settings: boto3 raises a bare ValueError for an invalid address."""
        with failures_as_oserror():
            try:
                return super().connection
            except ValueError as error:
                raise OSError("The bucket cannot be reached: InvalidEndpoint") from error

    def in_a_hurry(self) -> Self:
        """The same bucket over a separate connection that tries once, for at most 10 seconds.  Raises OSError."""
        hurried = copy(self)
        hurried.client_config = self.client_config.merge(HURRIED)
        hurried._shared = hurried._connected()
        return hurried

    @cached_property
    def origin(self) -> str:
        """The beginning of each link: scheme, host and port.  Makes no request.  Raises OSError."""
        link = urlsplit(self.url("a.png"))
        return f"{link.scheme}://{link.netloc}"

    def url(self, name: str, parameters: dict[str, str] | None = None) -> str:
        """A link that is valid for a minute.  Raises OSError if there is no key to sign it with."""
        with failures_as_oserror():
            return str(super().url(name, parameters))

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Always a unique name.

        A bucket has no "create unless it exists": two processes that store the same picture would both find the
        name free, and the second would delete what the first relies on.
        """
        stem, extension = splitext(name)
        return str(self.get_alternative_name(stem, extension))

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        """The whole file in one request: reading in parts could fail half-way with an error of boto3's."""
        with failures_as_oserror():
            try:
                found = self.bucket.Object(name).get()
            except ClientError as error:  # each connection has its own exception classes
                if code_of(error) == "NoSuchKey":
                    raise FileNotFoundError(f"The bucket has no {name}") from error
                raise
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
        """Name, size in bytes and modification time of each file below this folder, a thousand per request.

        Raises OSError.
        """
        with failures_as_oserror():
            for found in self.bucket.objects.filter(Prefix=f"{under}/" if under else ""):
                yield str(found.key), int(found.size), found.last_modified
