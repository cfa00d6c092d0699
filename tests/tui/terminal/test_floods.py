"""More than anybody types: frames keep coming, what leads out overtakes, pastes are cut, no end is waited for."""

from __future__ import annotations

import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual import events

from qtui.tui.app import QtuiApp
from qtui.tui.terminal.keys import MOST, REPEATS, Keys
from qtui.tui.widgets.text_field import TextField
from tests.support.harness import Terminal, homes
from tests.support.screens import scenario_of, settle

KEYS = 27_000
ARROWS = ("\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D")
PASTE, PASTE_END = "\x1b[200~", "\x1b[201~"
SOON = 10.0  # seconds that a loaded machine may need for what takes a fraction of one


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return homes(tmp_path)


@contextmanager
def opened(env: dict[str, str], *words: str) -> Iterator[Terminal]:
    with Terminal([sys.executable, "-m", "qtui", *words, "--tui"], env=env, columns=100, rows=30) as terminal:
        terminal.wait_for("1 Memory")
        terminal.settle()
        yield terminal


def flood(kind: str) -> str:
    dice = random.Random(1)
    if kind == "one arrow":
        return ARROWS[3] * KEYS
    if kind == "two arrows":
        return (ARROWS[2] + ARROWS[3]) * (KEYS // 2)
    if kind == "arrows":
        return "".join(dice.choices(ARROWS, k=KEYS))
    if kind == "panes":
        return "".join(dice.choices("1234", k=KEYS))
    if kind == "letters":
        return "".join(dice.choices(("t", "g", "u", "U", *ARROWS), k=KEYS))
    if kind == "moves":
        return "".join(f"\x1b[<35;{i % 90 + 1};{i % 20 + 1}M" for i in range(KEYS))
    return "\x1b[<65;10;10M" * KEYS  # the wheel


@pytest.mark.parametrize("kind", ["one arrow", "arrows", "panes", "letters", "moves", "wheel"])
def test_keys_that_lead_out_overtake(kind: str, env: dict[str, str]) -> None:
    with opened(env, *(("mem", "8B") if kind == "letters" else ("bits", "0.1"))) as terminal:
        terminal.send(flood(kind))
        terminal.press("q")
        assert terminal.wait_end(SOON) == 0
        assert not terminal.modes_left_on()


@pytest.mark.parametrize("how", ["\x03", signal.SIGTERM])
def test_ctrl_c_and_signals_in_a_flood_at_a_dialog(how: str | signal.Signals, env: dict[str, str]) -> None:
    with opened(env, "mem", "8B") as terminal:
        terminal.send("m" + "".join(random.Random(2).choices(("x", "w", "\x7f", *ARROWS), k=KEYS)))
        terminal.send(how) if isinstance(how, str) else terminal.kill(how)
        assert terminal.wait_end(SOON) == (130 if how == "\x03" else 143)
        assert not terminal.modes_left_on()


def test_frames_keep_coming(env: dict[str, str]) -> None:
    with opened(env, "bits", "0.1") as terminal:
        terminal.send(flood("two arrows"))
        frames = sum(bool(terminal.pump(0.02)) for _ in range(100))
        assert frames >= 5
        terminal.press("ctrl+c")
        assert terminal.wait_end(SOON) == 130


@pytest.mark.parametrize(
    ("words", "before"),
    [("mem 8B", "m"), ("mem 8B", "c"), ("bits 0.1", "\t\t"), ("quantize 1 2", "d"), ("errors", "o")],
)
def test_a_megabyte_is_pasted(words: str, before: str, env: dict[str, str]) -> None:
    with opened(env, *words.split()) as terminal:
        terminal.send(before)
        terminal.settle()
        for text in ("1" * 1_000_000, "x\n" * 500_000, "\x1b[A\x1b]0;title\x07" * 60_000):
            terminal.send(f"{PASTE}{text}{PASTE_END}")
        terminal.press("escape", "ctrl+c")
        terminal.press("ctrl+c")  # the first one may have copied what was selected
        assert terminal.wait_end(SOON) == 130
        assert not terminal.modes_left_on()


@pytest.mark.parametrize("last", ["\x03", "q"])
def test_a_paste_without_an_end_swallows_nothing_for_ever(last: str, env: dict[str, str]) -> None:
    with opened(env, "mem", "8B") as terminal:
        terminal.send(PASTE + "abc")
        if last == "q":
            time.sleep(1.5)  # of silence
        terminal.send(last)
        assert terminal.wait_end(SOON) == (130 if last == "\x03" else 0)


async def test_repeats_are_left_out_and_the_rest_is_bounded() -> None:
    """What waits while a key that takes long is followed."""
    app = QtuiApp(scenario_of("mem 8B"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        keys = Keys(app, app.on_event, lambda: None, lambda status: None)
        keys._begun = keys._busy = True
        for key in ("down", "x"):
            await keys.take_all(events.Key(key, None if len(key) > 1 else key) for _ in range(KEYS))
        assert waiting(keys) == ["down"] * REPEATS + ["x"] * REPEATS
        for leading in ("q", "escape"):
            await keys.take_all(events.Key("down" if i % 2 else "up", None) for i in range(KEYS))
            assert len(keys._waiting) == MOST
            await keys.take(events.Key(leading, None))
            assert waiting(keys) == [leading]
        await keys.take_all(events.Key(key, key) for key in "m8b")
        await keys.take(events.Key("escape", None))  # few enough to be somebody's, who typed them in this order
        assert waiting(keys) == ["escape", "m", "8", "b", "escape"]


def waiting(keys: Keys) -> list[str]:
    return [event.key for event in keys._waiting if isinstance(event, events.Key)]


async def test_text_for_a_field_is_pasted_and_cut() -> None:
    app = QtuiApp(scenario_of("mem 8B"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("m")
        await settle(pilot)
        field = app.focused
        assert isinstance(field, TextField)
        app.receive([events.Key(c, c) for c in "qwen3 8b" * 9])
        await settle(pilot)
        assert field.value == "qwen3 8b" * 9
        app.post_message(events.Paste("a\x1b[31m\u202eb\nsecond"))
        await settle(pilot)
        assert field.value == "qwen3 8b" * 9 + "a[31mb"
        app.post_message(events.Paste("x" * 100_000))
        await settle(pilot)
        assert len(field.value) == TextField.LONGEST
