"""The Memory pane driven by its keys, and its screens at three sizes."""

from __future__ import annotations

import asyncio
import re
import threading
from dataclasses import replace

import pytest

from qtui.models.machine.bandwidth import Bandwidth
from qtui.scenario.memory.json import json_object
from qtui.scenario.memory.opening import ESSAY, opening
from qtui.scenario.memory.result import MemoryResult
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.memory.solve import solve_with_plans
from qtui.scenario.progress import Progress
from qtui.tui.app import QtuiApp
from qtui.tui.host import Settings
from qtui.tui.panes.memory.pane import MemoryPane
from qtui.tui.panes.memory.view import MemoryView
from tests.support.pictures import agreed
from tests.support.screens import press, screen_text, settle

LAPTOP = MemoryScenario(model=("Qwen3-8B",), format="Q4_K_M", ctx=32768, machine="laptop 16GB", view="grid")


def scenario(app: QtuiApp) -> MemoryScenario:
    result: MemoryScenario = app.query_one(MemoryPane).scenario
    return result


SCENES = {
    "grid": LAPTOP,
    "terms": replace(LAPTOP, view="terms"),
    "cards": replace(LAPTOP, view="cards", machine="2x RTX 3090"),
    "speed": replace(LAPTOP, view="speed"),
    "buy": MemoryScenario(model=("Qwen3-32B",), ctx=32768, machine="RTX 4080", view="buy", min_speed=15),
    "train": replace(LAPTOP, view="train", ctx=4096, machine="RTX 4090"),
    "first": opening("RTX 4090"),
    "essay": MemoryScenario(ram="16GB", vram="0", view="grid"),
    "split": MemoryScenario(model=("Qwen3-30B-A3B",), format="Q8_0", machine="RTX 4090", view="cards"),
    "plans": MemoryScenario(model=("Qwen3-32B",), format="Q4_K_M", ctx=32768, machine="RTX 4090", view="plans"),
    "here": MemoryScenario(machine="RTX 4070", view="here"),
    "compared": MemoryScenario(model=("Qwen3-8B,gemma-3-12b",), format="Q4_K_M,Q8_0", machine="laptop 16GB"),
}


@pytest.mark.parametrize(("width", "height"), [(60, 18), (80, 24), (120, 40), (160, 48)])
async def test_the_screens_as_they_were_agreed(width: int, height: int) -> None:
    app = QtuiApp(LAPTOP)
    changed = []
    async with app.run_test(size=(width, height)) as pilot:
        for name, scene in SCENES.items():
            await app.stage.open(scene)
            await settle(pilot)
            shown = "\n".join(screen_text(app).splitlines()[1 : height - 2]) + "\n"
            if not agreed(f"memory-{name}-{width}x{height}", shown):
                changed.append(name)
    assert not changed


async def test_arrows_walk_the_grid_and_undo_takes_them_back_as_one() -> None:
    app = QtuiApp(LAPTOP)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "[Q4_K_M]" in screen_text(app) and "[32k]" in screen_text(app)
        shown = await press(pilot, "down", "down", "left")
        assert "[Q3_K_M]" in shown and "[16k]" in shown
        assert scenario(app).format == "Q3_K_M" and scenario(app).ctx == 16384
        shown = await press(pilot, "end")
        assert "[40k]" in shown
        shown = await press(pilot, "home")
        assert "[4k]" in shown
        shown = await press(pilot, "u")
        assert scenario(app).format == "Q4_K_M" and scenario(app).ctx == 32768


