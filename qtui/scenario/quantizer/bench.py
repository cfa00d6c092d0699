"""What has been made for the last Scenarios, so that moving a cursor or changing the view makes nothing again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from qtui.compute.cache import Cache
from qtui.compute.formats import Format
from qtui.scenario.progress import Progress
from qtui.scenario.quantizer.data import Numbers, numbers
from qtui.scenario.quantizer.work import make_scheme

if TYPE_CHECKING:
    from qtui.scenario.quantizer.look import Extra
    from qtui.scenario.quantizer.scenario import QuantizerScenario, Scheme, Sink

EXTRA = ("sweep", "outlier", "smart")  # views that need more than the schemes


class Workbench:
    """Numbers and schemes of the last Scenarios: moving a cursor or changing the view quantizes nothing again.

    Several threads may solve with one bench: everything is kept by all that it depends on.
    """

    def __init__(self) -> None:
        self._numbers: Cache[Numbers] = Cache(2)
        self._schemes: Cache[Scheme] = Cache(12)
        self._extras: Cache[Extra] = Cache(4)

    def numbers(self, scenario: QuantizerScenario) -> Numbers:
        """What `scenario` asks to quantize, read or drawn once."""
        return self._numbers.get(_data_key(scenario), lambda: numbers(scenario))

    def knows(self, scenario: QuantizerScenario) -> bool:
        """Whether all that `scenario` needs is here already."""
        stored = all(_scheme_key(scenario, spec) in self._schemes for spec in scenario.format)
        extra = scenario.show not in EXTRA or _extra_key(scenario) in self._extras
        return stored and extra and _data_key(scenario) in self._numbers

    def extra(self, scenario: QuantizerScenario, make: Callable[[], Extra]) -> Extra:
        """What the present view needs, made once for the same numbers and schemes."""
        return self._extras.get(_extra_key(scenario), make)

    def scheme(
        self, scenario: QuantizerScenario, spec: str, fmt: Format, progress: Progress, sink: Sink | None
    ) -> Scheme:
        """One format on the numbers of `scenario`."""
        found = self.numbers(scenario)

        def make() -> Scheme:
            return make_scheme(spec, fmt, found, scenario, progress, sink)

        return make() if sink is not None else self._schemes.get(_scheme_key(scenario, spec), make)


def _data_key(s: QuantizerScenario) -> Hashable:
    return s.values, s.dist, s.size, s.spread, s.seed, s.strength, s.outlier, s.source, s.tensor, s.row


def _extra_key(scenario: QuantizerScenario) -> Hashable:
    return scenario.show, scenario.format, scenario.keep, scenario.importance, _data_key(scenario)


def _scheme_key(scenario: QuantizerScenario, spec: str) -> Hashable:
    return spec.lower(), scenario.keep, scenario.importance, _data_key(scenario)
