"""The palette: everything is in it, the best match comes first, and what is taken is done."""

import gc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file
from textual.pilot import Pilot
from textual.strip import Strip

from qtui.draw.glyphs import ASCII, UNICODE
from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.tui.app import QtuiApp
from qtui.tui.commands import CommandPalette, Names, rank
from qtui.tui.host import Settings
from qtui.tui.keylist import keys_of
from qtui.tui.keymap import key_name
from qtui.tui.offers import PROVIDERS, all_offers
from qtui.tui.panes.memory.search import ModelSearch
from qtui.tui.panes.registry import FURTHER, PANES
from qtui.tui.widgets.picker import Picker
from qtui.tui.widgets.view import PictureView
from qtui.words.load import glossary
from tests.support.screens import screen_text, settle


async def taken(pilot: Pilot[Any], words: str) -> str:
    """Open the palette, type `words`, take the first."""
    await pilot.press("ctrl+p")
    await settle(pilot)
    await pilot.press(*({" ": "space", "_": "underscore"}.get(c, c) for c in words))
    await settle(pilot)
    await pilot.press("enter")
    await settle(pilot)
    return screen_text(pilot.app)


async def test_what_is_taken_is_done() -> None:
    app = QtuiApp(BitsScenario())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "[Staircase]" in await taken(pilot, "stair") and app.pane is not None
        assert app.pane.scenario.command == "quantize" and app.pane.view == "stairs"
        await taken(pilot, "Q4_K")
        assert app.pane.scenario.format[0] == "Q4_K"
        assert glossary()["ulp"].text[:20] in await taken(pilot, "ulp")
        await pilot.press("escape")
        await taken(pilot, "gemma-3-27b-it")
        assert app.pane.scenario.command == "mem" and app.pane.scenario.model == ("google/gemma-3-27b-it",)
        await taken(pilot, "RTX 4090")
        assert "4090" in app.pane.scenario.machine


async def test_everything_is_there_and_filtering_is_instant() -> None:
    app = QtuiApp(BitsScenario())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        offers = all_offers(app, app.pane)
        listed = {(offer.title, offer.what) for offer in offers}
        for command in (*PANES, *FURTHER):
            for _, title in keys_of(command).views:
                assert any(name == title and what.startswith("view") for name, what in listed)
        assert len(offers) > 500
        palette = CommandPalette(offers)
        assert [offers[int(number)].title for number, _ in palette.matches("stair")][0] == "Staircase"
        assert len(palette.matches("")) == len(offers) and palette.matches("no such thing") == ()
        await pilot.press("ctrl+p")
        await settle(pilot)
        assert f"1 of {len(offers)}" in screen_text(app)
        await pilot.press(*"zzz")
        await settle(pilot)
        assert "nothing matches" in screen_text(app) and f"1 of {len(offers)}" not in screen_text(app)


async def test_kept_offers_follow_the_keys_the_view_the_pane_and_the_kiosk() -> None:
    everything: list[set[tuple[str, str]]] = []
    for settings in (Settings(), Settings(keys={"app.undo": "f9"}), Settings(kiosk=True)):
        app = QtuiApp(BitsScenario(), settings)
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            for keys in ((), ("v",), ("3",)):
                await pilot.press(*keys)
                await settle(pilot)
                anew = [offer for provider, _ in PROVIDERS for offer in provider(app, app.pane)]
                kept = [(offer.title, offer.what) for offer in all_offers(app, app.pane)]
                assert kept == [(offer.title, offer.what) for offer in anew]
                everything.append(set(kept))
            # What is kept is done by the app that takes it.
            assert glossary()["ulp"].text[:20] in await taken(pilot, "ulp")
    assert len(set(map(frozenset, everything))) == len(everything)


async def test_a_model_is_marked_by_the_room_that_there_is() -> None:
    marked = [sum("✓" in title for _, title in ModelSearch("", limit, UNICODE).matches("")) for limit in (0, 10**10)]
    assert marked[0] == 0 < marked[1] < len(ModelSearch("", 0, ASCII).matches(""))
    assert [name for name, _ in ModelSearch("", 0, UNICODE).matches("qwen3 8b")][0] == "Qwen/Qwen3-8B"


