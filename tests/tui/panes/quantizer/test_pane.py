"""The Quantizer pane driven by keys: every control changes the Scenario that it should, and the picture follows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot

from qtui.scenario.quantizer import edit
from qtui.scenario.quantizer.cache import QuantizerCache
from qtui.scenario.quantizer.scenario import VIEWS, QuantizerScenario
from qtui.tui.app import QtuiApp
from qtui.tui.panes.quantizer.pane import QuantizerPane
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.fields import Choice
from qtui.tui.widgets.view import PictureView
from tests.support.pictures import agreed
from tests.support.screens import screen_text


async def settle(pilot: Pilot[int]) -> None:
    for _ in range(2):
        await pilot.pause()


DRAWN = QuantizerScenario(dist="normal", size=256)


# What is on show, the keys pressed, and what they change in the Scenario.
CASES: list[tuple[QuantizerScenario, str, dict[str, Any]]] = [
    (QuantizerScenario(), "v", {"view": "table"}),
    (QuantizerScenario(), "V", {"view": list(VIEWS)[-1]}),
    (QuantizerScenario(), "right right left", {"at": 1}),
    (QuantizerScenario(), "end", {"at": 5}),
    (DRAWN, "shift+right pagedown", {"at": 110}),
    (DRAWN, "end home", {"at": 0}),
    (QuantizerScenario(view="table"), "down down up", {"at": 1}),
    (QuantizerScenario(view="net"), "up up", {"input": 2.2}),
    (QuantizerScenario(view="net"), "right", {"node": 1}),
    (QuantizerScenario(), "d d", {"dist": "normal"}),
    (DRAWN, "D", {"dist": "", "values": ("-0.89", "0.16", "0.08", "-0.13", "0.16", "-0.54")}),
    (DRAWN, "z", {"size": 512}),
    (DRAWN, "Z", {"size": 128}),
    (DRAWN, "full_stop", {"seed": 1}),
    (DRAWN, "p", {"spread": 0.04}),
    (DRAWN, "P P", {"spread": 0.005}),
    (DRAWN, "I", {"importance": "drawn"}),
    (QuantizerScenario(view="net"), "right_curly_bracket", {"net": "2-4-6-4-2"}),
    (QuantizerScenario(), "left_curly_bracket", {"net": "1-2-1", "view": "net"}),
    (QuantizerScenario(), "exclamation_mark", {"outlier": 10.0}),
    (QuantizerScenario(outlier=10.0), "exclamation_mark", {"outlier": None}),
    (QuantizerScenario(outlier=10.0), "greater_than_sign", {"outlier": 20.0}),
    (QuantizerScenario(dist="outliers", size=256), "less_than_sign", {"strength": 25.0}),
    (QuantizerScenario(), "apostrophe apostrophe quotation_mark", {"keep": 1}),
    (QuantizerScenario(), "plus", {"format": ("int5", "int4:asym")}),
    (QuantizerScenario(), "A minus minus", {"format": ("int4:sym", "int2:asym")}),
    (QuantizerScenario(), "a", {"format": ("int4:asym", "int4:asym")}),
    (QuantizerScenario(), "b", {"format": ("int4:block=2,scale=fp16", "int4:asym")}),
    (QuantizerScenario(), "B", {"format": ("int4:block=1024,scale=fp16", "int4:asym")}),
    (QuantizerScenario(), "W", {"format": ("int4:clip=99.9", "int4:asym")}),
    (QuantizerScenario(), "S", {"format": ("int4:scale=fp16", "int4:asym")}),
    (QuantizerScenario(), "t", {"format": ("int4:rule=torchao", "int4:asym")}),
    (QuantizerScenario(), "A X", {"format": ("int4:sym",)}),
    (QuantizerScenario(), "F n f 4 : d enter", {"format": ("int4:sym", "int4:asym", "nf4:double")}),
    (QuantizerScenario(), "f q 6 _ k enter", {"format": ("Q6_K", "int4:asym")}),
    (QuantizerScenario(), "f m x f p 4 enter", {"format": ("MXFP4", "int4:asym")}),
    (QuantizerScenario(), "f t e r n a r y down enter", {"format": ("TQ2_0", "int4:asym")}),
    (QuantizerScenario(), "right_square_bracket", {"format": ("int3", "int4:asym")}),
    (QuantizerScenario(view="grow"), "right right", {"step": 2}),
]


async def test_each_key_changes_the_scenario() -> None:
    app = QtuiApp(QuantizerScenario(seed=99))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for start, keys, changed in CASES:
            await app.stage.open(start)
            app.pane._scheme = 0  # type: ignore[union-attr]
            await settle(pilot)
            await pilot.press(*({":": "colon", "_": "underscore"}.get(key, key) for key in keys.split()))
            await settle(pilot)
            assert app.pane is not None
            assert vars(app.pane.scenario) == {**vars(start), **changed}, keys


async def test_reset_goes_back_to_the_essay_but_keeps_the_view() -> None:
    app = QtuiApp(QuantizerScenario(dist="laplace", format=("Q4_K",), keep=2, view="ledger", seed=5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("r")
        await settle(pilot)
        assert app.pane is not None and app.pane.scenario == QuantizerScenario(view="ledger")
        await pilot.press("u")
        await settle(pilot)
        assert app.pane.scenario.dist == "laplace"


async def test_typing_numbers_and_a_format() -> None:
    app = QtuiApp(QuantizerScenario())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.pane.query_one("#field-text", Entry).focus()  # type: ignore[union-attr]
        await settle(pilot)
        await pilot.press(*"1 2 -3", "enter")
        await settle(pilot)
        assert app.pane is not None and app.pane.scenario.values == ("1", "2", "-3")
        await pilot.press("v")  # Enter has given the keys back
        await settle(pilot)
        assert app.pane.scenario.view == "table"
        app.pane.query_one("#field-format", Entry).focus()
        await settle(pilot)
        await pilot.press(*"q8_0", "enter")
        await settle(pilot)
        assert app.pane.scenario.format == ("q8_0", "int4:asym")
        assert "Q8_0" in screen_text(app)


async def test_a_file_is_asked_for_and_its_rows_are_chosen(tmp_path: Path) -> None:
    np.save(tmp_path / "w.npy", np.arange(64, dtype=np.float32).reshape(2, 32))
    app = QtuiApp(DRAWN)
    async with app.run_test(size=(100, 24)) as pilot:
        await settle(pilot)
        assert app.pane is not None
        choice = app.pane.query_one("#field-kind", Choice)
        choice.focus()
        choice._take("file")
        await settle(pilot)
        assert "type the path" in screen_text(app)
        app.pane.query_one("#field-text", Entry).value = str(tmp_path / "w.npy")
        await pilot.press("enter")
        for _ in range(50):
            await settle(pilot)
            if "w (2x32" in str(app.pane._result.title):  # type: ignore[attr-defined]
                break
        assert edit.kind_of(app.pane.scenario) == "file" and "row" in screen_text(app)
        app.pane.query_one("#field-row", Entry).focus()
        await settle(pilot)
        await pilot.press("1", "enter")
        for _ in range(50):
            await settle(pilot)
            if "row 1" in str(app.pane._result.title):  # type: ignore[attr-defined]
                break
        assert app.pane.scenario.row == 1 and app.pane._result.schemes[0].stored.x[0] == 32  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [("text", "1 two", "'two' is not a number"), ("format", "q9", "no format"), ("outlier", "big", "not a number")],
)
async def test_bad_input_is_said_and_the_picture_stays(field: str, text: str, says: str) -> None:
    app = QtuiApp(QuantizerScenario())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert app.pane is not None
        app.pane.query_one(f"#field-{field}", Entry).focus()
        await settle(pilot)
        await pilot.press(*text.replace(" ", " "), "enter")
        await settle(pilot)
        shown = screen_text(app)
        assert says in shown and "8.52 %" in shown


async def test_links_to_memory_and_errors() -> None:
    for keys, command in ((("i", "enter"), "mem"), (("enter", "down", "enter"), "errors")):
        app = QtuiApp(QuantizerScenario(format=("Q4_K",), dist="laplace", size=256))
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            went: list[Any] = []
            app.pane.go = went.append  # type: ignore[union-attr,method-assign]
            await pilot.press(*keys)
            await settle(pilot)
            assert [scenario.command for scenario in went] == [command]
            assert "Q4_K" in went[0].format


async def test_the_grown_network_ends_in_memory() -> None:
    app = QtuiApp(QuantizerScenario(format=("Q4_K",), view="grow"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        went: list[Any] = []
        app.pane.go = went.append  # type: ignore[union-attr,method-assign]
        await pilot.press("end", "i", "enter")
        await settle(pilot)
        assert int(went[0].model[0]) >= 10**12 and went[0].format == "Q4_K"


async def test_no_outlier_to_strengthen_is_said() -> None:
    app = QtuiApp(QuantizerScenario())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("greater_than_sign")
        await settle(pilot)
        assert "put one in first" in screen_text(app)


async def test_a_click_chooses_a_node_and_a_scheme() -> None:
    app = QtuiApp(QuantizerScenario(view="net"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        rows = screen_text(app).splitlines()
        y, x = next((y, row.index("(0.196)")) for y, row in enumerate(rows) if "(0.196)" in row)
        await pilot.click(offset=(x + 1, y))
        await settle(pilot)
        assert app.pane is not None and app.pane.scenario.node == 4
        y = next(y for y, row in enumerate(rows) if row.startswith(" B int4:asym"))
        await pilot.click(offset=(3, y))
        await settle(pilot)
        assert app.pane.query_one("#field-format", Entry).value == "int4:asym"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
async def test_a_page_made_to_fit_has_no_scrollbar(size: tuple[int, int]) -> None:
    app = QtuiApp(QuantizerScenario(format=("int4", "int4:asym", "nf4")))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for show in ("net", "map", "ledger"):  # the network has one row of fields more
            await app.stage.open(QuantizerScenario(view=show))
            await settle(pilot)
            await settle(pilot)
            assert app.pane is not None
            weights = app.pane.query_one("#weights", PictureView)
            assert not weights.show_vertical_scrollbar and weights.room.width == size[0]


async def test_a_burst_of_keys_is_one_step_of_undo_and_all_count() -> None:
    app = QtuiApp(QuantizerScenario(dist="normal", size=4096, format=("Q4_K", "Q3_K", "IQ4_XS", "nf4")))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press(*["right"] * 30)
        await settle(pilot)
        assert app.pane is not None and app.pane.scenario.at == 30
        await pilot.press("u")
        await settle(pilot)
        assert app.pane.scenario.at == 0


@pytest.mark.parametrize(
    ("settings", "quick"),
    [
        ({}, True),
        ({"dist": "normal", "format": ("Q4_K", "Q3_K", "IQ4_XS", "nf4")}, True),
        ({"dist": "normal", "size": 1 << 16}, False),
        ({"format": ("gptq",)}, False),
        ({"view": "smart"}, False),
        ({"source": "w.npy"}, False),
        ({"values": ("w.safetensors",)}, False),
    ],
)
def test_what_may_take_long_goes_to_a_worker(settings: dict[str, Any], quick: bool) -> None:
    assert QuantizerPane(QuantizerScenario()).quick(QuantizerScenario(**settings)) is quick


async def test_long_work_does_not_hold_the_keys() -> None:
    app = QtuiApp(QuantizerScenario(dist="normal", size=1 << 16, format=("gptq",)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("r")
        await settle(pilot)
        assert "8.52 %" in screen_text(app)


async def test_keys_while_an_undo_is_worked_out_change_a_scheme_that_is_there() -> None:
    app = QtuiApp(QuantizerScenario(dist="normal", size=1 << 16, format=("int4",)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        pane = app.pane
        assert isinstance(pane, QuantizerPane)
        pane.change(format=("int4", "int8"))
        await settle(pilot)
        pane.action_scheme(1)
        assert pane.query_one("#field-format", Entry).value == "int8"
        pane._cache = QuantizerCache()  # nothing is kept: the undo has to be worked out
        await app.action_undo()
        assert pane.scenario.format == ("int4",)
        pane.action_option("bits", 1)
        await settle(pilot)
        assert pane.scenario.format == ("int5",)


# Every view, with settings beside the essay's where the essay's six numbers show little of it.
SCENES: dict[str, dict[str, Any]] = {view: {} for view in VIEWS} | {
    "stairs": {"dist": "outliers", "size": 1024, "format": ("Q4_0", "nf4", "Q4_K")},
    "line": {"format": ("int4:sym", "int4:asym", "float4_e2m1fn")},
    "blocks": {"dist": "blockscale", "size": 512, "format": ("Q4_0", "int4")},
    "tile": {"dist": "outliers", "size": 1024, "format": ("Q4_0", "int4")},
    "bytes": {"dist": "normal", "size": 256, "format": ("Q4_K", "MXFP4")},
    "code": {"at": 5},
    "outlier": {"outlier": 10.0},
    "sweep": {"dist": "student-t", "size": 2048},
    "smart": {"dist": "normal", "size": 512},
    "net": {"net": "2-4-6-4-2", "node": 4},
    "grow": {"step": 7},
}


@pytest.mark.parametrize("size", [(60, 18), (80, 24), (120, 40), (200, 60)], ids=str)
async def test_every_view_as_it_was_agreed(size: tuple[int, int]) -> None:
    app = QtuiApp(QuantizerScenario(seed=99))
    changed = []
    async with app.run_test(size=size) as pilot:
        for view, settings in SCENES.items():
            await app.stage.open(QuantizerScenario(view=view, **settings))
            await settle(pilot)
            while app.runner.busy:
                await settle(pilot)
            shown = "\n".join(screen_text(app).splitlines()[1:]) + "\n"
            if not agreed(f"quantizer-{view}-{size[0]}x{size[1]}", shown):
                changed.append(view)
    assert not changed


async def test_what_fails_at_the_start_stands_in_its_field() -> None:
    app = QtuiApp(QuantizerScenario(values=("nan", "1")))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "nan is not a finite" in screen_text(app)
        assert app.query_one("#field-text", Entry).value == "nan 1"
        assert not app.query_one("#field-size", Entry).display
