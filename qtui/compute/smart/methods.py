"""Methods that choose codes with more thought than rounding: HQQ, GPTQ, AWQ, Hadamard rotation, a side table.

Each is one function from weights to `Chosen` codes, in a file of its own; `method.py` has what they share, and
`codec.py` makes storage formats of them. `apply("gptq", weights, Options(bits=4, group=64))` compares them in one go.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from qtui.compute.codec import F32
from qtui.compute.smart.codec import SmartCodec
from qtui.compute.smart.method import MOST_COLUMNS, Options

__all__ = ["METHODS", "Method", "Options", "Outcome", "apply", "as_layer"]


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
    """Weights float32 (rows, columns) as they come back, the bytes that are stored, and what was done."""

    values: F32
    nbytes: int
    note: str

    @property
    def bits_per_weight(self) -> float:
        return 8 * self.nbytes / self.values.size if self.values.size else 0.0


def apply(name: str, weights: ArrayLike, options: Options | None = None) -> Outcome:
    """The method called `name` on `weights` (rows, columns); the default options are 4 bits by 64.

    Raises ValueError for an unknown name, or weights that are not (rows, columns).
    """
    method = next((method for method in METHODS if method.name == name), None)
    if method is None:
        raise ValueError(f"no method is called {name!r}; there are {', '.join(method.name for method in METHODS)}")
    codec = SmartCodec(name, **asdict(options or Options()))
    encoded = codec.encode(np.asarray(weights, np.float32))
    return Outcome(codec.decode(encoded), encoded.data.nbytes + encoded.header.nbytes, method.note)


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
