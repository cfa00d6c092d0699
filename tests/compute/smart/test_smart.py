"""Smart methods: what the papers promise holds, measured figures come back, bytes and costs agree."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from qtui.compute.codec import F32, Encoded
from qtui.compute.errors import measure
from qtui.compute.formats import get_format
from qtui.compute.smart.calibration import fresh_inputs, output_error, synthetic_inputs
from qtui.compute.smart.gptq import compensate, inverse_factor
from qtui.compute.smart.hadamard import transform
from qtui.compute.smart.methods import METHODS, Method, apply, as_layer, rounded_inputs
from qtui.compute.smart.rounding import GroupGrid, Options, nearest, values_of
from qtui.compute.smart.scaling import awq
from tests.support.any_codec import matrices, stored

SPECS = [
    "hqq",
    "gptq",
    "awq",
    "hadamard",
    "side_table",
    "hqq:bits=3,block=50",
    "gptq:bits=2,block=32,seed=7",
    "awq:bits=5,block=300",
    "hadamard:bits=8,rotate=16",
    "side_table:bits=1,block=8,kept=8",
    "side_table:block=512,kept=2",
]
PLAIN = "int4:asym,block=64,scale=fp16"


def layer(kind: str = "normal", rows: int = 64, columns: int = 256) -> np.ndarray:
    rng = np.random.default_rng(11)
    weights = (rng.standard_normal((rows, columns)) * 0.02).astype(np.float32)
    if kind == "outliers":
        weights[rng.random(weights.shape) < 0.002] *= 40
    return weights


def rmse(spec: str, weights: np.ndarray) -> float:
    return measure(get_format(spec).codec, weights).rmse


@pytest.mark.parametrize("spec", SPECS)
def test_bytes_are_what_the_format_costs(spec: str) -> None:
    fmt = get_format(spec)
    for shape in ((3, 250), (1, 4096), (20, 64)):
        weights = layer(rows=shape[0], columns=shape[1])
        encoded = fmt.codec.encode(weights)
        assert encoded.data.nbytes + encoded.header.nbytes == fmt.nbytes(shape)
        assert fmt.codec.decode(encoded).shape == shape
        fields = fmt.codec.fields(encoded)
        assert fields.codes.shape == shape
        assert fields.layout[-1].stop == fmt.block_bytes
        assert fields.codes.max() < 2 ** int(dict(fmt.codec_options)["bits"])


@pytest.mark.parametrize("spec", ["hqq", "gptq", "awq"])
def test_fields_multiply_out_to_the_values(spec: str) -> None:
    codec = get_format(spec).codec
    encoded = codec.encode(layer(columns=200))
    fields = codec.fields(encoded)
    assert fields.scale is not None and fields.zero_point is not None
    scale, zero = (np.repeat(a, fields.group_size, axis=1)[:, :200] for a in (fields.scale, fields.zero_point))
    assert codec.decode(encoded) == pytest.approx(scale * (fields.codes - zero), rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("name", ["hqq", "gptq", "awq", "hadamard", "side_table"])
def test_more_bits_err_less(name: str) -> None:
    weights = layer()
    assert rmse(f"{name}:bits=6", weights) < 0.4 * rmse(f"{name}:bits=3", weights)


@pytest.mark.parametrize(
    ("family", "figure"), [("gauss02", 0.001707), ("student_t3", 0.002146), ("outliers", 0.00358)]
)
def test_hqq_errs_as_the_reference_does(family: str, figure: float, reference: Callable[[str], Path]) -> None:
    shared = np.load(reference("golden/ggml_shared.npz"))
    assert rmse("hqq", shared["x"][shared["family"] == family]) == pytest.approx(figure, rel=2e-3)


def test_hqq_beats_rounding() -> None:
    assert rmse("hqq", layer()) < 0.97 * rmse(PLAIN, layer())


def test_gptq_mends_outputs_on_correlated_inputs_and_hardly_else() -> None:
    """Outputs get far better, the weights themselves worse."""
    weights, options = layer(rows=256).astype(np.float64), Options(group=128)
    rounded = values_of(nearest(weights, options))
    gains = []
    for inputs in (synthetic_inputs(256, 5), np.random.default_rng(5).standard_normal((1024, 256))):
        mended = values_of(compensate(weights, inverse_factor(inputs.T @ inputs / 1024), options))
        gains.append(output_error(weights, mended, inputs) / output_error(weights, rounded, inputs))
        assert np.square(mended - weights).mean() > np.square(rounded - weights).mean()
    assert gains[0] < 0.5
    assert 0.85 < gains[1] < 1


def test_gptq_as_a_format_mends_the_outputs_of_its_inputs() -> None:
    weights, codec, inputs = layer(), get_format("gptq").codec, synthetic_inputs(256, 0)
    rounded = values_of(nearest(weights.astype(np.float64), Options()))
    stored = codec.decode(codec.encode(weights))
    assert output_error(weights, stored, inputs) < 0.5 * output_error(weights, rounded, inputs)


def test_fresh_inputs_are_others_of_the_same_kind() -> None:
    """GPTQ looks better on what it was fitted to than on what it has not seen."""
    seen, fresh = synthetic_inputs(256, 3), fresh_inputs(256, 3)
    assert not np.any(seen == fresh)
    spectra = [np.linalg.svd(inputs, compute_uv=False) for inputs in (seen, fresh)]
    assert np.allclose(*spectra, rtol=0.35)
    basis = np.linalg.svd(seen, full_matrices=False)[2][:32]
    assert np.linalg.norm(fresh @ basis.T) > 0.95 * np.linalg.norm(fresh)
    weights, codec = layer(), get_format("gptq:seed=3").codec
    stored = codec.decode(codec.encode(weights))
    assert output_error(weights, stored, seen) < output_error(weights, stored, fresh)
    rounded = values_of(nearest(weights.astype(np.float64), Options()))
    assert output_error(weights, stored, fresh) < 0.5 * output_error(weights, rounded, fresh)


def test_awq_mends_outputs_of_loud_columns() -> None:
    weights, options, inputs = layer().astype(np.float64), Options(), synthetic_inputs(256, 0)
    chosen = awq(weights, options)
    assert chosen.power > 0 and chosen.stretch is not None
    plain, scaled = values_of(nearest(weights, options)), values_of(chosen) / chosen.stretch
    assert output_error(weights, scaled, inputs) < 0.9 * output_error(weights, plain, inputs)


def int8_error(name: str, options: Options) -> float:
    """The outputs' error on fresh inputs that are rounded to int8 as well."""
    weights, fresh = layer(), fresh_inputs(256, options.seed)
    outcome = apply(name, weights, options)
    return output_error(weights, outcome.values, fresh, rounded_inputs(name, outcome, fresh, options))


