"""Architectures of GGUF files: the catalogue's models written as headers, and read back."""

import os
import struct
from math import prod
from pathlib import Path
from typing import Any

import pytest

from qtui.compute.memory.architecture import Architecture, layer_tensors, spread, text_parameters, text_tensors
from qtui.compute.memory.estimate import kv_terms, state_terms
from qtui.compute.memory.ffns.dense import DenseFfn
from qtui.compute.memory.mixers.attention import Attention
from qtui.compute.memory.mixers.base import PART
from qtui.compute.memory.mixers.delta import GatedDeltaNet
from qtui.compute.memory.mixers.kimi import KimiDelta
from qtui.compute.memory.mixers.latent import LatentAttention
from qtui.compute.memory.mixers.mamba import Mamba2, ShortConv
from qtui.compute.memory.serving import Serving
from qtui.models.catalogue.records import Catalogue, CatalogueModel
from qtui.models.files.architecture import read_architecture
from qtui.models.files.model_file import ModelFile
from qtui.models.files.open import open_model
from qtui.models.files.source import ModelFileError
from tests.support.made_files import array, gguf_bytes, save, text


def readable(record: CatalogueModel) -> bool:
    """Models of which every part has a place in a GGUF: no parameters known by number alone."""
    arch = record.arch
    groups = [*arch.mixers, *arch.ffns]
    odd = ("extra", "latent_size", "index_key_dim_per_token", "kv_shared")
    plain = not any(getattr(group, name, 0) for group in groups for name in odd)
    return plain and not arch.other_text and all(type(m) in MIXER_KEYS for m in arch.mixers)


def u32(value: int) -> tuple[int, bytes]:
    return 4, struct.pack("<I", value)


def numbers(values: list[int]) -> tuple[int, bytes]:
    return 9, array(4, len(values), struct.pack(f"<{len(values)}I", *values))


def metadata(arch: Architecture) -> dict[str, tuple[int, bytes]]:
    """What llama.cpp's converter writes for `arch`."""
    order = iter(spread(arch.mixers))
    with_mixer = [any(tensor.part == PART for tensor in tensors) for tensors in layer_tensors(arch)]
    mixers = [arch.mixers[next(order)] if there else None for there in with_mixer]
    spans = [m.span if m is not None else 0 for m in mixers]
    results = {"block_count": u32(arch.num_layers), "embedding_length": u32(arch.hidden_size)}
    results["context_length"] = u32(4096)
    results["attention.head_count"] = numbers([getattr(m, "heads", 0) for m in mixers])
    results["attention.head_count_kv"] = numbers([getattr(m, "kv_heads", 0) for m in mixers])
    if any(spans):
        results["attention.sliding_window"] = u32(max(spans))
        flags = bytes(map(bool, spans))
        results["attention.sliding_window_pattern"] = (9, array(7, len(flags), flags))
    for m in arch.mixers:
        results |= MIXER_KEYS[type(m)](m)
    for f in arch.ffns:
        if f.experts:
            results["expert_count"] = u32(f.experts)
            results["expert_used_count"] = u32(f.experts_per_token)
    return results


def attention_keys(m: Attention) -> dict[str, tuple[int, bytes]]:
    swa = "_swa" if m.window else ""
    values = u32(m.v_head_dim or m.head_dim)
    return {f"attention.key_length{swa}": u32(m.head_dim), f"attention.value_length{swa}": values}


def latent_keys(m: LatentAttention) -> dict[str, tuple[int, bytes]]:
    results = {
        "attention.kv_lora_rank": u32(m.kv_lora_rank),
        "rope.dimension_count": u32(m.qk_rope_head_dim),
        "attention.key_length_mla": u32(m.qk_nope_head_dim + m.qk_rope_head_dim),
        "attention.value_length_mla": u32(m.v_head_dim),
        "attention.q_lora_rank": u32(m.q_lora_rank or 0),
    }
    if m.indexer is not None:
        results["attention.indexer.head_count"] = u32(m.indexer.heads)
        results["attention.indexer.key_length"] = u32(m.indexer.head_dim)
    return results


MIXER_KEYS: dict[type, Any] = {
    Attention: attention_keys,
    LatentAttention: latent_keys,
    GatedDeltaNet: lambda m: {
        "ssm.time_step_rank": u32(m.v_heads),
        "ssm.group_count": u32(m.k_heads),
        "ssm.state_size": u32(m.k_head_dim),
        "ssm.inner_size": u32(m.v_heads * m.v_head_dim),
        "ssm.conv_kernel": u32(m.conv_kernel),
    },
    Mamba2: lambda m: {
        "ssm.time_step_rank": u32(m.heads),
        "ssm.group_count": u32(m.groups),
        "ssm.state_size": u32(m.state),
        "ssm.inner_size": u32(m.heads * m.head_dim),
        "ssm.conv_kernel": u32(m.conv_kernel),
    },
    ShortConv: lambda m: {"shortconv.l_cache": u32(m.conv_kernel)},
    KimiDelta: lambda m: {"kda.head_dim": u32(m.head_dim), "ssm.conv_kernel": u32(m.conv_kernel)},
}


