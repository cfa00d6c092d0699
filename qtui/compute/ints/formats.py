"""Integer schemes as storage formats: int1 to int8 with options, as in "int4:asym,block=32,scale=fp16".

The grammar is in `qtui/compute/ints/scheme.py`, the rounding rules in `ints/rules.py`.
"""

from __future__ import annotations

from qtui.compute.formats import Format
from qtui.compute.ints.scheme import IntScheme, parse_scheme


def _storage(scheme: IntScheme) -> Format:
    block_size, block_bytes = scheme.unit
    return Format(
        scheme.spec,
        "ints",
        block_size,
        block_bytes,
        scheme.describe(),
        "qtui.compute.ints.codec:IntCodec",
        row_bytes_extra=scheme.row_bytes,
        tensor_bytes_extra=scheme.tensor_bytes,
        codec_options=tuple(vars(scheme).items()),
    )


FORMATS: tuple[Format, ...] = tuple(
    _storage(parse_scheme(spec))
    for spec in (
        *(f"int{bits}" for bits in range(8, 0, -1)),
        "int8:row",
        "int4:block=32,scale=fp16",
        "int4:asym,block=32,scale=fp16",
    )
)


def parse(spec: str) -> Format | None:
    """An integer scheme with options, or None where `spec` means something else. Raises ValueError for mistakes."""
    name = spec.partition(":")[0]
    if name.startswith("uint") and name[4:].isdigit():
        raise ValueError(f"codes from 0 are torchao's asymmetric ones: write int{name[4:]}:asym,rule=torchao")
    if not name.startswith("int") or not name[3:].isdigit():
        return None
    return _storage(parse_scheme(spec))
