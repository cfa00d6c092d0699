"""Methods that choose codes with more thought than rounding: HQQ, GPTQ, AWQ, Hadamard rotation, a side table.

`apply("gptq", weights, Options(bits=4, group=64))` gives the weights as they come back, what is stored, and a note.
Read `method.py` first; each method is one function in a file of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qtui.compute.smart.awq import awq
from qtui.compute.smart.gptq import gptq
from qtui.compute.smart.hadamard import hadamard
from qtui.compute.smart.hqq import hqq
from qtui.compute.smart.method import F32, Cost, Options, Outcome, round_to_nearest
from qtui.compute.smart.outliers import outliers_aside

__all__ = ["METHODS", "Cost", "Method", "Options", "Outcome", "apply", "as_layer"]

# Methods with synthetic inputs work with a matrix of columns × columns; longer rows are cut.
MOST_COLUMNS = 1024


@dataclass(frozen=True)
class Method:
    """A method: its name, title and source, and whether it looks at inputs (which are synthetic here)."""

    name: str
    title: str
    source: str
    run: Callable[[F32, Options], Outcome]
    needs_inputs: bool = False


METHODS: tuple[Method, ...] = (
    Method("rtn", "Round to nearest", "the plain way", round_to_nearest),
    Method("hqq", "Half-quadratic quantization", "Badri and Shaji 2023", hqq),
    Method("gptq", "GPTQ", "Frantar et al. 2022", gptq, needs_inputs=True),
    Method("awq", "AWQ-style scaling", "Lin et al. 2023", awq, needs_inputs=True),
    Method("hadamard", "Hadamard rotation", "Ashkboos et al. 2024", hadamard),
    Method("outliers", "Outliers kept aside", "Dettmers et al. 2023, Kim et al. 2023", outliers_aside),
)


def apply(name: str, weights: ArrayLike, options: Options | None = None) -> Outcome:
    """The method called `name` on finite `weights` float32 (rows, columns); the default options are 4 bits by 64.

    Raises ValueError for an unknown name, options that do not fit, weights not finite or not (rows, columns).
    """
    method = next((method for method in METHODS if method.name == name), None)
    if method is None:
        raise ValueError(f"no method is called {name!r}; there are {', '.join(each.name for each in METHODS)}")
    options = options or Options()
    if not 1 <= options.bits <= 8:
        raise ValueError(f"codes have 1 to 8 bits, not {options.bits}")
    layer = np.asarray(weights, np.float32)
    if layer.ndim != 2:
        raise ValueError(f"a method needs weights (rows, columns), not {layer.shape}")
    if not np.isfinite(layer).all():
        raise ValueError("a method needs finite weights: there are NaN or infinite ones")
    if layer.size == 0:
        return Outcome(layer, (), "nothing to store")
    return method.run(layer, options)


def as_layer(weights: ArrayLike, group: int) -> F32:
    """`weights` of any shape as a layer whose columns are whole groups, at most MOST_COLUMNS of them.

    Raises ValueError where the count of weights is no multiple of the group.
    """
    array = np.asarray(weights, np.float32)
    if array.size % group:
        raise ValueError(f"{array.size} weights are no whole groups of {group}")
    columns = array.shape[-1] if array.ndim else 1
    if columns % group == 0 and columns <= MOST_COLUMNS:
        return array.reshape(-1, columns)
    groups = array.size // group
    width = next(k for k in range(min(groups, max(MOST_COLUMNS // group, 1)), 0, -1) if groups % k == 0)
    return array.reshape(-1, width * group)
