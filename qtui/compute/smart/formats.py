"""Smart methods as storage formats: plain groups of codes, chosen with more thought than rounding.

    hqq | gptq | awq | hadamard | side_table      4 bits in groups of 64
    gptq:bits=3,block=128,seed=1                  other bits and groups; inputs and signs from another seed
    hadamard:rotate=256                           columns that are mixed
    side_table:kept=2                             weights of each group that are kept as fp16

GPTQ and AWQ need a layer's inputs; theirs are synthetic (`smart/calibration.py`), made from the seed.
"""

from __future__ import annotations

import math

from qtui.compute.format import BLOCKS, Format, FormatError, FormatFamily, turned, with_block_option
from qtui.error import whole_number

_DESCRIPTIONS = {
    "hqq": "HQQ: float zero points found without data, which forgive large errors (Badri and Shaji 2023)",
    "gptq": "GPTQ on synthetic inputs: later columns make good earlier errors (Frantar et al. 2022)",
    "awq": "AWQ-style scaling of columns that meet large synthetic inputs (Lin et al. 2023)",
    "hadamard": "rotated by a Hadamard matrix first, so that outliers spread (QuaRot, Ashkboos et al. 2024)",
    "side_table": "the largest weights of a group kept aside as fp16 (after SpQR, Dettmers et al. 2023)",
}
_USUAL = {"bits": 4, "block": 64, "seed": 0, "rotate": 128, "kept": 1}
_LIMITS = {"bits": (1, 8), "block": (8, 1024), "seed": (0, 2**32 - 1), "rotate": (2, 4096), "kept": (1, 8)}
_OPTION = {"block": "group"}  # what a spec calls a block is a group of columns in the methods
_OWN = {"rotate": "hadamard", "kept": "side_table"}


def parse(spec: str) -> Format | None:
    """A smart method with options; None where `spec` means something else. Raises FormatError for mistakes."""
    name, _, rest = spec.partition(":")
    if name not in _DESCRIPTIONS:
        return None
    chosen = dict(_USUAL)
    for word in (part.strip() for part in rest.split(",")):
        option, _, value = (part.strip() for part in word.partition("="))
        if option in chosen and _OWN.get(option, name) == name:
            low, high = _LIMITS[option]
            number = whole_number(value)
            if number is None or not low <= number <= high:
                raise FormatError(f"{option}={value} should be a whole number from {low} to {high}")
            chosen[option] = number
        elif word:
            taken = ", ".join(f"{key}={value}" for key, value in _USUAL.items() if _OWN.get(key, name) == name)
            raise FormatError(f"{word!r} is no option of {name}: it takes {taken}")
    if chosen["rotate"] & (chosen["rotate"] - 1):
        raise FormatError(f"a Hadamard matrix mixes 2, 4, 8, ... columns, not rotate={chosen['rotate']}")
    return _storage(name, chosen)


def _storage(name: str, chosen: dict[str, int]) -> Format:
    words = [f"{key}={value}" for key, value in chosen.items() if value != _USUAL[key]]
    head = 2 + (2 if name == "hqq" else 1)
    if name == "side_table":
        head += chosen["kept"] * (3 if chosen["block"] <= 256 else 4)
    return Format(
        name + (":" + ",".join(words) if words else ""),
        "smart",
        chosen["block"],
        head + math.ceil(chosen["block"] * chosen["bits"] / 8),
        _DESCRIPTIONS[name],
        "qtui.compute.smart.codec:SmartCodec",
        tensor_bytes_extra={"hadamard": 4, "awq": 5}.get(name, 0),
        codec_options=(("method", name), *((_OPTION.get(key, key), value) for key, value in chosen.items())),
    )


def method_of(fmt: Format) -> str | None:
    """The name of the method that chooses the codes of `fmt`, None for a format of another family."""
    return str(dict(fmt.codec_options)["method"]) if fmt.family == "smart" else None


def _with_block(fmt: Format, block: int) -> str:
    """The spec of `fmt` with a scale for every `block` weights."""
    return with_block_option(fmt, block, dict(fmt.codec_options)["group"])


def _turn(fmt: Format, what: str, by: int) -> str | None:
    """The spec of `fmt` with one bit more or less, or with another block."""
    options = dict(fmt.codec_options)
    words = [f"{name}={options[name]}" for name in ("seed", "rotate", "kept") if name in fmt.name]
    bits, block = int(options["bits"]), str(options["group"])
    if what == "bits":
        bits = min(max(bits + by, 1), 8)
    elif what == "block":
        block = turned(BLOCKS[4:], block, by)
    else:
        return None
    return f"{fmt.name.partition(':')[0]}:{','.join([*words, f'bits={bits}', f'block={block}'])}"


FAMILY = FormatFamily(
    "smart",
    "int4 in groups of 64, chosen more cleverly (smart)",
    tuple(fmt for fmt in map(parse, _DESCRIPTIONS) if fmt is not None),
    parse,
    _with_block,
    _turn,
)
