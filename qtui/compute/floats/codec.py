"""The registry's codec of plain floats: cast, pack, unpack."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qtui.compute.codec import F32, Encoded, Fields, Span
from qtui.compute.floats.arrays import decode_array, encode_array
from qtui.compute.floats.layout import FloatFormat
from qtui.compute.floats.packing import pack, unpack
from qtui.compute.floats.table import number_format


class FloatCodec:
    """Casts float32 to the float that `spec` names and packs the codes; see `table.number_format`."""

    def __init__(self, spec: str, saturate: bool = False, rounding: str = "nearest-even") -> None:
        fmt = number_format(spec)
        if not isinstance(fmt, FloatFormat):
            raise ValueError(f"{spec} is not a float")
        self.format = fmt
        self.saturate = saturate
        self.rounding = rounding
        # A format in a wider box sits in its upper bits where it is a shortened float32, in the lower ones otherwise.
        self.shift = fmt.stored_bits - fmt.bits if fmt.stored_bits == 32 else 0

    def encode(self, x: F32, importance: F32 | None = None) -> Encoded:
        """Codes of `x` float32 (rows, columns), short blocks filled up with zeros; `importance` changes nothing.

        A float64 `x` is rounded once, straight to the format.

        Raises ValueError when `x` is not 2-D.
        """
        x = np.asarray(x)
        if x.dtype not in (np.float32, np.float64):
            x = x.astype(np.float32)
        if x.ndim != 2:
            raise ValueError(f"encode takes a 2-D array (rows, columns), not one of shape {x.shape}")
        bits = self.format.stored_bits
        codes: NDArray[Any] = encode_array(x, self.format, self.rounding, self.saturate)
        if self.shift:
            codes = codes.astype(np.uint32) << np.uint32(self.shift)
        short = -x.shape[1] % (8 // math.gcd(bits, 8))
        if short:
            codes = np.pad(codes, ((0, 0), (0, short)))
        return Encoded(pack(codes, bits), x.shape[1])

    def codes(self, encoded: Encoded) -> NDArray[np.unsignedinteger[Any]]:
        """The codes (rows, columns) in the bytes. Raises ValueError when the bytes are not whole blocks."""
        bits = self.format.stored_bits
        blocks = -(-encoded.columns // (8 // math.gcd(bits, 8)))
        wanted = blocks * (bits // math.gcd(bits, 8))
        if encoded.data.ndim != 2 or encoded.data.shape[1] != wanted:
            raise ValueError(
                f"{encoded.columns} values of {self.format.name} take rows of {wanted} bytes; "
                f"the data has the shape {encoded.data.shape}"
            )
        codes = unpack(encoded.data, bits)[:, : encoded.columns]
        if self.shift:
            codes = codes >> np.uint32(self.shift)
        # UE4M3 leaves the top bit of its byte unused, whatever a file has there.
        return codes & codes.dtype.type((1 << self.format.bits) - 1) if self.format.bits < bits else codes

    def decode(self, encoded: Encoded) -> F32:
        """Values float32 (rows, columns); a float64 is rounded to float32."""
        with np.errstate(over="ignore", invalid="ignore"):  # a float64 beyond float32, or a signalling NaN
            values: F32 = decode_array(self.codes(encoded), self.format, np.float32).astype(np.float32, copy=False)
        return values

    def fields(self, encoded: Encoded) -> Fields:
        """The codes; a plain float has no scale."""
        bits = self.format.stored_bits
        return Fields(self.codes(encoded), 1, layout=(Span("codes", 0, bits // math.gcd(bits, 8)),))
