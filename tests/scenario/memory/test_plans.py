"""Plans on machines where those who know agree what to run."""

from __future__ import annotations

import pytest

from qtui.draw.memory.text import best_text
from qtui.scenario.memory.choices import solve_with_choices
from qtui.scenario.memory.json import json_object
from qtui.scenario.memory.result import MemoryResult, Plan
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.memory.solve import solve_with_plans


def plans(**chosen: object) -> dict[str, Plan]:
    return {plan.name: plan for plan in solve(**chosen).plans}


def solve(**chosen: object) -> MemoryResult:
    if isinstance(chosen.get("model"), str):
        chosen["model"] = (chosen["model"],)
    return solve_with_plans(MemoryScenario(**chosen))  # type: ignore[arg-type]


def test_a_32b_model_on_24_gigabytes_is_no_case_for_2_bits() -> None:
    scenario = MemoryScenario(model=("Qwen3-32B",), ctx=32768, ram="64GB", vram="24GB")
    outcome = plans(model="Qwen3-32B", ctx=32768, ram="64GB", vram="24GB")
    balanced, best = outcome["balanced"], outcome["best quality"]
    assert (balanced.format, balanced.kv_type, balanced.fits) == ("IQ4_XS", "q8_0", True)
    assert best.format in ("Q4_K_M", "Q5_K_S", "Q5_K_M", "Q6_K") and not best.fits and 0 < best.gpu_layers < 64
    result = solve_with_choices(scenario)
    assert result.choices is not None and best_text(result.choices) == "IQ4_XS with a q8_0 cache"
    step = result.choices.next_step
    assert step is not None and step.change == {"format": "IQ4_XS", "kv_type": "q8_0"} and step.spare > 10**9


def test_of_what_runs_in_part_in_ram_the_next_step_is_no_worse_than_the_plan() -> None:
    result = solve_with_choices(MemoryScenario(model=("DeepSeek-V3",), ram="256GB", vram="24GB"))
    step = result.choices.next_step if result.choices is not None else None
    assert step is not None and (step.kind, step.format) == ("split", "IQ3_XXS")


def test_a_context_is_not_stretched_to_what_nobody_says_the_model_was_trained_for() -> None:
    unknown = solve(model="c4ai-command-r-plus", machine="RTX PRO 6000")
    assert unknown.model.context is None
    assert {plan.name: plan.context for plan in unknown.plans}["longest context"] == 131072


def test_commands_say_what_the_plan_does() -> None:
    result = plans(model="Qwen3-32B", ctx=32768, ram="64GB", vram="24GB")
    command = dict(result["balanced"].commands)["llama.cpp"]
    assert (
        command == "llama-server -hf unsloth/Qwen3-32B-GGUF:IQ4_XS -ngl 99 -ctk q8_0 -ctv q8_0 -c 32768 -fa on -np 1"
    )
    assert "OLLAMA_KV_CACHE_TYPE=q8_0" in dict(result["balanced"].commands)["Ollama"]
    split = dict(result["best quality"].commands)
    assert f"-ngl {result['best quality'].gpu_layers} " in split["llama.cpp"] and "Ollama" not in split
    vllm = plans(model="Qwen3-8B", machine="2x RTX 4090", engine="vllm")
    assert dict(vllm["balanced"].commands)["vLLM"].endswith("--tensor-parallel-size 2")


def test_cards_that_divide_each_layer_are_said_to_be_faster_than_the_range() -> None:
    for chosen, cards in (({"engine": "vllm"}, 2), ({"split_mode": "row"}, 2), ({}, 1)):
        speed = solve(model="Qwen3-8B", machine="2x RTX 4090", **chosen).speed
        assert speed is not None and ("2 that work on each layer at once" in speed.basis) == (cards > 1)


def test_a_small_model_on_a_large_card_loses_nothing() -> None:
    result = plans(model="Qwen3-8B", machine="RTX 4090")
    assert result["best quality"].format == "native" and result["best quality"].quality.kld_mean == 0
    assert result["balanced"].format in ("Q8_0", "Q6_K", "Q5_K_M")
    assert all(plan.fits for plan in result.values())


def test_a_context_beyond_that_of_the_training_is_named() -> None:
    for plan in plans(model="Llama-2-7b-hf", ctx=8192, ram="64GB").values():
        assert any("beyond 4,096 tokens" in text for text in plan.gives_up)


def test_a_mixture_keeps_its_experts_in_ram_not_its_layers() -> None:
    result = plans(model="gpt-oss-120b", ctx=32768, machine="RTX 4090")
    for plan in result.values():
        assert plan.format == "MXFP4_MOE" and plan.gpu_layers == 36 and 15 <= plan.cpu_moe_layers <= 30
        assert f"--n-cpu-moe {plan.cpu_moe_layers} " in plan.commands[0][1]


def test_8_bit_floats_are_no_gguf() -> None:
    result = plans(model="DeepSeek-V3", machine="8x H200")
    assert result["best quality"].format == "Q8_0"
    assert plans(model="DeepSeek-V3", machine="8x H200", engine="vllm")["best quality"].format == "native"


def test_nothing_is_named_where_nothing_runs() -> None:
    assert plans(model="DeepSeek-V3", ram="8GB", vram="0") == {}
    assert plans(model="70B", machine="RTX 4090") == {}


@pytest.mark.parametrize("machine", ["laptop 8GB", "RTX 4070", "M1 Max 64GB", "8x H100"])
@pytest.mark.parametrize("model", ["Llama-3.1-8B", "Qwen3-30B-A3B-Instruct-2507", "gemma-3-27b"])
def test_a_plan_that_is_taken_is_what_it_said(machine: str, model: str) -> None:
    for plan in plans(model=model, machine=machine).values():
        taken = solve(model=model, machine=machine, **plan.change)
        assert (taken.total, taken.fits) == (plan.total_bytes, plan.fits)
        assert taken.fits or taken.split
        assert taken.speed is not None and plan.speed is not None
        assert (taken.speed.low, taken.speed.high) == (plan.speed.low, plan.speed.high)


def test_layers_without_experts_count_in_the_command() -> None:
    """DeepSeek-V3 has three of them before those with experts."""
    result = solve_with_plans(MemoryScenario(("DeepSeek-V3",), machine="RTX 4090", ram="512GB")).plans
    longest = next(plan for plan in result if plan.name == "longest context")
    assert longest.cpu_moe_layers == 61  # the experts of all 58
    assert "--n-cpu-moe 61" in longest.commands[0][1]


def test_plans_in_json() -> None:
    answer = json_object(solve(model="Llama-3.1-8B", machine="RTX 4090"))["plans"]
    assert [plan["name"] for plan in answer] == ["best quality", "balanced", "fastest", "longest context"]
    for plan in answer:
        speed = plan["tokens_per_second"]
        assert speed["high"] <= 2 * speed["low"] and speed["basis"].startswith("modelled from")
        assert (
            plan["command"].startswith("llama-server -hf unsloth/Llama-3.1-8B-Instruct-GGUF:")
            and plan["quality_source"]
        )
        assert plan["prompt_tokens_per_second"][0] > 1000
