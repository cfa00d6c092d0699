"""A Quantizer Scenario solved: numbers stored in each format, and what the chosen view needs on top."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qtui.compute.codec import F32
from qtui.compute.data import outlier_count
from qtui.compute.formats import Format
from qtui.compute.ints.formats import scheme_of
from qtui.compute.quantizer.network import drift, grow_on_paper, parse_layers
from qtui.compute.quantizer.outlier import Rescue, rescue
from qtui.compute.quantizer.smart import Smart, smart
from qtui.compute.quantizer.sweep import Sweep, sweep
from qtui.scenario.base import UserError, user_input
from qtui.scenario.formats import named_format
from qtui.scenario.progress import Progress
from qtui.scenario.quantizer.cache import QuantizerCache
from qtui.scenario.quantizer.data import Numbers, kind_of
from qtui.scenario.quantizer.notes import notes_on
from qtui.scenario.quantizer.result import GrownNetwork, Headline, QuantizerResult, Scheme
from qtui.scenario.quantizer.scenario import DRAWN, MOST_KEPT, MOST_SCHEMES, QuantizerScenario
from qtui.scenario.quantizer.schemes import Sink, make_scheme
from qtui.scenario.quantizer.spots import nodes_at, reach_of, spot, weight_group

SEARCHES = ("gptq", "awq")  # formats that take longer than a key press allows
QUICK = 1 << 14  # weights that every format stores within about 8 ms
READABLE = 64  # weights up to which each one's own relative error counts
GROUP = 64  # weights that share a scale in the smart methods, where the first scheme does not say


def solve(
    scenario: QuantizerScenario,
    progress: Progress | None = None,
    sink: Sink | None = None,
    cache: QuantizerCache | None = None,
) -> QuantizerResult:
    """Quantize what `scenario` asks for; `sink` takes the first scheme's bytes, `cache` keeps what can be used again.

    Raises UserError with one sentence for what can't be done, and ModelFileError for a file that can't be read.
    """
    formats = formats_of(scenario)
    if not 0 <= scenario.keep <= MOST_KEPT:
        raise UserError(f"keep 0 to {MOST_KEPT} outliers of a row apart, not {scenario.keep}")
    progress, cache = progress or Progress(), cache or QuantizerCache()
    numbers = cache.numbers(scenario)
    schemes: list[Scheme] = []
    for spec, fmt in formats:

        def make(spec: str = spec, fmt: Format = fmt, sink: Sink | None = None) -> Scheme:
            return make_scheme(spec, fmt, numbers, scenario, progress, sink)

        if sink is not None and not schemes:
            schemes.append(make(sink=sink))  # what is written is not taken from what is kept
        else:
            schemes.append(cache.scheme(scenario, spec, make))
    return _result(scenario, numbers, tuple(schemes), cache, progress)


def is_quick(scenario: QuantizerScenario, cache: QuantizerCache) -> bool:
    """Whether `solve` takes no longer than a key press allows: few numbers, in memory, or all of it in `cache`."""
    if cache.knows(scenario):
        return True
    searches = any(spec.lower().startswith(SEARCHES) for spec in scenario.format)
    if searches or scenario.view == "smart":
        return False
    from_disk = scenario.source or scenario.importance not in ("", DRAWN) or kind_of(scenario) == "file"
    return not from_disk and (not scenario.dist or scenario.size <= QUICK)


def formats_of(scenario: QuantizerScenario) -> tuple[tuple[str, Format], ...]:
    """The formats that `scenario` names. Raises UserError for too many, for none, or for one that can't encode."""
    if not 1 <= len(scenario.format) <= MOST_SCHEMES:
        raise UserError(f"compare one to {MOST_SCHEMES} formats, not {len(scenario.format)}")
    formats = []
    for spec in scenario.format:
        fmt = named_format(spec)
        if not fmt.can_encode:
            raise UserError(
                f"{fmt.name} can be read but not written here; choose a format that `qtui formats` can write"
            )
        formats.append((spec, fmt))
    return tuple(formats)


@dataclass(frozen=True)
class ViewNeeds:
    """What one view needs on top of the schemes."""

    rescue: Rescue | None = None
    sweep: tuple[Sweep, ...] = ()
    smart: Smart | None = None


