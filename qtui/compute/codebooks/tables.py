"""The tables of bitsandbytes, and the nearest entry of any table.

NF4 is from Dettmers et al., "QLoRA" (2023), FP4 from `csrc/kernels.cu`, the dynamic 8-bit map from Dettmers,
"8-bit Approximations for Parallelism in Deep Learning" (2015) and `functional.py: create_dynamic_map`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

NF4 = (
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453,
    -0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0,
    0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
    0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
)  # fmt: skip
_FP4 = (0.0, 1 / 192, 2 / 3, 1.0, 1 / 3, 0.5, 1 / 6, 0.25)
FP4 = (*_FP4, 0.0, *(-value for value in _FP4[1:]))

# Tables of up to this many values are searched by comparing with every border, longer ones by bisection.
COMPARED = 32
# As many values are worth a table of brackets.
MANY = 1 << 14


def table_of(name: str) -> F32:
    """The table called "nf4", "fp4" or "dynamic8", or numbers between slashes ("-1/-0.5/0/0.5/1"), float32 (n,)."""
    if name == "dynamic8":
        return dynamic_map()
    known = {"nf4": NF4, "fp4": FP4}
    return np.array(known.get(name) or [float(value) for value in name.split("/")], np.float32)


def dynamic_map() -> F32:
    """The 256 values of the dynamic 8-bit map, ascending from -0.993 to 1, float32 (256,).

    Seven decades; decade 10^-k .. 10^(1-k) is cut into 2^(6-k) equal parts, each stood for by its middle.
    """
    positive: list[float] = []
    for decade in range(7):
        borders = _spaced(2**decade + 1)
        middles = (borders[:-1] + borders[1:]) / np.float32(2)
        positive += (middles * np.float32(10.0 ** (decade - 6))).tolist()
    return np.array(sorted([*(-value for value in positive), 0.0, *positive, 1.0]), np.float32)


def _spaced(count: int) -> F32:
    """`count` float32 from 0.1 to 1 as `torch.linspace` spaces them: from either end, rounded once."""
    first, last = np.float32(0.1), np.float32(1)
    step = float((last - first) / np.float32(count - 1))
    i = np.arange(count)
    return np.where(i < count / 2, float(first) + step * i, float(last) - step * i[::-1]).astype(np.float32)


def nearest_codes(values: F32, table: F32) -> NDArray[np.uint8]:
    """Index of the entry of `table` nearest to each of `values`; the lower of two equally near.

    Borders are float32 middles, as bitsandbytes has them. NaN becomes the entry nearest to 0.
    """
    order = np.argsort(table, kind="stable")
    ascending = table[order]
    borders = (ascending[:-1] + ascending[1:]) / np.float32(2)
    missing = np.isnan(values)
    if missing.any():
        values = np.where(missing, np.float32(0), values)
    if len(table) > COMPARED:
        rank = _ranks(np.ascontiguousarray(values, np.float32), borders)
    else:
        rank = np.zeros(values.shape, np.uint8)
        above = np.empty(values.shape, np.bool_)
        for border in borders:
            np.greater(values, border, out=above)
            rank += above.view(np.uint8)  # bool would be cast
    return rank if (order[:-1] < order[1:]).all() else np.take(order.astype(np.uint8), rank)


def _ranks(values: F32, borders: F32) -> NDArray[np.uint8]:
    """How many of the ascending `borders` lie below each of `values`, none of them NaN."""
    bracket = _brackets(borders.tobytes()) if values.size >= MANY else None
    if bracket is None:
        return np.searchsorted(borders, values, side="left").astype(np.uint8)
    base, border = bracket
    key = values.view(np.uint32) >> np.uint32(16)
    rank: NDArray[np.uint8] = np.take(base, key)
    rank += values > np.take(border, key)
    return rank


@lru_cache(maxsize=4)
def _brackets(borders_bytes: bytes) -> tuple[NDArray[np.uint8], F32] | None:
    """For each upper half of a float32: how many borders lie below all its values, and the border among them.

    uint8 and float32 (65536,), the latter infinite where there is none. None where some upper half has two.
    """
    borders = np.frombuffer(borders_bytes, np.float32)
    bits = np.arange(1 << 16, dtype=np.uint32) << np.uint32(16)
    inner, outer = bits.view(np.float32), (bits | np.uint32(0xFFFF)).view(np.float32)
    # The upper half of an infinity is shared with NaNs, which fmin and fmax pass over.
    low: F32 = np.fmin(inner, outer)
    high: F32 = np.fmax(inner, outer)
    below, inside = np.searchsorted(borders, low, side="left"), np.searchsorted(borders, high, side="left")
    if (np.where(np.isnan(high), 0, inside - below) > 1).any():
        return None
    border: F32 = np.append(borders, np.float32(np.inf))[below]
    border[inside <= below] = np.inf
    return below.astype(np.uint8), border
