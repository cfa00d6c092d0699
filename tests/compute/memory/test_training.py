"""What training takes: bytes a parameter as published, adapters as programs count them, activations that scale."""

from __future__ import annotations

import pytest

from qtui.compute.memory.training import TrainingSum, TrainingUse, training_sum
from qtui.models.catalogue.resolve import resolve


def summed(model: str, method: str, tokens: int = 2048, **more: object) -> TrainingSum:
    arch = resolve(model).arch
    assert arch is not None
    return training_sum(arch, TrainingUse(method, tokens, **more))  # type: ignore[arg-type]


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
    # 34 s b h bytes a layer of the original transformer without dropout's masks; a gated one keeps more.
    layer = (every.terms[-2][1].bytes) / 36 / 2048 / 4096
    assert 25 < layer < 50
    assert summed("Qwen3-8B", "qlora", checkpointing=False, flash=False).rest > 2 * every.rest


def test_chosen_experts_alone_keep_activations() -> None:
    dense, sparse = summed("Qwen3-32B", "lora"), summed("Qwen3-30B-A3B", "lora")
    assert sparse.trained < dense.trained / 3 and sparse.rest < dense.rest
    assert any(term.why for _, term in summed("Qwen3-30B-A3B", "qlora").terms[:1])
