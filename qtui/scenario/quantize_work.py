"""The work behind the Quantizer: each scheme on all the numbers, kept while nothing that it depends on changes."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qtui.compute import data, playground
from qtui.compute.codec import F32, Codec, Encoded
from qtui.compute.data import outlier_count
from qtui.compute.errors import ErrorAccumulator, ErrorStats
from qtui.compute.errors.measure import FitsTensor, GathersRows, RoundTrips
from qtui.compute.formats import Format
from qtui.compute.network import grow_on_paper, parse_layers
from qtui.compute.playground_network import drift
from qtui.compute.playground_outlier import Rescue, rescue
from qtui.compute.playground_smart import Smart, smart
from qtui.compute.playground_sweep import Sweep, sweep
from qtui.scenario.base import UserError
from qtui.scenario.progress import Progress
from qtui.scenario.quantize_data import WHOLE, Numbers, file_of, numbers

if TYPE_CHECKING:
    from qtui.scenario.quantize import QuantizeResult, QuantizeScenario, Scheme, Sink


DRAWN = "drawn"  # in place of a file with an importance vector
EXTRA = ("sweep", "outlier", "smart")  # views that need more than the schemes
GROUP = 64  # weights that share a scale in the smart methods, where the first scheme does not say


class Workbench:
    """The numbers and schemes of the last Scenario: moving a cursor or changing the view quantizes nothing again."""

    def __init__(self) -> None:
        self._data_key: Hashable = None
        self._numbers: Numbers | None = None
        self._schemes: dict[Hashable, Scheme] = {}
        self._extra_key: Hashable = None
        self._extra: Extra | None = None

    def numbers(self, scenario: QuantizeScenario) -> Numbers:
        """What `scenario` asks to quantize, read or drawn once."""
        key = _data_key(scenario)
        if self._numbers is None or key != self._data_key:
            self._numbers = numbers(scenario)
            self._data_key = key
            self._schemes = {}
        return self._numbers

    def knows(self, scenario: QuantizeScenario) -> bool:
        """Whether all that `scenario` needs is here already."""
        stored = all(_scheme_key(scenario, spec) in self._schemes for spec in scenario.format)
        return (
            stored
            and _data_key(scenario) == self._data_key
            and (scenario.show not in EXTRA or self._extra_key == _extra_key(scenario))
        )

    def extra(self, scenario: QuantizeScenario, make: Callable[[], Extra]) -> Extra:
        """What the present view needs, made once for the same numbers and schemes."""
        key = _extra_key(scenario)
        if self._extra is None or key != self._extra_key:
            self._extra, self._extra_key = make(), key
        return self._extra

    def scheme(
        self, scenario: QuantizeScenario, spec: str, fmt: Format, progress: Progress, sink: Sink | None
    ) -> Scheme:
        """One format on the numbers of `scenario`."""
        found = self.numbers(scenario)
        key = _scheme_key(scenario, spec)
        scheme = self._schemes.get(key) if sink is None else None
        if scheme is None:
            scheme = _scheme(spec, fmt, found, scenario, progress, sink)
        self._schemes[key] = scheme
        return scheme


def _data_key(s: QuantizeScenario) -> Hashable:
    return s.values, s.dist, s.size, s.spread, s.seed, s.strength, s.outlier, s.source, s.tensor, s.row


def _extra_key(scenario: QuantizeScenario) -> Hashable:
    return scenario.show, scenario.format, scenario.keep, scenario.importance, _data_key(scenario)


def _scheme_key(scenario: QuantizeScenario, spec: str) -> Hashable:
    return spec.lower(), scenario.keep, scenario.importance


def _scheme(
    spec: str, fmt: Format, found: Numbers, scenario: QuantizeScenario, progress: Progress, sink: Sink | None
) -> Scheme:
    from qtui.scenario.quantize import Scheme

    playground.padding_for(fmt, found.columns, found.short)  # complains before any work is done
    importance = _importance(scenario, found.columns)
    label = fmt.name if spec.lower() == fmt.name.lower() else spec
    whole = found.count <= WHOLE
    codec = fmt.codec if whole else _fitted(fmt, found)
    stored = playground.store(
        fmt,
        found.head(whole_rows=whole or not _can_cut(fmt)),
        label=label,
        importance=importance if importance is None or whole else importance[: _head_columns(fmt, found)],
        keep=scenario.keep,
        pad=found.short,
        codec=codec,
    )
    if whole:
        if sink is not None:
            sink.begin(found.shape)
            sink.take(Encoded(stored.data, stored.columns, stored.header), stored.y)
        stats = ErrorStats.of(stored.x, stored.y)
        bits = stored.bits_per_weight if found.short else 8 * stored.nbytes / found.count
        return Scheme(spec, fmt, stored, stats, stored.nbytes, bits)
    stats = _stream(fmt, codec, found, importance, scenario.keep, progress, sink)
    kept = found.rows * min(scenario.keep, found.columns) * playground.KEPT_BITS // 8
    nbytes = fmt.nbytes((found.rows, found.columns)) + kept
    return Scheme(spec, fmt, stored, stats, nbytes, 8 * nbytes / found.count)


def _head_columns(fmt: Format, found: Numbers) -> int:
    return found.columns if not _can_cut(fmt) else min(found.columns, WHOLE)


def _can_cut(fmt: Format) -> bool:
    """Whether a row may be stored in pieces: what more than a block shares is known before."""
    return not fmt.row_bytes_extra and (not fmt.tensor_bytes_extra or _asks_only_for_the_range(fmt))


def _stream(
    fmt: Format,
    codec: Codec,
    found: Numbers,
    importance: F32 | None,
    keep: int,
    progress: Progress,
    sink: Sink | None,
) -> ErrorStats:
    """Store all of `found` piece by piece, measuring each and handing it to `sink`."""
    whole_rows = keep > 0 or not _can_cut(fmt)
    measured = ErrorAccumulator()
    if sink is not None:
        sink.begin(found.shape)
    gathers = isinstance(codec, GathersRows) and codec.rows_together(found.columns) > 1
    pieces = found.everything() if gathers else found.pieces(fmt.block_size, whole_rows)
    for piece in pieces:
        progress.tick(piece.start, found.count, f"{fmt.name}: {piece.start:,} of {found.count:,} weights")
        x = piece.x
        kept = playground.largest(x, keep)
        base = x
        if len(kept):
            base = x.copy()
            base.reshape(-1)[kept] = 0
        weights = None if importance is None else importance[piece.column : piece.column + x.shape[1]]
        if sink is None and weights is None:
            y = codec.roundtrip(base)[0] if isinstance(codec, RoundTrips) else codec.decode(codec.encode(base))
        else:
            encoded = codec.encode(base, weights)
            y = codec.decode(encoded)
        y.reshape(-1)[kept] = playground.kept_values(x.reshape(-1)[kept])
        measured.add(x, y, offset=piece.start)
        if sink is not None:
            sink.take(encoded, y)
    progress.tick(found.count, found.count)
    return measured.result()


def _fitted(fmt: Format, found: Numbers) -> Codec:
    """The format's codec; where it stores something once per tensor, fitted to all the numbers."""
    codec = fmt.codec
    fit = codec.for_tensor if isinstance(codec, FitsTensor) and fmt.tensor_bytes_extra else None
    if fit is None:
        return codec
    if not _asks_only_for_the_range(fmt):
        return fit(next(found.everything()).x)
    low, high = math.inf, -math.inf
    for piece in found.pieces(fmt.block_size, whole_rows=False):
        finite = piece.x[np.isfinite(piece.x)]
        low, high = min(low, float(finite.min(initial=low))), max(high, float(finite.max(initial=high)))
    return fit(np.array([[low, high]], np.float32))


