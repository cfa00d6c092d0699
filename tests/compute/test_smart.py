"""Smart methods: what the papers promise holds, measured figures come back, costs are counted."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from qtui.compute.smart import METHODS, Options, apply, as_layer
from qtui.compute.smart.awq import scale_columns
from qtui.compute.smart.calibration import output_error, synthetic_inputs
from qtui.compute.smart.gptq import compensate
from qtui.compute.smart.hadamard import transform
from qtui.compute.smart.method import GroupGrid, nearest

NAMES = [method.name for method in METHODS]


def layer(kind: str = "normal", rows: int = 64, columns: int = 256) -> np.ndarray:
    rng = np.random.default_rng(11)
    weights = (rng.standard_normal((rows, columns)) * 0.02).astype(np.float32)
    if kind == "outliers":
        weights[rng.random(weights.shape) < 0.002] *= 40
    return weights


def rmse(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(np.mean((a.astype(np.float64) - b) ** 2)))


@pytest.mark.parametrize("name", NAMES)
def test_every_method_gives_weights_costs_and_a_note(name: str) -> None:
    weights = layer()
    outcome = apply(name, weights, Options(bits=4, group=64))
    assert outcome.values.shape == weights.shape and outcome.values.dtype == np.float32
    assert outcome.note
    assert outcome.nbytes == sum(cost.bytes for cost in outcome.ledger)
    assert 4.25 < outcome.bits_per_weight < 4.6
    assert rmse(outcome.values, weights) < 0.2 * weights.std()


@pytest.mark.parametrize("name", NAMES)
def test_more_bits_err_less_and_cost_more(name: str) -> None:
    weights = layer()
    few, many = (apply(name, weights, Options(bits=bits)) for bits in (3, 6))
    assert rmse(many.values, weights) < 0.4 * rmse(few.values, weights)
    assert many.bits_per_weight - few.bits_per_weight == pytest.approx(3, abs=0.06)


@pytest.mark.parametrize(
    ("family", "figure"), [("gauss02", 0.001707), ("student_t3", 0.002146), ("outliers", 0.00358)]
)
def test_hqq_errs_as_the_reference_does(family: str, figure: float, reference: Callable[[str], Path]) -> None:
    shared = np.load(reference("golden/ggml_shared.npz"))
    weights = shared["x"][shared["family"] == family]
    assert rmse(apply("hqq", weights).values, weights) == pytest.approx(figure, rel=2e-3)


def test_hqq_beats_rounding() -> None:
    weights = layer()
    assert rmse(apply("hqq", weights).values, weights) < 0.97 * rmse(apply("rtn", weights).values, weights)


def test_gptq_mends_outputs_on_correlated_inputs_and_hardly_else() -> None:
    weights, options = layer().astype(np.float64), Options(group=128)
    rounded = nearest(weights, options)
    gains = []
    for correlated in (True, False):
        inputs = synthetic_inputs(256, 1024, 5, correlated)
        mended = compensate(weights, inputs, options)
        gains.append(output_error(weights, mended, inputs) / output_error(weights, rounded, inputs))
    assert gains[0] < 0.5
    assert 0.85 < gains[1] < 1
    inputs = synthetic_inputs(256, 1024, 5)
    assert rmse(compensate(weights, inputs, options), weights) > rmse(rounded, weights)


def test_awq_mends_outputs_of_loud_columns() -> None:
    weights, options = layer().astype(np.float64), Options()
    inputs = synthetic_inputs(256, 1024, 5)
    stored, power = scale_columns(weights, inputs, options)
    assert 0 < power < 1
    assert output_error(weights, stored, inputs) < 0.9 * output_error(weights, nearest(weights, options), inputs)


def test_rotation_spreads_outliers() -> None:
    weights = layer("outliers")
    assert rmse(apply("hadamard", weights).values, weights) < 0.75 * rmse(apply("rtn", weights).values, weights)


def test_the_fast_transform_is_the_hadamard_matrix() -> None:
    matrix = np.array([[1.0]])
    while len(matrix) < 16:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    values = np.random.default_rng(0).standard_normal((3, 2, 16))
    assert transform(values) == pytest.approx(values @ matrix / 4)
    assert transform(transform(values)) == pytest.approx(values)


def test_outliers_kept_aside_are_exact_and_paid_for() -> None:
    weights = layer("outliers")
    plain = apply("rtn", weights)
    aside = apply("outliers", weights, Options(kept=0.01))
    largest = np.abs(weights) >= np.sort(np.abs(weights).reshape(-1))[-164]
    assert largest.sum() == 164
    assert np.array_equal(aside.values[largest], weights[largest].astype(np.float16).astype(np.float32))
    assert rmse(aside.values, weights) < 0.6 * rmse(plain.values, weights)
    assert aside.nbytes - plain.nbytes == 164 * 4 + 4 * 65
    assert np.array_equal(apply("outliers", weights, Options(kept=0)).values, plain.values)


def test_grids_hold_zero_and_round_to_the_nearest() -> None:
    groups = np.array([[0.5, 1.0, 3.0], [-1.0, -0.2, 0.0], [0.0, 0.0, 0.0]])
    stored = GroupGrid.spanning(groups, 2).stored(groups)
    assert stored.tolist()[0] == [0, 1, 3]
    assert stored[1] == pytest.approx([-1, -1 / 3, 0], abs=1e-3)
    assert stored[2].tolist() == [0, 0, 0]


def test_the_same_seed_gives_the_same_inputs() -> None:
    assert np.array_equal(synthetic_inputs(32, 10, 3), synthetic_inputs(32, 10, 3))
    assert not np.array_equal(synthetic_inputs(32, 10, 3), synthetic_inputs(32, 10, 4))


def test_any_weights_become_a_layer() -> None:
    assert as_layer(np.zeros(4096), 64).shape == (4, 1024)
    assert as_layer(np.zeros((4, 4096)), 64).shape == (16, 1024)
    assert as_layer(np.zeros((8, 256)), 64).shape == (8, 256)
    assert as_layer(np.zeros((7, 192)), 32).shape == (7, 192)
    assert as_layer(np.zeros(64 * 7), 64).shape == (1, 448)
    with pytest.raises(ValueError, match="no whole groups of 64"):
        as_layer(np.zeros(65), 64)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_any_finite_layer_will_do(name: str, data: st.DataObject) -> None:
    shape = (data.draw(st.integers(0, 4)), 8 * data.draw(st.integers(0, 4)))
    finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
    weights = data.draw(hnp.arrays(np.float32, shape, elements=finite))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outcome = apply(name, weights, Options(group=8, samples=64))
    assert outcome.values.shape == shape


@pytest.mark.parametrize(
    ("name", "weights", "options", "message"),
    [
        ("magic", np.zeros((1, 64)), Options(), "rtn, hqq, gptq"),
        ("rtn", np.zeros(64), Options(), r"\(rows, columns\), not \(64,\)"),
        ("rtn", np.zeros((1, 65)), Options(), "whole groups of 64"),
        ("rtn", np.full((1, 64), np.nan), Options(), "finite"),
        ("rtn", np.zeros((1, 64)), Options(bits=9), "1 to 8 bits"),
        ("hadamard", np.zeros((1, 64)), Options(rotated=96), "2, 4, 8"),
        ("outliers", np.zeros((1, 64)), Options(kept=0.9), "0 to 0.5"),
    ],
)
def test_mistakes_are_named(name: str, weights: np.ndarray, options: Options, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        apply(name, weights, options)
