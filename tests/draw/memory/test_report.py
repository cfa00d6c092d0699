"""The memory pictures: nothing wider than its room, the bar's parts in proportion, marks for what fits."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtui.draw.glyphs import ASCII, UNICODE
from qtui.draw.memory.grid import grid, number, place, shown_contexts
from qtui.draw.memory.pane import top, under
from qtui.draw.memory.report import bar, report
from qtui.draw.picture import text, width
from qtui.models.catalogue.records import Catalogue
from qtui.scenario.memory.result import MemoryResult
from qtui.scenario.memory.scenario import VIEWS, MemoryScenario
from qtui.scenario.memory.solve import solve_with_choices as solve

IDS = Catalogue().ids
MACHINES = ("laptop 16GB", "RTX 4090", "8x H100", "Mac Studio 512")


def solved(model: str, spec: str = "Q4_K_M", machine: str = "laptop 16GB", **more: object) -> MemoryResult:
    return solve(MemoryScenario(model=(model,), format=spec, machine=machine, **more))


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([*IDS, "8B", "1T"]),
    st.sampled_from(["native", "Q4_K_M", "nf4"]),
    st.sampled_from(MACHINES),
    st.integers(80, 210),
    st.sampled_from([UNICODE, ASCII]),
)
def test_every_row_keeps_to_its_room(model: str, spec: str, machine: str, cells: int, glyphs: object) -> None:
    result = solved(model, spec, machine, seqs=2)
    rows = [*report(result, cells, glyphs), *top(result, cells, glyphs)]
    for view in VIEWS:
        rows += under(result, view, cells, 40, glyphs, True)
    assert max(map(width, rows)) <= cells


def test_the_bar_is_in_proportion_and_marks_the_limit() -> None:
    result = solved("Qwen3-8B", ctx=32768)
    above, row, *_ = bar(result, 82, UNICODE)
    cells = "".join(part for part, _ in row)
    assert "limit 17.18 GB = 16.00 GiB" in text([above])
    assert cells.index("│") == 79
    share = cells.count("█") / 80
    assert share == pytest.approx(result.bytes("weights") / result.budget.limit, abs=0.02)
    assert cells.count("▓") / 80 == pytest.approx(result.bytes("kv") / result.budget.limit, abs=0.02)


def test_the_bar_shows_what_is_too_much_beyond_the_limit() -> None:
    _, row, *_ = bar(solved("Qwen3-Coder-Next", "native"), 82, ASCII)
    cells = "".join(part for part, _ in row)
    assert cells.index("|") == 80 * (16 << 30) // solved("Qwen3-Coder-Next", "native").total
    assert cells.count("#") > 65


def test_a_place_in_the_grid_is_found_where_it_is_drawn() -> None:
    result = solved("Qwen3-8B", ctx=16384)
    assert result.choices is not None
    drawn = grid(result, 80, UNICODE)
    chosen = shown_contexts(result.choices, 16384, 80)
    for i, row in enumerate(result.choices.grid):
        line = text([drawn[i + 1]])
        for j in chosen:
            mark = ("✓ " if row.cells[j].fits else "✗ ") + number(row.cells[j].total)
            assert place(result, 80, line.index(mark), i + 1) == (i, j)
    assert place(result, 80, 3, 3) is None and place(result, 80, 30, 0) is None


def test_the_present_context_is_always_among_those_shown() -> None:
    for context in (5000, 4096, 200_000, 262_144):
        result = solved("Qwen3-Coder-Next", ctx=context)
        assert result.choices is not None
        assert context in [result.choices.contexts[i] for i in shown_contexts(result.choices, context, 80)]


def test_gb_and_gib_are_never_mixed() -> None:
    shown = text(report(solved("Qwen3-8B"), 120, UNICODE))
    assert "5.02 GB" in shown and "4.68 GiB" in shown and "5.02 GiB" not in shown


def test_verdict_and_next_step_are_whole_sentences_at_every_width() -> None:
    result = solve(MemoryScenario(model=("Qwen3-Coder-Next",), ram="24.6GB", vram="0"))
    for columns in (60, 79, 80):
        said, step = text(top(result, columns, UNICODE)).splitlines()[-2:]
        assert said.startswith(UNICODE.no) and said.endswith("24.60 GB available")
        assert step.endswith("m finds a smaller model: about 39 B fit in Q4_K_M")