def _asks_only_for_the_range(fmt: Format) -> bool:
    """Whether what a format shares over a tensor follows from its least and greatest weight."""
    options = dict(fmt.codec_options)
    signs_only = options.get("bits") == 1 and options.get("mode") == "sym"
    return fmt.family in ("ints", "mx") and options.get("clip", "absmax") == "absmax" and not signs_only


def _importance(scenario: QuantizeScenario, columns: int) -> F32 | None:
    """The importance vector that `scenario` names, float32 (columns,), or None. Raises UserError for a misfit."""
    path = scenario.importance
    if not path:
        return None
    if path == DRAWN:
        return data.importance(columns, scenario.seed)
    from qtui.models.npy import open_npy
    from qtui.models.tensors import TensorData

    tensor = open_npy(path).tensors[0]
    if tensor.count != columns:
        raise UserError(f"{path} has {tensor.count} numbers; an importance vector has one a column, here {columns}")
    with TensorData(tensor) as reader:
        vector = reader.values(0, columns)
    if not np.all(np.isfinite(vector) & (vector >= 0)):
        raise UserError(f"{path} holds negative or infinite numbers; importance is a mean of squares")
    return vector


@dataclass(frozen=True)
class Extra:
    """What one view needs on top of the schemes."""

    rescue: Rescue | None = None
    sweep: tuple[Sweep, ...] = ()
    smart: Smart | None = None


