"""The Bits pane by keyboard and by mouse, and what it looks like at three sizes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.pilot import Pilot

from qtui.scenario.bits.scenario import VIEWS, BitsScenario
from qtui.scenario.bits.solve import solve
from qtui.scenario.bits.tables import E2M1, spec_of
from qtui.scenario.quantizer.scenario import QuantizerScenario
from qtui.tui.app import QtuiApp
from qtui.tui.host import Settings
from qtui.tui.panes.bits.view import BitsView
from qtui.tui.widgets.view import PictureView
from tests.support.pictures import agreed
from tests.support.screens import screen_text

TOP = 4  # rows above the view: tabs, views, two of fields


async def settle(pilot: Pilot[int]) -> None:
    for _ in range(2):
        await pilot.pause()


async def press(pilot: Pilot[int], *keys: str) -> BitsScenario:
    await pilot.press(*keys)
    await settle(pilot)
    return scenario_of(pilot)


def scenario_of(pilot: Pilot[int]) -> BitsScenario:
    app = pilot.app
    assert isinstance(app, QtuiApp) and app.pane is not None
    result: BitsScenario = app.pane.scenario
    return result


def value_of(pilot: Pilot[int]) -> float:
    return solve(scenario_of(pilot)).stored.real.to_float()


async def test_flip_type_and_step_by_keyboard() -> None:
    app = QtuiApp(BitsScenario("1", "float8_e4m3fn"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "space")
        assert value_of(pilot) == -1
        await press(pilot, "space", "right", "space")
        assert solve(scenario_of(pilot)).code == 0x78 and "256" in screen_text(app)
        await press(pilot, "l", "space")
        assert solve(scenario_of(pilot)).code == 0x58
        await press(pilot, "up")
        assert solve(scenario_of(pilot)).code == 0x59
        await press(pilot, "shift+down")
        assert solve(scenario_of(pilot)).code == 0x49
        await press(pilot, "end")
        assert value_of(pilot) == 448
        await press(pilot, "less_than_sign")
        assert value_of(pilot) == 224
        await press(pilot, "tilde", "greater_than_sign", "greater_than_sign")
        assert value_of(pilot) == -448
        await press(pilot, "home", "plus")  # the cursor is on bit 5: 32 codes
        assert solve(scenario_of(pilot)).code == 0xFE - 32
        await press(pilot, "pageup")
        assert value_of(pilot) > solve(BitsScenario("0xde", "fp8")).stored.real.to_float()


async def test_every_special_value_by_keyboard() -> None:
    app = QtuiApp(BitsScenario("1", "float16"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        seen = []
        for _ in range(12):
            await press(pilot, "n")
            seen.append(solve(scenario_of(pilot)).code)
        assert seen == [0x3C01, 0x7BFF, 0x7C00, 0x7E00, 0xFC00, 0xFBFF, 0xBC00, 0x8000, 0, 1, 0x3FF, 0x400]
        await press(pilot, "N", "N")
        assert solve(scenario_of(pilot)).code == 1
        await press(pilot, "slash", "n", "a", "n", "enter")
        assert solve(scenario_of(pilot)).stored.kind == "nan" and "not a number" in screen_text(app)


async def test_typing_a_value_shows_its_bits_at_once_and_enter_returns_to_them() -> None:
    app = QtuiApp(BitsScenario("0.1", "bfloat16"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "d", *"1/3")
        assert scenario_of(pilot).value == "1/3" and "0.333984375" in screen_text(app)
        await press(pilot, "enter", "space")
        assert value_of(pilot) == -0.333984375
        await press(pilot, "d", *"9**9**9")
        assert "beyond every format" in screen_text(app)
        await press(pilot, "enter", "d", *"0x3dcd", "enter")
        assert "0.10009765625" in screen_text(app) and "exact" in screen_text(app)


async def test_formats_rounding_and_overflow_by_keyboard_and_undo() -> None:
    app = QtuiApp(BitsScenario("500", "float16"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "right_square_bracket")
        assert scenario_of(pilot).format == "float8_e4m3fn" and "overflow to NaN" in screen_text(app)
        await press(pilot, "O")
        assert scenario_of(pilot).saturate and "448" in screen_text(app)
        await press(pilot, "t")
        assert scenario_of(pilot).rounding == "nearest-away"
        await press(pilot, "u", "u")
        assert not scenario_of(pilot).saturate and scenario_of(pilot).rounding == "nearest-even"
        await press(pilot, "U")
        assert scenario_of(pilot).saturate


async def test_copy_as_source_code() -> None:
    app = QtuiApp(BitsScenario("0.1", "float32"))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "Y", "r", "u", "s", "t", "enter")
        assert app.copied == "0.1_f32"
        await press(pilot, "y")
        assert app.copied == "qtui bits 0.1 --tui"


async def test_views_by_keyboard_keep_the_value() -> None:
    app = QtuiApp(BitsScenario("1.3", "float8_e4m3fn"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        marks = ("off by", "x = 1.3", "finite codes", "sin(1.3)", "subnorm", "exponent bits", "SQNR")
        for mark in marks:
            await press(pilot, "v")
            assert mark in screen_text(app), mark
            assert isinstance(app.focused, BitsView), mark
        assert scenario_of(pilot).value == "1.3"


async def test_tables_take_and_stack_a_format() -> None:
    app = QtuiApp(BitsScenario("0.1", "float16"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "v", "down", "space")
        assert scenario_of(pilot).stack[-1] != "float8_e4m3fn" and "float8_e4m3fn" not in scenario_of(pilot).stack
        await press(pilot, "end")
        assert "bnb_fp4" not in screen_text(app)
        await press(pilot, "x", "end")
        assert "bnb_fp4" in screen_text(app)
        await press(pilot, "enter")
        assert scenario_of(pilot).format == "bnb_fp4" and "entry 6 of a table" in screen_text(app)


async def test_the_number_line_by_keyboard() -> None:
    app = QtuiApp(BitsScenario("1", "float4_e2m1fn", view="line"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "right")
        assert abs(float(scenario_of(pilot).value) - 1.2) < 1e-9
        await press(pilot, "shift+right", "shift+left", "left")
        assert abs(float(scenario_of(pilot).value) - 1) < 0.01
        await press(pilot, "up")
        assert value_of(pilot) == 1.5
        await press(pilot, "end")
        assert scenario_of(pilot).value == "8"
        await press(pilot, "home", "pageup", "plus", "plus")
        assert scenario_of(pilot).low != "" and float(scenario_of(pilot).high) - float(scenario_of(pilot).low) == 4
        await press(pilot, "0")
        assert scenario_of(pilot).low == ""
        await press(pilot, "v", "circumflex_accent", "percent_sign")
        assert scenario_of(pilot).log and scenario_of(pilot).percent and "logarithmic" in screen_text(app)


async def test_the_sine_by_keyboard() -> None:
    app = QtuiApp(BitsScenario("0.9", "float4_e2m1fn", view="sine"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "plus")
        assert scenario_of(pilot).zoom == "30"
        await press(pilot, "plus", "plus", "down", "space")
        assert (
            scenario_of(pilot).zoom == "200"
            and scenario_of(pilot).hide == ("float32",)
            and "not drawn" in screen_text(app)
        )
        await press(pilot, "minus", "minus", "space", "right")
        assert scenario_of(pilot).hide == () and float(scenario_of(pilot).value) > 0.9


async def test_a_table_of_ones_own_by_keyboard() -> None:
    """As asked for by readers of the essay: E2M1 without -0, with 2.5 in its place."""
    app = QtuiApp(BitsScenario("2.4", "float4_e2m1fn", view="codebook"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "one of its sixteen codes on -0" in screen_text(app)
        await press(pilot, "plus", *"2.5", "enter")
        assert scenario_of(pilot).format == "codebook:values=-6/-4/-3/-2/-1.5/-1/-0.5/0/0.5/1/1.5/2/2.5/3/4/6"
        assert "All codes are in use" in screen_text(app) and "free" not in screen_text(app)
        assert isinstance(app.focused, BitsView)
        await press(pilot, "up", "shift+up")
        assert "/2.56/3/" in scenario_of(pilot).format  # a tenth more would pass 3
        await press(pilot, "minus")
        assert "2.56" not in scenario_of(pilot).format and "free" in screen_text(app)
        await press(pilot, "u", "u", "u", "u")
        assert scenario_of(pilot).format == "float4_e2m1fn"
        await press(pilot, "home", "enter", *"abc", "enter")
        assert "not a number" in screen_text(app)
        await press(pilot, "D")
        assert scenario_of(pilot).dist == "laplace" and "laplace" in screen_text(app)
        await press(pilot, "i")
        assert app.pane is not None and app.pane.scenario.command == "quantize"
        assert app.pane.scenario == QuantizerScenario(format=(spec_of(E2M1), "nf4", "IQ4_NL"), dist="laplace")


async def test_designing_a_float_by_keyboard() -> None:
    app = QtuiApp(BitsScenario("1.3", "float8_e4m3fn", view="design"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "right")
        assert scenario_of(pilot).format == "float:e=5,m=3,special=fn"
        await press(pilot, "down", "left", "down", "right", "down", "left")
        assert scenario_of(pilot).format == "float:e=5,m=2,bias=16" and "s eeeee mm" in screen_text(app)
        await press(pilot, "up", "up", "shift+left")
        assert "0-112 mantissa bits" in screen_text(app)
        await press(pilot, *"V" * list(VIEWS).index("design"))
        assert "exponent 5" in screen_text(app)


async def test_the_mouse_flips_and_paints_bits() -> None:
    app = QtuiApp(BitsScenario("0", "uint8"))
    async with app.run_test(size=(80, 40)) as pilot:
        await settle(pilot)
        await pilot.click("#bits-inspect", offset=(2, 3))
        await settle(pilot)
        assert value_of(pilot) == 128
        view = app.query_one("#bits-inspect", PictureView)
        for drag, x in ((False, 8), (True, 14), (True, 15), (True, 20)):
            view.post_message(PictureView.Clicked(view, x, 3, drag))  # faster than the screen follows
        await settle(pilot)
        assert value_of(pilot) == 0b11110000
        view.post_message(PictureView.Clicked(view, 2, 3, False))
        view.post_message(PictureView.Clicked(view, 8, 3, True))
        await settle(pilot)
        assert value_of(pilot) == 0b00110000
        slider = next(y for y, row in enumerate(view.picture) if row and row[0][0].startswith("position"))
        await pilot.click("#bits-inspect", offset=(72, slider))
        await settle(pilot)
        assert value_of(pilot) == 255
        await pilot.click("#views", offset=(15, 0))
        await settle(pilot)
        assert scenario_of(pilot).view == "all"


async def test_a_key_redraws_only_the_rows_that_change(monkeypatch: pytest.MonkeyPatch) -> None:
    app = QtuiApp(BitsScenario("0.1", "float64"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        drawn: list[int] = []
        monkeypatch.setattr(
            "qtui.tui.widgets.view.PictureView.refresh",
            lambda _, *regions, **how: drawn.extend(region.y for region in regions),
        )
        await press(pilot, "right")
        assert drawn == [3]  # the row of bits
        drawn.clear()
        await press(pilot, "down")
        assert 3 in drawn and 2 not in drawn and 4 not in drawn  # not the bit numbers, not the braces


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 12)])
async def test_float64_is_whole_and_small_windows_hold(size: tuple[int, int]) -> None:
    app = QtuiApp(BitsScenario("0.1", "float64"))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        bits = "0011111110111001100110011001100110011001100110011001100110011010"
        digits = "".join(
            c for row in screen_text(app).splitlines()[TOP:] if set(row.strip()) <= set("01 ") for c in row
        )
        assert digits.replace(" ", "") == bits
        await press(pilot, *"vvvvvvv")


SCENES: dict[str, tuple[BitsScenario, Sequence[tuple[int, int]]]] = {
    "float64": (BitsScenario("0.1", "float64"), ((80, 24), (120, 40), (160, 48))),
    "subnormal": (BitsScenario("0x0003", "bfloat16"), ((80, 24),)),
    "all": (BitsScenario("1/3", "bfloat16", view="all"), ((60, 18), (80, 24), (120, 40), (160, 48))),
    "line": (BitsScenario("1.3", "float8_e4m3fn", view="line"), ((60, 18), (80, 24), (120, 40), (160, 48))),
    "density": (
        BitsScenario("0.3", "float8_e4m3fn", view="density", low="-1", high="1"),
        ((60, 18), (80, 24), (120, 40)),
    ),
    "sine": (BitsScenario("0.9", "float4_e2m1", view="sine", zoom="30"), ((60, 18), (80, 24), (160, 48))),
    "formats": (BitsScenario("0.1", view="formats"), ((60, 18), (80, 24), (120, 40), (160, 48))),
    "design": (BitsScenario("0.1", "float:e=3,m=4,special=fn", view="design"), ((60, 18), (80, 24), (120, 40))),
    "int8": (BitsScenario("-3", "int8"), ((80, 24),)),
    "float32": (BitsScenario("0.1", "float32"), ((60, 18), (80, 24), (160, 48))),
    "codebook": (BitsScenario("2.4", "fp4", view="codebook"), ((60, 18), (80, 24), (120, 40), (160, 48))),
}


@pytest.mark.parametrize(("name", "size"), [(name, size) for name, (_, sizes) in SCENES.items() for size in sizes])
async def test_pictures(name: str, size: tuple[int, int]) -> None:
    app = QtuiApp(SCENES[name][0])
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        shown = "\n".join(screen_text(app).splitlines()[1:]) + "\n"
    assert agreed(f"bits-{name}-{size[0]}x{size[1]}", shown)


async def test_keys_faster_than_the_screen_all_count() -> None:
    app = QtuiApp(BitsScenario("1", "float8_e4m3fn", view="line"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        view = app.query_one("#bits-line", BitsView)
        assert app.pane is not None
        await view.run_action("neighbour(1)")
        await view.run_action("neighbour(1)")
        await app.pane.run_action("view('inspect')")
        await app.query_one("#bits-inspect", BitsView).run_action("neighbour(1)")
        await settle(pilot)
        assert scenario_of(pilot).view == "inspect" and value_of(pilot) == 1.375


async def test_ascii_only_means_every_view() -> None:
    app = QtuiApp(BitsScenario("1/3", "float16"), Settings(ascii=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for _ in app.pane.VIEWS:
            await press(pilot, "v")
            assert screen_text(app).isascii(), app.pane.view


async def test_ends_of_an_interval_wait_for_a_view_that_has_one() -> None:
    app = QtuiApp(BitsScenario("abc"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "not understood" in screen_text(app) and " from " not in screen_text(app)
    app = QtuiApp(BitsScenario("1", view="line"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert " from " in screen_text(app)
