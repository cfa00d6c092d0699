"""What training takes: bytes a parameter as published, adapters as programs count them, activations that scale."""

from __future__ import annotations

import pytest

from qtui.compute.memory.architecture import Architecture, layer_tensors
from qtui.compute.memory.ffns.base import FeedForward
from qtui.compute.memory.ffns.dense import DenseFfn
from qtui.compute.memory.ffns.experts import MoeFfn
from qtui.compute.memory.mixers.attention import Attention
from qtui.compute.memory.training import TrainingSetup, TrainingSum, kept_bytes, training_sum
from qtui.models.catalogue.resolve import resolve


def summed(model: str, method: str, tokens: int = 2048, **more: object) -> TrainingSum:
    arch = resolve(model).arch
    assert arch is not None
    return training_sum(arch, TrainingSetup(method, tokens, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(("optimizer", "per_parameter"), [("adamw", 16), ("sgd", 8)])
def test_full_training_takes_its_bytes_for_each_parameter(optimizer: str, per_parameter: int) -> None:
    one = summed("Qwen3-8B", "full", optimizer=optimizer)
    assert one.trained == 8_190_735_360 and one.sharded == per_parameter * one.trained


def test_moments_in_8_bits_have_a_scale_for_each_block() -> None:
    one = summed("Qwen3-8B", "full", optimizer="adamw-8bit")
    assert one.sharded == 10 * one.trained + 8 * -(-one.trained // 256)


@pytest.mark.parametrize(
    ("model", "rank", "trained"),
    # "trainable params" as PEFT prints it for all linear layers of these models.
    [("Llama-3.1-8B", 16, 41_943_040), ("Llama-2-7b", 64, 159_907_840), ("Llama-3.2-1B", 16, 11_272_192)],
)
def test_adapters_are_as_many_as_programs_count(model: str, rank: int, trained: int) -> None:
    assert summed(model, "lora", rank=rank).trained == trained


def test_frozen_weights_of_4_bits_keep_embeddings_and_head_in_16() -> None:
    lora, qlora = summed("Llama-3.1-8B", "lora"), summed("Llama-3.1-8B", "qlora")
    plain = 2 * 128_256 * 4096 + 65 * 4096
    packed = 8_030_261_248 - plain
    saved = 2 * packed - packed * (4 + 8 / 64 + 32 / (64 * 256)) / 8
    assert lora.total - qlora.total == pytest.approx(saved, abs=1)


def test_activations_grow_with_tokens_and_shrink_with_checkpointing() -> None:
    once, twice = summed("Qwen3-8B", "qlora"), summed("Qwen3-8B", "qlora", batch=2)
    assert twice.rest == 2 * once.rest and twice.sharded == once.sharded
    every = summed("Qwen3-8B", "qlora", checkpointing=False)
    assert every.rest > 3 * once.rest
    assert summed("Qwen3-8B", "qlora", checkpointing=False, flash=False).rest > 2 * every.rest


def test_a_layer_of_gpt_keeps_what_the_paper_says() -> None:
    """34 s b h + 5 a s² b bytes (Korthikanti et al. 2022, equation 2) with dropout, whose masks take 2 of the 34."""
    model, tokens = "gpt2-xl", 1024
    arch = resolve(model).arch
    assert arch is not None
    h, heads, count = arch.hidden_size, 25, arch.num_layers
    flash = summed(model, "full", tokens, checkpointing=False).terms[-2][1].bytes
    assert flash == 32 * tokens * h * count
    plain = summed(model, "full", tokens, checkpointing=False, flash=False).terms[-2][1].bytes
    assert plain - flash == 5 * heads * tokens * tokens * count
    again = summed(model, "full", tokens).terms[-2][1].bytes
    assert again == 2 * tokens * h * count + 32 * tokens * h  # section 5: 2 s b h a layer, and one layer


@pytest.mark.parametrize(
    ("qk_norm", "ffn", "measured"),
    [
        ("", DenseFfn(layers=2, intermediate=688), 10_920),  # Llama, Mistral, Qwen2, Granite
        ("per_head", DenseFfn(layers=2, intermediate=688), 12_880),  # Qwen3
        ("", MoeFfn(layers=2, moe_intermediate=688, experts=8, experts_per_token=2), 18_588),  # Mixtral
        ("per_head", MoeFfn(layers=2, moe_intermediate=128, experts=16, experts_per_token=4), 15_768),  # Qwen3 MoE
    ],
)
def test_a_layer_keeps_what_pytorch_saves_for_it(qk_norm: str, ffn: FeedForward, measured: int) -> None:
    """Bytes a token and layer in the hooks for saved tensors: transformers 5.24 in bfloat16, SDPA.

    What is missing are the statistics of norms and of attention, and the indices of experts.
    """
    mixer = Attention(layers=2, heads=8, kv_heads=2, head_dim=32, qk_norm=qk_norm)
    arch = Architecture(
        hidden_size=256, num_layers=2, vocab_size=1000, tie_word_embeddings=False, mixers=(mixer,), ffns=(ffn,)
    )
    assert kept_bytes(arch, layer_tensors(arch)[0]) == pytest.approx(measured, rel=0.02)


def test_what_was_published_of_training() -> None:
    """Sums for model states alone, and what a card of 48 GB was shown to train."""
    # "7.5B parameters … 120GB" (ZeRO, arXiv 1910.02054, figure 1) is 16 bytes for each parameter.
    assert summed("Qwen3-8B", "full").sharded / 8_190_735_360 == 120 / 7.5
    # "more than 780 GB" for 65 billion parameters in 16 bits (QLoRA, arXiv 2305.14314, section 1): no 32-bit copy.
    llama = summed("Llama-2-70b", "full")
    copy = next(term.bytes for _, term in llama.terms if term.name == "32-bit copy")
    assert (llama.sharded - copy) / llama.trained == 780 // 65
    # The same paper trains the model of 65 billion parameters, and here that of 70, on one card of 48 GB.
    assert 36e9 < summed("Llama-2-70b", "qlora", 512, rank=64, optimizer="adamw-8bit").total < 48e9
    # "Llama 3.1 - 405B, 70B & 8B" (Hugging Face, July 2024): 16 GB for LoRA and 6 GB for QLoRA of the one of 8.
    assert summed("Llama-3.1-8B", "lora", 512).total / 1e9 == pytest.approx(16, rel=0.15)
    assert summed("Llama-3.1-8B", "qlora", 512).total / 1e9 == pytest.approx(6, rel=0.25)


def test_chosen_experts_alone_keep_activations() -> None:
    dense, sparse = summed("Qwen3-32B", "lora"), summed("Qwen3-30B-A3B", "lora")
    assert sparse.trained < dense.trained / 3 and sparse.rest < dense.rest
    assert any(term.why for _, term in summed("Qwen3-30B-A3B", "qlora").terms[:1])
