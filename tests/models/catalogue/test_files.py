"""Model files by their headers: what is counted is what the catalogue gives for the same model."""

from __future__ import annotations

import json
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtui.cli.main import run
from qtui.compute.memory.architecture import Architecture, ends, layer_tensors
from qtui.compute.memory.ffns.dense import DenseFfn
from qtui.compute.memory.mixers.attention import Attention
from qtui.compute.memory.mixes import stays_float32
from qtui.draw.glyphs import UNICODE
from qtui.draw.memory.plans import printed
from qtui.draw.picture import text
from qtui.error import QtuiError
from qtui.models.catalogue.records import Catalogue
from qtui.models.published.quality import quality_of
from qtui.scenario.memory.choices import solve_with_choices as solve
from qtui.scenario.memory.json import json_object
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.memory.solve import solve_with_plans

SMALL = "SmolLM2-135M"


def written(
    path: Path, arch: Architecture, keys: dict[str, int], architecture: str = "llama", in_q8: bool = False
) -> str:
    """A GGUF of `arch` in F16, or Q8_0, whose weights are a hole in the file."""
    writer = gguf.GGUFWriter(path, architecture)
    matrices = gguf.GGMLQuantizationType.Q8_0 if in_q8 else gguf.GGMLQuantizationType.F16
    if in_q8:
        writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    for key, value in keys.items():
        writer.add_uint32(f"{architecture}.{key}", value)
    total = 0
    named = [(f"blk.{i}.", t) for i, tensors in enumerate(layer_tensors(arch)) for t in tensors]
    for prefix, tensor in [*named, *(("", t) for t in ends(arch))]:
        kind = gguf.GGMLQuantizationType.F32 if stays_float32(tensor) else matrices
        block, size_of_one = gguf.GGML_QUANT_SIZES[kind]
        size = tensor.size // block * size_of_one
        writer.add_tensor_info(prefix + tensor.name, list(tensor.shape), np.dtype(np.float16), size, kind)
        total += -(-size // 32) * 32
    close_over_a_hole(writer, path, total)
    return str(path)


def close_over_a_hole(writer: gguf.GGUFWriter, path: Path, size: int) -> None:
    """Write the header; `size` bytes of weights are a hole behind it."""
    writer.write_header_to_file(path)
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    with path.open("r+b") as file:
        file.truncate(-(-path.stat().st_size // 32) * 32 + size)


def keys_of(arch: Architecture) -> dict[str, int]:
    m, f = arch.mixers[0], arch.ffns[0]
    assert isinstance(m, Attention) and isinstance(f, DenseFfn)
    keys = {"block_count": arch.num_layers, "embedding_length": arch.hidden_size, "context_length": 8192}
    keys |= {"attention.head_count": m.heads, "attention.head_count_kv": m.kv_heads}
    return keys | {"feed_forward_length": f.intermediate, "vocab_size": arch.vocab_size}


@pytest.mark.parametrize("spec", ["native", "Q4_K_M", "Q8_0", "IQ2_M", "Q4_K"])
def test_a_gguf_is_weighed_like_its_model(tmp_path: Path, spec: str) -> None:
    arch = Catalogue().find(SMALL).arch
    path = written(tmp_path / "small.gguf", arch, keys_of(arch))
    one = solve(MemoryScenario(model=(path,), format=spec, ctx=20000, seqs=3, machine="laptop 16GB"))
    same = solve(
        MemoryScenario(
            model=(SMALL,), format="f16" if spec == "native" else spec, ctx=20000, seqs=3, machine="laptop 16GB"
        )
    )
    assert [one.bytes(group) for group in ("weights", "kv", "state", "compute")] == [
        same.bytes(group) for group in ("weights", "kv", "state", "compute")
    ]
    assert one.weights.parameters == same.weights.parameters == 134_515_008


def test_losses_of_a_quantized_file_count_from_the_weights_as_published(tmp_path: Path) -> None:
    """What the file lost is said; it counts for no plan, since every way to run the file has lost it."""
    arch = Catalogue().find(SMALL).arch
    result = solve_with_plans(
        MemoryScenario(model=(written(tmp_path / "m.gguf", arch, keys_of(arch), in_q8=True),), machine="laptop 16GB")
    )
    best = next(plan for plan in result.plans if plan.name == "best quality")
    q8 = quality_of("Q8_0", "SmolLM2", "bfloat16")
    assert result.model.mix == "Q8_0" and q8 is not None and q8.kld_mean
    assert (best.format, best.loss) == ("native", q8.kld_mean)
    assert best.gives_up == (f"{q8.kld_mean:.2g} nats lost in Q8_0 before ({q8.model})",)
    assert "Q8_0" not in {plan.format for plan in result.plans}
    assert "not from the file" in text(printed(result, 100, UNICODE))
    plain = solve_with_plans(
        MemoryScenario(model=(written(tmp_path / "f16.gguf", arch, keys_of(arch)),), machine="laptop 16GB")
    )
    assert {plan.format: plan.loss for plan in plain.plans}.get("native", 0.0) == 0.0
    assert plain.model.mix == "" and "not from the file" not in text(printed(plain, 100, UNICODE))


def test_a_file_of_an_unknown_architecture_keeps_its_weights(tmp_path: Path) -> None:
    arch = Catalogue().find(SMALL).arch
    path = written(tmp_path / "odd.gguf", arch, {}, "martian")
    result = solve(MemoryScenario(model=(path,), machine="laptop 16GB"))
    assert result.bytes("weights") > 2 * 134_000_000 and result.bytes("kv") == 0
    assert any("cache can't be known" in note for note in result.model.notes)


def test_a_family_that_is_not_known_is_never_exact(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = {"model_type": "brandnew", "hidden_size": 1024, "num_hidden_layers": 4, "vocab_size": 5000}
    config |= {"num_attention_heads": 8, "num_key_value_heads": 2, "intermediate_size": 4096}
    path = tmp_path / "config.json"
    for family, known in (("brandnew", False), ("llama", True)):
        path.write_text(json.dumps(config | {"model_type": family}))
        values = json_object(solve(MemoryScenario(model=(str(path),), machine="laptop 16GB")))
        assert (values["family_known"], values["exact"]) == (known, known)
        assert run(["mem", str(path), "--machine", "laptop 16GB", "--fits"]) == 0
        assert ("family is not known" in capsys.readouterr().out) is not known


def test_a_config_alone_is_enough(tmp_path: Path) -> None:
    config = {
        "model_type": "qwen3",
        "hidden_size": 4096,
        "num_hidden_layers": 36,
        "vocab_size": 151936,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "intermediate_size": 12288,
        "tie_word_embeddings": False,
        "torch_dtype": "bfloat16",
        "max_position_embeddings": 40960,
    }
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    one, same = (
        solve(MemoryScenario(model=(name,), format="Q5_K_M", machine="laptop 16GB"))
        for name in (str(path), "Qwen3-8B")
    )
    assert one.total == same.total and one.max_context == same.max_context


@pytest.mark.parametrize("content", [b"", b"GGUF", b"{", b"\x00" * 64, b'{"model_type": "llama"}'])
def test_a_file_that_is_no_model_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(content)
    with pytest.raises(QtuiError) as caught:
        solve(MemoryScenario(model=(str(path),), machine="laptop 16GB"))
    assert "\n" not in str(caught.value)


KEYS = ("block_count", "embedding_length", "attention.head_count", "attention.head_count_kv", "attention.key_length")
KEYS += ("feed_forward_length", "vocab_size", "context_length", "attention.sliding_window", "attention.kv_lora_rank")
KEYS += (
    "expert_count",
    "expert_used_count",
    "ssm.inner_size",
    "ssm.state_size",
    "ssm.group_count",
    "nextn_predict_layers",
)
NAMES = (
    "attn_k.weight",
    "attn_q.weight",
    "attn_kv_a_mqa.weight",
    "attn_k_b.weight",
    "ssm_conv1d.weight",
    "ssm_out.weight",
)
NAMES += (
    "ffn_down.weight",
    "ffn_down_exps.weight",
    "attn_qkv.weight",
    "shortconv.conv.weight",
    "indexer.attn_k.weight",
)
wild = st.sampled_from([0, 1, 2, 3, 7, 64, 4096, 2**31, 2**32 - 1]) | st.integers(0, 2**32 - 1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(KEYS), wild),
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(NAMES), st.lists(st.integers(1, 64), min_size=1, max_size=3))
    ),
    st.sampled_from(["llama", "qwen3next", "deepseek2", "gemma3", "granitehybrid", "martian"]),
    st.sampled_from(["native", "Q4_K_M", "nf4"]),
)
def test_a_hostile_header_is_told_in_one_line_or_weighed(
    tmp_path: Path, keys: dict[str, int], tensors: list[tuple[int, str, list[int]]], architecture: str, spec: str
) -> None:
    path = tmp_path / "hostile.gguf"
    writer = gguf.GGUFWriter(path, architecture)
    for key, value in keys.items():
        writer.add_uint32(f"{architecture}.{key}", value)
    total, seen = 0, set()
    for layer, name, shape in tensors:
        full = f"blk.{layer}.{name}"
        if full in seen:
            continue
        seen.add(full)
        size = int(np.prod(shape)) * 4
        writer.add_tensor_info(full, shape, np.dtype(np.float32), size, gguf.GGMLQuantizationType.F32)
        total += -(-size // 32) * 32
    close_over_a_hole(writer, path, total)
    try:
        result = solve(MemoryScenario(model=(str(path),), format=spec, machine="RTX 4090"))
        assert result.total >= 0 and result.choices is not None and result.choices.grid
        assert result.speed is None or result.speed.low <= result.speed.high
        assert json_object(result)["total_bytes"] == result.total
    except QtuiError as error:
        assert "\n" not in str(error)
