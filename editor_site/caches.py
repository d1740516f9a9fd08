"""The cache in which sign-in limits are counted, shared by all processes."""

from typing import Any


def cache_of(url: str) -> dict[str, Any]:
    """The Redis server at CACHE_URL, otherwise a table of the database."""
    if url:
        return {
            "BACKEND": "editor_site.shared_cache.SharedCache",
            "LOCATION": url,
            "OPTIONS": {"socket_connect_timeout": 3, "socket_timeout": 5},
        }
    return {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entries",
        "OPTIONS": {"MAX_ENTRIES": 10_000},  # with fewer, a flood of names could evict the counts
    }