def look(
    scenario: QuantizeScenario, found: Numbers, schemes: tuple[Scheme, ...], bench: Workbench, progress: Progress
) -> QuantizeResult:
    """The Result, with what the present view needs on top."""
    from qtui.scenario.quantize import QuantizeResult

    first = schemes[0].stored
    extra = bench.extra(scenario, lambda: _extra(scenario, found, schemes, progress))
    ran = None
    if scenario.show in ("net", "grow"):
        ran = drift(parse_layers(scenario.net), scenario.input, first.x, [each.stored.y for each in schemes])
    return QuantizeResult(
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
        grown=grow_on_paper(),
        tensors=found.tensors,
        at=min(max(scenario.at, 0), len(first.x) - 1),
    )


def _extra(scenario: QuantizeScenario, found: Numbers, schemes: tuple[Scheme, ...], progress: Progress) -> Extra:
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
        options = dict(schemes[0].format.codec_options) if schemes[0].format.family == "ints" else {}
        bits = int(options.get("bits", 4))
        group = int(options.get("block", 0)) or GROUP
        return Extra(smart=smart(first.x, bits, group, progress.tick))
    return Extra()


def _outliers(scenario: QuantizeScenario, found: Numbers) -> int:
    """How many outliers were put into the numbers on purpose."""
    drawn = outlier_count(scenario.dist, found.count) if scenario.dist else 0
    return drawn + (scenario.outlier is not None)


def _sweep(scheme: Scheme, x: F32, progress: Progress) -> Sweep:
    label = scheme.stored.label
    return sweep(label, scheme.spec, x, lambda done, total: progress.tick(done, total, f"{label}: block sizes"))


def _weighed(scenario: QuantizeScenario, schemes: tuple[Scheme, ...]) -> str:
    """The weighed RMSE of each scheme."""
    parts = []
    for each in schemes:
        weights = _importance(scenario, each.stored.columns)
        assert weights is not None
        error = (each.stored.y.astype(np.float64) - each.stored.x).reshape(-1, each.stored.columns)
        rmse = float(np.sqrt(np.average(np.mean(error**2, axis=0), weights=weights)))
        parts.append(f"{each.stored.label} RMSE {rmse:.4g}")
    return ", ".join(parts)


def _notes(scenario: QuantizeScenario, found: Numbers, schemes: tuple[Scheme, ...]) -> tuple[str, ...]:
    notes = []
    for each in schemes:
        if each.stored.padding:
            places = each.stored.columns + each.stored.padding
            notes.append(
                f"{each.stored.label}: padded with zeros to {places}, since its blocks hold {each.format.block_size}"
            )
    if scenario.importance:
        notes.append("weighed by importance: " + _weighed(scenario, schemes))
    if schemes[0].stats.rel_left_out:
        notes.append(f"mean error leaves out {schemes[0].stats.rel_left_out} weights that are exactly 0")
    if len(schemes[0].stored.x) < found.count:
        notes.append(f"pictures show the first {len(schemes[0].stored.x):,} of {found.count:,} weights")
    if file_of(scenario) and scenario.row is None and found.rows > 1:
        notes.append(f"{found.rows:,} rows of {found.columns:,}; --row N shows one of them")
    return tuple(notes)
