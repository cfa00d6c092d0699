"""The toy network run on exact and on stored weights, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.quantizer.network import Network, forward, network

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Run:
    """A network and the value of each of its nodes, layer by layer."""

    net: Network
    nodes: tuple[F64, ...]

    @property
    def output(self) -> float:
        """The value of the output node; the sum where there are several."""
        return float(self.nodes[-1].sum())


@dataclass(frozen=True)
class Drift:
    """The exact run and the run of each scheme, on the same input."""

    exact: Run
    stored: tuple[Run, ...]
    repeats: bool

    def share(self, index: int) -> float:
        """By what share of the exact output scheme `index` misses it; infinite where the exact output is 0."""
        exact, found = self.exact.output, self.stored[index].output
        if exact == found:
            return 0.0
        return (found - exact) / abs(exact) if exact else float("inf")


def drift(
    layers: tuple[int, ...], value: float, x: NDArray[np.float32], stored: Sequence[NDArray[np.float32]]
) -> Drift:
    """Run the network of `layers` on `value` with the weights `x` (n,) and with what each scheme made of them.

    Edges take the first values in order; where there are fewer values than edges, they repeat (`repeats`).
    """

    def run(values: NDArray[np.float32]) -> Run:
        net = network(layers, values)
        return Run(net, forward(net, value))

    exact = run(x)
    return Drift(exact, tuple(run(y) for y in stored), exact.net.parameters > len(x))
