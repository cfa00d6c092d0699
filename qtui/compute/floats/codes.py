"""The number formats that are not floats: integers, and codebooks, also of a person's own values."""

from __future__ import annotations

from fractions import Fraction

from qtui.compute.codebooks import formats as storage
from qtui.compute.floats.grids import IntFormat, TableFormat
from qtui.compute.format import FormatError

_PLAIN = ((8, True), (8, False), (4, True), (4, False), (2, True), (2, False))
INTEGERS: tuple[IntFormat, ...] = (
    *(IntFormat(f"{'' if s else 'u'}int{b}", b, s, description="whole numbers") for b, s in _PLAIN),
    IntFormat("int16", 16, description="whole numbers"),
    IntFormat("uint16", 16, False, description="whole numbers"),
    IntFormat("int32", 32, description="whole numbers"),
    IntFormat("int1", 1, description="0 and -1"),
    IntFormat("uint1", 1, False, description="0 and 1"),
    IntFormat("mxint8", 8, scale=-6, description="OCP MXINT8 element: sixty-fourths"),
)


def _table(*values: float) -> tuple[Fraction, ...]:
    return tuple(Fraction(value) for value in values)


# QLoRA's NormalFloat and bitsandbytes' FP4, relative to the block's absolute maximum (bitsandbytes functional.py).
TABLES: tuple[TableFormat, ...] = (
    TableFormat(
        "nf4",
        _table(
            *(-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453),
            *(-0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0),
            *(0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224),
            *(0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0),
        ),
        description="NormalFloat of QLoRA, unscaled",
    ),
    TableFormat(
        "bnb_fp4",
        _table(
            *(0.0, 0.005208333488553762, 0.6666666865348816, 1.0),
            *(0.3333333432674408, 0.5, 0.1666666716337204, 0.25),
            *(-0.0, -0.005208333488553762, -0.6666666865348816, -1.0),
            *(-0.3333333432674408, -0.5, -0.1666666716337204, -0.25),
        ),
        description="FP4 of bitsandbytes, unscaled",
    ),
)


def codebook(spec: str) -> TableFormat:
    """The numbers of the storage format that `spec` names ("codebook:-1,0,0.4,1"), before a block scales them.

    Raises FormatError where it is no codebook of a person's own.
    """
    stored = storage.parse(spec)
    if stored is None:
        raise FormatError(f"{spec!r} is no codebook; write it like {storage.EXAMPLE}")
    values = str(dict(stored.codec_options)["table"]).split("/")
    return TableFormat(stored.name, _table(*map(float, values)), description="your own values, before a scale")
