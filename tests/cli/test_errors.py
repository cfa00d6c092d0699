"""`qtui errors` from end to end: JSON, CSV, the drawing, and what it says about input it can't use."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from qtui.cli.main import run
from qtui.compute.data import draw
from qtui.compute.errors import error_stats, measure
from qtui.compute.formats import get_format


@pytest.fixture
def model(tmp_path: Path) -> str:
    arrays = {
        "model.layers.0.self_attn.q_proj.weight": draw("normal", 256 * 64, seed=1).reshape(64, 256),
        "model.layers.1.self_attn.q_proj.weight": draw("laplace", 256 * 64, seed=2).reshape(64, 256),
        "model.norm.weight": np.ones(256, np.float32),
        "odd": draw("normal", 30, seed=3).reshape(3, 10),
        "positions": np.arange(8),
    }
    path = tmp_path / "model.safetensors"
    save_file(arrays, path)
    return str(path)


def printed(capsys: pytest.CaptureFixture[str]) -> dict:
    return json.loads(capsys.readouterr().out)


def test_json_of_a_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["errors", "--data", "laplace", "--count", "8192", "-f", "Q4_0", "-f", "Q8_0", "--json"]) == 0
    (tensor,) = printed(capsys)["tensors"]
    x = draw("laplace", 8192).reshape(2, 4096)
    assert tensor["shape"] == [2, 4096] and [f["format"] for f in tensor["formats"]] == ["Q4_0", "Q8_0"]
    for entry in tensor["formats"]:
        codec = get_format(entry["format"]).codec
        stats = error_stats(x, codec.decode(codec.encode(x)))
        for key in ("rmse", "sqnr_db", "max_abs_error", "mean_error", "cosine"):
            assert entry[key] == pytest.approx(getattr(stats, key), rel=1e-9)
        assert sum(entry["histogram"]["counts"]) == 8192
        assert len(entry["histogram"]["edges"]) == len(entry["histogram"]["counts"]) + 1


def test_json_of_a_file(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["errors", model, "-f", "Q4_0,int8:row", "--json"]) == 0
    answer = printed(capsys)
    tensors = {tensor["name"]: tensor for tensor in answer["tensors"]}
    assert list(tensors["positions"]["formats"]) == [] and "I64" in tensors["positions"]["note"]
    q4, rowwise = tensors["odd"]["formats"]
    assert q4["rmse"] is None and "whole blocks of 32" in q4["problem"] and rowwise["rmse"] > 0
    assert not answer["sampled"] and answer["measured"] == answer["weights"] == 2 * 64 * 256 + 256 + 30
    counted = [t for t in answer["tensors"] if t["in_total"]]
    assert [t["name"] for t in counted] == [f"model.layers.{i}.self_attn.q_proj.weight" for i in range(2)]
    assert answer["left_out"] == ["model.norm.weight", "odd"]
    squares = sum(t["weights"] * t["formats"][0]["rmse"] ** 2 for t in counted)
    total = answer["total"][0]
    assert total["tensors"] == 2 and total["weights"] == 2 * 64 * 256 and total["fallbacks"] == {}
    assert total["rmse"] == pytest.approx((squares / total["weights"]) ** 0.5)
    noise = sum(t["weights"] * 10 ** (-t["formats"][0]["sqnr_db"] / 10) for t in counted) / total["weights"]
    assert total["sqnr_db"] == pytest.approx(-10 * math.log10(noise))


def test_a_sample_is_called_one(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["errors", model, "--tensor", "layers.0", "-f", "Q8_0", "--sample", "1024", "--json"]) == 0
    answer = printed(capsys)
    assert answer["sampled"] and answer["measured"] == 1024 and answer["tensors"][0]["measured"] == 1024
    assert run(["errors", model, "--tensor", "layers.0", "-f", "Q8_0", "--sample", "1024"]) == 0
    assert "sampled: 1,024 of 16,384 weights" in capsys.readouterr().out
    assert run(["errors", model, "--tensor", "layers.0", "-f", "Q8_0", "--sample", "1024", "--exact", "--json"]) == 0
    assert not printed(capsys)["sampled"]


def test_csv_has_a_line_a_tensor_and_format(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["errors", model, "-f", "Q4_0", "-f", "Q8_0", "--csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("tensor,shape,dtype,weights,measured,format,bits_per_weight,bytes,rmse")
    assert len(lines) == 1 + 4 * 2


@pytest.mark.parametrize("options", [[], ["--unit", "steps"], ["--counts", "linear"], ["--layout", "stacked"]])
def test_the_drawing_fits_80_columns(
    model: str, options: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for source in ([], [model], [model, "--tensor", "norm"]):
        assert run(["errors", *source, "-f", "Q4_0", "-f", "Q8_0", *options]) == 0
        shown = capsys.readouterr().out
        assert max(map(len, shown.splitlines())) <= 80
        assert "Q4_0" in shown and "SQNR dB" in shown and "exact: all" in shown
    assert run(["errors", model, "--ascii", "-f", "Q4_0"]) == 0
    assert capsys.readouterr().out.isascii()


def test_values_alone(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["errors", model, "--view", "browse", "--tensor", "layers.1"]) == 0
    assert "kurtosis" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments,says",
    [
        (["-f", "Q4_9"], "no format is called"),
        (["-f", ""], "name at least one format"),
        (["--count", "0"], "can draw 1 to"),
        (["--sample", "-1"], "--sample takes a number"),
        (["--spread", "nan"], "--spread: a number such as 0.5 is needed"),
        (["/nowhere/model.gguf"], "there is no file"),
        (["--data", "cauchy"], "cauchy"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["errors", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == "" and says in err and len(err.splitlines()) == 1


def test_names_that_match_nothing(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["errors", model, "--tensor", "zzz"]) == 2
    assert "no tensor's name matches 'zzz'" in capsys.readouterr().err
    assert run(["errors", model, "--tensor", "positions"]) == 2
    assert "holds I64, not weights" in capsys.readouterr().err


def test_the_survey_is_printed_by_role_and_in_order(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["errors", model, "-f", "Q4_0", "-f", "Q8_0", "--group", "role"]) == 0
    shown = capsys.readouterr().out
    assert "\nattn_q " in shown and "layers.0" not in shown
    assert run(["errors", model, "-f", "Q4_0", "-f", "Q8_0", "--sort", "Q4_0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    top = next(i for i, row in enumerate(lines) if row.startswith("SQNR in dB"))
    figures = [float(row.split()[-2]) for row in lines[top + 1 : top + 3]]
    assert figures == sorted(figures) and lines[top + 3].startswith("left as they are by llama-quantize")
    assert [row.split()[-2] for row in lines[top + 4 : top + 6]] == ["exact", "-"]
    assert run(["errors", model, "--sort", "beauty"]) == 2
    assert "--sort takes file, name, size" in capsys.readouterr().err


def test_where_no_weight_can_be_measured_figures_are_null(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_file({"w": np.full((2, 64), np.nan, np.float32)}, tmp_path / "nan.safetensors")
    assert run(["errors", str(tmp_path / "nan.safetensors"), "-f", "Q8_0", "--json"]) == 0
    (figures,) = printed(capsys)["tensors"][0]["formats"]
    assert figures["max_abs_error"] is None and figures["rmse"] is None and figures["sqnr_db"] is None


def test_zeros_are_stored_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "zero.npy", np.zeros((2, 64), np.float32))
    assert run(["errors", str(tmp_path / "zero.npy"), "-f", "Q8_0"]) == 0
    assert "nothing is lost" in capsys.readouterr().out
    np.save(tmp_path / "one.npy", np.ones(1, np.float32))
    assert run(["errors", str(tmp_path / "one.npy"), "-f", "Q8_0"]) == 0
    assert "rows of 1 weight are" in capsys.readouterr().out


def test_the_browse_view_prints_what_the_pane_shows(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    name = "model.layers.1.self_attn.q_proj.weight"
    assert run(["errors", model, "--view", "browse", "--tensor", name]) == 0
    shown = capsys.readouterr().out
    assert f"{name}  64 × 256 F32" in shown and "exact: all 16,384 weights" in shown and "int8 by row" in shown
    assert "furthest from zero" in shown and "┼" in shown
    assert run(["errors", model, "--view", "browse", "--tensor", name, "--json"]) == 0
    values = printed(capsys)["values"]
    x = draw("laplace", 256 * 64, seed=2)
    assert values["outliers"][0] == {"index": int(np.abs(x).argmax()), "value": float(x[np.abs(x).argmax()])}
    assert sum(values["histogram"]["counts"]) == values["count"] == x.size
    codec = get_format("int8:row,rule=torchao,narrow").codec
    assert values["int8_by_row_sqnr_db"] == pytest.approx(measure(codec, x.reshape(64, 256)).sqnr_db, abs=1e-3)
    assert run(["errors", model, "--view", "browse", "--tensor", "positions"]) == 0
    assert "I64" in capsys.readouterr().out
    assert run(["errors", model, "--view", "browse"]) == 0
    assert "q_proj" in capsys.readouterr().out
