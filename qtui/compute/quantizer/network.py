"""A toy network: layers of nodes with a weight on each edge and nothing else, small enough to see whole.

Every node sums what reaches it, weight times value; there is no bias and no activation function, as in the
drawings of "Quantization from the ground up". The weights of a 1-3-1 network are the first three values (in) and the
last three (out) of the essay's six, which at input 2 gives 0.196. `drift` runs it on exact and on stored weights.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from qtui.error import QtuiError, whole_number

F64 = NDArray[np.float64]

PRESETS = ("1-1", "1-2-1", "1-3-1", "2-4-6-4-2", "4-16-32-16-4")
MAX_PARAMETERS = 65536


def parse_layers(text: str) -> tuple[int, ...]:
    """Layer sizes from text such as "2-4-6-4-2". Raises QtuiError with an example for anything else."""
    sizes = [whole_number(size) or 0 for size in re.split(r"\s*[-x,]\s*", text.strip())]
    if len(sizes) < 2 or not min(sizes):
        raise QtuiError(f"{text!r} is not a network; write its layers such as 1-3-1 or 2-4-6-4-2")
    layers = tuple(sizes)
    if parameter_count(layers) > MAX_PARAMETERS:
        raise QtuiError(
            f"a network of {parameter_count(layers)} parameters is too large to run here; "
            f"keep it at {MAX_PARAMETERS} or grow it on paper"
        )
    return layers


def parameter_count(layers: tuple[int, ...]) -> int:
    """Edges between neighbouring layers: one parameter each."""
    return sum(a * b for a, b in zip(layers, layers[1:], strict=False))


@dataclass(frozen=True)
class Network:
    """`weights[k]` float64 (nodes of layer k+1, nodes of layer k): row j belongs to node j of layer k+1."""

    layers: tuple[int, ...]
    weights: tuple[F64, ...]

    @property
    def parameters(self) -> int:
        """How many weights it has."""
        return parameter_count(self.layers)


def network(layers: tuple[int, ...], values: NDArray[np.floating]) -> Network:
    """The network whose edges take `values` (n,) in order, repeated when there are fewer values than edges.

    Edges are taken node by node of the next layer, its inputs in order. Raises QtuiError when `values` is empty.
    """
    if len(values) == 0:
        raise QtuiError("a network needs at least one weight; type a number")
    needed = np.resize(np.asarray(values, np.float64), parameter_count(layers))
    weights = []
    start = 0
    for a, b in zip(layers, layers[1:], strict=False):
        weights.append(needed[start : start + a * b].reshape(b, a))
        start += a * b
    return Network(layers, tuple(weights))


def forward(net: Network, inputs: float | NDArray[np.floating]) -> tuple[F64, ...]:
    """The value of every node, layer by layer: float64 (nodes,) each. One number feeds every input node."""
    current = np.broadcast_to(np.asarray(inputs, np.float64), (net.layers[0],))
    nodes = [current]
    for weights in net.weights:
        current = weights @ current
        nodes.append(current)
    return tuple(nodes)


def edges_of(net: Network, layer: int, node: int) -> tuple[F64, F64]:
    """Weights of the edges that enter and that leave `node` of `layer`, float64 (n,) each; empty at the ends."""
    none = np.zeros(0)
    entering = net.weights[layer - 1][node] if layer > 0 else none
    leaving = net.weights[layer][:, node] if layer < len(net.weights) else none
    return entering, leaving


def locate(layers: Sequence[int], node: int) -> tuple[int, int]:
    """Layer and position of the node that is number `node`, counted from the first input."""
    for layer, size in enumerate(layers):
        if node < size:
            return layer, node
        node -= size
    return len(layers) - 1, layers[-1] - 1


@dataclass(frozen=True)
class PaperNetwork:
    """One size of a network grown on paper: `hidden` layers of `width` nodes, and its exact parameter count."""

    width: int
    hidden: int
    parameters: int


def grown(width: int, hidden: int) -> int:
    """Parameters of `hidden` layers between inputs and outputs, each `width` wide: width^2 (hidden + 1)."""
    return width * width * (hidden + 1)


def grow_on_paper() -> tuple[PaperNetwork, ...]:
    """Networks from one that can be drawn to 10^9 and 10^12 parameters.

    Width grows fourfold a step and depth by half, near the way real models grow; the two last steps are the
    narrowest networks of a real depth (32 and 128 layers) that pass a billion and a trillion.
    """
    steps = []
    width, hidden = 4, 1
    while grown(width, hidden) < 2 * 10**8:
        steps.append(PaperNetwork(width, hidden, grown(width, hidden)))
        width, hidden = 4 * width, hidden + max(1, hidden // 2)
    for target, layers in ((10**9, 31), (10**12, 127)):
        wide = _width_for(target, layers)
        steps.append(PaperNetwork(wide, layers, grown(wide, layers)))
    return tuple(steps)


def _width_for(target: int, hidden: int) -> int:
    """The narrowest width whose network reaches `target` parameters."""
    width = isqrt(target // (hidden + 1))
    while grown(width, hidden) < target:
        width += 1
    return width


@dataclass(frozen=True)
class Run:
    """A network and the value of each of its nodes, layer by layer; `output` is the sum of the last layer's."""

    net: Network
    nodes: tuple[F64, ...]
    output: float


@dataclass(frozen=True)
class Drift:
    """The exact run and the run of each scheme, on the same input.

    `shares` say by what share of its size each scheme's output is larger than the exact one, negative where it is
    smaller and infinite where the exact output is 0. Where the output `flipped` its sign, the share is that by which
    it misses the exact output. `kept`: every scheme stores all of the network's weights as they are.
    """

    exact: Run
    stored: tuple[Run, ...]
    shares: tuple[float, ...]
    flipped: tuple[bool, ...]
    repeats: bool
    kept: bool


def drift(
    layers: tuple[int, ...], value: float, x: NDArray[np.float32], stored: Sequence[NDArray[np.float32]]
) -> Drift:
    """Run the network of `layers` on `value` with the weights `x` (n,) and with what each scheme made of them.

    Edges take the first values in order; where there are fewer values than edges, they repeat (`repeats`).
    """

    def run(values: NDArray[np.float32]) -> Run:
        net = network(layers, values)
        nodes = forward(net, value)
        return Run(net, nodes, float(nodes[-1].sum()))

    exact = run(x)
    runs = tuple(run(y) for y in stored)
    shares = tuple(_share(exact.output, run.output) for run in runs)
    flipped = tuple(exact.output * run.output < 0 for run in runs)
    used = min(exact.net.parameters, len(x))
    kept = all(np.array_equal(y[:used], x[:used]) for y in stored)
    return Drift(exact, runs, shares, flipped, exact.net.parameters > len(x), kept)


def _share(exact: float, stored: float) -> float:
    if exact == stored:
        return 0.0
    if not exact:
        return float("inf")
    return abs(stored - exact) / abs(exact) if exact * stored < 0 else (abs(stored) - abs(exact)) / abs(exact)
