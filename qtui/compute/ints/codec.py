"""The codec of the integer schemes: rows of scales, zero points and packed codes.

A row's bytes are its blocks one after the other, each scale, zero point, codes; with one scale per row, these come
first and the codes follow; what the whole tensor shares is in the header. Codes are packed lowest bits first, signed
ones as two's complement, and the -1 and 1 of one symmetric bit as 0 and 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtui.compute.arrays import as_matrix, check_bytes, chunks, finite, joined, read_in_parts
from qtui.compute.codec import F32, U8, Encoded, Fields, Span
from qtui.compute.floats.packing import pack, unpack
from qtui.compute.ints.ranges import group_ranges
from qtui.compute.ints.rules import Floats, Grid, choose_grid, codes_on, values_on
from qtui.compute.ints.scales import ScaleStore
from qtui.compute.ints.scheme import IntScheme


class IntCodec:
    """Encodes and decodes one IntScheme; options are its fields.

    NaN is stored as what 0 is stored as, infinities as the ends of the range; ranges look at finite weights only.
    """

    def __init__(self, **options: Any) -> None:
        self.scheme = IntScheme(**options)
        self._shared: tuple[ScaleStore, Grid | None] | None = None

    def for_tensor(self, x: ArrayLike) -> IntCodec:
        """This codec with what x float32 (rows, columns), a whole tensor, shares: encodes the tensor in parts."""
        fitted = IntCodec(**self.scheme._asdict())
        fitted._shared = self._shared or self._share(as_matrix(x, "an integer scheme"))
        return fitted

    def encode(self, x: F32, importance: F32 | None = None) -> Encoded:
        """Bytes of x float32 (rows, columns). `importance` changes nothing here.

        Raises ValueError where x is not two-dimensional.
        """
        x = as_matrix(x, "an integer scheme")
        store, shared = self._shared or self._share(x)
        data = np.empty((len(x), self._row_bytes(x.shape[1])), np.uint8)
        with np.errstate(all="ignore"):
            for part, grid, codes in self._coded(x, store, shared):
                self._write(grid, codes, store, data[part])
        return Encoded(data, x.shape[1], self._header(store, shared))

    def roundtrip(self, x: F32) -> tuple[F32, F32, int]:
        """Values float32 (rows, columns) as decoding `encode(x)` gives them, made without the bytes.

        Also the steps float32 (rows, groups), and the columns of a group.
        """
        x = as_matrix(x, "an integer scheme")
        store, shared = self._shared or self._share(x)
        size = self._group_size(x.shape[1])
        values = np.empty(x.shape, np.float32)
        steps = np.empty((len(x), -(-x.shape[1] // size)), np.float32)
        with np.errstate(all="ignore"):
            for part, grid, codes in self._coded(x, store, shared):
                values[part] = joined(values_on(grid, codes))[:, : x.shape[1]]
                steps[part] = grid.scale * (2 if self.scheme.signs_only else 1)
        return values, steps, size

    def decode(self, encoded: Encoded) -> F32:
        """Values float32 (rows, columns)."""
        return read_in_parts(encoded, self._values)

    def _values(self, encoded: Encoded) -> F32:
        codes, grid = self._read(encoded)
        return joined(values_on(grid, codes))[:, : encoded.columns]

    @np.errstate(all="ignore")
    def fields(self, encoded: Encoded) -> Fields:
        """Codes, scales, zero points and the layout of a block (of a row, where rows share a scale)."""
        codes, grid = self._read(encoded)
        zero = grid.zero.astype(np.int32)
        return Fields(
            codes=joined(codes)[:, : encoded.columns],
            group_size=self._group_size(encoded.columns),
            scale=grid.scale,
            zero_point=zero if zero.any() else None,
            minimum=grid.minimum,
            layout=self._layout(encoded.columns),
        )

    def _group_size(self, columns: int) -> int:
        return self.scheme.block if self.scheme.per == "block" else max(columns, 1)

    def _row_bytes(self, columns: int) -> int:
        weights, size = self.scheme.unit
        return self.scheme.row_bytes + -(-columns // weights) * size

    def _share(self, x: F32) -> tuple[ScaleStore, Grid | None]:
        """The store for a tensor's scales, and its grid where the tensor has a single one."""
        whole = x.reshape(1, 1, -1)
        with np.errstate(all="ignore"):
            low, high = whole.min(initial=0), whole.max(initial=0)
            if not (np.isfinite(low) and np.isfinite(high)):
                whole = finite(whole)
                low, high = whole.min(initial=0), whole.max(initial=0)
            bound = choose_grid(_as_1x1(low), _as_1x1(high), self.scheme, ScaleStore("fp32")).scale
            store = ScaleStore.fitting(self.scheme.scale, float(bound[0, 0]))
            if self.scheme.per != "tensor":
                return store, None
            return store, choose_grid(*group_ranges(whole, self.scheme, store), self.scheme, store)

    def _coded(self, x: F32, store: ScaleStore, shared: Grid | None) -> Iterator[tuple[slice, Grid, Floats]]:
        """Slices of rows, each with its grid (rows, groups) and its codes, whole floats (rows, groups, size)."""
        size = self._group_size(x.shape[1])
        short = -x.shape[1] % size
        for part in chunks(len(x), x.shape[1]):
            rows = x[part]
            if short:  # a last block that is not full repeats its last weight
                rows = np.pad(rows, ((0, 0), (0, short)), mode="edge")
            weights = rows.reshape(len(rows), -(-x.shape[1] // size), size)
            clean = finite(weights)
            if shared is None:
                grid = choose_grid(*group_ranges(clean, self.scheme, store), self.scheme, store)
            else:
                grid = _repeated(shared, weights.shape[:2])
            if clean is not weights:
                weights = np.where(np.isnan(weights), np.float32(0), weights)
            yield part, grid, codes_on(grid, weights, self.scheme)

    def _header(self, store: ScaleStore, shared: Grid | None) -> U8:
        unit = np.array([store.unit], "<f4").view(np.uint8) if self.scheme.scale == "e4m3" else np.zeros(0, np.uint8)
        grid = np.zeros(0, np.uint8) if shared is None else self._grid_bytes(shared, store).reshape(-1)
        return np.concatenate([unit, grid])

    def _grid_bytes(self, grid: Grid, store: ScaleStore) -> U8:
        """Scale and zero point bytes (rows, groups, k)."""
        scale = store.write(grid.scale)
        if grid.minimum is not None:
            zero = grid.minimum.astype("<f2" if self.scheme.scale == "fp16" else "<f4")
        elif self.scheme.zero_bytes:
            kind = "u1" if self.scheme.zero_bytes == 1 else f"<i{self.scheme.zero_bytes}"
            zero = grid.zero.astype(np.int64).astype(kind)
        else:
            return scale
        stored = np.ascontiguousarray(zero)[..., None].view(np.uint8)
        return np.concatenate([scale, stored], axis=-1)

    def _grid_of(self, stored: U8, store: ScaleStore) -> Grid:
        """The grid whose bytes are `stored` (rows, groups, k)."""
        cut = self.scheme.scale_bytes
        scale = store.read(stored[..., :cut])
        rest = np.ascontiguousarray(stored[..., cut:])
        if self.scheme.mode == "tinygemm":
            minimum = rest.view("<f2" if self.scheme.scale == "fp16" else "<f4")[..., 0].astype(np.float32)
            return Grid(scale, np.full_like(scale, 1 << (self.scheme.bits - 1)), minimum)
        if not self.scheme.zero_bytes:
            return Grid(scale, np.zeros_like(scale))
        kind = "u1" if self.scheme.zero_bytes == 1 else f"<i{self.scheme.zero_bytes}"
        return Grid(scale, rest.view(kind)[..., 0].astype(np.float32))

    def _write(self, grid: Grid, codes: Floats, store: ScaleStore, out: U8) -> None:
        """Bytes of rows of codes into out uint8 (rows, row_bytes)."""
        packed = _packed(codes, self.scheme)
        if self.scheme.per == "block":
            blocks = np.concatenate([self._grid_bytes(grid, store), packed], axis=-1)
            out[...] = joined(blocks)
            return
        head = self.scheme.row_bytes
        out[...] = 0
        if codes.size:
            out[:, :head] = self._grid_bytes(grid, store)[:, 0] if head else 0
            out[:, head : head + packed.shape[-1]] = packed[:, 0]

    def _read(self, encoded: Encoded) -> tuple[NDArray[np.int16], Grid]:
        """Codes int16 (rows, groups, size) and the grid (rows, groups)."""
        scheme, columns = self.scheme, encoded.columns
        data = check_bytes(encoded, self._row_bytes(columns), scheme.spec)
        if encoded.header.shape != (scheme.tensor_bytes,):
            raise ValueError(
                f"{scheme.spec} needs a header of {scheme.tensor_bytes} bytes, not {encoded.header.shape}"
            )
        store, header = ScaleStore(scheme.scale), np.ascontiguousarray(encoded.header)
        if scheme.scale == "e4m3":
            store, header = ScaleStore("e4m3", float(header[:4].view("<f4")[0])), header[4:]
        size = self._group_size(columns)
        groups = -(-columns // size)
        head = scheme.scale_bytes + scheme.zero_bytes
        with np.errstate(all="ignore"):
            if scheme.per == "block":
                blocks = data.reshape(len(data), groups, scheme.unit[1])
                return _unpacked(blocks[..., head:], size, scheme), self._grid_of(blocks[..., :head], store)
            codes = _unpacked(data[:, None, scheme.row_bytes :], columns, scheme)[:, :groups]
            if scheme.per == "row":
                return codes, self._grid_of(data[:, None, :head][:, :groups], store)
            grid = self._grid_of(header.reshape(1, 1, -1), store)
            return codes, _repeated(grid, (len(data), groups))

    def _layout(self, columns: int) -> tuple[Span, ...]:
        scheme = self.scheme
        head = 0 if scheme.per == "tensor" else scheme.scale_bytes
        spans = [Span("scale", 0, head)] if head else []
        if head and scheme.zero_bytes:
            spans.append(Span("zero point", head, head + scheme.zero_bytes))
            head += scheme.zero_bytes
        end = scheme.unit[1] if scheme.per == "block" else self._row_bytes(columns)
        return (*spans, Span("codes", head, end))


def _as_1x1(value: Any) -> F32:
    return np.full((1, 1), value, np.float32)


def _repeated(grid: Grid, shape: tuple[int, ...]) -> Grid:
    """A tensor's grid (1, 1) as that of rows and groups of `shape`."""
    minimum = None if grid.minimum is None else np.broadcast_to(grid.minimum, shape)
    return Grid(np.broadcast_to(grid.scale, shape), np.broadcast_to(grid.zero, shape), minimum)


def _packed(codes: Floats, scheme: IntScheme) -> U8:
    """Codes (rows, groups, size) as bytes (rows, groups, k), each group padded with 0 bits to whole bytes."""
    rows, groups, size = codes.shape
    length = -(-size * scheme.bits // 8)
    if codes.size == 0:
        return np.zeros((rows, groups, length), np.uint8)
    whole = (codes > 0) if scheme.signs_only else codes.astype(np.int16)
    stored = whole.astype(np.uint8) & np.uint8((1 << scheme.bits) - 1)
    flat = stored.reshape(rows * groups, size)
    fill = -size % 8 if scheme.bits != 8 else 0
    if fill:
        flat = np.pad(flat, ((0, 0), (0, fill)))
    return pack(flat, scheme.bits)[:, : -(-size * scheme.bits // 8)].reshape(
        rows, groups, -(-size * scheme.bits // 8)
    )


def _unpacked(stored: U8, size: int, scheme: IntScheme) -> NDArray[np.int16]:
    """Codes int16 (rows, groups, size) of bytes (rows, groups, k)."""
    rows, groups, length = stored.shape
    bits = scheme.bits
    if stored.size == 0:
        return np.zeros((rows, groups, size), np.int16)
    flat = stored.reshape(rows * groups, length)
    fill = -length % bits  # eight codes fill `bits` bytes
    if fill:
        flat = np.pad(flat, ((0, 0), (0, fill)))
    codes = unpack(flat, bits)[:, :size].astype(np.int16).reshape(rows, groups, size)
    if scheme.signs_only:
        return codes * np.int16(2) - np.int16(1)
    if scheme.unsigned:
        return codes
    half = np.int16(1 << (bits - 1))
    return (codes ^ half) - half