async def test_enter_takes_the_marked_plan() -> None:
    app = QtuiApp(replace(LAPTOP, model=("Qwen3-32B",), machine="RTX 4090", view="grid"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        shown = await press(pilot, "V")
        assert "best quality" in shown and "balanced" in shown
        await press(pilot, "enter")
        assert (scenario(app).format, scenario(app).kv_type, scenario(app).ctx) == ("Q4_K_M", "q8_0", 32768)
        await press(pilot, "u")
        assert scenario(app).kv_type == "f16"


async def test_a_click_on_a_number_goes_there() -> None:
    app = QtuiApp(LAPTOP)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        rows = screen_text(app).splitlines()
        y = next(i for i, row in enumerate(rows) if row.startswith("Q6_K"))
        view = app.query_one(MemoryView)
        await pilot.click(MemoryView, offset=(rows[y].index("11.9"), y - view.region.y))
        await settle(pilot)
        assert (scenario(app).format, scenario(app).ctx) == ("Q6_K", 32768)
        await pilot.click(MemoryView, offset=(rows[y].index("✓") + 1, y + 2 - view.region.y))
        await settle(pilot)
        assert (scenario(app).format, scenario(app).ctx) == ("Q4_K_M", 4096)


@pytest.mark.parametrize("size", [(119, 40), (120, 40), (121, 40), (160, 60)])
@pytest.mark.parametrize("model", ["Qwen3-8B", "Qwen3-Coder-Next"])
async def test_a_click_finds_its_number_in_every_layout(size: tuple[int, int], model: str) -> None:
    app = QtuiApp(replace(LAPTOP, model=(model,), ctx=8192))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        rows = screen_text(app).splitlines()
        y, x = next((y, hit.start()) for y, row in enumerate(rows) if (hit := re.search(r"Q6_K +6\.5", row)))
        head = next(row for row in rows if "bits  " in row and "[8k]" in row)
        view = app.query_one(MemoryView)
        assert head.index("[8k]") > x
        await pilot.click(MemoryView, offset=(head.index("[8k]") + 2, y - view.region.y))
        await settle(pilot)
        assert (scenario(app).format, scenario(app).ctx) == ("Q6_K", 8192)


async def test_views_by_their_keys() -> None:
    app = QtuiApp(LAPTOP)
    async with app.run_test(size=(80, 25)) as pilot:
        await settle(pilot)
        assert "(72 × 4,096 × 4,096" in await press(pilot, "v")
        assert "all that the model was trained for" in await press(pilot, "v")
        shown = await press(pilot, "V", "V")
        assert "[Q4_K_M]" in shown and scenario(app).view == "grid"
        shown = await press(pilot, "v")
        assert "total " in shown and "more above" not in shown
        shown = await press(pilot, "down", "down")
        assert "▲ 2 more above" in shown and scenario(app).format == "Q4_K_M"
        shown = await press(pilot, *["down"] * 40)
        assert "compute buffer" in shown and "more below" not in shown


async def test_it_opens_on_what_fits_and_says_where_the_essays_model_is() -> None:
    app = QtuiApp(settings=Settings(machine="RTX 4090"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        shown = screen_text(app)
        assert "✓ It fits." in shown and "8 shows the essay's model" in shown
        shown = await press(pilot, "8")
        assert scenario(app).model == ESSAY and "Qwen3-Coder-Next bfloat16 (native)" in shown
        await press(pilot, "u")
        assert scenario(app).model != ESSAY


async def test_what_runs_here_is_filtered_as_one_types_and_marks_are_compared() -> None:
    app = QtuiApp(MemoryScenario(machine="RTX 4070", view="here"))
    async with app.run_test(size=(100, 24)) as pilot:
        await settle(pilot)
        shown = await press(pilot, "slash", *"qwen vis")
        assert "Qwen3.5-9B" in shown and "gpt-oss" not in shown and scenario(app).find == "qwen vis"
        shown = await press(pilot, *"xx")
        assert "no model with 'qwen visxx' runs here" in shown
        await press(pilot, "backspace", "backspace", "enter")
        shown = await press(pilot, "space", "down", "space")
        assert "2 marked; Enter compares them" in shown and shown.count("• ") == 2
        shown = await press(pilot, "enter")
        assert scenario(app).view == "compare" and len(scenario(app).model[0].split(",")) == 2
        assert "[Compare]" in shown and "with a part in RAM" in shown
        await press(pilot, "u")
        assert scenario(app).view == "here"


async def test_enter_takes_a_machine_to_buy_and_a_card_to_add() -> None:
    app = QtuiApp(replace(SCENES["buy"], ram="64GB"))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        shown = screen_text(app)
        assert re.search(r"RTX 3090 +24 GB +", shown) and "Enter takes it" in shown
        bought = app.query_one(MemoryView).result.to_buy
        shown = await press(pilot, "down")
        assert f"{bought.rows[1].machine}: in " in shown  # the sentence is about the marked row
        shown = await press(pilot, "enter")
        now = scenario(app)
        assert (now.machine, now.ram, now.view) == (bought.rows[1].machine, "", "plans")
        assert "[Plans]" in shown
        await press(pilot, "u")
        card = next(i for i, row in enumerate(bought.rows) if row.kind == "card")
        shown = await press(pilot, *["down"] * card, "enter")
        assert scenario(app).machine == "RTX 4080 + " + bought.rows[card].machine.removesuffix(" in addition")
        assert scenario(app).ram == "64GB" and "on 2 cards" in shown


async def test_a_comparison_is_walked_and_one_of_it_taken() -> None:
    app = QtuiApp(SCENES["compared"])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "[Compare]" in screen_text(app)
        await press(pilot, "down", "down", "down", "enter")
        assert (scenario(app).model, scenario(app).format, scenario(app).view) == (("gemma-3-12b",), "Q8_0", "plans")
        await press(pilot, "u", "v")
        assert scenario(app).model == ("Qwen3-8B",) and scenario(app).view != "compare"


async def test_the_result_of_a_plan_is_its_command() -> None:
    app = QtuiApp(SCENES["plans"])
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "Y copies" in screen_text(app)
        await press(pilot, "down", "Y")
        assert app.copied.startswith("llama-server ") and "Q6_K" in app.copied and "-ngl 45" in app.copied
        await press(pilot, "v", "Y")
        assert "[native]" not in app.copied and "up to" in app.copied


async def test_a_model_is_found_as_one_types() -> None:
    app = QtuiApp(LAPTOP)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        shown = await press(pilot, "m", *"gemma 3 12")
        assert "gemma-3-12b-it" in shown and "gemma-3-4b-it" not in shown
        assert "✓ about fits here in 4 bits" in shown  # 12 billion do, in 13 GiB; 80 billion don't
        marked = [row for row in shown.splitlines() if " B " in row]
        assert ["✓" in row for row in marked if "gemma-3-12b" in row] == [True]
        assert "✓" not in next(
            row
            for row in (await press(pilot, *["backspace"] * 12, *"coder next")).splitlines()
            if "Qwen3-Coder-Next" in row
        )
        await press(pilot, *["backspace"] * 12, *"gemma 3 12")
        shown = await press(pilot, "enter")
        assert scenario(app).model == ("google/gemma-3-12b-it",) and "gemma-3-12b-it in Q4_K_M" in shown
        shown = await press(pilot, "slash", *"70B", "enter")
        assert scenario(app).model == ("70B",) and "70B in Q4_K_M" in shown
        before = scenario(app)
        await press(pilot, "m", "escape")
        assert scenario(app) == before


async def test_a_name_that_is_none_is_said_in_the_status_line() -> None:
    app = QtuiApp(LAPTOP)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        shown = await press(pilot, "m", *"qwn3-8b", "enter")
        assert "did you mean Qwen3-8B" in shown


async def test_fields_change_the_run() -> None:
    app = QtuiApp(LAPTOP)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "C", "down", "down", "enter")
        assert scenario(app).kv_type == "q8_0"
        await press(pilot, "c", *"64k", "enter")
        assert scenario(app).ctx == 65536
        await press(pilot, "c", "up")
        assert scenario(app).ctx == 131072
        shown = await press(pilot, *"lots", "enter")
        assert "a context is a number of tokens" in shown and scenario(app).ctx == 131072
        app.query_one(MemoryView).focus()
        await press(pilot, "number_sign", *"4", "enter")
        assert scenario(app).seqs == 4
        shown = await press(pilot, "number_sign", *"0", "enter")
        assert "from 1 to 4096" in shown and scenario(app).seqs == 4
        app.query_one(MemoryView).focus()
        await press(pilot, "E", "down", "enter")
        assert scenario(app).engine == "vllm"
        await press(pilot, "semicolon")
        assert scenario(app).flash is False
        await press(pilot, "colon")
        assert scenario(app).vision is True
        await press(pilot, "f", *"q8_0", "enter")
        assert scenario(app).format == "Q8_0"
        await press(pilot, "M", *"4090", "enter")
        assert "4090" in scenario(app).machine


async def test_enter_takes_the_step_that_is_named() -> None:
    app = QtuiApp(MemoryScenario(ram="64GB", vram="0", view="grid"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "in Q5_K_M it fits, 6.65 GB to spare: Enter takes it" in screen_text(app)
        shown = await press(pilot, "enter")
        assert scenario(app).format == "Q5_K_M" and "✓ It fits." in shown
        shown = await press(pilot, "M", *"16gb", "enter")
        assert "m finds a smaller model" in shown
        assert "qwen3 8b, 80B, a path" in await press(pilot, "enter")


async def test_an_answer_that_was_overtaken_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """While another model is worked out, and after the person has gone back, Enter acts on what is on screen."""
    other = ("Qwen3-0.6B",)
    solved, shown_again = threading.Event(), threading.Event()
    at_once = MemoryPane.solve

    def slowly(pane: MemoryPane, scenario: MemoryScenario, progress: Progress) -> MemoryResult:
        result = at_once(pane, scenario, progress)
        if scenario.model == other:
            solved.set()
            assert shown_again.wait(30)
        return result

    monkeypatch.setattr(MemoryPane, "solve", slowly)
    monkeypatch.setattr(MemoryPane, "quick", lambda _, scenario: scenario.model != other)
    app = QtuiApp(MemoryScenario(ram="64GB", vram="0", view="grid"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.query_one(MemoryPane).change(model=other)
        await pilot.pause()
        assert await asyncio.to_thread(solved.wait, 30)
        for key in ("enter", "right"):
            await pilot.press(key)
            assert (scenario(app).model, scenario(app).format, scenario(app).ctx) == (other, "native", 8192)
        await pilot.press("u")
        assert scenario(app).model == ("Qwen3-Coder-Next",)
        shown_again.set()
        await settle(pilot)
        assert "Qwen3-Coder-Next" in screen_text(app)
        await press(pilot, "enter")
        assert scenario(app).format == "Q5_K_M"


async def test_amounts_of_memory_are_typed_where_machines_are_listed() -> None:
    app = QtuiApp(LAPTOP)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "24GB VRAM" in await press(pilot, "M", *"64 GB + 24 GB VRAM")
        shown = await press(pilot, "enter")
        assert (scenario(app).machine, scenario(app).ram, scenario(app).vram) == ("", "64GB", "24GB")
        assert "◀ 64GB RAM + 24GB VRAM ▶" in shown and "of 24.0 GB" in shown
        assert "'47' has no unit; write 47GB" in await press(pilot, "M", *"47")
        await press(pilot, "escape", "M", *"laptop 16", "enter")
        assert (scenario(app).machine, scenario(app).ram, scenario(app).vram) == ("laptop 16GB", "", "")
        await press(pilot, "M", *"laptop 64GB", "enter")  # is not in the list
        assert (scenario(app).machine, scenario(app).ram, scenario(app).vram) == ("laptop 64GB", "", "")
        assert "no machine is called 'zzz'" in await press(pilot, "M", *"zzz", "enter")  # and is not taken


async def test_a_measurement_says_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qtui.models.machine.bandwidth.measure", lambda: Bandwidth(40 * 10**9, "by hand"))
    app = QtuiApp(MemoryScenario(model=("Qwen3-0.6B",)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        shown = await press(pilot, "x")
        assert "memory reads at 40.0 GB/s, measured; " in shown and "tokens/s" in shown
        await press(pilot, "x", "M", *"laptop 8", "enter")
        assert "only this machine's memory can be measured" in await press(pilot, "x")
        assert scenario(app).measure is False


async def test_a_state_that_cannot_be_solved_says_what_helps() -> None:
    app = QtuiApp(MemoryScenario(machine="Mac Studio M9"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        shown = screen_text(app)
        assert "no machine is called" in shown and "m finds a model, M a machine" in shown
        assert "✓ It fits." in await press(pilot, "M", *"mac studio m3 ultra 256", "enter", "m", *"qwen3-8b", "enter")
        assert "no machine is called" not in await press(pilot, "right")


async def test_the_app_agrees_with_the_command_line() -> None:
    app = QtuiApp(LAPTOP)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        shown = app.query_one(MemoryView).result
    assert shown is not None
    assert json_object(shown) == json_object(solve_with_plans(LAPTOP))


async def test_without_colour_marks_and_letters_say_it() -> None:
    app = QtuiApp(LAPTOP, Settings(theme="none", ascii=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        shown = screen_text(app)
    assert all(ord(letter) < 128 or letter in "⁹×" for letter in shown), set(shown)
    assert "y It fits." in shown and "x 21.5" in shown
