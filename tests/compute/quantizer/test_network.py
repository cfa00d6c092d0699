"""The toy network: the essay's outputs, parameter counts, and networks grown on paper."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtui.compute.data import ESSAY
from qtui.compute.quantizer import network

INPUT = 2.0


def output(values: list[float] | tuple[float, ...]) -> float:
    return float(network.forward(network.network((1, 3, 1), np.array(values)), INPUT)[-1][0])


# What each way of storing leaves of the six weights (ESSAY: the worked vector and its float roundings).
@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (ESSAY, "0.196"),
        ((-1.0, 0.0, 0.0, 0.0, 0.0, -0.5), "0.000"),  # float4 (IEEE style)
        ((-0.875, 0.15625, 0.078125, -0.125, 0.15625, -0.5625), "0.180"),  # float8 (e4m3)
        (tuple(c * 0.89 / 7 for c in (-7, 1, 1, -1, 1, -4)), "0.129"),
        ((-0.91, 0.14, 0.07, -0.14, 0.14, -0.56), "0.216"),
    ],
)
def test_the_essays_outputs(stored: tuple[float, ...], shown: str) -> None:
    assert f"{output(stored):.3f}" == shown


def test_parameter_counts_of_the_drawn_graphs() -> None:
    counts = {"1-1": 1, "1-1-1": 2, "1-2-1": 4, "1-3-1": 6, "2-4-6-4-2": 64}
    assert {text: network.parameter_count(network.parse_layers(text)) for text in counts} == counts


def test_edges_are_taken_node_by_node() -> None:
    net = network.network((2, 2, 1), np.arange(1.0, 7.0))
    assert net.weights[0].tolist() == [[1, 2], [3, 4]] and net.weights[1].tolist() == [[5, 6]]
    nodes = network.forward(net, np.array([10.0, 1.0]))
    assert [n.tolist() for n in nodes] == [[10, 1], [12, 34], [264]]
    entering, leaving = network.edges_of(net, 1, 1)
    assert entering.tolist() == [3, 4] and leaving.tolist() == [6]
    assert network.edges_of(net, 0, 0)[0].size == 0 and network.edges_of(net, 2, 0)[1].size == 0


def test_few_values_repeat() -> None:
    net = network.network((2, 2), np.array([1.0, 2.0, 3.0]))
    assert net.weights[0].tolist() == [[1, 2], [3, 1]]
    with pytest.raises(ValueError, match="at least one"):
        network.network((1, 1), np.zeros(0))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 8), min_size=2, max_size=5), st.floats(-5, 5))
def test_forward_is_the_product_of_its_layers(sizes: list[int], value: float) -> None:
    layers = tuple(sizes)
    net = network.network(layers, np.linspace(-1, 1, network.parameter_count(layers)))
    product = np.eye(layers[0])
    for weights in net.weights:
        product = weights @ product
    assert network.forward(net, value)[-1] == pytest.approx(product @ np.full(layers[0], value), abs=1e-9)


@pytest.mark.parametrize("text", ["", "3", "1-0-1", "a-b", "1--2", "-1-2", "1000-1000"])
def test_networks_that_cannot_be_built(text: str) -> None:
    with pytest.raises(ValueError, match="network"):
        network.parse_layers(text)


def test_grown_on_paper_to_a_billion_and_a_trillion() -> None:
    steps = network.grow_on_paper()
    counts = [step.parameters for step in steps]
    assert counts == sorted(counts) and counts[0] < 100
    for step in steps:
        layers = (step.width,) * (step.hidden + 2)
        assert step.parameters == network.parameter_count(layers)
    for step, target in zip(steps[-2:], (10**9, 10**12), strict=True):
        assert step.parameters >= target > network.grown(step.width - 1, step.hidden)
