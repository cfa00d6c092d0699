"""Names of published checkpoints that are no format and no mix of llama.cpp's: "AWQ", "exl3 3.5bpw", "UD-Q4_K_XL".

A recipe says how many bits the matrices, the embedding and the head take, or from which mix it departs.
"""

import re
from typing import NamedTuple

from qtui.compute.memory.mixes import MIXES

_RATE = r"(?:(exl[23])[-: ]?)?(\d{1,2}(?:\.\d{1,3})?)(?:[- ]?bpw)?"
_MLX = r"(?:mlx[-: ]?)?([234568])-?bit(?:-mlx)?"
_DYNAMIC = r"UD-(I?Q\d)_(K|K_S|K_M|K_L|K_XL|XXS|XS|S|M|NL|0)"
_DYNAMIC_BASES = {"Q2": "Q2_K", "Q3": "Q3_K_M", "Q4": "Q4_K_M", "Q5": "Q5_K_M", "Q6": "Q6_K", "Q8": "Q8_0"}
_WIDE_ENDS = {"Q2_K_L": "Q2_K", "Q3_K_XL": "Q3_K_L", "Q4_K_L": "Q4_K_M", "Q5_K_L": "Q5_K_M", "Q6_K_L": "Q6_K"}


class Rates(NamedTuple):
    """Bits per weight of the matrices, the embedding table and the output head. `why` says what is assumed."""

    label: str
    matrices: float
    embedding: float
    head: float
    why: str


class MixLike(NamedTuple):
    """A mix of llama.cpp's, with embedding and head in the format `ends` unless that is empty."""

    label: str
    base: str
    ends: str
    why: str


def recipe_of(spec: str) -> Rates | MixLike | None:
    """The recipe that `spec` names; None for formats and mixes."""
    name = spec.strip()
    upper, lower = name.upper(), name.lower()
    if lower in ("", "native") or upper in MIXES:
        return None
    if upper in _WIDE_ENDS:
        base = _WIDE_ENDS[upper]
        return MixLike(
            upper, base, "Q8_0", f"taken to be {base} with embedding and head in Q8_0, as commonly published"
        )
    dynamic = re.fullmatch(_DYNAMIC, upper) if upper.startswith("UD-") else None
    if dynamic is not None:
        base = _DYNAMIC_BASES.get(dynamic[1]) or f"{dynamic[1]}_{dynamic[2]}"
        if base not in MIXES:
            return None
        # Published: Qwen3.6 27B in UD-Q3_K_XL to UD-Q6_K_XL 14.47, 17.91, 20.35 and 26.02 GB.
        why = f"dynamic mixes differ from model to model, most are larger (up to 18 %); counted as {base}"
        return MixLike(upper, base, "", why)
    if lower.removesuffix("-int4").removesuffix("-4bit") in ("awq", "gptq"):
        # 4 bits, and for each group of 128 a 16-bit scale and a 4-bit zero point.
        why = "4 bits in groups of 128, embedding and head in 16 bits: what checkpoints of this name usually are"
        return Rates(lower[:4].strip("-").upper(), 4 + 20 / 128, 16, 16, why)
    mlx = re.fullmatch(_MLX, lower) if "bit" in lower else None
    if mlx is not None or lower == "mlx":
        bits = int(mlx[1]) if mlx is not None else 4
        why = "every matrix in groups of 64 with a 16-bit scale and bias, MLX's default"
        return Rates(f"MLX {bits}-bit", bits + 0.5, bits + 0.5, bits + 0.5, why)
    return _exllama(lower)


def _exllama(name: str) -> Rates | None:
    """ExLlama's bits per weight: "3.5bpw", "exl3", "exl3-4.0bpw"."""
    if not (name.startswith("exl") or name.endswith("bpw")):
        return None
    match = re.fullmatch(_RATE, f"{name}:4" if name in ("exl2", "exl3") else name)
    if match is None or not 1 <= float(match[2]) <= 16:
        return None
    bits = float(match[2])
    why = "the named bits hold for the matrices; the head is taken to have 6 bits, the embedding 16"
    return Rates(f"{match[1] or 'exl3'} {match[2]} bpw", bits, 16, max(bits, 6), why)
