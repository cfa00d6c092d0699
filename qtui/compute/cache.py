"""A bounded cache of the values used last, for what takes long to make."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Cache(Generic[V]):
    """The last `size` values by key; safe to share between threads.

    A value is made outside the lock, so that other threads need not wait for it; two threads may then make the same
    value, and the later one stays.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: dict[Hashable, V] = {}
        self._lock = threading.Lock()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value of `key`, made now if it is not here."""
        with self._lock:
            if key in self._values:
                self._values[key] = self._values.pop(key)  # the last used goes last
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._size:
                del self._values[next(iter(self._values))]
        return value

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
