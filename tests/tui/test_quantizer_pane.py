"""The Quantizer pane driven by keys: every control changes the Scenario that it should, and the picture follows."""

from __future__ import annotations

from typing import Any

import pytest
from screens import screen_text
from textual.pilot import Pilot

from qtui.scenario.quantize import VIEWS, QuantizeScenario
from qtui.tui.app import QtuiApp
from qtui.tui.widgets.fields import Entry


async def settle(pilot: Pilot[int]) -> None:
    for _ in range(2):
        await pilot.pause()


DRAWN = QuantizeScenario(dist="normal", size=256)


# What is on show, the keys pressed, and what they change in the Scenario.
CASES: list[tuple[QuantizeScenario, str, dict[str, Any]]] = [
    (QuantizeScenario(), "v", {"show": "table"}),
    (QuantizeScenario(), "V", {"show": list(VIEWS)[-1]}),
    (QuantizeScenario(), "right right left", {"at": 1}),
    (QuantizeScenario(), "end", {"at": 5}),
    (DRAWN, "shift+right pagedown", {"at": 110}),
    (DRAWN, "end home", {"at": 0}),
    (QuantizeScenario(show="table"), "down down up", {"at": 1}),
    (QuantizeScenario(show="net"), "up up", {"input": 2.2}),
    (QuantizeScenario(show="net"), "right", {"node": 1}),
    (QuantizeScenario(), "d d", {"dist": "normal"}),
    (DRAWN, "D", {"dist": "", "values": ("-0.89", "0.16", "0.08", "-0.13", "0.16", "-0.54")}),
    (DRAWN, "z", {"size": 512}),
    (DRAWN, "Z", {"size": 128}),
    (DRAWN, "n", {"seed": 1}),
    (QuantizeScenario(), "o", {"outlier": 10.0}),
    (QuantizeScenario(outlier=10.0), "o", {"outlier": None}),
    (QuantizeScenario(outlier=10.0), "greater_than_sign", {"outlier": 20.0}),
    (QuantizeScenario(dist="outliers", size=256), "less_than_sign", {"strength": 25.0}),
    (QuantizeScenario(), "k k K", {"keep": 1}),
    (QuantizeScenario(), "plus", {"format": ("int5", "int4:asym")}),
    (QuantizeScenario(), "x minus minus", {"format": ("int4:sym", "int2:asym")}),
    (QuantizeScenario(), "a", {"format": ("int4:asym", "int4:asym")}),
    (QuantizeScenario(), "b b", {"format": ("int4:block=2,scale=fp16", "int4:asym")}),
    (QuantizeScenario(), "B", {"format": ("int4:block=1024,scale=fp16", "int4:asym")}),
    (QuantizeScenario(), "c", {"format": ("int4:clip=99.9", "int4:asym")}),
    (QuantizeScenario(), "t", {"format": ("int4:scale=fp16", "int4:asym")}),
    (QuantizeScenario(), "R", {"format": ("int4:rule=torchao", "int4:asym")}),
    (QuantizeScenario(), "x X", {"format": ("int4:sym",)}),
    (QuantizeScenario(), "F n f 4 : d enter", {"format": ("int4:sym", "int4:asym", "nf4:double")}),
    (QuantizeScenario(), "f q 6 _ k enter", {"format": ("Q6_K", "int4:asym")}),
    (QuantizeScenario(), "g", {"show": "grow"}),
    (QuantizeScenario(show="grow"), "right right", {"step": 2}),
]


async def test_each_key_changes_the_scenario() -> None:
    app = QtuiApp(QuantizeScenario(seed=99))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for start, keys, changed in CASES:
            await app._open(start)
            app.pane._scheme = 0  # type: ignore[union-attr]
            await settle(pilot)
            await pilot.press(*({":": "colon", "_": "underscore"}.get(key, key) for key in keys.split()))
            await settle(pilot)
            assert app.pane is not None
            assert vars(app.pane.scenario) == {**vars(start), **changed}, keys


async def test_reset_goes_back_to_the_essay_but_keeps_the_view() -> None:
    app = QtuiApp(QuantizeScenario(dist="laplace", format=("Q4_K",), keep=2, show="ledger", seed=5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("r")
        await settle(pilot)
        assert app.pane is not None and app.pane.scenario == QuantizeScenario(show="ledger")
        await pilot.press("u")
        await settle(pilot)
        assert app.pane.scenario.dist == "laplace"


async def test_typing_numbers_and_a_format() -> None:
    app = QtuiApp()
    app._start = QuantizeScenario()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.pane.query_one("#field-text", Entry).input.focus()  # type: ignore[union-attr]
        await settle(pilot)
        await pilot.press(*"1 2 -3", "enter")
        await settle(pilot)
        assert app.pane is not None and app.pane.scenario.values == ("1", "2", "-3")
        app.pane.query_one("#field-format", Entry).input.focus()
        await settle(pilot)
        await pilot.press(*"q8_0", "enter")
        await settle(pilot)
        assert app.pane.scenario.format == ("q8_0", "int4:asym")
        assert "Q8_0" in screen_text(app)


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [("text", "1 two", "'two' is not a number"), ("format", "q9", "no format"), ("outlier", "big", "not a number")],
)
async def test_bad_input_is_said_and_the_picture_stays(field: str, text: str, says: str) -> None:
    app = QtuiApp(QuantizeScenario())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert app.pane is not None
        app.pane.query_one(f"#field-{field}", Entry).input.focus()
        await settle(pilot)
        await pilot.press(*text.replace(" ", " "), "enter")
        await settle(pilot)
        shown = screen_text(app)
        assert says in shown and "8.52 %" in shown


async def test_links_to_memory_and_errors() -> None:
    for key, command in (("m", "mem"), ("e", "errors")):
        app = QtuiApp(QuantizeScenario(format=("Q4_K",), dist="laplace", size=256))
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            went: list[Any] = []
            app.pane.go = went.append  # type: ignore[union-attr,method-assign]
            await pilot.press(key)
            await settle(pilot)
            assert [scenario.command for scenario in went] == [command]
            assert "Q4_K" in went[0].format


async def test_the_grown_network_ends_in_memory() -> None:
    app = QtuiApp(QuantizeScenario(format=("Q4_K",), show="grow"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        went: list[Any] = []
        app.pane.go = went.append  # type: ignore[union-attr,method-assign]
        await pilot.press("end", "m")
        await settle(pilot)
        assert int(went[0].model[0]) >= 10**12 and went[0].format == "Q4_K"


async def test_no_outlier_to_strengthen_is_said() -> None:
    app = QtuiApp(QuantizeScenario())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("greater_than_sign")
        await settle(pilot)
        assert "o puts one in" in screen_text(app)
