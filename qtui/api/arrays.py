"""Arrays quantized and compared: `quantize` and `error_stats`."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtui.compute import errors
from qtui.compute.codec import Encoded
from qtui.compute.errors.stats import ErrorStats
from qtui.compute.formats import Format, get_format
from qtui.error import QtuiError, check_type

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Quantized:
    """An array as a storage format holds it; made by `quantize`.

    format: the Format; its `name`, `bits_per_weight`, `block_size` and `block_bytes` are exact.
    shape: that of the array. Its last axis is a row; everything before it is one row after the other.
    data: the stored bytes, uint8 (rows, bytes of a row). `data.tobytes()` is what a file holds; with ggml's types
        they are the bytes of a GGUF tensor.
    header: uint8 (k,), what is stored once for the whole array, such as its only scale; often empty.
    codes: integers of x's shape, as stored.
    scales: float32 (rows, groups), each for `group_size` weights of its row; None where the format has none. Scales
        of scales are multiplied out.
    zero_points: like `scales`; None where there are none.
    minimums: like `scales`; None where there are none.
    table: float32 (codes,), what the codes of a codebook stand for; None for other formats.
    group_size: weights that share a scale.
    padding: zeros appended to each row because the format stores whole blocks only; 0 where rows fit. They are part
        of `data` and of nothing else.

    A value is scale * (code - zero_point) + minimum, or scale * table[code]; plain floats and rotated weights have
    rules of their own, which `dequantize` follows.
    """

    format: Format
    shape: tuple[int, ...]
    data: U8
    header: U8
    codes: NDArray[np.integer]
    scales: F32 | None
    zero_points: NDArray[np.floating] | NDArray[np.integer] | None
    minimums: F32 | None
    table: F32 | None
    group_size: int
    padding: int

    @property
    def nbytes(self) -> int:
        """Bytes stored, padding and header included."""
        return self.data.size + self.header.size

    @property
    def bits_per_weight(self) -> float:
        """Bits stored for each place in the blocks, scales included, as the Quantizer pane counts them.

        Places left empty at the end of a row count: real rows fill their blocks. The format's own figure for an
        empty array.
        """
        places = len(self.data) * -(-(self.shape or (1,))[-1] // self.format.block_size) * self.format.block_size
        return 8 * self.nbytes / places if places else float(self.format.bits_per_weight)

    def dequantize(self) -> F32:
        """The values that the bytes stand for: float32 of x's shape, padding cut off."""
        if prod(self.shape) == 0:
            return np.zeros(self.shape, np.float32)
        columns = (self.shape or (1,))[-1]
        values = self.format.codec.decode(Encoded(self.data, columns + self.padding, self.header))
        return np.ascontiguousarray(values[:, :columns]).reshape(self.shape)


def quantize(x: ArrayLike, format: str | Format, *, importance: ArrayLike | None = None) -> Quantized:
    """Store `x` in `format`, to the byte as the format's reference implementation does.

    x: numbers of any shape, also a scalar or an empty array; float16, float64 and integers are taken as float32.
        The last axis is a row: blocks lie along it and never reach into the next row.
    format: a name as `qtui formats` lists them, with options ("Q4_K", "int4:asym,block=32", "nf4"), or a Format.
    importance: one number from 0 up for each column, which weighs its errors (llama.cpp's imatrix); formats whose
        encoder has no use for it ignore it.

    ggml's types store whole blocks only: shorter rows are filled up with zeros, see `Quantized.padding`.

    Raises ValueError where no format has that name, QtuiError where `x` is not made of real numbers, the importance
    does not fit, or the format can be decoded but not encoded, and TypeError for a format that is neither.
    Sources: the format's family in `qtui/compute/`, whose modules name them.
    """
    check_type(format, (str, Format), "format", "a format or its name such as 'Q4_K'")
    fmt = get_format(format) if isinstance(format, str) else format
    if not fmt.can_encode:
        raise QtuiError(f"{fmt.name} can be decoded but not encoded; `qtui formats` says which can")
    array = _float32(x, "x")
    columns = (array.shape or (1,))[-1]
    padding = -columns % fmt.block_size if fmt.whole_blocks else 0
    weights = None if importance is None else _importance(importance, columns, padding)
    if array.size == 0:
        return _nothing(fmt, array.shape)
    rows = np.pad(array.reshape(-1, columns), ((0, 0), (0, padding)))
    codec = fmt.codec
    encoded = codec.encode(rows, weights)
    fields = codec.fields(encoded)
    return Quantized(
        format=fmt,
        shape=array.shape,
        data=encoded.data,
        header=encoded.header,
        codes=fields.codes.reshape(len(rows), -1)[:, :columns].reshape(array.shape),
        scales=fields.scale,
        zero_points=fields.zero_point,
        minimums=fields.minimum,
        table=fields.table,
        group_size=columns if fields.scale is None else fields.group_size,
        padding=padding,
    )


def _nothing(fmt: Format, shape: tuple[int, ...]) -> Quantized:
    """An array without elements, which takes no bytes."""
    return Quantized(
        format=fmt,
        shape=shape,
        data=np.zeros((0, 0), np.uint8),
        header=np.zeros(0, np.uint8),
        codes=np.zeros(shape, np.int64),
        scales=None,
        zero_points=None,
        minimums=None,
        table=None,
        group_size=fmt.block_size,
        padding=0,
    )


def error_stats(x: ArrayLike, y: ArrayLike) -> ErrorStats:
    """How far the stored values `y` are from the weights `x`, arrays of one shape, taken as float32.

    The result has `count` (pairs of finite numbers; the others are left out and counted in `bad_inputs` and
    `bad_outputs`), `rmse`, `mean_error` (the bias, y - x with its sign), `mean_abs_error` and `max_abs_error` in the
    unit of the weights, `sqnr_db` = 10·log10(Σx² / Σ(y - x)²) in decibels (infinite where nothing was lost),
    `cosine` of the angle between x and y, and more: quantiles, exact histograms, the worst blocks. Figures that do
    not exist are NaN.

    Raises QtuiError when the shapes differ, or for what are not real numbers.
    """
    before, after = _float32(x, "x"), _float32(y, "y")
    if before.shape != after.shape:
        raise QtuiError(f"weights of shape {before.shape} can't be compared with values of shape {after.shape}")
    return errors.error_stats(before, after)


def _float32(x: ArrayLike, name: str) -> F32:
    """`x`, the argument called `name`, as float32, contiguous, in its shape. Raises QtuiError for what has none."""
    try:
        array = np.asarray(x)
    except ValueError as error:  # lists of unequal length
        raise QtuiError(f"{name} is an array of numbers: {error}") from None
    if array.dtype.kind in "cOSUmMV":
        raise QtuiError(f"{name} is an array of real numbers, not one of dtype {array.dtype}")
    with np.errstate(over="ignore"):  # beyond float32 is infinite, as in every format that is wider
        return np.ascontiguousarray(array, np.float32).reshape(array.shape)


def _importance(importance: ArrayLike, columns: int, padding: int) -> F32:
    vector = _float32(importance, "importance")
    if vector.shape != (columns,):
        raise QtuiError(f"importance has one number for each column, so the shape ({columns},), not {vector.shape}")
    if not np.all(np.isfinite(vector) & (vector >= 0)):
        raise QtuiError("importance is a mean of squares: its numbers are finite and not below 0")
    return np.pad(vector, (0, padding))
