"""Error and cost against block size: smaller blocks fit their weights better and pay for more scales."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qtui.compute.errors import ErrorStats, error_stats
from qtui.compute.formats import family_of, get_format
from qtui.compute.quantizer.stored import F32, store

SIZES = (16, 32, 64, 128, 256, 512, 1024)


@dataclass(frozen=True)
class Point:
    """A scheme with blocks of `block` weights: bits per weight, and the errors it makes."""

    block: int
    bits: float
    stats: ErrorStats


@dataclass(frozen=True)
class Sweep:
    """The points of one scheme; `fixed` where the format knows a single block size.

    From the first to the last point `saved` bits per weight are saved and the RMSE becomes `growth` times as large.
    """

    label: str
    points: tuple[Point, ...]
    fixed: bool
    saved: float
    growth: float


def with_block(spec: str, block: int) -> str | None:
    """`spec` with a scale for every `block` weights; None where the format has no choice of block."""
    fmt = get_format(spec)
    return family_of(fmt).with_block(fmt, block)


def sweep(label: str, spec: str, x: F32, tick: Callable[[int, int], None] = lambda done, total: None) -> Sweep:
    """Store `x` float32 (rows, columns) with each of SIZES that a row can fill; `tick` is called for each."""
    sizes: Sequence[int] = [size for size in SIZES if size <= max(x.shape[1], SIZES[0])]
    specs = [(size, with_block(spec, size)) for size in sizes]
    fixed = any(changed is None for _, changed in specs)
    if fixed:
        specs = [(get_format(spec).block_size, spec)]
    points = []
    for done, (size, changed) in enumerate(specs):
        tick(done, len(specs))
        assert changed is not None
        points.append(_point(size, changed, x))
    first, last = points[0], points[-1]
    growth = last.stats.rmse / first.stats.rmse if first.stats.rmse else 1.0
    return Sweep(label, tuple(points), fixed, first.bits - last.bits, growth)


def _point(size: int, spec: str, x: F32) -> Point:
    stored = store(get_format(spec), x, pad=True)
    return Point(size, stored.bits_per_weight, error_stats(stored.x, stored.y))
