"""The frugal compositor: the same cells as Textual's own, each of them once, and only those that changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual.app import App
from textual.geometry import Region
from textual.screen import Screen

from qtui.tui.app import QtuiApp
from qtui.tui.terminal.compositor import FrugalCompositor, Patch
from tests.support.screens import scenario_of, settle

COLUMNS, ROWS = 80, 24
REGIONS = st.builds(Region, st.integers(-2, 79), st.integers(-2, 23), st.integers(1, 90), st.integers(1, 8))

Cells = dict[tuple[int, int], tuple[str, object]]


def cells_of(patch: Patch) -> Cells:
    """What each cell of the patch shows; no cell is there twice."""
    found: Cells = {}
    for y, x, strip in patch.parts:
        for character, style in _cells(list(strip)):
            assert (y, x) not in found
            found[y, x] = character, style
            x += 1
    return found


def whole(screen: Screen[object]) -> Cells:
    """The whole screen, as Textual's own code composes it."""
    rows = screen._compositor.render_strips()
    return {(y, x): cell for y, strip in enumerate(rows) for x, cell in enumerate(_cells(list(strip)))}


def _cells(segments: list[Segment]) -> list[tuple[str, object]]:
    # A clickable scrollbar's meta data are nothing that shows.
    return [(character, str(style)) for text, style, _ in segments for character in text]


@pytest.mark.parametrize("command", ["mem 8B", "bits 0.1", "quantize", "errors"])
async def test_the_cells_are_those_of_textual(command: str) -> None:
    app = QtuiApp(scenario_of(command))
    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        await settle(pilot)
        compositor = app.screen._compositor
        assert isinstance(compositor, FrugalCompositor)
        shown = whole(app.screen)

        @given(st.lists(REGIONS, min_size=1, max_size=6))
        def agree(regions: list[Region]) -> None:
            compositor._dirty_regions.update(regions)
            patch = compositor.render_partial_update()
            asked = {
                (y, x)
                for region in regions
                for y in range(max(region.y, 0), min(region.bottom, ROWS))
                for x in range(max(region.x, 0), min(region.right, COLUMNS))
            }
            cells = cells_of(patch) if patch is not None else {}
            assert cells == {place: shown[place] for place in asked}
            assert compositor.render_partial_update() is None

        agree()


@pytest.mark.parametrize("key", ["question_mark", "ctrl+p", "m"])
async def test_dialogs_too(key: str) -> None:
    app = QtuiApp(scenario_of("mem 8B"))
    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        await settle(pilot)
        await pilot.press(key)
        await settle(pilot)
        compositor = app.screen._compositor
        assert len(app.screen_stack) == 2 and isinstance(compositor, FrugalCompositor)
        compositor._dirty_regions.add(Region(0, 0, COLUMNS, ROWS))
        patch = compositor.render_partial_update()
        assert patch is not None and cells_of(patch) == whole(app.screen)


async def test_only_what_changed_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    app = QtuiApp(scenario_of("bits 0.1"))
    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        await settle(pilot)
        patches: list[Patch | None] = []
        render = FrugalCompositor.render_partial_update
        monkeypatch.setattr(
            FrugalCompositor, "render_partial_update", lambda c: patches.append(render(c)) or patches[-1]
        )
        await pilot.press("right")
        await settle(pilot)
        rows = {part.y for patch in patches if patch is not None for part in patch.parts}
        assert 0 < len(rows) < 8


async def test_textual_still_keeps_its_compositor_where_we_replace_it() -> None:
    app: App[None] = App()
    async with app.run_test():
        assert type(app.screen._compositor).__mro__[0] in FrugalCompositor.__mro__
