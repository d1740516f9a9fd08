"""The cache in Redis while that is away."""

import pytest
from django.db import OperationalError

from editor_site.shared_cache import SharedCache


@pytest.fixture
def nobody_there() -> SharedCache:
    """On a port on which nobody listens."""
    return SharedCache("redis://127.0.0.1:9/0", {"OPTIONS": {"socket_connect_timeout": 3}})


def test_it_fails_as_a_database_does_and_tells_no_address(nobody_there: SharedCache) -> None:
    for ask in (lambda: nobody_there.get("tries"), lambda: nobody_there.set("tries", 1), nobody_there.clear):
        with pytest.raises(OperationalError, match=r"^The cache cannot be reached: ConnectionError$"):
            ask()
