"""A scheme of the Quantizer: one format on all the numbers, whole or piece by piece, measured on the way."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qtui.compute import data
from qtui.compute.arrays import quantile
from qtui.compute.codec import F32, Codec, Encoded
from qtui.compute.errors import ErrorAccumulator, ErrorStats, error_stats
from qtui.compute.errors.meter import FitsTensor, GathersRows, RoundTrips
from qtui.compute.formats import Format
from qtui.compute.quantizer.bytes import LedgerEntry, ledger
from qtui.compute.quantizer.grid import code_use
from qtui.compute.quantizer.stored import (
    F64,
    KEPT_BITS,
    StoredWeights,
    kept_values,
    largest,
    padding_for,
    scales_of,
    store,
)
from qtui.scenario.base import UserError, user_input
from qtui.scenario.progress import Progress
from qtui.scenario.quantizer.data import WHOLE, Numbers
from qtui.scenario.quantizer.result import Extremes, Scheme
from qtui.scenario.quantizer.scenario import DRAWN, QuantizerScenario


class Sink(Protocol):
    """Takes the first scheme's bytes and values as they are made; `files.py` has one that writes them."""

    def begin(self, shape: tuple[int, ...]) -> None:
        """The shape of the numbers that are coming."""

    def take(self, encoded: Encoded, values: F32) -> None:
        """The next bytes, and the values they stand for."""


def make_scheme(
    spec: str, fmt: Format, numbers: Numbers, scenario: QuantizerScenario, progress: Progress, sink: Sink | None
) -> Scheme:
    """What `fmt` makes of the numbers; `sink` takes its bytes and values. Raises UserError where they do not fit."""
    with user_input():  # refused before any work is done
        padding_for(fmt, numbers.columns, numbers.short)
    importance = importance_of(scenario, numbers.columns)
    label = _label(spec, fmt)
    whole = numbers.count <= WHOLE
    codec = fmt.codec if whole else _fitted(fmt, numbers)
    head = numbers.head(whole_rows=whole or not _can_cut(fmt))
    _apart(head, largest(head, scenario.keep))
    stored = store(
        fmt,
        head,
        label=label,
        importance=importance if importance is None or whole else importance[: _head_columns(fmt, numbers)],
        keep=scenario.keep,
        pad=numbers.short,
        codec=codec,
    )
    if whole:
        if sink is not None:
            sink.begin(numbers.shape)
            sink.take(Encoded(stored.data, stored.columns, stored.header), stored.y)
        stats = error_stats(stored.x, stored.y)
        bits = stored.bits_per_weight if numbers.short else 8 * stored.nbytes / numbers.count
        return _scheme(spec, stored, stats, stored.nbytes, bits)
    stats = _stream(fmt, codec, numbers, importance, scenario.keep, progress, sink)
    kept = numbers.rows * min(scenario.keep, numbers.columns) * KEPT_BITS // 8
    nbytes = fmt.nbytes((numbers.rows, numbers.columns)) + kept
    return _scheme(spec, stored, stats, nbytes, 8 * nbytes / numbers.count)


def _scheme(spec: str, stored: StoredWeights, stats: ErrorStats, nbytes: int, bits_per_weight: float) -> Scheme:
    """The Scheme of weights that are stored, with what follows from them."""
    x = stored.x.astype(np.float64)
    magnitude = np.abs(x)
    with np.errstate(all="ignore"):  # numbers may be infinite
        error = np.abs(stored.y.astype(np.float64) - x)
        relative = np.where(magnitude > 0, error / magnitude, np.where(error == 0, 0.0, np.nan))
        scales = scales_of(stored)
        extremes = _extremes(magnitude, error, relative, scales if stored.scale is not None else scales[:0])
    entries = ledger(stored)
    shared = [entry for entry in entries if not _is_own(entry)]
    return Scheme(
        spec=spec,
        format=stored.format,
        stored=stored,
        stats=stats,
        nbytes=nbytes,
        bits_per_weight=bits_per_weight,
        lost_to_zero=max(0, stats.zeros_after - stats.zeros_before),
        magnitude=magnitude,
        error=error,
        relative=relative,
        scales=scales,
        ledger=entries,
        bits=float(sum(entry.bits for entry in entries)),
        code_bits=float(sum(entry.bits for entry in entries if _is_own(entry))),
        shared_bits=float(sum(entry.bits for entry in shared)),
        shared_by=min((entry.shared_by for entry in shared), default=0),
        extremes=extremes,
        scale_range=_range(stored.scale),
        zero_point_range=_range(stored.zero_point),
        by_value=stored.table is not None and stored.format.decoding != "table",
        use=code_use(stored),
    )


