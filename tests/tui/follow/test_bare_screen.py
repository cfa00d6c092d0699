"""What is drawn before an app runs looks as the app draws it."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.geometry import Size

from qtui.draw.safe import cell_count
from qtui.teach.messages import ClassState, Notice, Poll, Welcome
from qtui.tui.app import QtuiApp
from qtui.tui.follow.bare_screen import BareScreen, NameField
from qtui.tui.follow.follower import Follower
from qtui.tui.follow.pictures import poll_rows
from qtui.tui.host import Settings
from qtui.tui.terminal.painter import Row
from tests.support.screens import press, screen_strips
from tests.support.wire import Wire, hears

LONG = (
    "the teacher has gone to fetch the projector and will be back in a moment; the class stays where it is until then"
)
POLLS = (
    Poll(1, "Which is larger, and why do you think so?", ("bf16", "fp16"), here=3),
    Poll(1, "How many?", (), here=3, answered=True),
    Poll(1, "Which?", ("bf16", "fp16"), (3, 1), 1, 0, 4, True, True, "bf16"),
)


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def cells(app: QtuiApp) -> list[Row]:
    """What the app would have the terminal show."""
    app.painter.forget()
    app._sequences([(y, 0, strip) for y, strip in enumerate(screen_strips(app))])
    return app.painter.rows


def bare(settings: Settings) -> tuple[QtuiApp, BareScreen]:
    app = QtuiApp(None, settings)
    return app, BareScreen(app)


def alike(theirs: list[Row], ours: list[Row], rows: range) -> None:
    for y in rows:
        assert ours[y] == theirs[y], y


@pytest.mark.parametrize(
    "theme, ascii, width, height",
    [
        ("dark", False, 80, 24),
        ("light", False, 60, 18),
        ("safe", True, 120, 40),
        ("ansi-light", True, 60, 18),
        ("none", False, 160, 48),
    ],
)
async def test_it_looks_as_in_the_app(theme: str, ascii: bool, width: int, height: int) -> None:
    settings, size = Settings(theme=theme, ascii=ascii), Size(width, height)
    app, wire = QtuiApp(None, settings), Wire()
    app.classroom = Follower(app, wire, "Ann")
    ours, screen = bare(settings)
    async with app.run_test(size=(width, height)) as pilot:
        await press(pilot)
        screen.dialog(field := NameField("Ann"), size)
        alike(cells(app), ours.painter.rows, range(1, height))  # in the first, the app names its panes
        await press(pilot, "M", "a", "x")
        for key in "Max":
            field.take(events.Key(key, key))
        screen.dialog(field, size)
        alike(cells(app), ours.painter.rows, range(1, height))
        await press(pilot, "left", "left", "delete", "enter")
        field.take(events.Key("left", None))
        assert field.row(20)[1] == ("x", "")
        await hears(pilot, wire, Welcome("Mx", "t1"), ClassState(), Notice(LONG))
        for poll in POLLS:
            await hears(pilot, wire, poll)
            screen.class_rows({}, (LONG, ""), poll, size)
            rows = range(height - 3 - poll_rows(poll, width - 2), height - (1 if cell_count(LONG) <= width else 0))
            alike(cells(app), ours.painter.rows, rows)


KEYS = {
    "a name": ("L e e", "Lee", 3),
    "chosen, taken back": ("backspace", "", 0),
    "before": ("left D r .", "Dr.Ann", 3),
    "behind": ("right a", "Anna", 4),
    "in between": ("end left left x", "Axnn", 2),
    "deleted": ("home delete delete delete delete", "", 0),
    "not beyond the ends": ("home left backspace end right delete", "Ann", 3),
    "as far as the cursor": ("end left ctrl+u", "n", 0),
    "what does nothing": ("f5 up tab", "Ann", 3),
}


@pytest.mark.parametrize("what", KEYS)
def test_a_name_is_edited(what: str) -> None:
    field = NameField("Ann")
    keys, text, at = KEYS[what]
    for key in keys.split():
        name = {".": "full_stop"}.get(key, key)
        field.take(events.Key(name, key if len(key) == 1 else None))
    assert (field.text, field.at) == (text, at)


@pytest.mark.parametrize("text", ["\x1b[2Jx\ny", "日本" * 99, "a\u0301\u202e" * 40, "x" * (1 << 20), "\r\n"])
def test_a_hostile_paste_is_a_short_line(text: str) -> None:
    field = NameField("Ann")
    field.take(events.Paste(text))
    assert field.text.isprintable() and len(field.text) <= 64
    app, screen = bare(Settings())
    screen.dialog(field, Size(60, 18))
    assert all(len(row.texts) == 60 and "".join(map(str, row.texts)).isprintable() for row in app.painter.rows)
    for width, height in ((20, 5), (1, 1), (300, 100)):
        screen.dialog(field, Size(width, height))
        screen.class_rows({}, (LONG, "warn"), POLLS[2], Size(width, height))
        assert len(app.painter.rows) == height
