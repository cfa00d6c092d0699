"""What a codec does: weights to stored bytes, stored bytes back to weights, and the fields inside the bytes.

Everything that qtui says about a format follows from the bytes: errors compare `decode(encode(x))` with x, and
the Quantizer shows the codes and scales that `fields` finds in them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]


def _no_header() -> U8:
    return np.zeros(0, np.uint8)


@dataclass(frozen=True)
class Encoded:
    """A 2-D array as stored: `data` uint8 (rows, row_bytes); `header` uint8 (k,) is stored once per tensor."""

    data: U8
    columns: int
    header: U8 = field(default_factory=_no_header)


@dataclass(frozen=True)
class Span:
    """Bytes `start` to `stop` (excluded) of one block hold `name`: "scale", "min", "codes", "high bits", ..."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True)
class Fields:
    """What the bytes mean.

    `codes` (rows, columns) integers as stored; `scale`, `zero_point`, `minimum` are (rows, groups) or None, each
    group covering `group_size` consecutive weights of a row. Effective values: whatever the format's own scale
    hierarchy says, multiplied out, in float32. A value is scale * (code - zero_point) + minimum for affine formats,
    scale * table[code] for codebooks. `layout` names the bytes of one storage block. `levels` lists the codes that a
    weight can have, ascending, where these are not all from the least to the greatest that fit.
    """

    codes: NDArray[np.integer]
    group_size: int
    scale: F32 | None = None
    zero_point: NDArray[np.floating] | NDArray[np.integer] | None = None
    minimum: F32 | None = None
    table: F32 | None = None
    layout: tuple[Span, ...] = ()
    levels: tuple[int, ...] = ()


class Codec(Protocol):
    """Encodes and decodes 2-D arrays, rows independent, blocks along the last axis."""

    def encode(self, x: F32, importance: F32 | None = None) -> Encoded:
        """Stored bytes of `x` float32 (rows, columns); `importance` float32 (columns,) weighs the error.

        Raises ValueError naming the shape it needs, or what can't be encoded.
        """
        ...

    def decode(self, encoded: Encoded) -> F32:
        """Values float32 (rows, columns) that the bytes stand for."""
        ...

    def fields(self, encoded: Encoded) -> Fields:
        """The codes, scales and byte layout inside `encoded`."""
        ...
