"""Layers dealt out to cards: everything is somewhere, in proportion to the cards' memory."""

import pytest

from qtui.compute.memory.devices import card_of
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.memory.solve import solve


@pytest.mark.parametrize("machine", ["RTX 4090", "2x RTX 3090", "3x RTX 5080", "RTX 4090 + RTX 3060"])
@pytest.mark.parametrize(("model", "spec"), [("Qwen3-8B", "Q8_0"), ("Qwen3-32B", "Q6_K"), ("gpt-oss-120b", "native")])
def test_weights_and_cache_are_each_somewhere_once(machine: str, model: str, spec: str) -> None:
    result = solve(MemoryScenario(model=(model,), format=spec, machine=machine))
    assert len(result.devices) == len(result.machine.gpus) + 1
    doubled = 0
    if result.model.arch is not None and result.model.arch.tie_word_embeddings:
        doubled = result.need.host
    assert sum(one.weights for one in result.devices) == result.bytes("weights") + doubled
    assert sum(one.kv_cache for one in result.devices) == result.bytes("kv") + result.bytes("state")
    assert result.model.arch is not None
    layers = sum(one.layers for one in result.devices)
    assert layers == result.model.arch.num_layers


def test_layers_follow_the_memory_of_the_cards() -> None:
    assert [card_of(i, 8, [24, 8]) for i in range(8)] == [0] * 6 + [1] * 2
    assert [card_of(i, 9, [16, 16, 16]) for i in range(9)] == [0] * 3 + [1] * 3 + [2] * 3


def test_sequences_share_the_context_unless_the_cache_is_unified() -> None:
    shared = solve(MemoryScenario(model=("Qwen3-8B",), ctx=32768, seqs=8, machine="RTX 4090"))
    assert shared.per_sequence_context == 4096
    unified = solve(MemoryScenario(model=("Qwen3-8B",), ctx=32768, seqs=8, unified=True, machine="RTX 4090"))
    assert unified.per_sequence_context == 32768
    result = solve(MemoryScenario(model=("Qwen3-8B",), ctx=32768, seqs=8, engine="vllm", machine="RTX 4090"))
    assert result.per_sequence_context == 32768
