"""The cache of several machines, in Redis.  Imported only if one is configured.

If it is unavailable, it fails like the cache in the database, so that requests get a 503: sign-in limits that
cannot count must not allow unlimited tries.
"""

from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.db import OperationalError
from redis import ConnectionError, Redis, TimeoutError


class SharedCache(RedisCache):
    """A Redis cache that raises database errors."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _CacheClient


class _Client(Redis):
    def execute_command(self, *words: Any, **options: Any) -> Any:
        try:
            return super().execute_command(*words, **options)
        except (ConnectionError, TimeoutError) as error:
            raise OperationalError(f"The cache cannot be reached: {type(error).__name__}") from error


class _CacheClient(RedisCacheClient):
    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, **options)
        self._client = _Client
