"""`qtui quantize` from the outside: JSON keys, output files, one-line complaints."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from qtui.cli.main import run
from qtui.scenario.quantizer.scenario import VIEWS
from tests.support.made_files import write_imatrix

KEYS = {
    "format",
    "count",
    "bits_per_weight",
    "codes",
    "dequantized",
    "rmse",
    "sqnr_db",
    "max_abs_error",
    "mean_rel_error",
}


def json_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert run(["quantize", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_keys_and_the_essays_answer(capsys: pytest.CaptureFixture[str]) -> None:
    answer = json_of(capsys, "-0.89", "0.16", "0.08", "-0.13", "0.16", "-0.54", "--format", "int4:asym")
    assert answer.keys() >= KEYS | {"scale", "zero_point"}
    assert (answer["format"], answer["count"], answer["zero_point"]) == ("int4:asym", 6, 5)
    assert answer["codes"] == [-8, 7, 6, 3, 7, -3] and round(answer["mean_rel_error"], 4) == 0.0852
    both = json_of(capsys)
    assert [item["format"] for item in both["schemes"]] == ["int4", "int4:asym"]
    assert {k: both[k] for k in KEYS} == {k: both["schemes"][0][k] for k in KEYS}


def test_json_holds_what_the_view_shows(capsys: pytest.CaptureFixture[str]) -> None:
    network = json_of(capsys, "--show", "net")["network"]
    assert (network["layers"], network["parameters"]) == ([1, 3, 1], 6)
    assert [round(v, 3) for v in (network["output"], *network["stored_outputs"])] == [0.196, 0.129, 0.216]
    story = {case["case"]: case for case in json_of(capsys, "--show", "outlier", "--outlier", "10")["outlier"]}
    assert story["as it is"]["lost_to_zero"] == 5 and story["blocks of 4"]["own_block"] == {
        "lost_to_zero": 2,
        "weights": 2,
    }
    drawn = ["--dist", "normal", "--size", "1024", "--format", "int4"]
    sweep = json_of(capsys, *drawn, "--show", "sweep")["sweep"]
    assert [p["block"] for p in sweep[0]["points"]] == [16, 32, 64, 128, 256, 512, 1024]
    assert "gptq" in [row["method"] for row in json_of(capsys, *drawn, "--show", "smart")["smart"]]


def test_codes_and_values_are_cut_at_4096(capsys: pytest.CaptureFixture[str]) -> None:
    answer = json_of(capsys, "--dist", "normal", "--size", "8192", "--format", "q8_0")
    assert (answer["count"], answer["format"]) == (8192, "Q8_0")
    assert len(answer["codes"]) == len(answer["dequantized"]) == 4096


def test_output_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    x = np.random.default_rng(3).normal(size=(2, 3, 32)).astype(np.float32)
    source, out, stored = (str(tmp_path / name) for name in ("x.npy", "y.npy", "y.bin"))
    np.save(source, x)
    answer = json_of(capsys, "--in", source, "--format", "Q8_0", "--out", out, "--out-bytes", stored)
    back = np.load(out)
    assert back.shape == x.shape and back.dtype == np.float32
    assert back.reshape(-1).tolist() == answer["dequantized"]
    assert Path(stored).stat().st_size == 6 * 34 == answer["bytes"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.npy", "y.bin", "y.npy"]


def test_the_numbers_that_are_read_are_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "x.npy"
    np.save(source, np.ones((2, 32), np.float32))
    before = source.read_bytes()
    for words in (["--in", str(source), "--out", str(source)], [str(source), "--out-bytes", f"{tmp_path}/./x.npy"]):
        assert run(["quantize", *words, "--format", "Q8_0"]) == 2
        assert "is what is read; write to another file" in capsys.readouterr().err
    assert source.read_bytes() == before


@pytest.mark.parametrize("name", ["Q8_0", "Q4_0", "Q4_K", "IQ4_XS", "NVFP4"])
def test_bytes_are_ggmls(name: str, tmp_path: Path, reference: Callable[[str], Path]) -> None:
    golden = np.load(reference("golden/ggml_shared.npz"), allow_pickle=False)
    usual = np.isin(golden["family"], ["gauss02", "outliers", "superweight", "sparse90"])
    np.save(tmp_path / "x.npy", golden["x"][usual])
    out = tmp_path / "y.bin"
    assert run(["quantize", "--in", str(tmp_path / "x.npy"), "--format", name.lower(), "--out-bytes", str(out)]) == 0
    assert out.read_bytes() == golden[f"{name}__bytes"][usual].tobytes()


def test_an_importance_matrix_gives_ggmls_bytes(tmp_path: Path, reference: Callable[[str], Path]) -> None:
    golden = np.load(reference("golden/ggml_shared.npz"), allow_pickle=False)
    np.save(tmp_path / "x.npy", golden["x"][golden["imatrix_rows"][:2]])
    np.save(tmp_path / "i.npy", golden["imatrix"])
    out = tmp_path / "y.bin"
    files = ["--in", str(tmp_path / "x.npy"), "--importance", str(tmp_path / "i.npy"), "--out-bytes", str(out)]
    assert run(["quantize", *files, "--format", "Q4_K"]) == 0
    assert out.read_bytes() == golden["Q4_K__imatrix_bytes"][:2].tobytes()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--format", "Q4_0"], "multiple of 32"),
        ([], "single --format"),
        (["--format", "int4", "--keep", "1"], "no place"),
        (["--format", "int4", "--out", "{same}"], "same file"),
    ],
)
def test_a_failure_leaves_no_file(
    arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "x.npy", np.zeros((2, 33), np.float32))
    target = tmp_path / "y.bin"
    target.write_bytes(b"before")
    filled = [a.replace("{same}", str(target)) for a in arguments]
    assert run(["quantize", "--in", str(tmp_path / "x.npy"), "--out-bytes", str(target), *filled]) == 2
    complaint = capsys.readouterr().err
    assert says in complaint and complaint.count("\n") == 1
    assert target.read_bytes() == b"before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.npy", "y.bin"]


def test_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quantize", "1", "--format", "int4", "--out", str(tmp_path / "none" / "y.npy")]) == 2
    assert "can't be written" in capsys.readouterr().err


def test_a_pickle_is_not_opened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "x.npy", np.array([{"a": 1}], object), allow_pickle=True)
    assert run(["quantize", "--in", str(tmp_path / "x.npy"), "--json"]) == 2
    out = capsys.readouterr()
    assert out.out == "" and out.err.count("\n") == 1


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    "data", [[], ["--dist", "student-t", "--size", "300", "--format", "Q4_K", "--format", "float16"]]
)
def test_views_print_in_80_columns(view: str, data: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quantize", "--show", view, *data]) == 0
    printed = capsys.readouterr().out
    assert ("Q4_K" if data else "8.52 %") in printed
    assert max(map(len, printed.splitlines())) <= 80
    assert run(["quantize", "--show", view, *data, "--ascii"]) == 0
    assert capsys.readouterr().out.isascii()


@pytest.mark.parametrize("old", [False, True])
def test_importance_of_llama_imatrix(tmp_path: Path, old: bool, capsys: pytest.CaptureFixture[str]) -> None:
    importance = np.linspace(0.1, 2, 256).astype(np.float32)
    save_file({"blk.0.ffn_up.weight": np.eye(256, dtype=np.float32)}, tmp_path / "m.safetensors")
    matrix = write_imatrix(tmp_path / "imatrix", ["blk.0.ffn_up.weight"], importance, old)
    np.save(tmp_path / "i.npy", importance)
    messages = []
    for path in (matrix, str(tmp_path / "i.npy")):
        file = ["--in", str(tmp_path / "m.safetensors"), "--tensor", "blk.0.ffn_up.weight"]
        assert run(["quantize", *file, "--row", "3", "-f", "Q4_K", "--json", "--importance", path]) == 0
        answer = json.loads(capsys.readouterr().out)
        messages.append({key: value for key, value in answer.items() if key != "scenario"})
    assert messages[0] == messages[1]
    assert run(["quantize", "1", "2", "-f", "Q4_K", "--importance", matrix]) == 2
    assert "name yours with --in and --tensor" in capsys.readouterr().err


def test_a_mix_is_no_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quantize", "1", "2", "-f", "Q4_K_M"]) == 2
    assert "is a mix of several types, most of its weights in Q4_K; name a type here" in capsys.readouterr().err
