"""Configs of families that qtui does not read: refused, or counted with a doubt beside the total, never silently."""

from __future__ import annotations

from typing import Any

import pytest

from qtui.compute.memory.architecture import extras, text_parameters
from qtui.models.config.reader import architecture_of
from qtui.models.files.source import ModelFileError

BASE = {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12, "num_hidden_layers": 12}
T5 = {"d_model": 512, "d_kv": 64, "num_heads": 8, "num_layers": 6, "vocab_size": 32128, "is_encoder_decoder": True}
MAMBA = {"mamba_d_state": 16, "mamba_d_conv": 4, "mamba_expand": 2, "attn_layer_period": 6, "attn_layer_offset": 4}
# Each with a word of the sentence that says what is not counted.
CONFIGS: dict[str, tuple[dict[str, Any], str]] = {
    "t5": (T5 | {"d_ff": 2048}, "encoder"),
    "rembert": (BASE | {"embedding_size": 256, "vocab_size": 250300, "max_position_embeddings": 512}, "not known"),
    "zamba": (BASE | MAMBA | {"vocab_size": 32000}, "not known"),
    "deberta-v2": (BASE | {"vocab_size": 128100, "max_position_embeddings": 512}, "not known"),
    "longformer": (BASE | {"vocab_size": 50265, "max_position_embeddings": 4098}, "not known"),
    "convbert": (BASE | {"embedding_size": 768, "vocab_size": 30522}, "not known"),
}
REFUSED = {
    "mt5": T5 | {"feed_forward_proj": "gated-gelu", "intermediate_size": None},
    "xlnet": {"d_model": 768, "d_inner": 3072, "n_head": 12, "n_layer": 12, "vocab_size": 32000},
    "funnel": {"d_model": 768, "d_inner": 3072, "n_head": 12, "block_sizes": [4, 4, 4], "vocab_size": 30522},
}


@pytest.mark.parametrize("kind", CONFIGS)
def test_what_is_not_known_is_marked(kind: str) -> None:
    config, word = CONFIGS[kind]
    read = architecture_of({"model_type": kind, **config}, "config.json")
    assert not read.family_known
    assert any(word in doubt for doubt in read.doubts)


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_is_refused_in_a_sentence(kind: str) -> None:
    config = {key: value for key, value in REFUSED[kind].items() if value is not None}
    with pytest.raises(ModelFileError, match="does not say"):
        architecture_of({"model_type": kind, **config}, "config.json")


def test_llama_4_with_its_vision_tower_is_the_published_count() -> None:
    text = {"hidden_size": 5120, "intermediate_size": 8192, "intermediate_size_mlp": 16384, "num_hidden_layers": 48}
    text |= {"num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128, "attention_chunk_size": 8192}
    text |= {"num_local_experts": 16, "num_experts_per_tok": 1, "interleave_moe_layer_step": 1, "vocab_size": 202048}
    vision = {"hidden_size": 1408, "intermediate_size": 5632, "num_hidden_layers": 34, "num_attention_heads": 16}
    vision |= {"image_size": 336, "patch_size": 14, "pixel_shuffle_ratio": 0.5, "projector_input_dim": 4096}
    vision |= {"projector_output_dim": 4096, "vision_output_dim": 4096}
    parts = {"text_config": {"model_type": "llama4_text", **text}, "vision_config": vision}
    read = architecture_of({"model_type": "llama4", **parts}, "config.json")
    assert text_parameters(read.arch) + sum(extras(read.arch).values()) == 108_641_793_536
