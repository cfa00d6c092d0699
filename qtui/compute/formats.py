"""The registry of storage formats, and the one way to find a format by name.

Each family lists its formats in its own `formats.py`, as a `FAMILY`; adding a format is adding one object there.
None of these modules imports numpy: a codec is imported when it is first used.
"""

from __future__ import annotations

import importlib
import re
from functools import cache, lru_cache

from qtui.compute.format import Format, FormatError, FormatFamily
from qtui.error import check_type, near_matches

__all__ = ["Format", "FormatError", "FormatFamily", "all_formats", "families", "family_of", "get_format"]

# In the order in which they are listed; each is imported where it is asked for.
FAMILIES = ("floats", "ints", "ggml", "fp8", "mx", "codebooks", "smart")
# In the order in which a name is looked up, which no two of them know: the formats of published files come first.
_LOOKED_UP = ("ggml", "codebooks", *(name for name in FAMILIES if name not in ("ggml", "codebooks")))
MOST_NAMED = 6  # formats that a text may stand for, named in one sentence


@cache
def _family(name: str) -> FormatFamily:
    family: FormatFamily = importlib.import_module(f"qtui.compute.{name}.formats").FAMILY
    return family


@cache
def _named(name: str) -> dict[str, Format]:
    """The formats of a family by their names in lower case."""
    return {fmt.name.lower(): fmt for fmt in _family(name).formats}


def families() -> tuple[FormatFamily, ...]:
    """Every family."""
    return tuple(map(_family, FAMILIES))


def all_formats() -> tuple[Format, ...]:
    """Every named storage format, family by family, as `qtui formats` lists them.

    Each has a `name`, exact `bits_per_weight` (a Fraction), `block_size` in weights, `block_bytes`, a `description`,
    and `can_encode`, False where only the decoder exists. More can be named with options: see `get_format`.
    """
    return tuple(fmt for family in families() for fmt in family.formats)


def family_of(fmt: Format) -> FormatFamily:
    """The family that `fmt` belongs to."""
    return _family(fmt.family)


def get_format(spec: str) -> Format:
    """The storage format that `spec` names, in any case, options included.

    "Q4_K", "float8_e4m3fn", "int4:asym,block=32,scale=fp16", "nf4:double", "mx_fp4:scale=even", "gptq:bits=3",
    "fp8_e4m3:block=128x128", or a float of one's own, "float:e=4,m=3,bias=7,special=fn".

    Raises FormatError, a ValueError, with near matches when there is none, or with what an option should be, and
    TypeError for what is no text.
    """
    check_type(spec, str, "spec", "the name of a format such as 'Q4_K'")
    return _find(spec)


@lru_cache(maxsize=256)
def _find(spec: str) -> Format:
    wanted = spec.strip().lower()
    for name in _LOOKED_UP:
        fmt = _named(name).get(wanted) or _family(name).parse(wanted)
        if fmt is not None:
            return fmt
    known = {fmt.name.lower(): fmt for fmt in all_formats()}
    meant = [fmt.name for name, fmt in known.items() if wanted and name.startswith(wanted)]
    if len(meant) > 1:
        listed = ", ".join(meant[:MOST_NAMED])
        mix = f", or for a whole model a mix such as {wanted.upper()}_K_M" if re.fullmatch("q[2-6]", wanted) else ""
        raise FormatError(f"{spec!r} can be {listed}: which one{mix}?")
    near = [known[name].name for name in near_matches(wanted, known)]
    hint = f"did you mean {', '.join(near)}?" if near else "see `qtui formats`"
    if of_model := re.fullmatch("(q[345])[- ]?k[- ]?([sm])", wanted):
        bits, size = of_model[1].upper(), of_model[2].upper()
        hint = f"did you mean {bits}_K, or for a whole model the mix {bits}_K_{size}?"
    raise FormatError(f"no format is called {spec!r}; {hint}")