def test_smoothquant_divides_inputs_by_what_it_multiplies_columns_by() -> None:
    weights, options = layer(), Options(alpha=0.7)
    outcome = apply("smoothquant", weights, options)
    largest = np.abs(synthetic_inputs(256, 0)).max(axis=0)
    factors = largest**0.7 / np.abs(weights).max(axis=0) ** 0.3
    assert outcome.stretch is not None
    ratio = outcome.stretch / factors
    assert ratio == pytest.approx(ratio[0], rel=1e-3)  # equation 4, times what keeps fp16 in range
    fresh = fresh_inputs(256, 0)
    smoothed = fresh / outcome.stretch @ (weights * outcome.stretch).T
    assert smoothed == pytest.approx(fresh @ weights.T, rel=1e-5, abs=1e-6)
    assert outcome.nbytes == apply("rtn", weights, options).nbytes


def test_smoothquant_pays_where_inputs_are_rounded_too() -> None:
    """At 8 bits the inputs' rounding is most of the error; half-way migration mends it, either end does less."""
    plain, smooth = (int8_error(name, Options(bits=8)) for name in ("rtn", "smoothquant"))
    assert smooth < 0.5 * plain
    assert int8_error("smoothquant", Options(bits=8, alpha=0.0)) > 0.9 * plain
    assert int8_error("smoothquant", Options(bits=8, alpha=1.0)) > smooth
    assert int8_error("hadamard", Options(bits=8)) < 0.5 * plain
    assert int8_error("gptq", Options(bits=8)) > 0.9 * plain


def test_smoothquant_of_zeros_and_of_nothing() -> None:
    for weights in (np.zeros((3, 64), np.float32), np.zeros((0, 64), np.float32), np.full((2, 64), np.nan)):
        assert not np.any(apply("smoothquant", weights).values)


def test_rotation_spreads_outliers() -> None:
    assert rmse("hadamard", layer("outliers")) < 0.75 * rmse(PLAIN, layer("outliers"))


