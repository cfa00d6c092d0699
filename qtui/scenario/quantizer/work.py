"""The work behind the Quantizer: one format on all the numbers, whole or piece by piece, measured on the way."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qtui.compute import data
from qtui.compute.codec import F32, Codec, Encoded
from qtui.compute.errors import ErrorAccumulator, ErrorStats, error_stats
from qtui.compute.errors.meter import FitsTensor, GathersRows, RoundTrips
from qtui.compute.formats import Format
from qtui.compute.quantizer import stored as playground
from qtui.scenario.base import UserError
from qtui.scenario.progress import Progress
from qtui.scenario.quantizer.data import WHOLE, Numbers

if TYPE_CHECKING:
    from qtui.scenario.quantizer.scenario import QuantizerScenario, Scheme, Sink

DRAWN = "drawn"  # in place of a file with an importance vector


def make_scheme(
    spec: str, fmt: Format, found: Numbers, scenario: QuantizerScenario, progress: Progress, sink: Sink | None
) -> Scheme:
    """What `fmt` makes of the numbers; `sink` takes its bytes and values. Raises UserError for what can't be done."""
    from qtui.scenario.quantizer.scenario import Scheme

    playground.padding_for(fmt, found.columns, found.short)  # complains before any work is done
    importance = importance_of(scenario, found.columns)
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
        stats = error_stats(stored.x, stored.y)
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
    return not fmt.row_bytes_extra and (not fmt.tensor_bytes_extra or fmt.scale_from_range)


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
    if not fmt.scale_from_range:
        return fit(next(found.everything()).x)
    low, high = math.inf, -math.inf
    for piece in found.pieces(fmt.block_size, whole_rows=False):
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
    from qtui.models.files.npy import open_npy
    from qtui.models.tensors.values import TensorData

    tensor = open_npy(path).tensors[0]
    if tensor.count != columns:
        raise UserError(f"{path} has {tensor.count} numbers; an importance vector has one a column, here {columns}")
    with TensorData(tensor) as reader:
        vector = reader.values(0, columns)
    if not np.all(np.isfinite(vector) & (vector >= 0)):
        raise UserError(f"{path} holds negative or infinite numbers; importance is a mean of squares")
    return vector
