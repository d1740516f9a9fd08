"""Checks that the bucket, if there is one, stores and returns a small file like a picture.

The only checks that connect to a server.  They wait at most 10 seconds for each answer, and stop if the file
cannot be written.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from edits.services.outgoing import proxies

PROBE = b"A small file, to see whether the bucket works."
FOLDER = "probes"
PATIENCE_SECONDS = 10
DOCUMENTED = "See docs/deployment.md for what a bucket has to allow."

KEY = "correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
NAME = "create it, or correct AWS_STORAGE_BUCKET_NAME"
REGION = "set AWS_S3_REGION_NAME to its region"
ADDRESS = "correct AWS_S3_ENDPOINT_URL or AWS_S3_ADDRESSING_STYLE, or let this machine reach it"
PROXY = "correct HTTPS_PROXY or HTTP_PROXY, or add the bucket's server to NO_PROXY"
AUTHORITY = "name the file of its authority's certificate in REQUESTS_CA_BUNDLE"
REMEDIES = {
    "NoSuchBucket": NAME,
    "ParamValidationError": NAME,
    "InvalidBucketName": NAME,
    "NoCredentialsError": KEY,
    "InvalidAccessKeyId": KEY,
    "SignatureDoesNotMatch": "correct AWS_SECRET_ACCESS_KEY or AWS_S3_REGION_NAME",
    "AuthorizationHeaderMalformed": REGION,
    "AuthorizationQueryParametersError": REGION,
    "IllegalLocationConstraintException": REGION,
    "InvalidRegionError": REGION,
    "PermanentRedirect": REGION,
    "TemporaryRedirect": REGION,
    "InvalidEndpoint": ADDRESS,
    "EndpointResolutionError": ADDRESS,
    "EndpointConnectionError": ADDRESS,
    "ConnectTimeoutError": ADDRESS,
    "ReadTimeoutError": ADDRESS,
    "ConnectionClosedError": ADDRESS,
    "ProxyConnectionError": PROXY,
    "ProxyError": PROXY,
    "SSLError": AUTHORITY,
    "RequestTimeTooSkewed": "set the clock of this machine",
    "other bytes": "use a server that stores what it is sent",
}
"""Remedies by the server's error code, or by the reason why there was no answer."""


class Bucket(Protocol):
    """What the check needs from the storage."""

    def in_a_hurry(self) -> "Bucket": ...
    def save(self, name: str, content: "ContentFile[bytes]") -> str: ...
    def open(self, name: str) -> Any: ...
    def url(self, name: str) -> str: ...
    def walk(self, under: str) -> Iterable[tuple[str, int, datetime]]: ...
    def delete(self, name: str) -> None: ...


def the_bucket_works(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Each message names the bucket, what fails, and how to fix it."""
    if not settings.AWS_STORAGE_BUCKET_NAME:
        return []
    try:
        bucket = cast(Bucket, default_storage).in_a_hurry()
        name = bucket.save(f"{FOLDER}/check", ContentFile(PROBE))
    except OSError as error:
        return [_failure("be written to", error, otherwise="allow its key s3:PutObject")]
    steps = (
        _failure_of(_read, bucket, name, what="be read", otherwise="allow its key s3:GetObject"),
        _failure_of(_follow_link, bucket, name, what="be read by a link", otherwise=REGION),
        _failure_of(_list, bucket, name, what="be listed", otherwise="allow its key s3:ListBucket"),
        _failure_of(_delete, bucket, name, what="delete files", otherwise="allow its key s3:DeleteObject"),
    )
    return [message for message in steps if message]


def pictures_come_encrypted(app_configs: object, **_: Any) -> list[CheckMessage]:
    """A page loaded over HTTPS shows no pictures from a bucket without HTTPS."""
    if not settings.AWS_STORAGE_BUCKET_NAME or not settings.HTTPS:
        return []
    if urlsplit(settings.AWS_S3_ENDPOINT_URL or "https:").scheme == "https":
        return []
    return [
        Warning(
            "HTTPS is on but AWS_S3_ENDPOINT_URL is http://, so browsers show no pictures.",
            hint="Give the bucket's server a certificate and use an https:// address.",
            id="retake.W016",
        )
    ]


def _read(bucket: Bucket, name: str) -> None:
    with bucket.open(name) as file:
        _expect_probe(file.read())


def _follow_link(bucket: Bucket, name: str) -> None:
    """Load the link like a browser: the page's content policy forbids redirects."""
    try:
        answer = _get(bucket.url(name))
    except requests.RequestException as error:
        raise OSError(f"No answer: {type(error).__name__}") from error
    if answer.status_code != requests.codes.ok:
        code = re.search(rb"<Code>(\w+)</Code>", answer.content)
        raise OSError(f"Refused: {code[1].decode() if code else answer.status_code}")
    _expect_probe(answer.content)


def _get(link: str) -> requests.Response:
    """Uses the proxies and certificates of the settings, not those that requests reads from the environment."""
    with requests.Session() as session:
        session.trust_env = False
        session.proxies.update(proxies().by_scheme(link))
        return session.get(
            link, timeout=PATIENCE_SECONDS, allow_redirects=False, verify=settings.CA_BUNDLE or True
        )


def _list(bucket: Bucket, name: str) -> None:
    if name not in {found for found, _, _ in bucket.walk(FOLDER)}:
        raise OSError("Listed: without the file")


def _delete(bucket: Bucket, name: str) -> None:
    bucket.delete(name)


def _expect_probe(data: bytes) -> None:
    if data != PROBE:
        raise OSError("Read: other bytes")


def _failure_of(
    step: Callable[[Bucket, str], None], bucket: Bucket, name: str, *, what: str, otherwise: str
) -> CheckMessage | None:
    try:
        step(bucket, name)
    except OSError as error:
        return _failure(what, error, otherwise=otherwise)
    return None


def _failure(what: str, error: OSError, *, otherwise: str) -> CheckMessage:
    """Shows only the last word of the error, a code: the rest of a server's message may contain a key."""
    cause = str(error).rpartition(": ")[2]
    remedy = REMEDIES.get(cause, otherwise)
    name = settings.AWS_STORAGE_BUCKET_NAME
    return Error(f"The bucket {name} cannot {what} ({cause}): {remedy}.", hint=DOCUMENTED, id="retake.E010")
