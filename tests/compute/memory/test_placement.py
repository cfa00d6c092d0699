"""What a person keeps in RAM, and how cards share a model when told."""

from __future__ import annotations

import json

import pytest

from qtui.cli.main import run
from qtui.compute.memory.placement import kept_in_ram, places_of
from qtui.compute.memory.tensors import WeightTensor
from qtui.error import QtuiError
from qtui.models.catalogue.resolve import resolve
from qtui.scenario.memory.cache import CachedModel


def asked(capsys: pytest.CaptureFixture[str], *args: str) -> dict:
    assert run(["mem", *args, "--json"]) == 0
    values: dict = json.loads(capsys.readouterr().out)
    return values


def test_experts_of_the_first_layers_by_number_and_by_pattern() -> None:
    cached = CachedModel(resolve("Qwen3-30B-A3B"))
    arch, stored = cached.model.arch, cached.weigh("Q8_0").weights.stored
    assert arch is not None
    by_number = kept_in_ram(arch, stored, places_of(20, ()) or (lambda *_: False))
    by_pattern = kept_in_ram(arch, stored, places_of(0, (r"blk\.(\d|1\d)\.ffn_.*_exps=CPU",)) or (lambda *_: False))
    layer = 3 * 128 * 768 * 2048 * 34 // 32
    assert by_number == by_pattern and by_number.bytes == 20 * layer and by_number.layers == 20
    assert by_number.read == by_number.bytes * 8 // 128


def test_the_first_pattern_that_matches_counts() -> None:
    cached = CachedModel(resolve("Qwen3-30B-A3B"))
    arch, stored = cached.model.arch, cached.weigh("Q8_0").weights.stored
    assert arch is not None
    in_ram = places_of(0, (r"blk\.0\.=CUDA0", r"_exps=CPU"))
    assert in_ram is not None
    assert kept_in_ram(arch, stored, in_ram).layers == 47


@pytest.mark.parametrize("text", ["foo", "=CPU", "(=CPU"])
def test_what_is_no_pattern_is_said(text: str) -> None:
    with pytest.raises(QtuiError, match="override-tensor"):
        places_of(0, (text,))


@pytest.mark.parametrize("buffer", ["CPU", "cpu", "CUDA0", "CUDA1", "ROCm0", "Vulkan0", "Metal"])
def test_buffers_of_llama_cpp_are_known(buffer: str) -> None:
    in_ram = places_of(0, (f"_exps={buffer}",))
    assert in_ram is not None
    assert in_ram(0, WeightTensor("ffn_up_exps.weight", (8, 8), "experts")) is (buffer.upper() == "CPU")


