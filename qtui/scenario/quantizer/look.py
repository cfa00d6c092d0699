"""The Quantizer's Result: the schemes, remarks on them, and what the chosen view needs on top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qtui.compute.codec import F32
from qtui.compute.data import outlier_count
from qtui.compute.ints.formats import scheme_of
from qtui.compute.quantizer.network import drift, grow_on_paper, parse_layers
from qtui.compute.quantizer.outlier import Rescue, rescue
from qtui.compute.quantizer.smart import Smart, smart
from qtui.compute.quantizer.sweep import Sweep, sweep
from qtui.scenario.base import UserError
from qtui.scenario.progress import Progress
from qtui.scenario.quantizer.data import Numbers, file_of
from qtui.scenario.quantizer.work import importance_of

if TYPE_CHECKING:
    from qtui.scenario.quantizer.bench import Workbench
    from qtui.scenario.quantizer.scenario import QuantizerResult, QuantizerScenario, Scheme

GROUP = 64  # weights that share a scale in the smart methods, where the first scheme does not say


@dataclass(frozen=True)
class Extra:
    """What one view needs on top of the schemes."""

    rescue: Rescue | None = None
    sweep: tuple[Sweep, ...] = ()
    smart: Smart | None = None


def look(
    scenario: QuantizerScenario, found: Numbers, schemes: tuple[Scheme, ...], bench: Workbench, progress: Progress
) -> QuantizerResult:
    """The Result, with what the present view needs on top."""
    from qtui.scenario.quantizer.scenario import QuantizerResult

    first = schemes[0].stored
    extra = bench.extra(scenario, lambda: _extra(scenario, found, schemes, progress))
    ran = None
    if scenario.show in ("net", "grow"):
        ran = drift(parse_layers(scenario.net), scenario.input, first.x, [each.stored.y for each in schemes])
    nodes = sum(ran.exact.net.layers) if ran is not None else 1
    grown = grow_on_paper()
    return QuantizerResult(
        scenario=scenario,
        title=found.title,
        count=found.count,
        rows=found.rows,
        columns=found.columns,
        schemes=schemes,
        notes=_notes(scenario, found, schemes),
        rescue=extra.rescue,
        sweep=extra.sweep,
        smart=extra.smart,
        drift=ran,
        grown=grown,
        tensors=found.tensors,
        at=_within(scenario.at, len(first.x)),
        node=_within(scenario.node, nodes),
        step=_within(scenario.step, len(grown)),
    )


def _within(place: int, count: int) -> int:
    return min(max(place, 0), count - 1)


def _extra(scenario: QuantizerScenario, found: Numbers, schemes: tuple[Scheme, ...], progress: Progress) -> Extra:
    first = schemes[0].stored
    head = first.x.reshape(-1, first.columns)
    if scenario.show in ("outlier", "smart") and not np.all(np.isfinite(first.x)):
        raise UserError(f"the view {scenario.show} needs finite numbers, and these have infinities or NaN among them")
    if scenario.show == "sweep":
        row = head[:1] if head.shape[1] >= 1024 else head
        return Extra(sweep=tuple(_sweep(each, row, progress) for each in schemes))
    if scenario.show == "outlier":
        return Extra(rescue=rescue(schemes[0].spec, head[0], _outliers(scenario, found)))
    if scenario.show == "smart":
        scheme = scheme_of(schemes[0].format)
        bits, block = (scheme.bits, scheme.block) if scheme else (4, 0)
        group = block or GROUP
        return Extra(smart=smart(first.x, bits, group, progress.tick))
    return Extra()


def _outliers(scenario: QuantizerScenario, found: Numbers) -> int:
    """How many outliers were put into the numbers on purpose."""
    drawn = outlier_count(scenario.dist, found.count) if scenario.dist else 0
    return drawn + (scenario.outlier is not None)


def _sweep(scheme: Scheme, x: F32, progress: Progress) -> Sweep:
    label = scheme.stored.label
    return sweep(label, scheme.spec, x, lambda done, total: progress.tick(done, total, f"{label}: block sizes"))


def _weighed(scenario: QuantizerScenario, schemes: tuple[Scheme, ...]) -> str:
    """The weighed RMSE of each scheme."""
    parts = []
    for each in schemes:
        weights = importance_of(scenario, each.stored.columns)
        assert weights is not None
        error = (each.stored.y.astype(np.float64) - each.stored.x).reshape(-1, each.stored.columns)
        rmse = float(np.sqrt(np.average(np.mean(error**2, axis=0), weights=weights)))
        parts.append(f"{each.stored.label} RMSE {rmse:.4g}")
    return ", ".join(parts)


def _notes(scenario: QuantizerScenario, found: Numbers, schemes: tuple[Scheme, ...]) -> tuple[str, ...]:
    notes = []
    for each in schemes:
        if each.stored.padding:
            places = each.stored.columns + each.stored.padding
            notes.append(
                f"{each.stored.label}: padded with zeros to {places}, since its blocks hold {each.format.block_size}"
            )
    if scenario.importance:
        notes.append("weighed by importance: " + _weighed(scenario, schemes))
    left_out = schemes[0].stats.rel_left_out
    if left_out:
        weights = "1 weight that is" if left_out == 1 else f"{left_out:,} weights that are"
        notes.append(f"mean error leaves out {weights} exactly 0")
    if schemes[0].stats.bad_inputs:
        notes.append(f"the errors leave out numbers that are NaN or infinite: {schemes[0].stats.bad_inputs:,}")
    for each in schemes:
        if each.stats.bad_outputs:
            notes.append(
                f"{each.stored.label}: finite numbers that come back NaN or infinite: {each.stats.bad_outputs:,}"
            )
    if len(schemes[0].stored.x) < found.count:
        notes.append(f"pictures show the first {len(schemes[0].stored.x):,} of {found.count:,} weights")
    if file_of(scenario) and scenario.row is None and found.rows > 1:
        notes.append(f"{found.rows:,} rows of {found.columns:,}; --row N shows one of them")
    return tuple(notes)
