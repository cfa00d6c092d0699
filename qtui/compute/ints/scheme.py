"""What an integer scheme is, how it is written as a spec, and what it costs. Needs no numpy.

A spec is "int" and the bits of a code, then options after a colon, in any order:

    int4                                      symmetric, one scale per tensor, the essay's rule
    int4:asym,block=32,scale=fp16,clip=mse    a scale and a zero point for every 32 weights
    int8:row,rule=torchao                     as torchao quantizes a linear layer

    sym | asym | symnc | tinygemm     the range: around 0; from least to greatest; torchao's symmetric range without
                                      clipping; torchao's 4-bit kernels' range with a float zero point
    tensor | row | block=2..1024      the weights that share a scale
    scale=fp32|fp16|e8m0|e4m3         how a scale is stored
    clip=absmax|mse|kl|PERCENT        what the codes span: all, what errs least (in squares, or in relative entropy of
                                      the histogram), or the middle PERCENT
    rule=essay|torchao                how scales and codes are rounded
    narrow                            torchao's codes from -(2^(bits-1) - 1), as many as above zero
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qtui.compute.format import FormatError
from qtui.error import whole_number

MODES = ("sym", "asym", "symnc", "tinygemm")
SCALE_BYTES = {"fp32": 4, "fp16": 2, "e8m0": 1, "e4m3": 1}
RULES = ("essay", "torchao")
MIN_BLOCK, MAX_BLOCK = 2, 1024
EXAMPLE = "int4:asym,block=32,scale=fp16,clip=mse"


class IntScheme(NamedTuple):
    """Codes of `bits` bits; `block` weights share a scale, or a row (`per` "row") or the tensor."""

    bits: int
    mode: str = "sym"
    per: str = "tensor"
    block: int = 0
    scale: str = "fp32"
    clip: str = "absmax"
    rule: str = "essay"
    narrow: bool = False

    @property
    def unsigned(self) -> bool:
        """Whether codes count from 0, as torchao's asymmetric ones do."""
        return self.rule == "torchao" and self.mode in ("asym", "tinygemm")

    @property
    def code_min(self) -> int:
        """The lowest code."""
        if self.unsigned:
            return 0
        return -(1 << (self.bits - 1)) + self.narrow

    @property
    def code_max(self) -> int:
        """The highest code."""
        return (1 << self.bits) - 1 if self.unsigned else (1 << (self.bits - 1)) - 1

    @property
    def signs_only(self) -> bool:
        """One symmetric bit: the codes are -1 and 1, and the scale is the mean magnitude."""
        return self.bits == 1 and self.mode == "sym"

    @property
    def scale_bytes(self) -> int:
        """Bytes of a stored scale."""
        return SCALE_BYTES[self.scale]

    @property
    def zero_bytes(self) -> int:
        """Bytes of a zero point: a float in the scale's type, a byte within the codes, or an integer of any size."""
        if self.mode == "tinygemm":
            return self.scale_bytes
        if self.mode != "asym":
            return 0
        if self.rule == "torchao":
            return 1
        return 4 if self.scale == "fp32" else 2

    @property
    def tensor_bytes(self) -> int:
        """Bytes stored once per tensor: its scale and zero point, or the fp32 scale above all E4M3 scales."""
        above = 4 if self.scale == "e4m3" else 0
        return above + (self.scale_bytes + self.zero_bytes if self.per == "tensor" else 0)

    @property
    def row_bytes(self) -> int:
        """Bytes stored once per row, before its codes."""
        return self.scale_bytes + self.zero_bytes if self.per == "row" else 0

    @property
    def unit(self) -> tuple[int, int]:
        """Weights and bytes of one storage block: a block with its scale, or the fewest codes that fill bytes."""
        if self.per == "block":
            return self.block, self.scale_bytes + self.zero_bytes + -(-self.block * self.bits // 8)
        shared = math.gcd(self.bits, 8)
        return 8 // shared, self.bits // shared

    @property
    def spec(self) -> str:
        """The shortest spec of this scheme."""
        default = IntScheme(self.bits, rule="torchao" if self.mode in ("symnc", "tinygemm") else "essay")
        words = [self.mode] if self.mode != "sym" else []
        if self.per != "tensor":
            words.append(f"block={self.block}" if self.per == "block" else self.per)
        words += [
            f"{name}={getattr(self, name)}"
            for name in ("scale", "clip", "rule")
            if getattr(self, name) != getattr(default, name)
        ]
        words += ["narrow"] if self.narrow else []
        return f"int{self.bits}" + (":" + ",".join(words) if words else "")

    def describe(self) -> str:
        """A sentence for lists."""
        shared = {"tensor": "the tensor", "row": "each row", "block": f"every {self.block} weights"}[self.per]
        kind = {
            "sym": "symmetric",
            "asym": "asymmetric",
            "symnc": "symmetric without clipping",
            "tinygemm": "with a float zero point",
        }[self.mode]
        zero = " and zero point" if self.zero_bytes else ""
        rule = ", as torchao rounds" if self.rule == "torchao" else ""
        clip = {
            "absmax": "",
            "mse": ", clipped for least squared error",
            "kl": ", clipped for least relative entropy",
        }.get(self.clip, f", clipped to the middle {self.clip} %")
        return f"{self.bits}-bit whole numbers, {kind}, {self.scale} scale{zero} for {shared}{rule}{clip}"


def parse_scheme(spec: str) -> IntScheme:
    """The scheme in `spec`; see the grammar above. Raises FormatError with the remedy."""
    name, _, rest = spec.strip().lower().partition(":")
    bits = whole_number(name.removeprefix("int"))
    if bits is None or not 1 <= bits <= 8:
        raise FormatError(f"{name!r} is not an integer scheme: codes have 1 to 8 bits, int1 to int8")
    scheme = IntScheme(bits)
    given: set[str] = set()
    for word in (part.strip() for part in rest.split(",")):
        if not word:
            continue
        changed = _option(scheme, word)
        names = {name for name, was, now in zip(scheme._fields, scheme, changed, strict=True) if was != now}
        if names & given:
            raise FormatError(f"{spec!r} chooses the same thing twice at {word!r}")
        given |= names
        scheme = changed
    if scheme.mode in ("symnc", "tinygemm"):
        if "rule=essay" in rest:
            raise FormatError(f"{scheme.mode} is a torchao range: leave rule=essay out of {spec!r}")
        scheme = scheme._replace(rule="torchao")
    return _checked(scheme)


def _option(scheme: IntScheme, word: str) -> IntScheme:
    """`scheme` with one option of a spec applied."""
    name, equals, value = (part.strip() for part in word.partition("="))
    if not equals:
        if name in MODES:
            return scheme._replace(mode=name)
        if name in ("tensor", "row"):
            return scheme._replace(per=name)
        if name == "narrow":
            return scheme._replace(narrow=True)
    elif name == "block":
        block = whole_number(value)
        if block is None or not MIN_BLOCK <= block <= MAX_BLOCK:
            raise FormatError(
                f"block={value} should be a whole number from {MIN_BLOCK} to {MAX_BLOCK}, as in block=32"
            )
        return scheme._replace(per="block", block=block)
    elif name == "scale":
        if value not in SCALE_BYTES:
            raise FormatError(f"scale={value} should be one of {', '.join(SCALE_BYTES)}")
        return scheme._replace(scale=value)
    elif name == "rule":
        if value not in RULES:
            raise FormatError(f"rule={value} should be essay or torchao")
        return scheme._replace(rule=value)
    elif name == "clip":
        return scheme._replace(clip=_clip(value))
    raise FormatError(f"{word!r} is no option of an integer scheme; a full spec looks like {EXAMPLE}")


def _clip(value: str) -> str:
    if value in ("absmax", "mse", "kl"):
        return value
    try:
        percent = float(value.rstrip("%"))
    except ValueError:
        percent = 0.0
    if not 50 <= percent <= 100:
        raise FormatError(f"clip={value} should be absmax, mse, kl, or a percentile from 50 to 100, as in clip=99.9")
    return "absmax" if percent == 100 else f"{percent:g}"


def _checked(scheme: IntScheme) -> IntScheme:
    """`scheme`, if its options go together."""
    bits = scheme.bits
    if bits == 1 and scheme.rule == "torchao" and scheme.mode != "asym":
        raise FormatError(
            f"torchao's {scheme.mode} range has no code above 0 in 1 bit; int1 or int2:rule=torchao works"
        )
    if scheme.signs_only and scheme.clip != "absmax":
        raise FormatError(f"int1 stores signs under their mean magnitude, which clip={scheme.clip} can't improve")
    if scheme.clip == "kl" and (scheme.per == "block" or scheme.mode not in ("sym", "symnc")):
        raise FormatError("clip=kl compares histograms around 0: use it with sym and tensor or row, as int8:clip=kl")
    if scheme.narrow and (scheme.rule != "torchao" or scheme.unsigned or bits == 1):
        raise FormatError(f"narrow is for torchao's symmetric codes, as in int{max(bits, 2)}:row,rule=torchao,narrow")
    if scheme.mode == "tinygemm" and scheme.scale not in ("fp32", "fp16"):
        raise FormatError(
            f"tinygemm's zero point is a float like its scale: scale={scheme.scale} should be fp32 or fp16"
        )
    return scheme