def test_the_fast_transform_is_the_hadamard_matrix() -> None:
    matrix = np.array([[1.0]])
    while len(matrix) < 16:
        matrix = np.block([[matrix, matrix], [matrix, -matrix]])
    values = np.random.default_rng(0).standard_normal((3, 2, 16))
    assert transform(values) == pytest.approx(values @ matrix / 4)
    assert transform(transform(values)) == pytest.approx(values)


def test_outliers_kept_aside_are_exact_and_leave_a_finer_grid() -> None:
    weights = layer("outliers")
    codec = get_format("side_table:kept=2").codec
    values = codec.decode(codec.encode(weights)).reshape(-1, 64)
    groups = weights.reshape(-1, 64)
    largest = np.argsort(-np.abs(groups), axis=1)[:, :2]
    kept = np.take_along_axis(groups, largest, axis=1).astype(np.float16).astype(np.float32)
    assert np.array_equal(np.take_along_axis(values, largest, axis=1), kept)
    assert rmse("side_table", weights) < 0.5 * rmse(PLAIN, weights)


def test_grids_hold_zero_and_round_to_the_nearest() -> None:
    groups = np.array([[0.5, 1.0, 3.0], [-1.0, -0.2, 0.0], [0.0, 0.0, 0.0]])
    stored = GroupGrid.spanning(groups, 3).stored(groups)
    assert stored.tolist()[0] == [0, 1, 3]
    assert stored[1] == pytest.approx([-1, -1 / 3, 0], abs=1e-3)
    assert stored[2].tolist() == [0, 0, 0]


def test_the_same_seed_gives_the_same_bytes() -> None:
    for name in ("gptq", "awq", "hadamard"):
        first, again, other = (
            get_format(f"{name}:seed={seed}").codec.encode(layer("outliers")).data for seed in (3, 3, 4)
        )
        assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_awq_settles_its_strength_for_a_whole_tensor() -> None:
    weights = layer(rows=40)
    fitted = get_format("awq").codec.for_tensor(weights)  # type: ignore[attr-defined]
    whole = fitted.encode(weights)
    parts = [fitted.encode(weights[top : top + 15]) for top in range(0, 40, 15)]
    assert np.array_equal(np.concatenate([part.data for part in parts]), whole.data)
    assert all(np.array_equal(part.header, whole.header) for part in parts)


@pytest.mark.parametrize("spec", SPECS)
@settings(max_examples=12, deadline=None)
@given(x=matrices(20))
def test_anything_can_be_encoded(spec: str, x: F32) -> None:
    stored(spec, x)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("hqq:bits=9", "from 1 to 8"),
        ("gptq:block=4", "from 8 to 1024"),
        ("hqq:rotate=4", "it takes bits=4, block=64, seed=0$"),
        ("hadamard:rotate=96", "2, 4, 8"),
        ("side_table:kept=x", "from 1 to 8"),
    ],
)
def test_a_mistake_says_what_is_right(spec: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        get_format(spec)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_method_can_be_applied_without_a_format(method: Method) -> None:
    outcome = apply(method.name, layer())
    assert outcome.values.shape == (64, 256)
    assert 4.3 < outcome.bits_per_weight < 4.8
    assert 0 < np.abs(outcome.values - layer()).max() < 0.5 * np.abs(layer()).max()
    with pytest.raises(ValueError, match="rtn, hqq, gptq, awq"):
        apply("magic", layer())


def test_any_weights_become_a_layer() -> None:
    assert as_layer(np.zeros(4096), 64).shape == (16, 256)
    assert as_layer(np.zeros((8, 256)), 64).shape == (8, 256)
    assert as_layer(np.zeros((7, 192)), 32).shape == (7, 192)
    assert as_layer(np.zeros(64 * 7), 64).shape == (7, 64)
    with pytest.raises(ValueError, match="no whole groups of 64"):
        as_layer(np.zeros(65), 64)


def test_names_and_shapes() -> None:
    for spec in SPECS:
        assert get_format(get_format(spec.upper()).name) == get_format(spec)
    with pytest.raises(ValueError, match=r"\(rows, columns\), not \(3,\)"):
        get_format("hqq").codec.encode(np.zeros(3, np.float32))
    with pytest.raises(ValueError, match=r"\(rows, 36\) for 64 columns"):
        get_format("hqq").codec.decode(Encoded(np.zeros((1, 3), np.uint8), 64))
    with pytest.raises(ValueError, match="header of 4 bytes"):
        get_format("hadamard").codec.decode(Encoded(np.zeros((1, 35), np.uint8), 64))