FIRST = {
    "stair": "Staircase",
    "stairs": "Staircase",
    "q4_k": "Q4_K",
    "4090": "RTX 4090",
    "nf4": "nf4",
    "mantissa": "Mantissa",
    "blocks": "Blocks",
    "blocks scales": "Blocks and scales",
    "plan": "Plan",
    "wave": "Sine wave",
    "undo": "Undo",
    "theme nord": "Theme: nord",
    "here": "What runs here",
    "lesson floats": "Lesson: floats",
    "sort": "Sort",
    "tour": "Tour",
    "tour step": "What is a parameter?",
    "kv": "KV cache",
    "q4": "Q4_0",
    "4bit": "int4:block=32,scale=fp16",
    "dark": "Theme: dark",
    "light": "Theme: light",
    "color": "Theme: safe",
    "llama": "Llama-3.1-8B-Instruct",
    "70b": "Llama-3.1-70B-Instruct",
    "macbook": "MacBook Air M1 8GB",
    "perplexity": "Perplexity",
    "snr": "SQNR",
    "export": "Copy as command",
    "screenshot": "Save the picture",
    "exit": "Quit",
    "gguf": "Open a file",
    "keys": "Help",
    "fp16": "float16",
    "bf16": "BF16",
    "python": "Live code",
    "gpu": "Machine",
    "what fits": "What runs here",
    "batch": "Sequences at once",
    "group size": "Next block size",
    "fine-tune": "Train",
    "chat": "Talk",
    "confidence": "Lessons",
    "tokenizer": "Tokens",
    "kv cache": "KV cache",
    "qwen3-8b": "Qwen3-8B",
}


async def test_what_people_type_comes_first_and_view_actions_open_their_view() -> None:
    app = QtuiApp(BitsScenario())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        offers = all_offers(app, app.pane)
        palette = CommandPalette(offers)
        assert {typed: offers[int(palette.matches(typed)[0][0])].title for typed in FIRST} == FIRST
        (number, _), *_ = palette.matches("zoom x1 sine")
        await offers[int(number)].run(app)
        await settle(pilot)
        assert app.pane is not None and app.pane.view == "sine" and app.pane.scenario.zoom != "1"
        (number, _), *_ = palette.matches("next lesson quality")
        await offers[int(number)].run(app)
        await settle(pilot)
        assert app.pane.scenario.command == "quality" and app.pane.view == "lesson"
        (number, _), *_ = palette.matches("lesson quant")
        await offers[int(number)].run(app)
        await settle(pilot)
        assert app.pane.scenario.lesson == "quant"


async def test_a_view_that_needs_a_file_asks_for_one(tmp_path: Path) -> None:
    save_file({"blk.0.ffn_up.weight": np.ones((64, 64), np.float32)}, tmp_path / "m.safetensors")
    app = QtuiApp(ErrorsScenario(count=4096))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "Survey needs a model file: type the path of one" in await taken(pilot, "sort survey")
        await pilot.press(*map(key_name, str(tmp_path / "m.safetensors")), "enter")
        await settle(pilot)
        assert app.pane is not None and app.pane.view == "survey"


@pytest.mark.parametrize(
    ("typed", "better", "worse"),
    [
        ("q4_k", "q4_k", "q4_k_m"),
        ("line", "line", "number lines"),
        ("lin", "number lines", "outlier's line"),
        ("block", "block size sweep", "next block size"),
        ("oc", "ocean", "block"),
        ("net", "small network", "planet"),
    ],
)
def test_beginnings_come_first(typed: str, better: str, worse: str) -> None:
    first, second = rank([typed], Names.of(better, "")), rank([typed], Names.of(worse, ""))
    assert first is not None and second is not None and first <= second
    assert rank([typed], Names.of("nothing", "")) is None
    assert rank([typed], Names.of("nothing", f"words on {typed}")) == 4


async def test_a_list_is_as_long_as_its_window_allows_and_no_longer_than_it_is() -> None:
    names = [f"thing {i}" for i in range(40)]
    app = QtuiApp(BitsScenario())
    async with app.run_test(size=(60, 18)) as pilot:
        await settle(pilot)
        rows = []
        app.push_screen(Picker("things", names, names, names[0]))
        for size in ((60, 18), (160, 48), (60, 18)):
            await pilot.resize_terminal(*size)
            await pilot.press(*["pagedown"] * 4)
            await settle(pilot)
            assert "thing 39" in screen_text(app)
            rows.append(app.screen.query_one(PictureView).size.height - 1)  # of the filter
        assert rows == [11, 32, 11]
        await pilot.press("escape")
        app.push_screen(Picker("things", names[:5], names[:5], names[0]))
        await settle(pilot)
        assert app.screen.query_one(PictureView).size.height == 6
        taken: list[str | None] = []
        app.push_screen(Picker("things", names[:17], names[:17], names[0]), taken.append)
        await settle(pilot)
        assert all(name in screen_text(app) for name in names[:17])  # in two columns
        view = app.screen.query_one(PictureView)
        await pilot.click(view, offset=(view.size.width // 2 + 2, 5))
        await settle(pilot)
        assert taken == ["thing 14"]


async def test_what_a_closed_dialog_has_drawn_is_forgotten() -> None:
    app = QtuiApp(BitsScenario())

    def drawn() -> int:
        gc.collect()
        return sum(isinstance(thing, Strip) for thing in gc.get_objects())

    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        counts = []
        for _ in range(3):
            for _ in range(4):
                await pilot.press("ctrl+p", "escape", "question_mark", "escape")
                await settle(pilot)
            counts.append(drawn())
    assert counts[2] - counts[1] < 24, counts  # less than the rows of one dialog
