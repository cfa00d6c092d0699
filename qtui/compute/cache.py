"""A bounded cache of the values used last, for what takes long to make."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Cache(Generic[V]):
    """The values used last, by key; safe to share between threads.

    Their number stays within `size`; with `measure`, the sum of what that says of each (its bytes, as a rule), and a
    value that is larger alone is not kept.

    A value is made outside the lock, so that other threads need not wait for it; two threads may then make the same
    value, and the later one stays.
    """

    def __init__(self, size: int, measure: Callable[[V], int] = lambda value: 1) -> None:
        self._size = size
        self._measure = measure
        self._held = 0
        self._values: dict[Hashable, V] = {}
        self._lock = threading.Lock()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values

    @property
    def held(self) -> int:
        """What all of them measure."""
        return self._held

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value of `key`, made now if it is not here."""
        with self._lock:
            if key in self._values:
                value = self._values[key] = self._values.pop(key)  # the last used goes last
                return value
        value = make()
        measured = self._measure(value)
        with self._lock:
            if measured <= self._size:
                self._drop(key)
                self._values[key] = value
                self._held += measured
                while self._held > self._size:
                    self._drop(next(iter(self._values)))
        return value

    def _drop(self, key: Hashable) -> None:
        if key in self._values:
            self._held -= self._measure(self._values.pop(key))