def _result(
    scenario: QuantizerScenario,
    numbers: Numbers,
    schemes: tuple[Scheme, ...],
    cache: QuantizerCache,
    progress: Progress,
) -> QuantizerResult:
    first = schemes[0].stored
    needs = cache.view(scenario, lambda: _needs(scenario, numbers, schemes, progress))
    run = None
    if scenario.view in ("net", "grow"):
        with user_input():
            layers = parse_layers(scenario.net)
        run = drift(layers, scenario.input, first.x, [scheme.stored.y for scheme in schemes])
    node = _within(scenario.node, sum(run.exact.net.layers) if run is not None else 1)
    at = _within(scenario.at, len(first.x))
    groups = [cache.group(scheme, scheme.stored.group_of(at), weight_group) for scheme in schemes]
    spots = tuple(
        cache.spot(scheme, group, at, scenario, spot) for scheme, group in zip(schemes, groups, strict=True)
    )
    grown = _grown(schemes)
    return QuantizerResult(
        scenario=scenario,
        title=numbers.title,
        count=numbers.count,
        rows=numbers.rows,
        columns=numbers.columns,
        schemes=schemes,
        best=_best(schemes),
        headline=_headline(schemes, numbers.count),
        spots=spots,
        reach=reach_of(groups, schemes),
        grown=grown,
        notes=notes_on(scenario, numbers, schemes),
        tensors=numbers.tensors,
        at=at,
        node=node,
        step=_within(scenario.step, len(grown)),
        rescue=needs.rescue,
        sweep=needs.sweep,
        smart=needs.smart,
        drift=run,
        nodes=nodes_at(run, node) if run is not None else (),
    )


def _within(place: int, count: int) -> int:
    return min(max(place, 0), count - 1)


def _best(schemes: Sequence[Scheme]) -> tuple[int | None, ...]:
    """For each column of the scoreboard the scheme that does best, or None where two share the place.

    Errors of a scheme that loses numbers altogether can't win: they are those of the numbers that are left.
    """
    best: list[int | None] = []
    for row in zip(*(_costs(scheme) for scheme in schemes), strict=True):
        least = min(row)
        best.append(row.index(least) if row.count(least) == 1 else None)
    return tuple(best)


def _headline(schemes: Sequence[Scheme], count: int) -> Headline:
    """The error that matters most, of each scheme; one that loses numbers altogether can't be the best."""
    few = count <= READABLE and not all(math.isnan(scheme.stats.mean_rel_error) for scheme in schemes)
    shares = tuple(scheme.stats.mean_rel_error if few else scheme.stats.relative_rmse for scheme in schemes)
    whole = [
        math.inf if math.isnan(share) or scheme.stats.bad_outputs else share
        for share, scheme in zip(shares, schemes, strict=True)
    ]
    least = min(whole)
    best = whole.index(least) if whole.count(least) == 1 and least < math.inf else None
    return Headline("mean" if few else "rms", shares, best)


def _costs(scheme: Scheme) -> tuple[float, ...]:
    """Bits and errors, the smaller the better; infinite where they are not known."""
    stats = scheme.stats
    errors = (stats.mean_rel_error, stats.rmse, -stats.sqnr_db, stats.max_abs_error, scheme.lost_to_zero)
    whole = stats.bad_outputs == 0
    return (scheme.bits_per_weight, *(e if whole and not math.isnan(e) else math.inf for e in errors))


def _grown(schemes: Sequence[Scheme]) -> tuple[GrownNetwork, ...]:
    """Each size of the network grown on paper, with the bytes of its square layers in each scheme."""
    grown = []
    for step in grow_on_paper():
        sizes = (
            (step.hidden + 1) * scheme.format.nbytes((step.width, step.width))
            if step.width >= scheme.format.block_size
            else None
            for scheme in schemes
        )
        grown.append(GrownNetwork(step.width, step.hidden, step.parameters, 2 * step.parameters, tuple(sizes)))
    return tuple(grown)


def _needs(
    scenario: QuantizerScenario, numbers: Numbers, schemes: tuple[Scheme, ...], progress: Progress
) -> ViewNeeds:
    first = schemes[0].stored
    head = first.x.reshape(-1, first.columns)
    if scenario.view in ("outlier", "smart") and not np.all(np.isfinite(first.x)):
        raise UserError(f"the view {scenario.view} needs finite numbers, and these have infinities or NaN among them")
    if scenario.view == "sweep":
        row = head[:1] if head.shape[1] >= 1024 else head
        return ViewNeeds(sweep=tuple(_sweep(scheme, row, progress) for scheme in schemes))
    if scenario.view == "outlier":
        return ViewNeeds(rescue=rescue(schemes[0].spec, head[0], _outliers(scenario, numbers)))
    if scenario.view == "smart":
        scheme = scheme_of(schemes[0].format)
        bits, block = (scheme.bits, scheme.block) if scheme else (4, 0)
        return ViewNeeds(smart=smart(first.x, bits, block or GROUP, progress.tick))
    return ViewNeeds()


def _outliers(scenario: QuantizerScenario, numbers: Numbers) -> int:
    """How many outliers were put into the numbers on purpose."""
    drawn = outlier_count(scenario.dist, numbers.count) if scenario.dist else 0
    return drawn + (scenario.outlier is not None)


def _sweep(scheme: Scheme, x: F32, progress: Progress) -> Sweep:
    label = scheme.stored.label
    return sweep(label, scheme.spec, x, lambda done, total: progress.tick(done, total, f"{label}: block sizes"))
