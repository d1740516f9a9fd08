"""The cache of several machines, in Redis.  Loaded only where one is configured.

While it is away it fails as the cache in the database does, so that whoever asks is answered 503: throttles that
cannot count must not let everybody try.
"""

from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.db import OperationalError
from redis import ConnectionError, Redis, TimeoutError


class SharedCache(RedisCache):
    """Redis, with the failures of a database."""

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
