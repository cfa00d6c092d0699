"""What enters a format's total, what a sample says of it, and weights that a format destroys."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from qtui.cli.main import run
from qtui.compute.data import draw
from qtui.compute.errors import measure
from qtui.compute.formats import get_format
from qtui.models.files.open import open_model
from qtui.models.tensors.roles import as_named, left_alone, stand_in
from qtui.models.tensors.values import TensorData
from qtui.scenario.errors import sampling
from qtui.scenario.errors.result import ErrorsResult
from qtui.scenario.errors.sampling import fitting_sample, sampled_spans
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.errors.solve import solve
from qtui.scenario.progress import Progress


def save(folder: Path, **arrays: np.ndarray) -> str:
    """A file of layer 0 of a model: roles are keywords."""
    path = folder / "m.safetensors"
    save_file({f"blk.0.{role}.weight": x for role, x in arrays.items()}, path)
    return str(path)


def weights(rows: int, columns: int, seed: int = 0, spread: float = 0.02) -> np.ndarray:
    return draw("normal", rows * columns, seed=seed, spread=spread).reshape(rows, columns)


def survey(path: str, *formats: str, **values: Any) -> ErrorsResult:
    return solve(ErrorsScenario(path=path, view="survey", format=formats, **values))


def test_each_sample_counts_as_its_whole_tensor(tmp_path: Path) -> None:
    path = save(tmp_path, ffn_up=weights(2048, 256, 1), attn_k=weights(64, 256, 2, spread=1.0))
    exact, sampled = survey(path, "Q4_0", exact=True), survey(path, "Q4_0", sample=4096)
    assert sampled.measured == 2 * 4096 and exact.measured == exact.count == 2112 * 256
    one, other = sampled.totals[0], exact.totals[0]
    # Taken together as they are, the two samples would give more than twice as much.
    assert one.figures.rmse == pytest.approx(other.figures.rmse, rel=0.05)
    assert one.figures.quantiles[0] == pytest.approx(other.figures.quantiles[0], rel=0.1)
    assert one.within is not None and other.within is None
    assert 0 < abs(one.figures.mean_error - other.figures.mean_error) < one.within.bias
    assert 0 < abs(one.figures.rmse - other.figures.rmse) < one.within.rmse < 0.1 * other.figures.rmse
    assert 0 < abs(one.sqnr_db - other.sqnr_db) < one.within.decibels < 1
    assert sampled.overlay is not None
    assert sum(sampled.overlay.counts[0]) == pytest.approx(exact.count, rel=0.01)


def test_rows_that_repeat_every_few_are_sampled_evenly(tmp_path: Path) -> None:
    """As in a head, where the first rows turn fastest with positions and are the largest."""
    x = weights(2048, 256)
    x[::8] *= 10
    one = survey(save(tmp_path, ffn_up=x), "Q4_0", sample=1 << 16).totals[0]
    exact = measure(get_format("Q4_0").codec, x)
    assert one.within is not None and abs(one.figures.rmse - exact.rmse) < one.within.rmse


def test_what_is_not_quantized_stands_apart_and_the_total_is_the_mean(tmp_path: Path) -> None:
    path = save(tmp_path, ffn_up=weights(64, 256), attn_norm=np.linspace(1, 40, 256, dtype=np.float32))
    result = survey(path, "Q4_0", "Q8_0")
    assert result.left_out == ("blk.0.attn_norm.weight",)
    for index, total in enumerate(result.totals):
        x = weights(64, 256)
        alone = measure(result.formats[index].codec, x)
        assert total.figures.rmse == pytest.approx(alone.rmse) and total.total.tensors == 1
        assert total.sqnr_db == pytest.approx(alone.sqnr_db)
        assert total.sqnr_db == pytest.approx(result.mean.totals[index].sqnr_db)
    assert [(row.label, row.counted) for row in result.survey] == [
        ("blk.0.ffn_up.weight", True),
        ("blk.0.attn_norm.weight", False),
    ]
    grouped = survey(path, "Q4_0", group="role").survey
    assert [(row.label, row.counted) for row in grouped] == [("ffn_up", True), ("left as they are", False)]


def test_where_nothing_is_a_matrix_of_a_model_all_counts(tmp_path: Path) -> None:
    save_file({"a": weights(8, 64), "b": weights(8, 64, 1)}, tmp_path / "odd.safetensors")
    result = survey(str(tmp_path / "odd.safetensors"), "Q8_0")
    assert result.left_out == () and result.totals[0].total.tensors == 2


def test_rows_that_do_not_divide_are_measured_in_the_type_that_stands_in(tmp_path: Path) -> None:
    wide, narrow = weights(32, 512, 1), weights(32, 576, 2)
    result = survey(save(tmp_path, ffn_up=wide, ffn_down=narrow, attn_q=weights(32, 100, 3)), "Q4_K", "Q6_K", "nf4")
    rows = {row.name.split(".")[2]: row.measures for row in result.rows}
    assert [m.fallback for m in rows["ffn_up"]] == ["", "", ""]
    assert [m.fallback for m in rows["ffn_down"]] == ["Q5_0", "Q8_0", ""]
    assert [m.fallback for m in rows["attn_q"]] == ["F16", "F16", ""]
    q5 = get_format("Q5_0")
    measured = rows["ffn_down"][0]
    assert measured.format == "Q4_K" and measured.nbytes == q5.nbytes(narrow.shape)
    assert measured.rmse == pytest.approx(measure(q5.codec, narrow).rmse)
    assert result.totals[0].total.fallbacks == (("F16", 1), ("Q5_0", 1)) and not result.totals[0].total.missing
    assert "fall back to F16 (1), Q5_0 (1)" in result.totals[0].note and not result.totals[2].note


def test_the_rules_know_experts_without_an_ending_and_leave_vectors(tmp_path: Path) -> None:
    names = ("model.layers.0.mlp.experts.down_proj", "model.layers.0.mlp.experts.down_proj_bias", "w")
    save_file({name: np.ones((2, 4, 96), np.float32) for name in names}, tmp_path / "m.safetensors")
    tensors = {tensor.name: tensor for tensor in open_model(str(tmp_path / "m.safetensors")).tensors}
    experts, bias, other = (tensors[name] for name in names)
    assert as_named(experts).name == "blk.0.ffn_down_exps.weight" and not left_alone(experts)
    assert left_alone(bias) and left_alone(other)
    assert stand_in(get_format("Q4_K"), experts).name == "Q5_0" and stand_in(get_format("Q4_K"), other).name == "Q4_K"


@pytest.mark.parametrize("fitted", [1 << 22, 2048])
def test_a_tensors_scale_is_that_of_all_its_weights_also_in_a_sample(
    fitted: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "FITTED", fitted)
    x = weights(512, 256)
    x[37, 11], x[201, 5] = 9.0, -4.0
    path = save(tmp_path, ffn_up=x)
    formats = ("int8", "int4:asym,tensor")
    alone = [survey(path, fmt, sample=4096).totals[0] for fmt in formats]
    beside = survey(path, "awq", *formats, "Q4_0", "nf4", sample=4096).totals[1:3]
    for one, other, spec in zip(alone, beside, formats, strict=True):
        assert one.figures.rmse == other.figures.rmse
        # The sampled rows as they come back from the whole tensor.
        codec = get_format(spec).codec
        y = codec.decode(codec.encode(x))
        rows = [start // 256 for start, _ in sampled_spans(x.size, 256, 4096)]
        e = y[rows].astype(np.float64) - x[rows]
        assert one.figures.rmse == pytest.approx(np.sqrt((e**2).mean()), rel=1e-6)


def test_the_rows_of_the_extremes_lead_the_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "FITTED", 1024)
    x = weights(64, 256)
    x[9, 3], x[30, 200], x[31] = 7.0, np.inf, np.nan
    (tensor,) = open_model(save(tmp_path, ffn_up=x)).tensors
    read = []
    with TensorData(tensor) as data:
        fit = fitting_sample(data, read.append)
    finite = x[np.isfinite(x)]
    assert fit.shape == (6, 256) and np.nanmin(fit) == finite.min() and fit[np.isfinite(fit)].max() == 7.0
    assert sum(read) == x.size


BROKEN = {
    "ffn_up": np.full((16, 256), np.nan, np.float32),
    "ffn_down": weights(16, 256, 1, spread=1e9),
    "attn_q": np.full((16, 256), 500, np.float32),
    "attn_k": np.where(np.arange(4096).reshape(16, 256) == 77, np.inf, weights(16, 256, 2)).astype(np.float32),
}


def test_destroyed_weights_are_counted_and_never_exact(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path, **BROKEN)
    assert run(["errors", path, "-f", "Q4_0", "-f", "float8_e4m3fn", "-f", "int8:row", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    figures = {t["name"].split(".")[2]: t["formats"] for t in shown["tensors"]}
    for role, formats in figures.items():
        x = BROKEN[role]
        for item in formats:
            codec = get_format(item["format"]).codec
            with np.errstate(all="ignore"):
                y = codec.decode(codec.encode(x))
            nan = np.isnan(x) | np.isnan(y)
            inf = ~nan & ~(np.isfinite(x) & np.isfinite(y))
            assert (item["nan_count"], item["inf_count"]) == (nan.sum(), inf.sum()), (role, item["format"])
            assert item["scored"] == x.size - nan.sum() - inf.sum()
            assert bool(item["problem"]) == bool(nan.any() or inf.any())
    assert figures["ffn_up"][0]["problem"] == "4,096 NaN of 4,096 weights" and figures["ffn_up"][0]["rmse"] is None
    assert figures["attn_q"][1]["problem"] == "4,096 NaN of 4,096 weights, 4,096 of them finite before"
    q4, fp8, int8 = shown["total"]
    assert q4["nan_count"] + q4["inf_count"] > 8192 and q4["scored"] < 8192 and "attn_k" in q4["problem"]
    assert int8["inf_count"] == 1 and fp8["nan_count"] >= 8192
    assert run(["errors", path, "-f", "Q4_0", "--csv"]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [row["scored"] for row in rows if "ffn_up" in row["tensor"]] == ["0"]
    assert all(row["problem"] for row in rows if "attn_q" not in row["tensor"])
    assert run(["errors", path, "-f", "Q4_0", "-f", "float8_e4m3fn"]) == 0
    printed = capsys.readouterr().out
    assert "4,096 NaN" in printed
    assert not [row for row in printed.splitlines() if "ffn_up" in row and "exact" in row]


def test_a_plan_names_what_llama_quantize_would_refuse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path, attn_v=weights(32, 256), **BROKEN)
    assert run(["plan", path, "--size", "1MiB", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    invalid = {warning.split(" ")[0] for warning in plan["warnings"] if "invalid data" in warning}
    assert {"blk.0.ffn_up.weight", "blk.0.ffn_down.weight", "blk.0.attn_k.weight"} == invalid
    chosen = {tensor["name"]: tensor["format"] for tensor in plan["tensors"]}
    refused = next(warning for warning in plan["warnings"] if "ffn_down" in warning)
    assert f" {chosen['blk.0.ffn_down.weight']}," not in refused
    assert run(["plan", path, "--size", "1MiB"]) == 0
    assert "has invalid data" in capsys.readouterr().out


def test_what_stood_in_is_kept_and_found_again(tmp_path: Path) -> None:
    path = save(tmp_path, ffn_down=weights(32, 576), ffn_up=weights(32, 512, 1))
    first = survey(path, "Q4_K")
    ticks: list[float] = []
    scenario = ErrorsScenario(path=path, view="survey", format=("Q4_K", "Q5_0"))
    again = solve(scenario, Progress(lambda done, total, note: ticks.append(total)))
    # Of the two formats only one is new, and only for the tensor that is no fallback already.
    assert ticks[-1] == 32 * 512
    for one, other in zip(first.rows, again.rows, strict=True):
        assert one.measures[0].moments == other.measures[0].moments
        assert one.measures[0].fallback == other.measures[0].fallback
