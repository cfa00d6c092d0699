"""The registry of storage formats, and the one way to find a format by name.

Each family lists its formats in its own `formats.py`, as a `FAMILY`; adding a format is adding one object there.
None of these modules imports numpy: a codec is imported when it is first used.
"""

from __future__ import annotations

import difflib
from functools import lru_cache

from qtui.compute.codebooks.formats import FAMILY as CODEBOOKS
from qtui.compute.floats.formats import FAMILY as FLOATS
from qtui.compute.format import Family, Format
from qtui.compute.ggml.formats import FAMILY as GGML
from qtui.compute.ints.formats import FAMILY as INTS
from qtui.compute.mx.formats import FAMILY as MX
from qtui.compute.smart.formats import FAMILY as SMART

__all__ = ["FAMILIES", "Family", "Format", "all_formats", "family_of", "get_format"]

FAMILIES: tuple[Family, ...] = (FLOATS, INTS, GGML, MX, CODEBOOKS, SMART)
_BY_NAME = {fmt.name.lower(): fmt for family in FAMILIES for fmt in family.formats}


def all_formats() -> tuple[Format, ...]:
    """Every named format, family by family."""
    return tuple(_BY_NAME.values())


def family_of(fmt: Format) -> Family:
    """The family that `fmt` belongs to."""
    return next(family for family in FAMILIES if family.name == fmt.family)


@lru_cache(maxsize=256)
def get_format(spec: str) -> Format:
    """The format that `spec` names, in any case, options included.

    Raises ValueError with near matches when there is none.
    """
    wanted = spec.strip().lower()
    if wanted in _BY_NAME:
        return _BY_NAME[wanted]
    for family in FAMILIES:
        fmt = family.parse(wanted)
        if fmt is not None:
            return fmt
    near = [_BY_NAME[name].name for name in difflib.get_close_matches(wanted, _BY_NAME, n=3, cutoff=0.5)]
    hint = f"did you mean {', '.join(near)}?" if near else "see `qtui formats`"
    raise ValueError(f"no format is called {spec!r}; {hint}")
