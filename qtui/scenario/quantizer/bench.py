"""What has been made for the last Scenarios, so that moving a cursor or changing the view makes nothing again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Generic, TypeVar

from qtui.compute.formats import Format
from qtui.scenario.progress import Progress
from qtui.scenario.quantizer.data import Numbers, numbers
from qtui.scenario.quantizer.work import make_scheme

if TYPE_CHECKING:
    from qtui.scenario.quantizer.look import Extra
    from qtui.scenario.quantizer.scenario import QuantizeScenario, Scheme, Sink

T = TypeVar("T")
EXTRA = ("sweep", "outlier", "smart")  # views that need more than the schemes


class Kept(Generic[T]):
    """The last few things made, by key. Made outside the lock: a worker at a long one keeps nobody waiting."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: dict[Hashable, T] = {}
        self._lock = threading.Lock()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._made

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made for `key`, made now if it has to be."""
        with self._lock:
            if key in self._made:
                self._made[key] = self._made.pop(key)  # the last used goes last
                return self._made[key]
        found = make()
        with self._lock:
            self._made[key] = found
            while len(self._made) > self._most:
                del self._made[next(iter(self._made))]
        return found


class Workbench:
    """Numbers and schemes of the last Scenarios: moving a cursor or changing the view quantizes nothing again.

    Several threads may solve with one bench: everything is kept by all that it depends on.
    """

    def __init__(self) -> None:
        self._numbers: Kept[Numbers] = Kept(2)
        self._schemes: Kept[Scheme] = Kept(12)
        self._extras: Kept[Extra] = Kept(4)

    def numbers(self, scenario: QuantizeScenario) -> Numbers:
        """What `scenario` asks to quantize, read or drawn once."""
        return self._numbers.get(_data_key(scenario), lambda: numbers(scenario))

    def knows(self, scenario: QuantizeScenario) -> bool:
        """Whether all that `scenario` needs is here already."""
        stored = all(_scheme_key(scenario, spec) in self._schemes for spec in scenario.format)
        extra = scenario.show not in EXTRA or _extra_key(scenario) in self._extras
        return stored and extra and _data_key(scenario) in self._numbers

    def extra(self, scenario: QuantizeScenario, make: Callable[[], Extra]) -> Extra:
        """What the present view needs, made once for the same numbers and schemes."""
        return self._extras.get(_extra_key(scenario), make)

    def scheme(
        self, scenario: QuantizeScenario, spec: str, fmt: Format, progress: Progress, sink: Sink | None
    ) -> Scheme:
        """One format on the numbers of `scenario`."""
        found = self.numbers(scenario)

        def make() -> Scheme:
            return make_scheme(spec, fmt, found, scenario, progress, sink)

        return make() if sink is not None else self._schemes.get(_scheme_key(scenario, spec), make)


def _data_key(s: QuantizeScenario) -> Hashable:
    return s.values, s.dist, s.size, s.spread, s.seed, s.strength, s.outlier, s.source, s.tensor, s.row


def _extra_key(scenario: QuantizeScenario) -> Hashable:
    return scenario.show, scenario.format, scenario.keep, scenario.importance, _data_key(scenario)


def _scheme_key(scenario: QuantizeScenario, spec: str) -> Hashable:
    return spec.lower(), scenario.keep, scenario.importance, _data_key(scenario)
