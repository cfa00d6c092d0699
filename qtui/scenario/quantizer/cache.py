"""A cache of numbers and schemes, so that moving a cursor or changing the view quantizes nothing again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from qtui.compute.cache import Cache
from qtui.scenario.quantizer.data import Numbers, read_numbers
from qtui.scenario.quantizer.result import Scheme, Spot, WeightGroup
from qtui.scenario.quantizer.scenario import QuantizerScenario

HEAVY = ("sweep", "outlier", "smart")  # views that need more than the schemes
V = TypeVar("V")
SpotMaker = Callable[[Scheme, WeightGroup, int, QuantizerScenario], Spot]


class QuantizerCache:
    """Numbers, schemes, groups and views of the last Scenarios, each under all that it depends on.

    Several threads may solve with one cache.
    """

    def __init__(self) -> None:
        self._numbers: Cache[Numbers] = Cache(2)
        self._schemes: Cache[Scheme] = Cache(12)
        self._groups: Cache[WeightGroup] = Cache(32)
        self._spots: Cache[Spot] = Cache(32)
        self._views: Cache[Any] = Cache(4)

    def numbers(self, scenario: QuantizerScenario) -> Numbers:
        """What `scenario` asks to quantize, read or drawn once."""
        return self._numbers.get(_data_key(scenario), lambda: read_numbers(scenario))

    def knows(self, scenario: QuantizerScenario) -> bool:
        """Whether all that `scenario` needs is here already."""
        stored = all(_scheme_key(scenario, spec) in self._schemes for spec in scenario.format)
        view = scenario.view not in HEAVY or _view_key(scenario) in self._views
        return stored and view and _data_key(scenario) in self._numbers

    def view(self, scenario: QuantizerScenario, make: Callable[[], V]) -> V:
        """What the present view needs, made once for the same numbers and schemes."""
        needs: V = self._views.get(_view_key(scenario), make)
        return needs

    def scheme(self, scenario: QuantizerScenario, spec: str, make: Callable[[], Scheme]) -> Scheme:
        """The format `spec` on the numbers of `scenario`, made once."""
        return self._schemes.get(_scheme_key(scenario, spec), make)

    def group(self, scheme: Scheme, index: int, make: Callable[[Scheme, int], WeightGroup]) -> WeightGroup:
        """Group number `index` of `scheme`, made once."""
        return self._groups.get((scheme, index), lambda: make(scheme, index))

    def spot(self, scheme: Scheme, group: WeightGroup, at: int, scenario: QuantizerScenario, make: SpotMaker) -> Spot:
        """What `scheme` does at weight `at`, which is in `group`, made once."""
        key = scheme, at, scenario.probe, bool(scenario.importance)
        return self._spots.get(key, lambda: make(scheme, group, at, scenario))


def _data_key(s: QuantizerScenario) -> Hashable:
    return s.values, s.dist, s.size, s.spread, s.seed, s.strength, s.outlier, s.source, s.tensor, s.row


def _view_key(scenario: QuantizerScenario) -> Hashable:
    return scenario.view, scenario.format, scenario.keep, scenario.importance, _data_key(scenario)


def _scheme_key(scenario: QuantizerScenario, spec: str) -> Hashable:
    return spec.lower(), scenario.keep, scenario.importance, _data_key(scenario)
