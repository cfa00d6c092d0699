"""What a key costs on the wire, in bytes: these do not depend on the machine's load. And no cell is left stale."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.harness import Terminal, homes

MEMORY = [sys.executable, "-m", "qtui", "mem", "--tui"]
COLUMNS, ROWS = 120, 40
FOCUS, MOVE, VALUE, SWITCH = 3000, 600, 6000, 20000

# Keys that lead there, the key that is measured, and the most that it may cost.
KEYS = [
    ("f2 right", "right", MOVE),
    ("f2 right right right right right right right right right right right right", "space", VALUE),
    ("f1", "down", VALUE),
    ("f1", "right", VALUE),
    ("f3", "right", MOVE),
    ("f4", "right", MOVE),
    ("f4", "^", VALUE),
    ("f1", "tab", FOCUS),
    ("f2", "tab", FOCUS),
    ("f3", "tab", FOCUS),
    ("f4", "tab", FOCUS),
    ("f2 f1", "f2", SWITCH),
    ("f3 f1", "f3", SWITCH),
    ("f4 f1", "f4", SWITCH),
    ("f4", "f1", SWITCH),
    ("f1", "ctrl+p", SWITCH),
    ("f1 ctrl+p", "escape", SWITCH),
    ("f1", "question_mark", SWITCH),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    home = str(tmp_path_factory.mktemp("home"))
    env = homes(home)
    with Terminal(
        [sys.executable, "-m", "qtui", "mem", "--tui"], columns=COLUMNS, rows=ROWS, persona="ssh", env=env
    ) as terminal:
        terminal.wait_for("[1 Memory]")
        terminal.settle()
        assert len(terminal.output) < SWITCH
        yield terminal


@pytest.mark.parametrize(("there", "key", "most"), KEYS, ids=[f"{there}+{key}" for there, key, _ in KEYS])
def test_a_key_costs_little(app: Terminal, there: str, key: str, most: int) -> None:
    for name in ("escape", *there.split()):
        app.press(name)
        app.settle()
    cost = app.cost("?" if key == "question_mark" else key)
    assert 0 < cost < most
    app.press("escape")


def test_idle_sends_nothing(app: Terminal) -> None:
    app.settle()
    before = len(app.output)
    for _ in range(20):
        app.pump(0.05)
    assert len(app.output) == before


@pytest.mark.parametrize("keys", ["f1 tab tab", "f2 right tab", "f3 tab tab", "f4 right tab", "f1 ctrl+p escape"])
def test_no_stale_cells(app: Terminal, keys: str) -> None:
    """What was sent bit by bit is what a full redraw, at the same size, sends."""
    for key in keys.split():
        app.press(key)
        app.settle()
    app.text()
    before = [[app.screen.buffer[y][x] for x in range(COLUMNS)] for y in range(ROWS)]
    app.resize(COLUMNS - 1, ROWS)
    app.settle()
    app.resize(COLUMNS, ROWS)
    app.settle()
    app.text()
    after = [[app.screen.buffer[y][x] for x in range(COLUMNS)] for y in range(ROWS)]
    stale = [(x, y) for y in range(ROWS) for x in range(COLUMNS) if before[y][x] != after[y][x]]
    assert not stale, (stale[:20], app.text())


def test_the_first_visit_of_each_pane_fits(tmp_path: Path) -> None:
    env = homes(tmp_path)
    with Terminal(
        [sys.executable, "-m", "qtui", "mem", "--tui"], columns=COLUMNS, rows=ROWS, persona="ssh", env=env
    ) as terminal:
        terminal.wait_for("[1 Memory]")
        for key in ("f2", "3", "4"):
            assert terminal.cost(key) < SWITCH
