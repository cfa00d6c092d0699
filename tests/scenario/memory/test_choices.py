"""The next step under the verdict: it does what it says, for every kind of trouble."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from qtui.draw.memory.text import next_texts, short_format
from qtui.draw.units import about
from qtui.models.catalogue.records import Catalogue
from qtui.scenario.memory.asked import MemoryChoices
from qtui.scenario.memory.choices import solve_with_choices
from qtui.scenario.memory.result import MemoryResult
from qtui.scenario.memory.scenario import MemoryScenario


def solve(scenario: MemoryScenario) -> tuple[MemoryResult, MemoryChoices]:
    """The Result, and its choices."""
    result = solve_with_choices(scenario)
    assert result.choices is not None
    return result, result.choices


HOOK = MemoryScenario(model=("Qwen3-Coder-Next",), vram="0")


def test_a_format_with_fewer_bits_makes_it_fit() -> None:
    result, choices = solve(replace(HOOK, ram="64GB"))
    step = choices.next_step
    assert step is not None and (step.kind, step.format) == ("format", "Q5_K_M")
    assert next_texts(result, "Enter", "m")[0] == "in Q5_K_M it fits, 6.65 GB to spare: Enter takes it"
    after, more = solve(replace(HOOK, ram="64GB", **step.change))
    assert after.fits and more.next_step is None and after.total == step.total
    assert next_texts(after) == ("formats with more bits do not fit at this context",)


def test_a_shorter_context_makes_it_fit() -> None:
    long = MemoryScenario(model=("Qwen3-8B",), format="Q4_K_M", ctx=65536, ram="8GB", vram="0")
    step = solve(long)[1].next_step
    assert step is not None and (step.kind, step.format) == ("context", "Q4_K_M") and step.context % 1024 == 0
    assert solve(replace(long, **step.change))[0].fits
    assert not solve(replace(long, format=step.format, ctx=step.context + 1024))[0].fits


def test_where_nothing_fits_a_smaller_model_is_named() -> None:
    result, choices = solve(replace(HOOK, ram="24GB"))
    step = choices.next_step
    assert step is not None and (step.kind, step.format, step.change) == ("model", "IQ2_M", {})
    assert step.total > 24 * 10**9
    smaller = MemoryScenario(model=(str(step.parameters * 9 // 10),), format=step.usual, ram="24GB", vram="0")
    assert solve(smaller)[0].fits
    assert "a smaller model: about 38 B fit in Q4_K_M" in next_texts(result)[0]


def test_a_card_with_too_little_is_helped_out_by_the_ram() -> None:
    _, choices = solve(replace(HOOK, ram="64GB", vram="24GB"))
    step = choices.next_step
    assert step is not None and (step.kind, step.format) == ("split", "Q8_0")
    after, more = solve(replace(HOOK, ram="64GB", vram="24GB", **step.change))
    assert after.split and more.next_step is None
    assert next_texts(after) == ("the rest runs in RAM, at the RAM's speed",)


def test_weights_as_published_are_the_best_there_is() -> None:
    """Also where another format has more bits, as Q8_0 has beside DeepSeek's 8-bit floats."""
    result, choices = solve(MemoryScenario(model=("DeepSeek-V3",), machine="8x H200"))
    assert choices.next_step is None and choices.best_format == "native"
    assert next_texts(result) == ("these are the weights as published: nothing is given up",)
    other, _ = solve(MemoryScenario(model=("DeepSeek-V3",), machine="8x H200", format="Q4_K_M"))
    assert next_texts(other)[0].startswith("as published it fits too, ")


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(Catalogue().ids),
    st.integers(1, 300),
    st.sampled_from(["", "8GB", "24GB", "80GB"]),
    st.sampled_from(["native", "Q8_0", "Q4_K_M", "Q2_K"]),
    st.sampled_from([4096, 131072]),
)
def test_the_step_leads_to_what_it_promises(model: str, ram: int, vram: str, spec: str, ctx: int) -> None:
    start = MemoryScenario(model=(model,), format=spec, ctx=ctx, ram=f"{ram}GB", vram=vram or "0")
    result, choices = solve(start)
    step = choices.next_step
    if step is None:
        assert result.fits or result.split
    elif step.change:
        after, _ = solve(replace(start, **step.change))
        assert after.fits if step.kind != "split" else after.split
        assert after.total == step.total and after.spare == step.spare
    else:
        assert not any(cell.fits or cell.split for row in choices.grid for cell in row.cells)


def test_about_never_says_more_than_there_is() -> None:
    assert [about(n) for n in (39_640_000_000, 7_990_000_000, 596_000_000, 1_049_000_000_000)] == [
        "39 B",
        "7.9 B",
        "590 M",
        "1 T",
    ]


def test_only_llama_cpp_leaves_the_embeddings_in_ram() -> None:
    """With vLLM all of it has to find room on the card."""
    for engine in ("llama.cpp", "vllm"):
        result, _ = solve(MemoryScenario(model=("Qwen3-8B",), machine="RTX 4090", engine=engine))
        table = 151_936 * 4096 * 2 if engine == "llama.cpp" else 0
        assert (result.need.total - result.need.gpu, result.need.host) == (table, table)


def test_long_names_of_formats_fit_a_column() -> None:
    assert short_format("int4:asym,block=64,scale=fp16") == "int4 by 64"
    assert short_format("Q4_K_M") == "Q4_K_M" and short_format("int4:block=8") == "int4:block=8"


def test_a_bare_count_was_never_published() -> None:
    for spec, message in (("native", "these are the weights in bfloat16"), ("Q4_K_M", "in bfloat16 it fits too")):
        result, _ = solve(MemoryScenario(model=("8B",), format=spec, ram="64GB", vram="0"))
        assert next_texts(result)[0].startswith(message)


def test_other_contexts_count_the_cache_of_a_draft_too() -> None:
    drafted = MemoryScenario(("Qwen3-32B",), "Q4_K_M", draft="Qwen3-0.6B:Q8_0", machine="RTX 4090")
    result, choices = solve(drafted)
    row = next(row for row in choices.grid if row.format == "Q4_K_M")
    for cell in row.cells:
        assert cell.total == solve_with_choices(replace(drafted, ctx=cell.context)).total
    assert result.growth == 1024 * (64 * 2 * 8 * 128 * 2 + 28 * 2 * 8 * 128 * 2)
    most = result.max_context
    assert solve_with_choices(replace(drafted, ctx=most)).fits
    assert not solve_with_choices(replace(drafted, ctx=most + 256)).fits
