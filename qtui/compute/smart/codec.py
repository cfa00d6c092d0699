"""Storage formats of the smart methods: groups of codes, each with a scale and a zero point.

A group is stored as its fp16 scale, its zero point (a byte; an fp16 for HQQ), its side table where it has one
(positions, then fp16 weights), and its codes, lowest bits first. The header holds what undoes a transformation: the
seed of a rotation's signs; for AWQ the seed of the inputs and the strength of the scaling.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qtui.compute.arrays import as_matrix, check_bytes, chunks, finite, in_blocks, joined, read_in_parts
from qtui.compute.codec import F32, U8, Encoded, Fields, Span
from qtui.compute.floats.packing import pack, unpack
from qtui.compute.smart.gptq import gptq
from qtui.compute.smart.hadamard import hadamard, turned_back
from qtui.compute.smart.hqq import hqq
from qtui.compute.smart.rounding import F64, Chosen, Options, half, nearest, side_table, values_of
from qtui.compute.smart.scaling import POWERS, TRIED_ROWS, awq, best_power, stretched

METHODS: dict[str, Callable[[F64, Options], Chosen]] = {
    "rtn": nearest,
    "hqq": hqq,
    "gptq": gptq,
    "awq": awq,
    "hadamard": hadamard,
    "side_table": side_table,
}


# Weights that are worked on at a time: many rows, since GPTQ goes column by column.
TOGETHER = 1 << 18


class SmartCodec:
    """Encodes with one method; decoding is the same plain arithmetic for all. What is not finite counts as 0."""

    def __init__(self, method: str, bits: int, group: int, seed: int = 0, rotate: int = 128, kept: int = 0) -> None:
        self._method = method
        self._options = Options(bits, group, seed, rotate, kept)
        self._zero_bytes = 2 if method == "hqq" else 1
        self._position_bytes = 1 if group <= 256 else 2
        self._power: int | None = None

    def for_tensor(self, x: F32) -> SmartCodec:
        """This codec with the column scales that suit the tensor x float32 (rows, columns), where it has any."""
        o = self._options
        fitted = SmartCodec(self._method, o.bits, o.group, o.seed, o.rotate, o.kept)
        fitted._power = self._power
        if self._method == "awq" and self._power is None and x.size:
            tried = np.asarray(x[:: -(-len(x) // TRIED_ROWS)], np.float32)
            fitted._power = best_power(self._padded(tried), o)
        return fitted

    def encode(self, x: F32, importance: F32 | None = None) -> Encoded:
        """Bytes of x float32 (rows, columns). `importance` changes nothing here.

        Raises ValueError where x is not two-dimensional.
        """
        x = as_matrix(x, self._method)
        rows, columns = x.shape
        groups = -(-columns // self._options.group)
        data = np.zeros((rows, groups * self._block_bytes), np.uint8)
        with np.errstate(all="ignore"):
            power = self.for_tensor(x)._power
            for part in chunks(rows, columns, TOGETHER):
                weights = self._padded(x[part])
                if weights.size == 0:
                    continue
                if power is None:
                    chosen = METHODS[self._method](weights, self._options)
                else:
                    chosen = awq(weights, self._options, power)
                data[part] = joined(self._stored(chosen, weights))
        return Encoded(data, columns, self._header(power or 0))

    def decode(self, encoded: Encoded) -> F32:
        """Values float32 (rows, columns)."""
        return read_in_parts(encoded, self._values, TOGETHER)

    def _values(self, encoded: Encoded) -> F64:
        chosen, kept = self._read(encoded)
        values = values_of(chosen)
        if chosen.stretch is not None:
            values /= chosen.stretch
        if chosen.aside is not None:
            grouped = values.reshape(*chosen.scale.shape, self._options.group)
            np.put_along_axis(grouped, chosen.aside, kept, axis=2)
            values = joined(grouped)
        if self._method == "hadamard":
            seed = int(encoded.header.view("<u4")[0])
            values = turned_back(values, replace(self._options, seed=seed))
        return values[:, : encoded.columns]

    @np.errstate(all="ignore")
    def fields(self, encoded: Encoded) -> Fields:
        """Codes and grids. A rotated weight has no code of its own, so there scales are left out."""
        chosen, _ = self._read(encoded)
        columns, group = encoded.columns, self._options.group
        codes = chosen.codes[:, :columns]
        scale, zero = chosen.scale.astype(np.float32), chosen.zero
        if self._method == "hadamard":
            return Fields(codes, group, layout=self._layout())
        if chosen.stretch is not None:  # then every column has a scale of its own
            scale = (np.repeat(chosen.scale, group, axis=1) / chosen.stretch).astype(np.float32)[:, :columns]
            zero, group = np.repeat(zero, group, axis=1)[:, :columns], 1
        return Fields(codes, group, scale, zero, layout=self._layout())

    def column_scales(self, encoded: Encoded) -> F64 | None:
        """What the columns, whole groups of them, were multiplied by (columns,); None where by nothing."""
        return self._read(encoded)[0].stretch

    @property
    def _head_bytes(self) -> int:
        return 2 + self._zero_bytes + self._kept_count * (self._position_bytes + 2)

    @property
    def _kept_count(self) -> int:
        return self._options.kept if self._method == "side_table" else 0

    @property
    def _block_bytes(self) -> int:
        return self._head_bytes + -(-self._options.group * self._options.bits // 8)

    def _padded(self, x: F32) -> F64:
        """Finite float64 (rows, whole groups)."""
        return joined(in_blocks(finite(x), self._options.group)).astype(np.float64)

    def _header(self, power: int) -> U8:
        seed = np.array([self._options.seed], "<u4").view(np.uint8)
        if self._method == "awq":
            return np.append(seed, np.uint8(power))
        return seed if self._method == "hadamard" else seed[:0]

    def _layout(self) -> tuple[Span, ...]:
        at = 2 + self._zero_bytes
        spans = [Span("scale", 0, 2), Span("zero point", 2, at)]
        if self._kept_count:
            middle = at + self._kept_count * self._position_bytes
            spans += [Span("positions aside", at, middle), Span("weights aside", middle, self._head_bytes)]
        return (*spans, Span("codes", self._head_bytes, self._block_bytes))

    def _stored(self, chosen: Chosen, weights: F64) -> U8:
        """Bytes (rows, groups, block_bytes)."""
        rows, groups = chosen.scale.shape
        zero = chosen.zero.astype("<f2" if self._zero_bytes == 2 else "u1")
        parts = [_as_bytes(chosen.scale.astype("<f2")), _as_bytes(zero)]
        if chosen.aside is not None:
            kept = np.take_along_axis(weights.reshape(rows, groups, -1), chosen.aside, axis=2)
            positions = chosen.aside.astype("u1" if self._position_bytes == 1 else "<u2")
            parts += [_as_bytes(positions), _as_bytes(half(kept).astype("<f2"))]
        flat = chosen.codes.reshape(rows * groups, self._options.group)
        fill = -self._options.group % 8
        packed = pack(np.pad(flat, ((0, 0), (0, fill))) if fill else flat, self._options.bits)
        parts.append(packed[:, : self._block_bytes - self._head_bytes].reshape(rows, groups, -1))
        return np.concatenate(parts, axis=2)

    def _read(self, encoded: Encoded) -> tuple[Chosen, F64]:
        """What is stored, and the weights kept aside, float64 (rows, groups, kept)."""
        options, groups = self._options, -(-encoded.columns // self._options.group)
        data = check_bytes(encoded, groups * self._block_bytes, self._method)
        header = np.ascontiguousarray(encoded.header)
        need = self._header(0).shape
        if header.shape != need:
            raise ValueError(f"{self._method} needs a header of {need[0]} bytes, not {header.shape}")
        blocks = data.reshape(len(data), groups, self._block_bytes)
        at = 2 + self._zero_bytes
        middle = at + self._kept_count * self._position_bytes
        scale = _values(blocks[:, :, :2], "<f2")[:, :, 0]
        zero = _values(blocks[:, :, 2:at], "<f2" if self._zero_bytes == 2 else "u1")[:, :, 0]
        aside = _values(blocks[:, :, at:middle], "u1" if self._position_bytes == 1 else "<u2").astype(np.int64)
        kept = _values(blocks[:, :, middle : self._head_bytes], "<f2")
        stored = blocks[:, :, self._head_bytes :].reshape(len(data) * groups, -1) if blocks.size else data[:0]
        fill = -stored.shape[1] % options.bits
        codes = (
            unpack(np.pad(stored, ((0, 0), (0, fill))) if fill else stored, options.bits) if blocks.size else stored
        )
        flat = codes[:, : options.group].astype(np.uint8).reshape(len(data), groups * options.group)
        stretch = None
        if self._method == "awq":
            seeded = replace(options, seed=int(header[:4].view("<u4")[0]))
            stretch = stretched(flat.shape[1], min(int(header[4]), len(POWERS) - 1), seeded)
        return Chosen(flat, scale, zero, stretch, aside=self._within(aside)), kept

    def _within(self, aside: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Positions inside the group, whatever the bytes say; None where nothing is put aside."""
        return np.minimum(aside, self._options.group - 1) if self._kept_count else None


def _as_bytes(values: NDArray[np.generic]) -> U8:
    """(rows, groups) or (rows, groups, k) as bytes (rows, groups, n)."""
    array = np.ascontiguousarray(values)
    array = array[:, :, None] if array.ndim == 2 else array
    return array.view(np.uint8)


def _values(stored: U8, kind: str) -> F64:
    """Bytes (rows, groups, n) as numbers float64 (rows, groups, k)."""
    return np.ascontiguousarray(stored).view(kind).astype(np.float64)
