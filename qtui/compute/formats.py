"""The registry of storage formats, and the one way to find a format by name.

Each family lists its formats in its own `formats.py`, as a `FAMILY`; adding a format is adding one object there.
None of these modules imports numpy: a codec is imported when it is first used.
"""

from __future__ import annotations

import re
from functools import lru_cache

from qtui.compute.codebooks.formats import FAMILY as CODEBOOKS
from qtui.compute.floats.formats import FAMILY as FLOATS
from qtui.compute.format import Format, FormatFamily
from qtui.compute.fp8.formats import FAMILY as FP8
from qtui.compute.ggml.formats import FAMILY as GGML
from qtui.compute.ints.formats import FAMILY as INTS
from qtui.compute.mx.formats import FAMILY as MX
from qtui.compute.smart.formats import FAMILY as SMART
from qtui.error import near_matches

__all__ = ["FAMILIES", "FormatFamily", "Format", "all_formats", "family_of", "get_format"]

FAMILIES: tuple[FormatFamily, ...] = (FLOATS, INTS, GGML, FP8, MX, CODEBOOKS, SMART)
MOST_NAMED = 6  # formats that a text may stand for, named in one sentence
_BY_NAME = {fmt.name.lower(): fmt for family in FAMILIES for fmt in family.formats}


def all_formats() -> tuple[Format, ...]:
    """Every named storage format, family by family, as `qtui formats` lists them.

    Each has a `name`, exact `bits_per_weight` (a Fraction), `block_size` in weights, `block_bytes`, a `description`,
    and `can_encode`, False where only the decoder exists. More can be named with options: see `get_format`.
    """
    return tuple(_BY_NAME.values())


def family_of(fmt: Format) -> FormatFamily:
    """The family that `fmt` belongs to."""
    return next(family for family in FAMILIES if family.name == fmt.family)


@lru_cache(maxsize=256)
def get_format(spec: str) -> Format:
    """The storage format that `spec` names, in any case, options included.

    "Q4_K", "float8_e4m3fn", "int4:asym,block=32,scale=fp16", "nf4:double", "mx_fp4:scale=even", "gptq:bits=3",
    "fp8_e4m3:block=128x128", or a float of one's own, "float:e=4,m=3,bias=7,special=fn".

    Raises ValueError with near matches when there is none, or with what an option should be.
    """
    wanted = spec.strip().lower()
    if wanted in _BY_NAME:
        return _BY_NAME[wanted]
    for family in FAMILIES:
        fmt = family.parse(wanted)
        if fmt is not None:
            return fmt
    meant = [fmt.name for name, fmt in _BY_NAME.items() if wanted and name.startswith(wanted)]
    if len(meant) > 1:
        listed = ", ".join(meant[:MOST_NAMED])
        mix = f"; for a whole model, a mix such as {wanted.upper()}_K_M" if re.fullmatch("q[2-6]", wanted) else ""
        raise ValueError(f"{spec!r} can be {listed}: which one?{mix}")
    near = [_BY_NAME[name].name for name in near_matches(wanted, _BY_NAME)]
    hint = f"did you mean {', '.join(near)}?" if near else "see `qtui formats`"
    raise ValueError(f"no format is called {spec!r}; {hint}")
