"""Roles of tensors, from the names of GGUF files and of transformers."""

from __future__ import annotations

import pytest

from qtui.models.tensors.roles import gguf_name, split_name


@pytest.mark.parametrize(
    "name,expected",
    [
        ("blk.17.attn_q.weight", "blk.17.attn_q.weight"),
        ("model.layers.3.self_attn.q_proj.weight", "blk.3.attn_q.weight"),
        ("model.layers.3.self_attn.o_proj.weight", "blk.3.attn_output.weight"),
        ("model.layers.3.self_attn.q_proj.bias", "blk.3.attn_q.bias"),
        ("model.layers.0.mlp.down_proj.weight", "blk.0.ffn_down.weight"),
        ("model.layers.0.mlp.experts.5.gate_proj.weight", "blk.0.ffn_gate_exps.weight"),
        ("model.layers.0.block_sparse_moe.experts.5.w2.weight", "blk.0.ffn_down_exps.weight"),
        ("model.layers.0.mlp.gate.weight", "blk.0.ffn_gate_inp.weight"),
        ("model.layers.0.input_layernorm.weight", "blk.0.attn_norm.weight"),
        ("model.layers.0.post_attention_layernorm.weight", "blk.0.ffn_norm.weight"),
        ("model.embed_tokens.weight", "token_embd.weight"),
        ("model.norm.weight", "output_norm.weight"),
        ("lm_head.weight", "output.weight"),
        ("encoder.layer.2.attention.self.query.weight", "blk.2.attn_q.weight"),
        ("encoder.layer.2.attention.output.dense.weight", "blk.2.attn_output.weight"),
        ("encoder.layer.2.intermediate.dense.weight", "blk.2.ffn_up.weight"),
        ("encoder.layer.2.output.dense.weight", "blk.2.ffn_down.weight"),
        ("encoder.layer.2.output.LayerNorm.weight", "blk.2.layer_output_norm.weight"),
        ("embeddings.word_embeddings.weight", "token_embd.weight"),
        ("transformer.h.11.mlp.c_fc.weight", "blk.11.ffn_up.weight"),
        ("transformer.wte.weight", "token_embd.weight"),
        ("output.weight", "output.weight"),
    ],
)
def test_names_become_those_of_gguf(name: str, expected: str) -> None:
    assert gguf_name(name) == expected


def test_unknown_names_keep_their_words() -> None:
    assert split_name("vision.patch.weight") == (None, "vision.patch", "weight")
    assert split_name("model.layers.7.strange.thing") == (7, "strange.thing", "")
    assert split_name("") == (None, "", "")