@pytest.mark.parametrize("machine", ["RTX 4090", "laptop 32GB"])
@pytest.mark.parametrize("buffer", ["BOGUS", "CUDA", "", "GPU0"])
def test_other_buffers_are_refused(buffer: str, machine: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mem", "Qwen3-30B-A3B", "-f", "Q8_0", "--machine", machine, "-ot", f"_exps={buffer}"]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and "CUDA0" in captured.err and buffer in captured.err


def test_the_card_has_less_and_the_ram_more(capsys: pytest.CaptureFixture[str]) -> None:
    plain = asked(capsys, "Qwen3-30B-A3B", "-f", "Q8_0", "--machine", "RTX 4090")
    given = asked(capsys, "Qwen3-30B-A3B", "-f", "Q8_0", "--machine", "RTX 4090", "--n-cpu-moe", "20")
    moved = 20 * 3 * 128 * 768 * 2048 * 34 // 32
    assert not plain["fits"] and given["fits"] and given["total_bytes"] == plain["total_bytes"]
    assert plain["gpu_bytes"] - given["gpu_bytes"] == moved
    card, ram = given["devices"]
    assert card["weights_bytes"] + ram["weights_bytes"] == given["weights_bytes"] and ram["weights_bytes"] > moved
    whole = asked(capsys, "Qwen3-30B-A3B", "-f", "Q4_K_M", "--machine", "RTX 4090")["tokens_per_second"]
    assert given["tokens_per_second"][1] < whole[0]


def test_a_draft_model_has_weights_and_a_cache_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    main = asked(capsys, "Qwen3-32B", "-f", "Q4_K_M", "--kv-type", "q8_0")
    both = asked(capsys, "Qwen3-32B", "-f", "Q4_K_M", "--kv-type", "q8_0", "--draft", "Qwen3-0.6B:Q8_0")
    alone = asked(capsys, "Qwen3-0.6B", "-f", "Q8_0")  # its cache stays in f16
    assert both["total_bytes"] - main["total_bytes"] == alone["total_bytes"]
    assert {term["group"] for term in both["terms"]} - {term["group"] for term in main["terms"]} == {"draft"}
    assert "-md Qwen3-0.6B-Q8_0.gguf" in both["plans"][0]["command"]


def test_cards_share_as_they_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    model = ("Qwen3-32B", "-f", "Q4_K_M", "--machine", "2x RTX 3090")
    first, second, _ = asked(capsys, *model, "-ts", "3,1")["devices"]
    assert first["layers"] == 49 and second["layers"] == 15
    first, second, _ = asked(capsys, *model, "-sm", "tensor")["devices"]
    assert first["kv_cache_bytes"] == second["kv_cache_bytes"] and first["layers"] == second["layers"] == 64
    first, second, _ = asked(capsys, *model, "-sm", "none")["devices"]
    assert second["total_bytes"] == 0
    assert not asked(capsys, "Qwen3-32B", "-f", "Q8_0", "--machine", "2x RTX 3090", "-ts", "9,1")["fits"]
    assert asked(capsys, "Qwen3-32B", "-f", "Q8_0", "--machine", "2x RTX 3090")["fits"]


@pytest.mark.parametrize(("options", "limit"), [(("-ts", "1,9"), 10 / 9), (("-sm", "none"), 1), (("-ts", "1,1"), 2)])
def test_a_card_that_is_full_ends_the_room_of_all(
    capsys: pytest.CaptureFixture[str], options: tuple[str, str], limit: float
) -> None:
    one = asked(capsys, "Qwen3-32B", "-f", "Q4_K_M", "--machine", "RTX 3090")["available_bytes"]
    answer = asked(capsys, "Qwen3-32B", "-f", "Q4_K_M", "-c", "40k", "--machine", "2x RTX 3090", *options)
    assert answer["available_bytes"] == pytest.approx(limit * one)
    whole = [plan for plan in answer["plans"] if plan["fits"]]
    assert whole and all(plan["total_bytes"] <= answer["available_bytes"] for plan in whole)
    assert answer["fits"] == (limit == 2) and (answer["max_context"] == 40960) == (limit == 2)


def test_vllm_gives_every_card_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    uneven = asked(capsys, "Qwen3-8B", "--vram", "24GB,8GB", "--engine", "vllm")["available_bytes"]
    assert uneven == asked(capsys, "Qwen3-8B", "--vram", "8GB,8GB", "--engine", "vllm")["available_bytes"]


def test_a_server_says_how_many_users_have_room(capsys: pytest.CaptureFixture[str]) -> None:
    model = ("Qwen3-32B", "--engine", "vllm", "--machine", "4x RTX 3090")
    one = asked(capsys, *model)
    more = asked(capsys, *model, "--gpu-memory-utilization", "0.95")
    assert more["capacity"]["kv_tokens"] > one["capacity"]["kv_tokens"] > 0
    users = {row["context"]: row["users"] for row in one["capacity"]["users"]}
    assert users[2048] >= 4 * users[8192] > 0
    free = one["available_bytes"] - one["weights_bytes"] - one["compute_bytes"]
    assert one["capacity"]["kv_tokens"] == free // (64 * 2 * 8 * 128 * 2)
    command = asked(capsys, *model, "-tp", "2", "-pp", "2")["plans"][0]["command"]
    assert "--tensor-parallel-size 2 --pipeline-parallel-size 2" in command
    assert "capacity" in asked(capsys, "Qwen3-8B") and asked(capsys, "Qwen3-8B")["capacity"] is None
    assert run(["mem", *model, "-tp", "8"]) == 2


def test_training_is_an_object_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    one = asked(capsys, "Llama-3.1-8B", "--train", "full", "-c", "2k", "--machine", "2x RTX 3090")["training"]
    assert one["method"] == "full" and not one["fits"] and one["trained_parameters"] == 8_030_261_248
    assert sum(term["bytes"] for term in one["terms"]) == one["total_bytes"]
    assert "training" not in asked(capsys, "Llama-3.1-8B")
    assert run(["mem", "Llama-3.1-8B", "--train", "qlora", "-c", "2k", "--machine", "RTX 4090", "--fits"]) == 0
    assert "training QLoRA fits: " in capsys.readouterr().out
    assert run(["mem", "8B", "--train", "lora"]) == 2