def _label(spec: str, fmt: Format) -> str:
    """What the scheme is called: as it was typed, but a table of one's own by how many values it has."""
    options = dict(fmt.codec_options)
    if fmt.name.startswith("codebook:"):
        return f"codebook of {str(options['table']).count('/') + 1}"
    return fmt.name if spec.lower() == fmt.name.lower() else spec


def _is_own(entry: LedgerEntry) -> bool:
    """Whether these bits are each weight's own, for the most part."""
    return entry.shared_by == 1 or any(what in entry.name for what in ("codes", "signs", "bits"))


def _extremes(magnitude: F64, error: F64, relative: F64, scales: F64) -> Extremes:
    worst = np.where(np.isfinite(relative), relative, 0.0)
    usual = scales[np.isfinite(scales) & (scales > 0)]
    return Extremes(
        largest_error=int(np.argmax(np.where(np.isfinite(error), error, -1.0))),
        largest_relative=int(worst.argmax()) if worst.any() else None,
        magnitude_99=_percentile(magnitude),
        error_99=_percentile(error),
        scale_low=float(usual.min(initial=np.inf)) if len(usual) else 0.0,
        scale_high=float(usual.max(initial=0.0)),
    )


def _range(values: F64 | None) -> tuple[float, float] | None:
    return None if values is None or not len(values) else (float(values.min()), float(values.max()))


def _percentile(values: F64) -> float:
    """The 99th: nearly the largest, so that one outlier does not stand for all."""
    finite = values[np.isfinite(values)]
    return quantile(finite, 0.99) if len(finite) else 0.0


def _apart(x: F32, kept: NDArray[np.int64]) -> F32:
    """What the weights at the flat positions `kept` of `x` come back as when they are kept apart."""
    return kept_values(x.reshape(-1)[kept])


def _head_columns(fmt: Format, numbers: Numbers) -> int:
    return numbers.columns if not _can_cut(fmt) else min(numbers.columns, WHOLE)


def _can_cut(fmt: Format) -> bool:
    """Whether a row may be stored in pieces: what more than a block shares is known before."""
    return not fmt.row_bytes_extra and (not fmt.tensor_bytes_extra or fmt.scale_from_range)


def _stream(
    fmt: Format,
    codec: Codec,
    numbers: Numbers,
    importance: F32 | None,
    keep: int,
    progress: Progress,
    sink: Sink | None,
) -> ErrorStats:
    """Store all of `numbers` piece by piece, measuring each and handing it to `sink`."""
    whole_rows = keep > 0 or not _can_cut(fmt)
    measured = ErrorAccumulator()
    if sink is not None:
        sink.begin(numbers.shape)
    gathers = isinstance(codec, GathersRows) and codec.rows_together(numbers.columns) > 1
    pieces = numbers.everything() if gathers else numbers.pieces(fmt.block_size, whole_rows)
    for piece in pieces:
        progress.tick(piece.start, numbers.count, f"{fmt.name}: {piece.start:,} of {numbers.count:,} weights")
        x = piece.x
        kept = largest(x, keep)
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
        y.reshape(-1)[kept] = _apart(x, kept)
        measured.add(x, y, offset=piece.start)
        if sink is not None:
            sink.take(encoded, y)
    progress.tick(numbers.count, numbers.count)
    return measured.result()


def _fitted(fmt: Format, numbers: Numbers) -> Codec:
    """The format's codec; where it stores something once per tensor, fitted to all the numbers."""
    codec = fmt.codec
    fit = codec.for_tensor if isinstance(codec, FitsTensor) and fmt.tensor_bytes_extra else None
    if fit is None:
        return codec
    if not fmt.scale_from_range:
        return fit(next(numbers.everything()).x)
    low, high = math.inf, -math.inf
    for piece in numbers.pieces(fmt.block_size, whole_rows=False):
        finite = piece.x[np.isfinite(piece.x)]
        low, high = min(low, float(finite.min(initial=low))), max(high, float(finite.max(initial=high)))
    return fit(np.array([[low, high]], np.float32))


def importance_of(scenario: QuantizerScenario, columns: int) -> F32 | None:
    """The importance vector that `scenario` names, float32 (columns,), or None. Raises UserError for a misfit."""
    path = scenario.importance
    if not path:
        return None
    if path == DRAWN:
        return data.importance(columns, scenario.seed)
    from qtui.scenario.quantizer.file import importance_in  # the readers of files

    vector = importance_in(path, scenario.tensor)
    if vector.shape != (columns,):
        raise UserError(f"{path} has {vector.size} numbers; an importance vector has one a column, here {columns}")
    if not np.all(np.isfinite(vector) & (vector >= 0)):
        raise UserError(f"{path} holds negative or infinite numbers; importance is a mean of squares")
    if not vector.any():
        raise UserError(f"{path} holds only zeros, so no weight would count")
    return vector
