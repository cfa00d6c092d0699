"""`qtui errors FILE --against REFERENCE`: pairs by name, llama's rows, experts, norms, what is left over."""

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file

from qtui.cli.main import run
from qtui.compute.errors import error_stats
from tests.support.quantizer_files import quantizer_files

F32 = NDArray[np.float32]
RNG = np.random.default_rng(8)
HEADS, KV_HEADS, WIDE = 4, 2, 64
Q8_0 = gguf.GGMLQuantizationType.Q8_0


def weights(*shape: int) -> F32:
    return (RNG.standard_normal(shape) * 0.02).astype(np.float32)


def permuted(matrix: F32, heads: int) -> F32:
    """As `LlamaModel.permute` of llama.cpp's convert_hf_to_gguf.py."""
    halves = matrix.reshape(heads, 2, matrix.shape[0] // heads // 2, *matrix.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(matrix.shape))


def write_gguf(path: Path, architecture: str, tensors: dict[str, F32]) -> str:
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    for name, values in tensors.items():
        if values.ndim == 1:
            writer.add_tensor(name, values)
        else:
            writer.add_tensor(name, gguf.quantize(values, Q8_0), raw_dtype=Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return str(path)


def compared(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, Any]:
    assert run(["errors", *args, "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def expected_rmse(values: F32) -> float:
    return error_stats(values, gguf.dequantize(gguf.quantize(values, Q8_0), Q8_0)).rmse


@pytest.fixture
def llama(tmp_path: Path) -> tuple[str, str, dict[str, F32]]:
    layer = "model.layers.0."
    original = {
        "model.embed_tokens.weight": weights(96, WIDE),
        f"{layer}self_attn.q_proj.weight": weights(HEADS * 16, WIDE),
        f"{layer}self_attn.k_proj.weight": weights(KV_HEADS * 16, WIDE),
        f"{layer}self_attn.k_proj.bias": weights(KV_HEADS * 16),
        f"{layer}mlp.up_proj.weight": weights(32, WIDE),
        f"{layer}input_layernorm.weight": weights(WIDE),
        "lm_head.weight": weights(96, WIDE),
    }
    save_file(original, tmp_path / "original.safetensors")
    tensors = {
        "token_embd.weight": original["model.embed_tokens.weight"],
        "blk.0.attn_q.weight": permuted(original[f"{layer}self_attn.q_proj.weight"], HEADS),
        "blk.0.attn_k.weight": permuted(original[f"{layer}self_attn.k_proj.weight"], KV_HEADS),
        "blk.0.attn_k.bias": permuted(original[f"{layer}self_attn.k_proj.bias"], KV_HEADS),
        "blk.0.ffn_up.weight": weights(16, WIDE),
        "blk.0.attn_norm.weight": original[f"{layer}input_layernorm.weight"],
        "rope_freqs.weight": weights(8),
    }
    return write_gguf(tmp_path / "m.gguf", "llama", tensors), str(tmp_path / "original.safetensors"), original


def test_a_gguf_against_its_original(
    llama: tuple[str, str, dict[str, F32]], capsys: pytest.CaptureFixture[str]
) -> None:
    file, reference, original = llama
    answer = compared(capsys, file, "--against", reference)
    pairs = {pair["name"]: pair for pair in answer["pairs"]}
    assert list(pairs) == [
        "token_embd.weight",
        "blk.0.attn_q.weight",
        "blk.0.attn_k.weight",
        "blk.0.attn_k.bias",
        "blk.0.attn_norm.weight",
    ]
    for name in ("attn_q.weight", "attn_k.weight", "attn_k.bias"):
        assert pairs[f"blk.0.{name}"]["turned"]
    assert pairs["blk.0.attn_k.bias"]["rmse"] == pairs["blk.0.attn_norm.weight"]["rmse"] == 0
    pair = pairs["blk.0.attn_q.weight"]
    name = pair["reference_name"]
    assert (name, pair["format"], pair["reference_format"]) == (
        "model.layers.0.self_attn.q_proj.weight",
        "Q8_0",
        "F32",
    )
    assert pair["rmse"] == pytest.approx(expected_rmse(original[name]), rel=1e-6)
    assert {(t["name"], t["in"]) for t in answer["unmatched"]} == {
        ("blk.0.ffn_up.weight", "file"),
        ("model.layers.0.mlp.up_proj.weight", "reference"),
        ("rope_freqs.weight", "file"),
        ("lm_head.weight", "reference"),
    }
    counted = [pair for pair in answer["pairs"] if pair["in_total"]]
    assert answer["total"]["tensors"] == len(counted) == 3
    noise = sum(p["weights"] * p["relative_rmse"] ** 2 for p in counted) / sum(p["weights"] for p in counted)
    assert answer["total"]["sqnr_db"] == pytest.approx(-10 * np.log10(noise), rel=1e-6)


def test_the_other_way_round_and_of_one_kind(
    llama: tuple[str, str, dict[str, F32]], capsys: pytest.CaptureFixture[str]
) -> None:
    file, reference, _ = llama
    forth = {p["name"]: p["rmse"] for p in compared(capsys, file, "--against", reference)["pairs"]}
    back = {p["reference_name"]: p["rmse"] for p in compared(capsys, reference, "--against", file)["pairs"]}
    assert forth == back
    same = compared(capsys, file, "--against", file, "--tensor", "attn q")["pairs"]
    assert [(p["name"], p["rmse"], p["turned"]) for p in same] == [("blk.0.attn_q.weight", 0, False)]


def test_experts_are_put_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stacked = weights(11, 8, WIDE)
    name = "model.layers.0.mlp.experts.{}.gate_proj.weight"
    save_file({name.format(i): stacked[i] for i in range(11)}, tmp_path / "m.safetensors")
    file = write_gguf(tmp_path / "m.gguf", "qwen3moe", {"blk.0.ffn_gate_exps.weight": stacked})
    (pair,) = compared(capsys, file, "--against", str(tmp_path / "m.safetensors"))["pairs"]
    assert (pair["shape"], pair["weights"]) == ([11, 8, WIDE], stacked.size)
    assert pair["rmse"] == pytest.approx(expected_rmse(stacked.reshape(-1, WIDE)), rel=1e-6)


def test_norms_of_gemma_are_stored_less_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    norm = RNG.integers(-8, 8, WIDE).astype(np.float32) / 8
    layer = "model.layers.0."
    original = {f"{layer}post_attention_layernorm.weight": norm, f"{layer}pre_feedforward_layernorm.weight": norm}
    save_file(original, tmp_path / "m.safetensors")
    tensors = {"blk.0.post_attention_norm.weight": norm + 1, "blk.0.ffn_norm.weight": norm + 1}
    file = write_gguf(tmp_path / "m.gguf", "gemma3", tensors)
    answer = compared(capsys, file, "--against", str(tmp_path / "m.safetensors"))
    assert [pair["rmse"] for pair in answer["pairs"]] == [0, 0] and not answer["unmatched"]


def test_a_quantizers_checkpoint_against_its_original(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = quantizer_files()["gptq_4bit_order"]
    contiguous = {name: np.ascontiguousarray(values) for name, values in made.weights.items()}
    save_file(contiguous, tmp_path / "original.safetensors")
    path = made.save(tmp_path / "gptq")
    (pair,) = compared(capsys, path, "--against", str(tmp_path / "original.safetensors"))["pairs"]
    assert (pair["format"], pair["reference_format"]) == ("INT4", "F32") and pair["rmse"] < 1e-8


def test_what_is_printed(llama: tuple[str, str, dict[str, F32]], capsys: pytest.CaptureFixture[str]) -> None:
    file, reference, _ = llama
    assert run(["errors", file, "--against", reference]) == 0
    shown = capsys.readouterr().out
    assert "/m.gguf, gguf\n" in shown and "/original.safetensors, safetensors\n" in shown
    assert "rows of 3 query and key tensors brought into llama.cpp's order" in shown
    assert "not compared: 4 tensors" in shown and "shapes differ: 16 x 64 and 32 x 64" in shown
    assert run(["errors", file, "--against", reference, "--csv"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.startswith("name,reference_name,shape,weights") and len(rows) == 5


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--against", "REFERENCE"), "name the file first"),
        (("FILE", "--against", "REFERENCE", "--tensor", "nothing"), "no tensor in common"),
        (("FILE", "--view", "against"), "name the original"),
    ],
)
def test_what_can_not_be_compared(
    args: tuple[str, ...], says: str, llama: tuple[str, str, dict[str, F32]], capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"FILE": llama[0], "REFERENCE": llama[1]}
    assert run(["errors", *(places.get(arg, arg) for arg in args)]) == 2
    assert says in capsys.readouterr().err
