"""A table of values of one's own beside those in use: what each costs on drawn weights.

Every table is used in the same way, so that the values alone make the difference: blocks of `block` weights, each
scaled so that its largest magnitude meets the table's largest, and every weight stored as the nearest value.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from qtui.compute.cache import Cache
from qtui.compute.codebooks.tables import NF4
from qtui.compute.data import ESSAY, draw
from qtui.compute.errors.accumulate import error_stats
from qtui.compute.floats.layout import NumberFormat
from qtui.compute.formats import get_format
from qtui.compute.ggml.iq4 import VALUES as IQ4_NL
from qtui.scenario.bits.result import BitsResult, Codebook, Slot, TableErrors
from qtui.scenario.bits.scenario import ESSAYS
from qtui.scenario.bits.tables import E2M1, editable, spare_codes, spec_of, values_of

F32 = NDArray[np.float32]

DRAWN = 1 << 13  # weights that a table is tried on
BLOCK = 64
KNOWN: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("E2M1", E2M1),
    ("NF4", NF4),
    ("IQ4_NL", tuple(float(value) for value in IQ4_NL)),
)

_WEIGHTS: Cache[F32] = Cache(4)
_ERRORS: Cache[TableErrors] = Cache(64)


def codebook_view(result: BitsResult, columns: int) -> Codebook:
    """The present table, and those of `KNOWN`, on the weights of `result.dist`; its picture has `columns` columns."""
    fmt = result.format
    values = values_of(fmt)
    block = _block_of(fmt.name)
    weights = _WEIGHTS.get(result.dist, lambda: _drawn(result.dist))
    tables = [_errors(_name(fmt), values, block, result.dist, weights)]
    tables += [_errors(name, known, block, result.dist, weights) for name, known in KNOWN]
    slots = tuple(Slot(value, share) for value, share in zip(tables[0].values, tables[0].shares, strict=True))
    return Codebook(
        dist=result.dist,
        weights=weights.size,
        block=block,
        slots=slots,
        spare=spare_codes(fmt),
        minus_zero=values == E2M1 and not editable(fmt),
        tables=tuple(tables),
        best=max(tables, key=lambda table: table.sqnr_db),
        rival=max(tables[1:], key=lambda table: table.sqnr_db),
        rarest=min(slots, key=lambda slot: slot.share),
        spread=_spread(weights, block, columns),
        nearest=_nearest(result, tables[0].values),
    )


def _name(fmt: NumberFormat) -> str:
    if fmt.name.startswith("codebook:"):
        return "yours"
    return fmt.name if fmt.bits <= 4 else "yours (E2M1)"


def _drawn(dist: str) -> F32:
    return np.array(ESSAY, np.float32) if dist == ESSAYS else draw(dist, DRAWN)


def _block_of(name: str) -> int:
    """Weights that share a scale: as the format's name says, else the usual number."""
    return next((int(word[6:]) for word in name.split(",") if word.startswith("block=")), BLOCK)


def _errors(name: str, values: tuple[float, ...], block: int, dist: str, weights: F32) -> TableErrors:
    return _ERRORS.get((name, values, block, dist), lambda: _measured(name, values, block, weights))


def _measured(name: str, values: tuple[float, ...], block: int, weights: F32) -> TableErrors:
    ordered = tuple(sorted(set(values)))
    stored = get_format(spec_of(ordered, block))
    codec = stored.codec
    encoded = codec.encode(weights[None])
    back = codec.decode(encoded)
    used = np.bincount(codec.fields(encoded).codes.reshape(-1), minlength=len(ordered))
    stats = error_stats(weights[None], back)
    top = max(map(abs, ordered))
    return TableErrors(
        name=name,
        spec=stored.name,
        values=ordered,
        scaled=tuple(value / top for value in ordered),
        shares=tuple((used / weights.size).tolist()),
        bits=float(stored.bits_per_weight),
        rmse=stats.rmse,
        sqnr_db=stats.sqnr_db,
        largest=stats.max_abs_error,
    )


def _spread(weights: F32, block: int, columns: int) -> tuple[int, ...]:
    """How many weights lie in each of `columns` parts from minus to plus their block's largest magnitude."""
    padded = np.append(weights, np.zeros(-weights.size % block, np.float32)).reshape(-1, block)
    largest = np.maximum(np.abs(padded).max(axis=1, keepdims=True), np.float32(1e-30))
    relative = (padded / largest).reshape(-1)[: weights.size]
    counted, _ = np.histogram(relative, bins=max(columns, 1), range=(-1, 1))
    return tuple(counted.tolist())


def _nearest(result: BitsResult, values: tuple[float, ...]) -> int | None:
    """Which of the ascending `values` the number entered becomes; None for NaN and infinities."""
    if not result.entered.finite:
        return None
    return min(range(len(values)), key=lambda i: abs(Fraction(values[i]) - result.entered.value))
