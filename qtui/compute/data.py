"""Numbers to quantize: typed ones, the essay's six, and seeded draws from the distributions of `distributions.py`.

Draws are built here from PCG64's raw 64-bit words, whose stream numpy promises never to change, so that a seed
gives the same weights under every numpy. numpy's own `Generator.normal` carries no such promise (NEP 19).
"""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

from qtui.compute.distributions import distribution
from qtui.error import QtuiError

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

# The running example of "Quantization from the ground up" (2026): six weights of a small model.
ESSAY = (-0.89, 0.16, 0.08, -0.13, 0.16, -0.54)

MAX_DRAWN = 1 << 24
SPREAD = 0.02  # standard deviation of a typical linear layer's weights
STRENGTH = 50.0  # outliers, in multiples of the spread
BLOCK = 32  # weights that share a width in "blockscale"


def parse_numbers(texts: tuple[str, ...] | list[str]) -> F32:
    """Numbers typed with spaces, commas or semicolons between them, as float32 (n,).

    Raises QtuiError naming the first piece that is not a finite number, or when nothing was typed.
    """
    values = []
    for piece in re.split(r"[\s,;]+", " ".join(texts).replace("[", " ").replace("]", " ").strip()):
        try:
            value = float(piece)
        except ValueError:
            raise QtuiError(f"{piece!r} is not a number; type numbers such as -0.89 0.16 0.08") from None
        with np.errstate(over="ignore"):
            if not math.isfinite(np.float32(value)):
                raise QtuiError(f"{piece} is not a finite float32 number; weights are finite")
        values.append(value)
    return np.array(values, np.float32)


class _Uniforms:
    """A stream of doubles in (0, 1) from PCG64's raw words."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def take(self, count: int) -> F64:
        raw = self._bits.random_raw(count) >> np.uint64(11)  # 53 random bits
        return (raw.astype(np.float64) + 0.5) * 2.0**-53

    def normal(self, count: int) -> F64:
        """Standard normal values, by Box and Muller's transform (1958)."""
        pairs = (count + 1) // 2
        radius = np.sqrt(-2.0 * np.log(self.take(pairs)))
        angle = 2.0 * np.pi * self.take(pairs)
        both = np.empty(2 * pairs)
        both[0::2] = radius * np.cos(angle)
        both[1::2] = radius * np.sin(angle)
        return both[:count]


def draw(name: str, count: int, *, seed: int = 0, spread: float = SPREAD, strength: float = STRENGTH) -> F32:
    """`count` weights of the distribution called `name`, as float32 (count,).

    `spread` is the standard deviation (before outliers are enlarged, and of the weights that are not zero in
    "sparse"); `strength` is how large an outlier is, in multiples of the spread. Raises QtuiError for what can't
    be drawn.
    """
    kind = distribution(name).name
    if not 1 <= count <= MAX_DRAWN:
        raise QtuiError(f"can draw 1 to {MAX_DRAWN} numbers, not {count}")
    if seed < 0:
        raise QtuiError(f"a seed is a whole number from 0 up, not {seed}")
    if not (math.isfinite(spread) and 1e-30 <= spread <= 1e30):
        raise QtuiError(f"the spread should be between 1e-30 and 1e30, not {spread:g}")
    if not (math.isfinite(strength) and 0 <= strength <= 1e6):
        raise QtuiError(f"outlier strength should be between 0 and 1e6, not {strength:g}")
    unit = _unit_draw(kind, count, _Uniforms(seed), strength)
    return (spread * unit).astype(np.float32)


def _unit_draw(kind: str, count: int, stream: _Uniforms, strength: float) -> F64:
    if kind == "laplace":
        u = stream.take(count) - 0.5
        return -np.sign(u) * np.log1p(-2.0 * np.abs(u)) / math.sqrt(2.0)
    if kind == "student-t":
        top = stream.normal(count)
        chi = sum(stream.normal(count) ** 2 for _ in range(3))
        return top / np.sqrt(chi)  # t3 = z / sqrt(chi2 / 3); its variance 3 is divided out
    if kind == "uniform":
        return (2.0 * stream.take(count) - 1.0) * math.sqrt(3.0)
    if kind == "bimodal":
        side = np.where(stream.take(count) < 0.5, -0.9, 0.9)
        return side + math.sqrt(1.0 - 0.9**2) * stream.normal(count)
    values = stream.normal(count)
    if kind == "sparse":
        values[stream.take(count) < 0.9] = 0.0
    elif kind == "outliers":
        chosen = np.argsort(stream.take(count), kind="stable")[: outlier_count(kind, count)]
        values[chosen] = np.where(values[chosen] < 0, -strength, strength)
    elif kind == "superweight":
        values[int(stream.take(1)[0] * count)] = strength
    elif kind == "blockscale":
        blocks = -(-count // BLOCK)
        widths = np.exp2(6.0 * stream.take(blocks) - 3.0)  # an eighth to eight times
        values *= np.repeat(widths / math.sqrt(np.mean(widths**2)), BLOCK)[:count]
    return values


def importance(columns: int, seed: int = 0) -> F32:
    """A stand-in for an importance matrix, float32 (columns,): mean squared inputs that differ by column.

    Log-normal, as the channel sizes of real activations are, with one column in 64 a hundred times as important.
    """
    stream = _Uniforms(seed + 0x1A7)
    weights = np.exp(stream.normal(columns))
    loud = np.argsort(stream.take(columns), kind="stable")[: columns // 64]
    weights[loud] *= 100.0
    return weights.astype(np.float32)


def outlier_count(name: str, count: int) -> int:
    """How many of `count` weights the distribution enlarges."""
    return {"outliers": max(1, count // 1000), "superweight": 1}.get(distribution(name).name, 0)


def with_outlier(values: F32, outlier: float, *, append: bool) -> F32:
    """`values` (n,) with one outlier: appended, or in place of the middle weight.

    Raises QtuiError when the outlier is not finite in float32.
    """
    with np.errstate(over="ignore"):
        added = np.float32(outlier)
    if not np.isfinite(added):
        raise QtuiError(f"the outlier should be a finite number, not {outlier:g}")
    if append:
        return np.append(values, added)
    changed = values.copy()
    changed[len(changed) // 2] = added
    return changed
