"""The cache, with Redis up or down.

What lies in it is counted, never kept: failed logins, tries at a password. With Redis away each process counts for
itself, so that nobody is locked out of the portal and nobody may guess without end.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

# For so long Redis is not asked again, so that a page does not wait for it at every step.
_REST_S = 2.0


def _either(name: str) -> Callable[..., Any]:
    def call(self: "Enduring", *args: Any, **options: Any) -> Any:
        if time.monotonic() >= self.rests_until:
            try:
                return getattr(RedisCache, name)(self, *args, **options)
            except RedisError as error:
                log.warning("cache: Redis does not answer: %s", error)
                self.rests_until = time.monotonic() + _REST_S
        return getattr(self.meanwhile, name)(*args, **options)

    return call


class Enduring(RedisCache):
    """Redis' cache, and this process's own while Redis does not answer."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        plain = {name: value for name, value in params.items() if name != "OPTIONS"}
        self.meanwhile = LocMemCache("meanwhile", plain)
        self.rests_until = 0.0

    def ping(self) -> None:
        """Return when Redis itself answers; raise RedisError."""
        self._cache.get_client().ping()

    add = _either("add")
    get = _either("get")
    set = _either("set")
    touch = _either("touch")
    delete = _either("delete")
    get_many = _either("get_many")
    has_key = _either("has_key")
    incr = _either("incr")
    set_many = _either("set_many")
    delete_many = _either("delete_many")
    clear = _either("clear")
