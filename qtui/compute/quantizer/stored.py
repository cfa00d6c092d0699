"""What one storage format makes of a few thousand weights, taken apart for looking at: codes, grids, blocks, bits.

Everything is found in the stored bytes through the format's codec; nothing here repeats a format's rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qtui.compute.codec import Codec, Encoded, Fields, Span
from qtui.compute.floats.arrays import decode_array
from qtui.compute.floats.codec import FloatCodec
from qtui.compute.formats import Format
from qtui.error import QtuiError

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Codes = NDArray[np.int64] | NDArray[np.uint64]
U8 = NDArray[np.uint8]

# SpQR (Dettmers et al. 2023) keeps an outlier as a 16-bit column and a 16-bit float.
KEPT_BITS = 32
MAX_LEVELS = 512  # a grid with more points than this is not listed


class Level(NamedTuple):
    """One value that a code of a group stands for."""

    code: int
    value: float


@dataclass(frozen=True, eq=False)
class StoredWeights:
    """Weights as one format stores them; arrays are flat, row after row.

    `x` float32 (n,) went in, `y` float32 (n,) comes out; `codes` (n,), int64 (uint64 of a 64-bit float), lie in
    between. Each group of `group` consecutive weights of a row shares a scale; `groups_per_row` of them make a row of
    `columns` weights, of which the last `padding` are zeros added to fill the last block (not among the n). `kept`
    are the flat positions of outliers stored apart. `levels` as in `qtui.compute.codec.Fields`.
    """

    label: str
    format: Format
    x: F32
    y: F32
    codes: Codes
    columns: int
    group: int
    padding: int
    scale: F64 | None
    zero_point: F64 | None
    minimum: F64 | None
    table: F64 | None
    layout: tuple[Span, ...]
    levels: tuple[int, ...]
    data: U8
    header: U8
    kept: I64

    @property
    def rows(self) -> int:
        """Rows of weights."""
        return len(self.data)

    @property
    def nbytes(self) -> int:
        """Bytes stored: rows, header and kept outliers."""
        return int(self.data.size + self.header.size) + len(self.kept) * KEPT_BITS // 8

    @property
    def bits_per_weight(self) -> float:
        """Bits for each place: those left empty in a last block count, since real rows fill their blocks."""
        return 8 * self.nbytes / self.places

    @property
    def places(self) -> int:
        """Weights that the stored blocks have room for."""
        return self.rows * -(-self.columns // self.format.block_size) * self.format.block_size

    @property
    def bits(self) -> int:
        """Whole bits of a code, found in the layout; 0 where it names none."""
        held = sum(span.stop - span.start for span in self.layout if is_code(span.name))
        return 8 * held // self.unit[0] if held else 0

    @property
    def groups_per_row(self) -> int:
        """Groups in a row, the padded end included."""
        return -(-(self.columns + self.padding) // self.group)

    def group_of(self, at: int) -> int:
        """Index of the group that holds weight `at`."""
        row, column = divmod(at, self.columns)
        return row * self.groups_per_row + column // self.group

    def members(self, group: int) -> range:
        """Positions of the weights in `group`."""
        row, within = divmod(group, self.groups_per_row)
        start = row * self.columns + min(within * self.group, self.columns)
        return range(start, min(start + self.group, (row + 1) * self.columns))

    @property
    def by_row(self) -> bool:
        """Whether the layout is that of a whole row, whose weights share a scale, rather than that of a block."""
        return any(span.stop > self.format.block_bytes for span in self.layout)

    @property
    def unit(self) -> tuple[int, int]:
        """Weights and bytes of what the layout describes: a block, or a row."""
        if self.by_row:
            return self.places // self.rows, self.data.shape[1]
        return self.format.block_size, self.format.block_bytes

    def unit_bytes(self, at: int) -> tuple[int, U8]:
        """The unit that holds weight `at`: its index in the row, and its bytes uint8 (k,)."""
        row, column = divmod(at, self.columns)
        weights, size = self.unit
        index = column // weights
        return index, self.data[row, index * size : (index + 1) * size]


def is_code(name: str) -> bool:
    """Whether a field of a layout holds what each weight has of its own."""
    return name in ("codes", "high bits", "low bits", "signs", "value", "values")


def padding_for(fmt: Format, columns: int, pad: bool) -> int:
    """Zeros to add to a row of `columns` weights. Raises QtuiError where some are needed and `pad` is not set."""
    padding = -columns % fmt.block_size if fmt.whole_blocks else 0
    if padding and not pad:
        raise QtuiError(
            f"{fmt.name} stores blocks of {fmt.block_size} weights and rows of {columns} do not fit; "
            f"use rows of a multiple of {fmt.block_size}"
        )
    return padding


def store(
    fmt: Format,
    x: F32,
    *,
    label: str = "",
    importance: F32 | None = None,
    keep: int = 0,
    pad: bool = False,
    codec: Codec | None = None,
) -> StoredWeights:
    """Store `x` float32 (rows, columns) in `fmt`, keeping the `keep` largest weights of each row apart.

    `codec` is the format's, or one fitted to a tensor that `x` is a part of.
    With `pad`, rows are filled with zeros up to whole blocks where the format needs that. Raises QtuiError where
    rows do not fit, or where the format can't store them.
    """
    rows, columns = x.shape
    if rows == 0 or columns == 0:
        raise QtuiError("there are no numbers to quantize; give at least one")
    padding = padding_for(fmt, columns, pad)
    kept = largest(x, keep)
    base = np.ascontiguousarray(np.pad(x, ((0, 0), (0, padding))), np.float32)
    base[kept // columns, kept % columns] = 0
    if importance is not None:
        importance = np.pad(importance, (0, padding)).astype(np.float32)
    codec = codec or fmt.codec
    encoded = codec.encode(base, importance)
    y = codec.decode(encoded)[:, :columns].reshape(-1).copy()
    y[kept] = kept_values(x.reshape(-1)[kept])
    return _taken_apart(label or fmt.name, fmt, x, y, encoded, codec.fields(encoded), padding, kept)


def kept_values(apart: F32) -> F32:
    """What outliers kept apart, float32 (n,), come back as. Raises QtuiError for one beyond float16."""
    with np.errstate(over="ignore"):
        values = apart.astype(np.float16).astype(np.float32)
    if not np.all(np.isfinite(values)):
        raise QtuiError(
            "a weight kept apart is stored as float16, which ends at 65504; keep none, or scale the weights"
        )
    return values


def _taken_apart(
    label: str, fmt: Format, x: F32, y: F32, encoded: Encoded, fields: Fields, padding: int, kept: I64
) -> StoredWeights:
    def flat(values: NDArray[np.floating] | NDArray[np.integer] | None) -> F64 | None:
        return None if values is None else np.asarray(values, np.float64).reshape(-1)

    rows, columns = x.shape
    # A plain float shares nothing, so the whole row lies on one grid.
    group = columns + padding if fields.scale is None else fields.group_size
    table = float_table(fmt.codec) if fields.table is None else fields.table
    return StoredWeights(
        label=label,
        format=fmt,
        x=x.reshape(-1),
        y=y,
        codes=_wide(fields.codes).reshape(rows, -1)[:, :columns].reshape(-1),
        columns=columns,
        group=group,
        padding=padding,
        scale=flat(fields.scale),
        zero_point=flat(fields.zero_point),
        minimum=flat(fields.minimum),
        table=flat(table),
        layout=fields.layout,
        levels=fields.levels,
        data=encoded.data,
        header=encoded.header,
        kept=kept,
    )


def _wide(codes: NDArray[np.integer]) -> Codes:
    """Codes as 64-bit integers, those that fill all 64 bits unsigned."""
    return codes.astype(np.uint64) if codes.dtype == np.uint64 else codes.astype(np.int64)


def scales_of(stored: StoredWeights) -> F64:
    """The magnitude of the scale that applies to each weight, float64 (n,); ones where the format has none."""
    count = len(stored.x)
    if stored.scale is None:
        return np.ones(count)
    if len(stored.scale) == 1:
        return np.full(count, abs(stored.scale[0]))
    rows, columns = np.divmod(np.arange(count), stored.columns)
    groups = rows * stored.groups_per_row + columns // stored.group
    result: F64 = np.abs(stored.scale)[np.minimum(groups, len(stored.scale) - 1)]
    return result


def largest(x: F32, keep: int) -> I64:
    """Flat positions, ascending, of the `keep` largest magnitudes in each row of `x` (rows, columns)."""
    rows, columns = x.shape
    keep = min(keep, columns)
    if keep <= 0:
        return np.zeros(0, np.int64)
    chosen = np.argsort(-np.abs(x), axis=1, kind="stable")[:, :keep]
    flat: I64 = np.sort((chosen + columns * np.arange(rows)[:, None]).reshape(-1)).astype(np.int64)
    return flat


def float_table(codec: Codec) -> F64 | None:
    """The value of every code of a plain float, float64 (codes,); None for others and beyond MAX_LEVELS codes."""
    if not isinstance(codec, FloatCodec) or 1 << codec.format.bits > MAX_LEVELS:
        return None
    codes = np.arange(1 << codec.format.bits, dtype=np.uint16)
    return decode_array(codes, codec.format, np.float64).astype(np.float64)
