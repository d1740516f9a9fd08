"""The content security policy: everything comes from this site, except pictures in a bucket.

Only the storage knows the bucket's host, which depends on region, partition, addressing style and dots in the
name.
"""

import logging
from typing import Protocol, cast

from csp.constants import NONE, SELF
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.functional import SimpleLazyObject

log = logging.getLogger(__name__)


class Linked(Protocol):
    """A storage to which browsers are redirected."""

    origin: str


def sources_of_pictures() -> list[str]:
    """The sources of pictures.  Without the bucket if links to it cannot be made, because then no page shows one."""
    sources = [SELF, "data:", "blob:"]
    if isinstance(default_storage, FileSystemStorage):
        return sources
    try:
        return [*sources, cast(Linked, default_storage).origin]
    except OSError:
        log.exception("No link to the bucket can be made")
        return sources


DIRECTIVES = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": SimpleLazyObject(sources_of_pictures),
    "font-src": [SELF],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}
