"""`qtui plan` and `qtui mem` beside llama-quantize itself, where that is on the PATH or named by LLAMA_QUANTIZE."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import gguf
import numpy as np
import pytest

from qtui.cli.main import run
from qtui.compute.data import draw
from qtui.compute.formats import get_format
from qtui.compute.memory.mixes import MIXES

LAYERS, WIDTH, FFN, WORDS, HEADS, KV_HEADS = 4, 256, 768, 512, 4, 1
COUNT = 512.0  # tokens that the importance matrix saw


@pytest.fixture(scope="module")
def quantizer() -> str:
    result = os.environ.get("LLAMA_QUANTIZE") or shutil.which("llama-quantize")
    if not result:
        pytest.skip("llama-quantize is not on this machine (put it on the PATH or set LLAMA_QUANTIZE)")
    return result


def shapes() -> dict[str, tuple[int, ...]]:
    results: dict[str, tuple[int, ...]] = {name: (WORDS, WIDTH) for name in ("token_embd.weight", "output.weight")}
    results["output_norm.weight"] = (WIDTH,)
    key = KV_HEADS * WIDTH // HEADS
    roles = {"attn_q": (WIDTH, WIDTH), "attn_k": (key, WIDTH), "attn_v": (key, WIDTH), "attn_output": (WIDTH, WIDTH)}
    roles |= {"ffn_gate": (FFN, WIDTH), "ffn_up": (FFN, WIDTH), "ffn_down": (WIDTH, FFN)}
    for layer in range(LAYERS):
        results |= {f"blk.{layer}.{role}.weight": shape for role, shape in roles.items()}
        results |= {f"blk.{layer}.{norm}.weight": (WIDTH,) for norm in ("attn_norm", "ffn_norm")}
    return results


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("llama") / "model-f32.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(2048)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FFN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(WORDS)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(["<unk>", "<s>", "</s>", *(f"word{i}" for i in range(WORDS - 3))])
    writer.add_token_scores([0.0] * WORDS)
    writer.add_token_types([2, 3, 3] + [1] * (WORDS - 3))
    for seed, (name, shape) in enumerate(shapes().items()):
        flat = len(shape) == 1
        writer.add_tensor(name, np.ones(shape, np.float32) if flat else drawn(shape, seed))
    write(writer)
    return path


@pytest.fixture(scope="module")
def importance(model: Path) -> Path:
    path = model.with_name("importance.gguf")
    writer = gguf.GGUFWriter(path, "imatrix")
    writer.add_type("imatrix")
    writer.add_array("imatrix.datasets", ["words.txt"])
    writer.add_uint32("imatrix.chunk_count", 1)
    writer.add_uint32("imatrix.chunk_size", int(COUNT))
    for seed, (name, shape) in enumerate(shapes().items()):
        if len(shape) > 1 and name != "token_embd.weight":
            writer.add_tensor(f"{name}.in_sum2", sums(seed, shape[-1])[None])
            writer.add_tensor(f"{name}.counts", np.full((1, 1), COUNT, np.float32))
    write(writer)
    return path


def drawn(shape: tuple[int, ...], seed: int) -> np.ndarray:
    return draw("outliers" if seed % 5 == 0 else "normal", int(np.prod(shape)), seed=seed).reshape(shape)


def sums(seed: int, columns: int) -> np.ndarray:
    return (np.random.default_rng(seed).lognormal(0, 1.5, columns) * COUNT).astype(np.float32)


def write(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.mark.parametrize("weighed", [False, True])
def test_a_plan_becomes_the_file_it_promises(
    quantizer: str, model: Path, importance: Path, weighed: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    types, made = tmp_path / "types.txt", tmp_path / "made.gguf"
    weigh = ["--imatrix", str(importance)] if weighed else []
    assert run(["plan", str(model), "--size", "2MB", *weigh, "--out", str(types), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    command = [quantizer, *weigh, "--tensor-type-file", str(types), str(model), str(made), "Q4_K_M"]
    subprocess.run(command, check=True, capture_output=True)
    tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(made).tensors}
    assert sum(int(tensor.n_bytes) for tensor in tensors.values()) == answer["total_bytes"]
    for part in answer["tensors"]:
        tensor = tensors[part["name"]]
        assert (tensor.tensor_type.name, int(tensor.n_bytes)) == (part["format"], part["bytes"])
    assert len({part["format"] for part in answer["tensors"]}) > 1
    for seed, (name, shape) in enumerate(shapes().items()):
        kind = tensors[name].tensor_type.name
        if kind != "F32":
            weights = sums(seed, shape[-1]) / np.float32(COUNT) if weighed and name != "token_embd.weight" else None
            ours = get_format(kind).codec.encode(drawn(shape, seed), weights)
            theirs = np.array(tensors[name].data).reshape(ours.data.shape)
            # Builds with fused multiply-add round some codes otherwise; without it every byte is the same.
            assert (ours.data == theirs).mean() > 0.99, name


def test_mixes_are_as_large_as_it_says(quantizer: str, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for mix in MIXES:
        if mix == "IQ3_XXS":
            continue  # without an importance matrix its dry run counts types that it would then refuse to write
        printed = subprocess.run(
            [quantizer, "--dry-run", str(model), mix], check=True, capture_output=True, text=True
        )
        size = re.search(r"quant size\s*=\s*([\d.]+) MiB", printed.stdout + printed.stderr)
        assert run(["mem", str(model), "--format", mix, "--json"]) == 0
        weights = json.loads(capsys.readouterr().out)["weights_bytes"]
        assert size and abs(weights / 2**20 - float(size[1])) < 0.0051, mix
