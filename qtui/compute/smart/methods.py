"""Methods that choose codes with more thought than rounding: HQQ, GPTQ, AWQ, SmoothQuant, rotation, a side table.

Each is one function; `rounding.py` has what they share, and `codec.py` makes storage formats of
those whose bytes give the weights back. SmoothQuant is none of these: what its columns are multiplied by stays in the
layer before. `apply("gptq", weights, Options(bits=4, group=64))` compares them in one go.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qtui.compute.arrays import as_matrix, finite
from qtui.compute.codec import F32
from qtui.compute.smart.calibration import int8_inputs
from qtui.compute.smart.codec import SmartCodec
from qtui.compute.smart.hadamard import turned, turned_back
from qtui.compute.smart.rounding import F64, MOST_COLUMNS, Options
from qtui.compute.smart.scaling import smoothing

__all__ = ["METHODS", "Method", "Options", "Outcome", "apply", "as_layer", "rounded_inputs"]


@dataclass(frozen=True)
class Method:
    """A method: its name, title, source, and what it does in half a sentence."""

    name: str
    title: str
    source: str
    note: str


METHODS: tuple[Method, ...] = (
    Method("rtn", "Round to nearest", "the plain way", "each weight takes the nearest value of its group's grid"),
    Method(
        "hqq",
        "Half-quadratic quantization",
        "Badri and Shaji 2023",
        "zero points chosen so that small errors shrink and a few large ones are forgiven",
    ),
    Method(
        "gptq",
        "GPTQ",
        "Frantar et al. 2022",
        "each column's rounding error is made good by the columns after it, as synthetic inputs weigh them",
    ),
    Method(
        "awq",
        "AWQ-style scaling",
        "Lin et al. 2023",
        "columns with loud synthetic inputs are scaled up before rounding; the layer before takes the inverse",
    ),
    Method(
        "smoothquant",
        "SmoothQuant",
        "Xiao et al. 2022",
        "weights take over a part of the range of loud synthetic inputs, which then can be rounded to int8, too",
    ),
    Method(
        "hadamard",
        "Hadamard rotation",
        "Ashkboos et al. 2024",
        "rounded after mixing columns by a Hadamard matrix with random signs, then turned back",
    ),
    Method(
        "side_table",
        "Outliers kept aside",
        "after Dettmers et al. 2023",
        "the largest weights of each group are kept as fp16 with their positions; the rest get a finer grid",
    ),
)


@dataclass(frozen=True)
class Outcome:
    """Weights float32 (rows, columns) as they come back, the bytes that are stored, and what was done.

    `stretch` is what columns were multiplied by (columns,), and inputs are to be divided by, None where by nothing.
    """

    values: F32
    nbytes: int
    note: str
    stretch: F64 | None = None

    @property
    def bits_per_weight(self) -> float:
        """Bits stored for a weight."""
        return 8 * self.nbytes / self.values.size if self.values.size else 0.0


def apply(name: str, weights: ArrayLike, options: Options | None = None) -> Outcome:
    """The method called `name` on `weights` (rows, columns); the default options are 4 bits by 64.

    Raises ValueError for an unknown name, or weights that are not (rows, columns).
    """
    method = next((method for method in METHODS if method.name == name), None)
    if method is None:
        raise ValueError(f"no method is called {name!r}; there are {', '.join(method.name for method in METHODS)}")
    o = options or Options()
    array = np.asarray(weights, np.float32)
    if name == "smoothquant":
        return _smoothed(array, o, method.note)
    codec = SmartCodec(name, o.bits, o.group, o.seed, o.rotate, o.kept)
    encoded = codec.encode(array)
    stretch = codec.column_scales(encoded)
    return Outcome(
        codec.decode(encoded),
        encoded.data.nbytes + encoded.header.nbytes,
        method.note,
        None if stretch is None else stretch[: encoded.columns],
    )


def _smoothed(weights: F32, options: Options, note: str) -> Outcome:
    """Plain rounding of weights that took over a part of their inputs' range; the layer before holds the factors."""
    weights = finite(as_matrix(weights, "smoothquant"))
    stretch = smoothing(weights.astype(np.float64), options)
    codec = SmartCodec("rtn", options.bits, options.group)
    encoded = codec.encode((weights * stretch).astype(np.float32))
    return Outcome((codec.decode(encoded) / stretch).astype(np.float32), encoded.data.nbytes, note, stretch)


def rounded_inputs(name: str, outcome: Outcome, inputs: F64, options: Options) -> F64:
    """Inputs (samples, columns) rounded to int8 as a model that stores weights with the method `name` meets them.

    What divides or rotates the inputs does so before they are rounded, and is undone here.
    """
    if name == "hadamard":
        return turned_back(int8_inputs(turned(inputs, options)), options)
    if outcome.stretch is not None:
        return int8_inputs(inputs / outcome.stretch) * outcome.stretch
    return int8_inputs(inputs)


def as_layer(weights: ArrayLike, group: int) -> F32:
    """`weights` of any shape as a layer whose columns are whole groups, at most MOST_COLUMNS of them.

    Raises ValueError where the count of weights is no multiple of the group.
    """
    array = np.asarray(weights, np.float32)
    if group < 1 or array.size % group:
        raise ValueError(f"{array.size} weights are no whole groups of {group}")
    columns = array.shape[-1] if array.ndim else 1
    if columns % group == 0 and columns <= MOST_COLUMNS:
        return array.reshape(-1, columns)
    groups = array.size // group
    width = next(k for k in range(min(groups, max(MOST_COLUMNS // group, 1)), 0, -1) if groups % k == 0)
    return array.reshape(-1, width * group)
