"""`qtui plan` from end to end on a small model."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

import gguf
import numpy as np
import pytest
from safetensors.numpy import save_file

from qtui.cli.main import run
from qtui.compute.data import draw
from qtui.compute.formats import get_format
from qtui.models.files.imatrix import read_imatrix
from qtui.models.files.source import ModelFileError
from tests.support.made_files import write_imatrix


@pytest.fixture
def model(tmp_path: Path) -> str:
    arrays = {
        "model.embed_tokens.weight": draw("normal", 256 * 512, seed=1).reshape(512, 256),
        "model.norm.weight": np.ones(256, np.float32),
    }
    for layer in range(4):
        for index, role in enumerate(("self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj", "mlp.down_proj")):
            kind = "outliers" if (layer, index) == (2, 3) else "normal"
            x = draw(kind, 256 * 256, seed=10 * layer + index).reshape(256, 256)
            arrays[f"model.layers.{layer}.{role}.weight"] = x
        arrays[f"model.layers.{layer}.input_layernorm.weight"] = np.ones(256, np.float32)
    path = tmp_path / "model.safetensors"
    save_file(arrays, path)
    return str(path)


def plan(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert run(["plan", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_size_is_kept_and_the_mixes_are_beaten(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer = plan(capsys, model)
    mixes = {mix["name"]: mix for mix in answer["mixes"]}
    assert answer["budget_bytes"] == mixes["Q4_K_M"]["bytes"] >= answer["total_bytes"]
    assert answer["sqnr_db"] >= mixes["Q4_K_M"]["sqnr_db"] and 0 <= answer["optimality_gap"] < 0.2
    assert len(answer["tensors"]) == 17 and answer["kept_bytes"] == 5 * 1024
    for tensor in answer["tensors"]:
        assert tensor["bytes"] == get_format(tensor["format"]).nbytes(tuple(tensor["shape"]))
    smaller = plan(capsys, model, "--size", "600kB")
    assert smaller["total_bytes"] <= 600_000 and smaller["sqnr_db"] < answer["sqnr_db"]
    sizes = [point["bytes"] for point in answer["frontier"]]
    assert sizes == sorted(sizes) and answer["frontier"][0]["sqnr_db"] < answer["frontier"][-1]["sqnr_db"]


def test_losses_are_those_of_the_tensors(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer = plan(capsys, model, "--exact", "-f", "Q4_K", "--size", "10MB")
    tensor = next(t for t in answer["tensors"] if t["name"] == "blk.2.ffn_down.weight")
    x, codec = draw("outliers", 256 * 256, seed=23).reshape(256, 256), get_format("Q4_K").codec
    e = codec.decode(codec.encode(x)).astype(np.float64) - x
    assert tensor["sqnr_db"] == pytest.approx(10 * np.log10((x.astype(np.float64) ** 2).sum() / (e**2).sum()))
    assert not answer["sampled"] and tensor["sources"] == ["model.layers.2.mlp.down_proj.weight"]


def test_what_llama_quantize_takes(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "types.txt"
    answer = plan(capsys, model, "--out", str(out))
    lines = out.read_text().split()
    assert lines == answer["tensor_types"] and len(lines) == 17
    for line, tensor in zip(lines, answer["tensors"], strict=True):
        pattern, _, kind = line.partition("=")
        # Lower case, as llama-quantize makes it; found in this name and in no other.
        assert pattern == pattern.lower() and kind == tensor["format"]
        assert [t["name"] for t in answer["tensors"] if re.search(pattern, t["name"])] == [tensor["name"]]
    convert, quantize = answer["commands"]
    assert convert.startswith("python convert_hf_to_gguf.py") and quantize.startswith(
        "llama-quantize --tensor-type-file"
    )
    assert quantize.split()[-1] in ("Q4_K_M", "Q5_K_M", "Q6_K", "Q3_K_M", "Q8_0", "IQ4_XS")
    assert run(["plan", model, "--types"]) == 0
    assert capsys.readouterr().out.split() == lines
    assert run(["plan", model, "--csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 18


def test_no_model_and_no_input_is_written_over(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.gguf").write_bytes(b"GGUF")
    (tmp_path / "minded.json").write_text("{}")
    minded = str(tmp_path / "minded.json")
    before = Path(model).read_bytes()
    for out, says in (
        (model, "is what is read"),
        (str(tmp_path / "other.gguf"), "is a model"),
        (minded, "is what is read"),
    ):
        assert run(["plan", model, "--sensitivity", minded, "--out", out]) == 2
        error = capsys.readouterr().err
        assert says in error and error.count("\n") == 1
    assert Path(model).read_bytes() == before and (tmp_path / "other.gguf").read_bytes() == b"GGUF"
    assert run(["plan", model, "--size", "1kB"]) == 2
    assert ", not 1,000 bytes;" in capsys.readouterr().err


def test_decisions_by_hand_are_kept(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer = plan(capsys, model, "--set", "ffn_down=Q8_0", "--set", "blk.0.attn_q.weight=Q2_K")
    chosen = {t["name"]: t["format"] for t in answer["tensors"]}
    assert {chosen[f"blk.{i}.ffn_down.weight"] for i in range(4)} == {"Q8_0"} and chosen[
        "blk.0.attn_q.weight"
    ] == "Q2_K"
    for decision, says in (
        ("nothing=Q8_0", "matches"),
        ("ffn_down", "name and a type"),
        ("ffn_down=nf4", "can't be"),
    ):
        assert run(["plan", model, "--set", decision]) == 2
        assert says in capsys.readouterr().err


@pytest.mark.parametrize("old", [False, True])
def test_importance_changes_the_plan(
    model: str, tmp_path: Path, old: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    importance = np.linspace(0.1, 2, 256).astype(np.float32)
    path = write_imatrix(tmp_path / "imatrix", ["blk.0.ffn_up.weight", "blk.1.attn_v.weight"], importance, old)
    assert np.allclose(read_imatrix(path)["blk.0.ffn_up.weight"], importance)
    answer = plan(capsys, model, "--imatrix", path, "--exact", "-f", "Q8_0", "--size", "10MB")
    assert answer["importance_tensors"] == 2 and f"--imatrix {path}" in answer["commands"][-1]
    tensor = next(t for t in answer["tensors"] if t["name"] == "blk.0.ffn_up.weight")
    x, codec = draw("normal", 256 * 256, seed=2).reshape(256, 256).astype(np.float64), get_format("Q8_0").codec
    e = codec.decode(codec.encode(x.astype(np.float32), importance)) - x
    expected = 10 * np.log10((importance * x**2).sum() / (importance * e**2).sum())
    assert tensor["sqnr_db"] == pytest.approx(expected, rel=1e-6)


def test_bad_importance_is_refused(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for data in (b"", b"\xff" * 40, struct.pack("<iii", 1, 4, 9), b"GGUF" + b"\0" * 30):
        (tmp_path / "bad").write_bytes(data)
        with pytest.raises(ModelFileError):
            read_imatrix(str(tmp_path / "bad"))
    path = write_imatrix(tmp_path / "other", ["blk.9.none.weight"], np.ones(8, np.float32), True)
    assert run(["plan", model, "--imatrix", path]) == 2
    assert "about other tensors" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments,says",
    [
        ([], "plan needs a model file"),
        (["MODEL", "--size", "10kB"], "MB in these types, not 0.01"),
        (["MODEL", "--size", "six"], "no amount of memory"),
        (["MODEL", "--size", "1GB", "--fit", "4k"], "either --size or --fit"),
        (["MODEL", "-f", "nf4"], "ggml types that can be written"),
        (["MODEL", "-f", "IQ2_XS"], "only with an importance matrix"),
        (["MODEL", "--sample", "0"], "--sample takes"),
        (["/nowhere.gguf"], "there is no file"),
    ],
)
def test_bad_input_is_one_line(
    model: str, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", *(model if word == "MODEL" else word for word in arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and says in err and len(err.splitlines()) == 1


def test_a_size_is_given_in_bits_a_weight(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    result = plan(capsys, model, "--size", "4.6bpw")
    assert 4.3 < result["bits_per_weight"] <= 4.6


def test_the_drawing(model: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run(["plan", model]) == 0
    shown = capsys.readouterr().out
    body, _, command = shown.partition("after `--out")
    assert max(map(len, body.splitlines())) <= 80 and "Q4_K_M" in body and "◆" in body and "ffn_down" in body
    assert "llama-quantize --tensor-type-file" in command
    assert run(["plan", model, "--ascii"]) == 0
    assert capsys.readouterr().out.isascii()


def test_a_model_of_zeros_loses_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "zeros.safetensors")
    save_file({f"blk.{i}.ffn_up.weight": np.zeros((32, 256), np.float16) for i in range(3)}, path)
    assert run(["plan", path]) == 0
    assert "noise as low as can be" in capsys.readouterr().out
    assert plan(capsys, path)["noise"] == 0
    assert run(["errors", path]) == 0


def test_the_command_names_the_file_that_was_written(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "types.txt")
    assert f"--tensor-type-file {out} " in plan(capsys, model, "--out", out)["commands"][-1]
    assert run(["plan", model, "--out", out]) == 0
    assert f"with {out}:" in capsys.readouterr().out


def test_what_is_stored_in_a_block_type_may_stay_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "m.gguf")
    writer = gguf.GGUFWriter(path, "llama")
    for name, kind in (("blk.0.ffn_up.weight", "MXFP4"), ("blk.0.ffn_down.weight", "F32")):
        x = draw("normal", 256 * 64, seed=len(name)).reshape(64, 256)
        stored = gguf.GGMLQuantizationType[kind]
        writer.add_tensor(name, gguf.quants.quantize(x, stored), raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    answer = plan(capsys, path, "--size", "30kB")
    chosen = {tensor["name"]: tensor for tensor in answer["tensors"]}
    assert chosen["blk.0.ffn_up.weight"]["format"] == "MXFP4" and chosen["blk.0.ffn_up.weight"]["sqnr_db"] is None
    assert chosen["blk.0.ffn_up.weight"]["bytes"] == 64 * 8 * 17
    given = plan(capsys, path, "--size", "30kB", "-f", "Q4_K", "-f", "Q5_K")
    assert {tensor["format"] for tensor in given["tensors"]} <= {"Q4_K", "Q5_K"}


def test_a_plan_may_spare_what_the_model_minds(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = plan(capsys, model)
    names = [tensor["name"].removesuffix(".weight") for tensor in plain["tensors"]]
    minded = next(t["name"] for t in plain["tensors"] if t["format"] != "Q8_0" and "attn_q" in t["name"])
    parts = [{"name": n, "kld_mean": 10.0 if f"{n}.weight" == minded else 1e-4} for n in names]
    path = tmp_path / "minded.json"
    path.write_text(json.dumps({"sensitivity": {"format": "Q4_0", "parts": parts}}))
    answer = plan(capsys, model, "--sensitivity", str(path))
    assert next(t["format"] for t in answer["tensors"] if t["name"] == minded) == "Q8_0"
    assert answer["total_bytes"] <= plain["budget_bytes"] and answer["sqnr_db"] <= plain["sqnr_db"]
    assert answer["sensitivity"] == str(path) and plain["sensitivity"] is None
    assert run(["plan", model, "--sensitivity", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "expected KL" in printed and "model minds, in minded.json" in printed and "noise within" not in printed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "is not what"),
        ('{"sensitivity": {"format": "Q4_0", "parts": [{"name": "x", "kld_mean": 1}]}}', "knows none of these"),
        ('{"sensitivity": {"format": "Q9", "parts": []}}', "is not what"),
        ("[", "JSON"),
    ],
)
def test_a_wrong_sensitivity_is_told(
    text: str, words: str, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "minded.json").write_text(text)
    assert run(["plan", model, "--sensitivity", str(tmp_path / "minded.json")]) == 2
    assert words in capsys.readouterr().err
