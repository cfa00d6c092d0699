"""The codec of FP8 with scales.

Rows are codes, a byte each. Where a row or a part of it has a scale, that comes before its codes; the scale of a
tensor and those of tiles are in the header, tile after tile. Scale = absmax / largest, code = cast(weight / scale),
all in float32, as in DeepSeek-V3's `act_quant` and `weight_dequant` (inference/kernel.py) and torchao's
`_quantize_affine_float8`; a power of two is rounded up, so that nothing is clipped. vLLM and Transformer Engine
multiply by the reciprocal instead, which moves few weights to the neighbouring code.
"""

from __future__ import annotations

import numpy as np

from qtui.compute.arrays import CHUNK, as_matrix, check_bytes, chunks, finite_absmax, in_blocks, joined
from qtui.compute.codec import F32, U8, Encoded, Fields, Span
from qtui.compute.floats.arrays import decode_array, encode_array
from qtui.compute.floats.table import FLOATS
from qtui.compute.ints.scales import ScaleStore


class Fp8Codec:
    """Encodes and decodes one float type; `rows` by `columns` weights share a scale, 0 meaning all of them.

    Infinities become the largest value, NaN stays; scales follow from the finite weights, that of zeros alone is 1.
    """

    def __init__(self, element: str, rows: int, columns: int, scale: str = "fp32") -> None:
        self._options = (element, rows, columns, scale)
        self._float = next(fmt for fmt in FLOATS if fmt.name == element)
        self._table = decode_array(np.arange(256, dtype=np.uint8), self._float, np.float32).astype(np.float32)
        self._top = np.float32(self._table[np.isfinite(self._table)].max())
        self._rows, self._columns = rows, columns
        self._store = ScaleStore(scale)
        self._scale_bytes = 4 if scale == "fp32" else 1
        self._shared: F32 | None = None

    def for_tensor(self, x: F32) -> Fp8Codec:
        """This codec with the scale of the tensor x float32 (rows, columns), where it has a single one."""
        fitted = Fp8Codec(*self._options)
        if not self._rows:
            fitted._shared = self._scales(np.asarray(x, np.float32)) if self._shared is None else self._shared
        return fitted

    def rows_together(self, columns: int) -> int:
        """The rows of a tile."""
        return max(self._rows, 1)

    def encode(self, x: F32, importance: F32 | None = None) -> Encoded:
        """Bytes of x float32 (rows, columns). `importance` changes nothing here.

        Raises ValueError where x is not two-dimensional.
        """
        x = as_matrix(x, "FP8")
        rows, columns = x.shape
        data = np.zeros((rows, self._row_bytes(columns)), np.uint8)
        with np.errstate(all="ignore"):
            stored = self._store.write(self._scales(x) if self._shared is None else self._shared)
            scales = self._store.read(stored)
            for part in chunks(rows, columns, CHUNK) if x.size else ():
                scale = self._of_rows(scales, part)
                blocks = in_blocks(x[part], self._group(columns))
                scaled = np.divide(blocks, scale[:, :, None], dtype=np.float32)
                np.clip(scaled, -self._top, self._top, out=scaled)
                codes = encode_array(scaled, self._float, saturate=True).astype(np.uint8)
                if self._rows == 1:
                    kept = stored[part] if len(stored) > 1 else stored
                    codes = np.concatenate([kept, codes], axis=2)
                data[part] = joined(codes)[:, : data.shape[1]]
        header = np.zeros(0, np.uint8) if self._rows == 1 else stored.reshape(-1)
        return Encoded(data, columns, header)

    def decode(self, encoded: Encoded) -> F32:
        """Values float32 (rows, columns)."""
        codes, scales = self._read(encoded)
        values = np.empty(codes.shape, np.float32)
        group = self._group(encoded.columns)
        with np.errstate(all="ignore"):
            for part in chunks(len(codes), encoded.columns, CHUNK):
                blocks = in_blocks(np.take(self._table, codes[part]), group)
                values[part] = joined(blocks * self._of_rows(scales, part)[:, :, None])[:, : encoded.columns]
        return values

    def fields(self, encoded: Encoded) -> Fields:
        """Codes, scales float32 (rows, groups) and the value of every code."""
        codes, scales = self._read(encoded)
        with np.errstate(all="ignore"):
            scale = np.ascontiguousarray(self._of_rows(scales, slice(0, len(codes))))
        head = self._scale_bytes if self._rows == 1 else 0
        spans = [Span("scale", 0, head)] if head else []
        end = head + self._columns if self._rows == 1 and self._columns else self._row_bytes(encoded.columns)
        layout = (*spans, Span("codes", head, end))
        return Fields(codes, self._group(encoded.columns), scale, table=self._table, layout=layout)

    def _group(self, columns: int) -> int:
        return self._columns or max(columns, 1)

    def _row_bytes(self, columns: int) -> int:
        if self._rows != 1:
            return columns
        return (
            -(-columns // self._columns) * (self._scale_bytes + self._columns)
            if self._columns
            else (self._scale_bytes + columns)
        )

    def _scales(self, x: F32) -> F32:
        """Scales float32 (bands of rows, groups) as they are stored; (1, 1) for a tensor."""
        group = self._group(x.shape[1])
        peaks = np.zeros((len(x), -(-x.shape[1] // group)), np.float32)
        if x.size:
            with np.errstate(all="ignore"):
                for part in chunks(len(x), x.shape[1]):
                    peaks[part] = finite_absmax(in_blocks(x[part], group))
        if not self._rows:
            peaks = np.full((1, 1), peaks.max(initial=0), np.float32)
        elif self._rows > 1 and len(x):
            peaks = np.maximum.reduceat(peaks, np.arange(0, len(x), self._rows), axis=0)
        scale = peaks / self._top
        return self._store.rounded(np.where(scale > 0, scale, np.float32(1)))

    def _of_rows(self, scales: F32, part: slice) -> F32:
        """The scales (rows, groups) of the rows in `part`."""
        if not self._rows:
            return np.broadcast_to(scales, (part.stop - part.start, 1))
        spread: F32 = scales[np.arange(part.start, part.stop) // self._rows]
        return spread

    def _read(self, encoded: Encoded) -> tuple[U8, F32]:
        """Codes uint8 (rows, columns) and scales float32 as `_scales` gives them."""
        columns = encoded.columns
        data = check_bytes(encoded, self._row_bytes(columns), "FP8")
        groups = -(-columns // self._group(columns))
        if self._rows == 1:
            if columns == 0 or len(data) == 0:
                return np.zeros((len(data), columns), np.uint8), np.zeros((len(data), groups), np.float32)
            blocks = data.reshape(len(data), groups, -1)
            codes = joined(blocks[:, :, self._scale_bytes :])[:, :columns]
            return np.ascontiguousarray(codes), self._store.read(blocks[:, :, : self._scale_bytes])
        shape = (-(-len(data) // self._rows), groups) if self._rows else (1, 1)
        wanted = (shape[0] * shape[1] * self._scale_bytes,)
        if encoded.header.shape != wanted:
            raise ValueError(f"FP8 needs a header of {wanted[0]} bytes, not {encoded.header.shape}")
        return data, self._store.read(encoded.header.reshape(*shape, self._scale_bytes))
