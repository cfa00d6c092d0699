"""Keys, clicks, pastes and resizes at random, over all panes.

At length: `python tests/support/monkey.py SEED STEPS`.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from tests.support.harness import Terminal, homes
from tests.support.monkey import run

STEPS = 350


@pytest.mark.parametrize("seed", [3, 8])
async def test_a_monkey_breaks_nothing(seed: int, tmp_path: Path) -> None:
    monkey = await run(seed, STEPS, tmp_path)
    assert len(monkey.did) >= STEPS


def test_resizing_while_keys_arrive(tmp_path: Path) -> None:
    """In a real terminal, from 20×6 to 400×120 and back."""
    dice = random.Random(5)
    env = homes(tmp_path)
    with Terminal([sys.executable, "-m", "qtui", "mem", "--tui"], env=env) as terminal:
        terminal.wait_for("[1 Memory]")
        for size in [
            (20, 6),
            (400, 120),
            (59, 30),
            (80, 17),
            (60, 18),
            (30, 50),
            (200, 10),
            (120, 40),
            (1, 1),
            (80, 24),
        ]:
            terminal.resize(*size)
            for _ in range(3):
                terminal.press(dice.choice(("f1", "f2", "f3", "f4", "tab", "right", "down")))
                terminal.pump(0.01)
        terminal.press("f2")
        terminal.wait_for("[2 Bits]")
        terminal.settle()
        shown = terminal.text()
        terminal.press("ctrl+l")
        terminal.settle()
        assert terminal.text() == shown
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0 and not terminal.modes_left_on()


@pytest.mark.parametrize("seed", [1, 2])
def test_storms_of_sizes_leave_what_a_fresh_repaint_shows(seed: int, tmp_path: Path) -> None:
    """Sizes that are over before the program hears of them, while it draws; the terminal loses cells on the way."""
    dice = random.Random(seed)
    env = homes(tmp_path)
    with Terminal([sys.executable, "-m", "qtui", "mem", "--tui"], env=env) as terminal:
        terminal.wait_for("[1 Memory]")
        terminal.settle()
        for storm in range(6):
            sizes = dice.choices([(40, 10), (20, 6), (79, 23), (80, 24), (61, 19)], k=dice.randint(1, 4))
            for size in [(40, 10), *sizes, (80, 24)] if storm else [(40, 10), (80, 24)]:
                terminal.resize(*size)
                if dice.random() < 0.4:
                    terminal.press(dice.choice(("f1", "f2", "f3", "f4", "right", "down")))
                terminal.pump(dice.choice((0, 0, 0.002, 0.05)))
            terminal.settle()
            shown = terminal.text()
            terminal.press("ctrl+l")
            terminal.settle()
            assert terminal.text() == shown, f"storm {storm}"
        terminal.press("ctrl+c")
        assert terminal.wait_end() == 130 and not terminal.modes_left_on()


@pytest.mark.parametrize(
    ("size", "message"), [((59, 24), "needs a window of 60×18; this one is 59×24"), ((20, 6), "60×18")]
)
def test_too_small_a_window_says_what_it_needs(size: tuple[int, int], message: str, tmp_path: Path) -> None:
    env = homes(tmp_path)
    with Terminal([sys.executable, "-m", "qtui", "mem", "--tui"], env=env, columns=size[0], rows=size[1]) as terminal:
        terminal.wait_for(message)
        terminal.resize(80, 24)
        terminal.wait_for("[1 Memory]")
        terminal.settle()
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0


def test_typing_faster_than_a_dialog_opens(tmp_path: Path) -> None:
    env = homes(tmp_path)
    with Terminal([sys.executable, "-m", "qtui", "mem", "--tui"], env=env) as terminal:
        terminal.wait_for("[1 Memory]")
        terminal.settle()
        terminal.send("mqwen3 8b\r")
        terminal.wait_for("Qwen3-8B bfloat16 (native)")
