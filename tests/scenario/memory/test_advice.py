"""What those who know answer: models on machines that people have, with the plan and command that they would take."""

from __future__ import annotations

import pytest

from qtui.scenario.memory.result import MemoryResult
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.memory.solve import solve_with_plans

MIDDLE = ("Q4_K_M", "Q5_K_S", "Q5_K_M", "Q6_K")
# Model, machine, context, engine; the plan's name, formats that are right for it, and words of its first command.
CASES = [
    ("Qwen3-8B", "RTX 3060 12GB", 16384, "", "best quality", ("Q8_0",), "-hf unsloth/Qwen3-8B-GGUF:Q8_0 -ngl 99"),
    ("Qwen3-8B", "RTX 3060 12GB", 16384, "", "balanced", MIDDLE, "-c 16384 -fa on -np 1"),
    ("Llama-3.3-70B", "2x RTX 3090", 16384, "", "balanced", ("Q4_K_M",), "-hf bartowski/Llama-3.3-70B"),
    ("Qwen3-30B-A3B", "RTX 4070", 32768, "", "best quality", ("Q8_0",), "--n-cpu-moe"),
    ("Qwen3-30B-A3B", "RTX 4070", 32768, "", "longest context", MIDDLE, "-c 40960"),
    (
        "gpt-oss-20b",
        "RTX 4060 Ti 16GB",
        32768,
        "",
        "balanced",
        ("MXFP4_MOE",),
        "-hf ggml-org/gpt-oss-20b-GGUF -ngl 99",
    ),
    ("gemma-3-27b", "RTX 4090", 32768, "", "balanced", MIDDLE, "--no-mmproj"),
    ("Qwen3-Coder-30B-A3B", "64 GB laptop", 32768, "", "best quality", ("Q8_0",), "-ngl 0"),
    ("Qwen3-235B-A22B", "MacBook Pro 128GB", 16384, "", "fastest", ("IQ3_XXS",), "-m Qwen3-235B-A22B-IQ3_XXS.gguf"),
    ("Kimi-K2.6", "EPYC 9004 768GB", 16384, "", "best quality", ("Q4_K_M",), "-ngl 0"),
    ("GLM-4.5-Air", "Strix Halo 128GB", 32768, "", "balanced", MIDDLE, "-ngl 99"),
    ("Qwen3-Embedding-8B", "RTX 3060", 8192, "", "best quality", ("Q8_0",), "--embedding"),
    ("Qwen3-8B", "M1 16GB", 16384, "mlx", "balanced", ("int6", "int5"), "mlx_lm.convert --hf-path Qwen/Qwen3-8B -q"),
    ("DeepSeek-V3", "8x H200", 16384, "vllm", "best quality", ("native",), "vllm serve deepseek-ai/DeepSeek-V3 "),
    ("DeepSeek-V3", "8x H100", 16384, "vllm", "balanced", ("int4",), "vllm serve DeepSeek-V3-W4A16"),
    ("Qwen3-8B", "RTX 4090", 32768, "vllm", "balanced", ("float8_e4m3fn",), "serve Qwen/Qwen3-8B --max-model-len"),
]


def asked(model: str, machine: str, context: int, engine: str = "", **more: object) -> MemoryResult:
    chosen = {"model": (model,), "machine": machine, "ctx": context, "engine": engine or "llama.cpp", **more}
    return solve_with_plans(MemoryScenario(**chosen))  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} on {case[1]}: {case[4]}")
def test_a_plan_is_what_those_who_know_would_take(case: tuple[str, str, int, str, str, tuple[str, ...], str]) -> None:
    model, machine, context, engine, name, formats, words = case
    plan = next(plan for plan in asked(model, machine, context, engine).plans if plan.name == name)
    assert plan.format.partition(":")[0] in formats and plan.context >= context
    assert words in plan.commands[0][1]


def test_ollama_is_named_where_it_can_run_the_plan() -> None:
    answer = {plan.name: dict(plan.commands) for plan in asked("gpt-oss-120b", "RTX 4090", 8192).plans}
    assert "Ollama" not in answer["balanced"]  # it does not keep experts in RAM
    small = asked("gpt-oss-20b", "RTX 4090", 8192).plans
    assert dict(small[0].commands)["Ollama"].endswith("ollama run gpt-oss:20b")
    with_draft = asked("Qwen3-14B", "RTX 4090", 8192, draft="Qwen3-0.6B:Q8_0").plans
    assert "Ollama" not in dict(with_draft[0].commands)
    assert "-md Qwen3-0.6B-Q8_0.gguf -ngld 99 --spec-type draft-simple" in with_draft[0].commands[0][1]
    published = asked("Qwen3-0.6B", "RTX 4090", 8192, draft="gemma-3-270m:native").plans
    assert "-md gemma-3-270m-it-BF16.gguf" in published[0].commands[0][1]


def test_a_draft_takes_room_from_the_layers_of_the_model() -> None:
    for plan in asked("Qwen3-14B", "RTX 4090 laptop", 32768, draft="Qwen3-0.6B:Q8_0").plans:
        assert plan.fits or plan.gpu_layers < 40


def test_a_system_keeps_some_memory() -> None:
    assert asked("Qwen3-8B", "laptop 16GB", 8192).budget.ram == 13 << 30
    assert asked("Qwen3-8B", "laptop 16GB", 8192, ram="16GB").budget.ram == 16 * 10**9
    assert asked("Qwen3-8B", "Strix Halo 128GB", 8192).budget.ram == 96 << 30
    assert asked("Qwen3-8B", "M1 Max 64GB", 8192).budget.ram == 48 << 30


def test_every_card_of_a_server_keeps_a_latent_cache() -> None:
    one, eight = asked("DeepSeek-V3", "H200", 32768, "vllm"), asked("DeepSeek-V3", "8x H200", 32768, "vllm")
    assert eight.bytes("kv") == 8 * one.bytes("kv")
    assert sum(card.kv_cache for card in eight.devices) == pytest.approx(eight.bytes("kv"), rel=0.01)
    heads = asked("Llama-3.1-70B", "8x H100", 32768, "vllm")
    assert heads.bytes("kv") == asked("Llama-3.1-70B", "H200", 32768, "vllm").bytes("kv")


def test_a_long_context_is_read_from_the_card_and_not_from_ram() -> None:
    answer = asked("GLM-4.5-Air", "", 32768, ram="64GB", vram="24GB").plans
    longest = next(plan for plan in answer if plan.name == "longest context")
    assert longest.context == 131072 and longest.gpu_layers == 46 and longest.cpu_moe_layers
    vision = asked("Qwen3-VL-8B", "RTX 3060", 16384, vision=True).plans
    assert next(plan for plan in vision if plan.name == "longest context").fits
    assert "--no-mmproj" not in vision[0].commands[0][1]
    assert "--no-mmproj" in asked("Qwen3-VL-8B", "RTX 3060", 16384).plans[0].commands[0][1]


def test_files_are_named_where_their_publisher_has_none() -> None:
    kimi = asked("Kimi-K3", "8x H200", 8192).plans[0]
    assert "-m Kimi-K3-MXFP4_MOE.gguf" in kimi.commands[0][1] and len(kimi.commands) == 1