def written(path: Path, arch: Architecture) -> str:
    """A GGUF with the header of `arch` and a hole where its weights would be."""
    pairs = [("general.architecture", 8, text("test")), ("general.name", 8, text("A Model"))]
    pairs += [(f"test.{key}", kind, value) for key, (kind, value) in metadata(arch).items()]
    tensors, offset = [], 0
    for i, tensor in text_tensors(arch):
        name = tensor.name if i is None else f"blk.{i}.{tensor.name}"
        tensors.append((name, tensor.shape[::-1], 1, offset))
        offset += -(-2 * prod(tensor.shape) // 32) * 32
    data = gguf_bytes(pairs, tensors, b"")
    save(path, data)
    os.truncate(path, len(data) + offset)
    return str(path)


RECORDS = [record.id for record in Catalogue().records() if readable(record)]
FAMILIES = {record.id: record.family for record in Catalogue().records()}
# One model of each family: the smallest files, and every kind of layer.
CHOSEN = sorted({family: name for name in reversed(RECORDS) if (family := FAMILIES[name])}.values())


@pytest.mark.parametrize("name", CHOSEN)
def test_a_header_written_from_the_catalogue_reads_back_the_same(tmp_path: Path, name: str) -> None:
    truth = Catalogue().record(name).arch
    model = open_model(written(tmp_path / "m.gguf", truth))
    result = read_architecture(model)
    assert result is not None and result.doubts == ()
    assert (result.name, result.kind, result.context, result.dtype) == ("A Model", "test", 4096, "F16")
    assert text_parameters(result.arch) == text_parameters(truth) == model.parameters
    serving = Serving(32768)
    for terms in (kv_terms, state_terms):
        assert sum(t.bytes for t in terms(result.arch, serving)) == sum(t.bytes for t in terms(truth, serving))


def small(**more: Any) -> ModelFile:
    values = {"general.architecture": "x", "x.block_count": 2, "x.embedding_length": 64, "x.vocab_size": 100}
    values |= {"x.attention.head_count": 4, "x.attention.head_count_kv": 2, "x.feed_forward_length": 128}
    return ModelFile("m.gguf", "gguf", ("m.gguf",), (), values | more)


def test_metadata_alone_gives_a_plain_transformer() -> None:
    result = read_architecture(small())
    assert result is not None
    assert result.arch.mixers == (Attention(heads=4, kv_heads=2, head_dim=16, layers=2),)
    assert result.arch.ffns == (DenseFfn(intermediate=128, layers=2),)


def test_windows_without_a_pattern_follow_llama_cpp() -> None:
    gemma = {"general.architecture": "gemma3", "gemma3.block_count": 12, "gemma3.embedding_length": 64}
    gemma |= {"gemma3.vocab_size": 9, "gemma3.attention.head_count": 4, "gemma3.attention.sliding_window": 512}
    result = read_architecture(ModelFile("m", "gguf", ("m",), (), gemma))
    assert result is not None
    assert [(m.span, m.layers) for m in result.arch.mixers] == [(512, 10), (0, 2)]
    first = {key.replace("gemma3", "laguna"): value for key, value in gemma.items()}
    result = read_architecture(ModelFile("m", "gguf", ("m",), (), first | {"general.architecture": "laguna"}))
    assert result is not None and result.arch.mixers[0].span == 0
    assert [m.layers for m in result.arch.mixers] == [3, 9]
    unknown = read_architecture(small(**{"x.attention.sliding_window": 512}))
    assert unknown is not None and "window of 512" in unknown.doubts[0]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"general.architecture": 7}, "does not name its architecture"),
        ({"x.block_count": 10**9}, "at most"),
        ({"x.block_count": "2"}, "whole number"),
        ({"x.attention.head_count": 0}, "more than 0"),
        ({"x.attention.head_count_kv": [2]}, "a list of 2"),
        ({"x.attention.head_count": [-4, -4]}, "whole number"),
        ({"x.embedding_length": -64}, "whole number"),
        ({"x.nextn_predict_layers": 1.5}, "whole number"),
    ],
)
def test_metadata_that_lies(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelFileError, match=words):
        read_architecture(small(**more))


def test_safetensors_take_the_config_beside_them(tmp_path: Path) -> None:
    from tests.support.made_files import safetensors_bytes

    header = {"w": {"dtype": "BF16", "shape": [4], "data_offsets": [0, 8]}}
    path = save(tmp_path / "model.safetensors", safetensors_bytes(header, bytes(8)))
    assert read_architecture(open_model(path)) is None
    config = (
        b'{"model_type": "llama", "hidden_size": 4, "num_hidden_layers": 1, "vocab_size": 3, "intermediate_size": 8,'
    )
    save(tmp_path / "config.json", config + b'"num_attention_heads": 2}')
    result = read_architecture(open_model(path))
    assert result is not None and result.dtype == "bfloat16"
    assert "hold 4 parameters" in result.doubts[0]
    alone = read_architecture(open_model(str(tmp_path / "config.json")))
    assert alone is not None and alone.arch == result.arch
