"""The memory pictures: nothing wider than its room, the bar's parts in proportion, marks for what fits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtui.draw.frame import split
from qtui.draw.glyphs import ASCII, UNICODE
from qtui.draw.memory.buy import buy, machine_name, sold_as
from qtui.draw.memory.grid import grid, number, place, shown_contexts
from qtui.draw.memory.head import bar, headline, legend, step
from qtui.draw.memory.pane import LARGE, MEDIUM, Keyboard, picture
from qtui.draw.memory.plans import command_rows, printed, same_as
from qtui.draw.memory.report import report
from qtui.draw.memory.terms import terms
from qtui.draw.memory.text import machine_text, verdict_text
from qtui.draw.memory.words import TITLES, loss, sentence
from qtui.draw.picture import text, width
from qtui.draw.units import GB
from qtui.models.catalogue.records import Catalogue
from qtui.scenario.memory.buy import solve_buy
from qtui.scenario.memory.choices import solve_with_choices as solve
from qtui.scenario.memory.result import MemoryResult
from qtui.scenario.memory.scenario import VIEWS, MemoryScenario

IDS = Catalogue().ids
MACHINES = ("laptop 16GB", "RTX 4090", "8x H100", "Mac Studio 512")
KEYS = Keyboard(True, take_key="Enter", model_key="m")


def solved(model: str, spec: str = "Q4_K_M", machine: str = "laptop 16GB", **more: object) -> MemoryResult:
    return solve(MemoryScenario(model=(model,), format=spec, machine=machine, **more))


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([*IDS, "8B", "1T"]),
    st.sampled_from(["native", "Q4_K_M", "nf4"]),
    st.sampled_from(MACHINES),
    st.integers(60, 210),
    st.integers(12, 60),
    st.sampled_from([UNICODE, ASCII]),
)
def test_every_row_keeps_to_its_room(
    model: str, spec: str, machine: str, cells: int, height: int, glyphs: object
) -> None:
    result = solved(model, spec, machine, seqs=2)
    rows = [*report(result, cells, glyphs)]
    for view in VIEWS:
        drawn = picture(result, view, cells, height, glyphs, KEYS)
        assert len(drawn.rows) <= height
        rows += drawn.rows
    assert max(map(width, rows)) <= cells


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_a_title_and_a_sentence_of_two_rows(view: str) -> None:
    assert view in TITLES
    every = [solved("Qwen3-8B"), solved("Qwen3-8B", "native"), solved("Qwen3-Coder-Next", machine="RTX 4090")]
    every += [solved("8B"), solved("Qwen3-8B,gemma-3-12b")]
    for result in every:
        text_of = sentence(result, view)
        assert text_of.endswith(".") and len(text_of) <= 158, text_of


def test_a_larger_window_shows_no_less() -> None:
    """Views stand together in a larger window, and the grid has more contexts there, never fewer."""
    result = solved("Qwen3-Coder-Next", machine="RTX 4090", ctx=16384)
    assert result.choices is not None
    for view in set(VIEWS) - {"here", "buy", "train"}:
        shown = [text(picture(result, view, *size, UNICODE, KEYS).rows) for size in ((120, 34), (160, 42))]
        together = MEDIUM.get(view, (view,))[: 2 if view in ("plans", "grid") else 1]
        assert all(TITLES[name] in shown[0] for name in together)
        assert all(TITLES[name] in shown[1] for column in LARGE.get(view, ((view,), ()))[:2] for name in column[:1])
    counts = [len(shown_contexts(result.choices, 16384, columns)) for columns in (60, 80, 120, split(160).left, 200)]
    assert counts == sorted(counts) and counts[0] < counts[-1]


def test_several_models_fill_a_large_window() -> None:
    """At 160 x 48 no more than a tenth of the rows is empty, beside the rows between groups."""
    for names, spec in (("Qwen3-32B,gemma-3-27b,Llama-3.3-70B,gpt-oss-20b", "Q4_K_M"), ("Qwen3-32B", "Q8_0,Q4_K_M")):
        result = solved(names, spec, "RTX 4090", ctx=32768)
        rows = text(picture(result, "compare", 160, 42, UNICODE, KEYS).rows).splitlines()
        assert len(rows) >= 38, len(rows)
        assert all(TITLES[name] in "\n".join(rows) for column in LARGE["compared"][:2] for name in column[:4])


def test_a_small_model_is_shown_in_units_that_show_it() -> None:
    result = solved("SmolLM2-135M-Instruct", "Q4_K_M", ctx=256)
    assert re.search(r"\d{2,3}\.\d MB of 14\.0 GB", text(headline(result, 80, UNICODE)))
    assert text(legend(result, 80, UNICODE)).endswith("MB")
    assert "MiB" in text(report(result, 80, UNICODE))


def test_a_plan_with_two_names_is_shown_once() -> None:
    result = solved("gpt-oss-20b", "native", "RTX 4090", ctx=65536)
    names = [plan.name for plan in result.plans]
    assert len(names) == 4 and same_as(result.plans, 0) is None
    twins = [same_as(result.plans, i) for i in range(4)]
    assert any(twins)
    shown = text(printed(result, 100, UNICODE))
    assert shown.count("the same plan as") == sum(twin is not None for twin in twins)
    assert shown.count("gives up") == sum(twin is None for twin in twins)


def test_the_weights_of_a_file_may_have_lost_something_before() -> None:
    plan = solved("Qwen3-0.6B", "native").plans[0]._replace(format="native", loss=0.0)
    assert "as published: nothing is lost" in loss(plan)
    for known in (0.0, None):
        assert "as stored: nothing more is lost" in loss(plan._replace(loss=known), stored=True)


@pytest.mark.parametrize("cells", [50, 60, 80, 120])
def test_a_command_is_one_for_the_shell(cells: int) -> None:
    """Rows that go on end in a backslash; joined, they are the command."""
    plan = solved("Qwen3-32B", "native", "RTX 4090", ctx=32768).plans[0]
    for program, command in plan.commands:
        rows = text(command_rows(program, command, cells, "Y copies")).splitlines()
        bare = [row[11:] for row in rows]
        assert all(row.endswith(" \\") for row in bare[:-1]) and not bare[-1].endswith("\\")
        assert " ".join(row.removesuffix("\\").strip() for row in bare) == command


def test_cards_are_named_by_what_is_printed_on_them() -> None:
    listed = solve_buy(MemoryScenario(model=("Qwen3-8B",), machine="RTX 4080"))
    sizes = {machine_name(row): sold_as(row) for row in listed.rows}
    assert sizes["RTX 3090"] == "24 GB" and sizes["RTX 4060"] == "8 GB" and sizes["H200"] == "141 GB"
    assert sizes["+ RTX 4060"] == "24 GB"


def test_a_long_view_says_how_much_more_there_is() -> None:
    drawn = picture(solved("Qwen3-8B"), "terms", 80, 18, UNICODE, KEYS)
    assert f"▼ {drawn.hidden} more below" in text(drawn.rows) and drawn.hidden > 0
    last = picture(solved("Qwen3-8B"), "terms", 80, 18, UNICODE, KEYS._replace(first=99))
    assert "more above" in text(last.rows) and not last.hidden


def test_the_bar_is_in_proportion_and_marks_the_limit() -> None:
    result = solved("Qwen3-8B", ctx=32768)
    above, row = bar(result, 82, UNICODE, labelled=True)
    cells = "".join(part for part, _ in row)
    assert "limit 13.96 GB = 13.00 GiB" in text([above])
    assert cells.index("│") == 79
    share = cells.count("█") / 80
    assert share == pytest.approx(result.bytes("weights") / result.budget.limit, abs=0.02)
    assert cells.count("▓") / 80 == pytest.approx(result.bytes("kv") / result.budget.limit, abs=0.02)


def test_the_bar_shows_what_is_too_much_beyond_the_limit() -> None:
    (row,) = bar(solved("Qwen3-Coder-Next", "native"), 82, ASCII)
    cells = "".join(part for part, _ in row)
    assert cells.index("|") == 80 * (13 << 30) // solved("Qwen3-Coder-Next", "native").total
    assert cells.count("#") > 65


def test_a_place_in_the_grid_is_found_where_it_is_drawn() -> None:
    result = solved("Qwen3-8B", ctx=16384)
    assert result.choices is not None
    drawn = grid(result, 80, UNICODE)
    chosen = shown_contexts(result.choices, 16384, 80)
    for i, row in enumerate(result.choices.grid):
        line = text([drawn[i + 1]])
        for j in chosen:
            mark = ("✓ " if row.cells[j].fits else "✗ ") + f"{number(result.choices, row.cells[j].total):>4}"
            assert place(result, 80, line.index(mark), i + 1) == (i, j)
    assert place(result, 80, 3, 3) is None and place(result, 80, 30, 0) is None


def test_the_present_context_is_always_among_those_shown() -> None:
    for context in (5000, 4096, 200_000, 262_144):
        result = solved("Qwen3-Coder-Next", ctx=context)
        assert result.choices is not None
        assert context in [result.choices.contexts[i] for i in shown_contexts(result.choices, context, 80)]


def test_gb_and_gib_are_never_mixed() -> None:
    shown = text(report(solved("Qwen3-8B"), 120, UNICODE)).splitlines()
    assert next(row for row in shown if row.startswith("weights ")).split() == ["weights", "5.022", "4.677"]
    assert shown[shown.index(next(row for row in shown if row.startswith("total"))) - 1].split() == ["GB", "GiB"]


def test_the_verdict_stands_first_and_the_next_step_is_whole_at_every_width() -> None:
    result = solve(MemoryScenario(model=("Qwen3-Coder-Next",), ram="24.6GB", vram="0"))
    for columns in (60, 79, 80):
        first = text(headline(result, columns, UNICODE)[:1])
        assert first.startswith("✗ 135.4 GB too large.") and first.endswith("160.0 of 24.6 GB")
        assert text(step(result, columns, UNICODE, "Enter", "m")).endswith(
            "m finds a smaller model: about 39 B fit in Q4_K_M"
        )
        assert "KV cache" in text(legend(result, columns, UNICODE))
    advice = text(step(result, 80, UNICODE, "Enter", "m"))
    assert (
        advice.startswith(f"only {result.plans[0].format} fits (") and "even" not in advice
    )  # smaller than the grid's


def test_what_card_and_ram_lack_together_is_the_verdict_where_both_can_hold_it() -> None:
    both = solve(MemoryScenario(model=("GLM-4.5-Air",), ram="96GB", vram="24GB"))
    assert text(headline(both, 80, UNICODE)[:1]).startswith("✗ 95.58 GB too large for card and RAM.  ")
    assert verdict_text(both) == "does not fit, 95.58 GB more than card and RAM have together"
    cards = solve(MemoryScenario(model=("GLM-4.5-Air",), ram="96GB", vram="24GB", engine="vllm"))
    assert "too large.  " in text(headline(cards, 80, UNICODE)[:1]) and "on the card" in verdict_text(cards)


def test_in_a_small_window_a_machine_to_buy_keeps_its_cache_and_loses_the_context_of_all() -> None:
    rows = text(buy(solve_buy(MemoryScenario(model=("Qwen3-32B",), ctx=32768, min_speed=20)), 60, UNICODE))
    assert rows.splitlines()[0].split()[-5:] == ["format", "cache", "takes", "GB", "tokens/s"]


def test_a_file_without_weights_of_its_own_has_a_sum(tmp_path: Path) -> None:
    header = b'{"mtp.0.w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}'
    (tmp_path / "mtp.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    result = solved(str(tmp_path / "mtp.safetensors"), "native")
    assert not result.terms and "\ntotal" in text(report(result, 80, UNICODE))


def test_where_training_was_asked_about_its_verdict_stands_first() -> None:
    asked = MemoryScenario(model=("Qwen3-8B",), machine="RTX 4090", train="full")
    rows = text(report(solve(asked), 80, UNICODE)).splitlines()
    assert rows[0] == "✗ There is no room to train it."
    assert rows[4] == "All weights have no room here: 147.7 GB of 25.23 GB."
    title = next(i for i, row in enumerate(rows) if row.startswith("── To run it ─"))
    assert rows[title + 1].startswith("✓ It fits.") and any("32-bit copy   " in row for row in rows[:title])


def test_every_card_is_counted_in_the_next_step_and_large_memories_in_figures() -> None:
    two = solved("Llama-3.3-70B", "native", "2x RTX 3090")
    assert "in Q4_K_M all of it fits on 2 cards, " in text(step(two, 80, UNICODE, "", ""))
    assert "2.20 TB (2,048 GiB) of RAM" in machine_text(solved("DeepSeek-V3", machine="8x H200"))


def test_where_nothing_runs_the_sentence_says_what_would() -> None:
    many = solved("Qwen3-32B", "native", "2x RTX 4090", engine="vllm", ctx=32768, seqs=8)
    assert not many.plans and sentence(many, "plans").endswith("a shorter context or fewer sequences would.")
    shown = text(picture(many, "plans", 80, 18, UNICODE, KEYS).rows)
    assert "Enter takes it" in shown and "up to" in shown  # the grid stands in the place of the plans
    assert "another machine" in sentence(solved("DeepSeek-V3"), "plans")


def test_what_stays_in_ram_is_named_beside_the_bar_and_in_the_sum() -> None:
    for spec, name in (("Q4_K_M", "Qwen3-32B"), ("native", "DeepSeek-V3"), ("Q4_K_M", "gemma-3-12b")):
        result = solved(name, spec, "RTX 4090", ctx=32768)
        drawn, apart = text(terms(result, 100, UNICODE)), result.total - result.need.gpu
        assert ("for the card" in drawn) == (apart > 0)
        if apart:
            assert f"{GB.of(result.need.gpu, 3)}" in drawn and f"{GB.of(apart, 3)}  the embedding table" in drawn
            assert f" + {GB.of(apart, 2)} in RAM" in text(legend(result, 80, UNICODE))


def test_the_key_that_takes_a_row_is_not_promised_for_the_next_step() -> None:
    result = solved("Qwen3-14B", "Q8_0", "laptop 64GB")
    shown = {view: text(picture(result, view, 120, 34, UNICODE, KEYS).rows) for view in ("plans", "grid", "compare")}
    assert "it fits too" in shown["plans"] and "Enter takes it" not in shown["plans"]
    assert "Enter takes it" in shown["grid"] and "Enter takes it" in shown["compare"]
