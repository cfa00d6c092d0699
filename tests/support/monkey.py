"""A monkey at the keyboard: keys, clicks, pastes and resizes over all panes, the same ones for the same seed.

python tests/support/monkey.py [SEED [STEPS]]      by hand, for as long as you like
"""

from __future__ import annotations

import asyncio
import os
import random
import string
import struct
import sys
from pathlib import Path

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

sys.path[:0] = [str(Path(__file__).resolve().parents[2])]

from qtui.scenario.errors.scenario import ErrorsScenario  # noqa: E402
from qtui.tui.app import QtuiApp  # noqa: E402
from qtui.tui.history import LIMIT  # noqa: E402
from qtui.tui.panes.registry import PANES  # noqa: E402

NAMED = (
    *("tab", "shift+tab", "enter", "escape", "space", "up", "down", "left", "right", "home", "end", "pageup"),
    *("pagedown", "backspace", "delete", "shift+up", "shift+down", "shift+left", "shift+right", "ctrl+p", "ctrl+l"),
    *("f1", "f2", "f3", "f4", "question_mark", "plus", "minus", "ctrl+a", "ctrl+w", "ctrl+u"),
)
LETTERS = string.ascii_letters.replace("q", "").replace("s", "") + string.digits + ".,-+/:*[]()"
SIZES = ((20, 6), (59, 17), (60, 18), (80, 24), (100, 30), (120, 40), (200, 60), (400, 120))
PASTES = ("0.1", "-inf", "nan", "Q4_K", "1e309", "8B", "Qwen3-8B", "é漢字\x00\x1b[A", "x" * 3000, "a\nb\nc", "🦙" * 9)


def write_model(path: Path, seed: int) -> None:
    """A small safetensors file."""
    noise = random.Random(seed)
    values = struct.pack("<4096f", *(noise.gauss(0, 1) for _ in range(4096)))
    header = b'{"w":{"dtype":"F32","shape":[64,64],"data_offsets":[0,16384]}}'
    path.write_bytes(struct.pack("<Q", len(header)) + header + values)


class Monkey:
    """Plays `steps` random steps from `seed` on a running app. `folder` is for the files it opens and deletes."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random = random.Random(seed)
        self.folder = folder
        self.did: list[str] = []

    async def play(self, pilot: Pilot[int], steps: int) -> None:
        """Play. Any exception of the app comes out of the pilot."""
        app = pilot.app
        assert isinstance(app, QtuiApp)
        for step in range(steps):
            act = self.random.choices(
                (self.key, self.letter, self.typed, self.paste, self.click, self.resize, self.pane, self.file),
                (40, 25, 8, 4, 10, 3, 8, 2),
            )[0]
            await act(pilot)
            if step % 50 == 49:
                await pilot.pause()
                assert len(app.history) <= LIMIT
                app.runner.cancel()
        while len(app.screen_stack) > 1:
            app.pop_screen()
        await pilot.pause()

    async def _press(self, pilot: Pilot[int], *keys: str) -> None:
        self.did.append(" ".join(keys))
        for key in keys:
            # As the driver does it: one event, and no waiting for what comes of it.
            pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await asyncio.sleep(0)

    async def key(self, pilot: Pilot[int]) -> None:
        await self._press(pilot, *[self.random.choice(NAMED)] * self.random.choice((1, 1, 1, 2, 5)))

    async def letter(self, pilot: Pilot[int]) -> None:
        await self._press(pilot, self.random.choice(LETTERS))

    async def typed(self, pilot: Pilot[int]) -> None:
        text = "".join(self.random.choices(LETTERS, k=self.random.randint(1, 6)))
        await self._press(pilot, *text, "enter")

    async def paste(self, pilot: Pilot[int]) -> None:
        text = self.random.choice(PASTES)
        self.did.append(f"paste {text[:10]!r}")
        pilot.app.post_message(events.Paste(text))

    async def click(self, pilot: Pilot[int]) -> None:
        width, height = pilot.app.size
        x, y = self.random.randrange(width), self.random.randrange(height)
        self.did.append(f"click {x},{y}")
        button, style = 1, None
        for kind in (events.MouseMove, events.MouseDown, events.MouseMove, events.MouseUp):
            delta = (1, 0) if kind is events.MouseMove else (0, 0)
            pilot.app.post_message(
                kind(None, x, y, *delta, button, False, False, False, screen_x=x, screen_y=y, style=style)
            )
        if self.random.random() < 0.3:
            turn = self.random.choice((events.MouseScrollDown, events.MouseScrollUp))
            rest = (0, False, False, False)
            pilot.app.post_message(turn(None, x, y, 0, 0, *rest, screen_x=x, screen_y=y, style=style))

    async def resize(self, pilot: Pilot[int]) -> None:
        size = self.random.choice(SIZES)
        self.did.append(f"resize {size}")
        await pilot.resize_terminal(*size)

    async def pane(self, pilot: Pilot[int]) -> None:
        app = pilot.app
        if len(app.screen_stack) > 1 and self.random.random() < 0.7:
            await self._press(pilot, "escape", "escape")
        if isinstance(app.focused, Input):
            await self._press(pilot, f"f{self.random.randint(1, len(PANES))}")
        else:
            await self._press(pilot, str(self.random.randint(1, len(PANES))))

    async def file(self, pilot: Pilot[int]) -> None:
        """Open a model file, or change or delete the one that is open."""
        app = pilot.app
        assert isinstance(app, QtuiApp)
        path = self.folder / "model.safetensors"
        what = self.random.choice(("open", "open", "cut", "delete"))
        self.did.append(f"file {what}")
        if what == "open" and len(app.screen_stack) == 1:
            write_model(path, self.random.randrange(1000))
            await app.stage.open(ErrorsScenario(path=str(path)))
        elif what == "cut" and path.exists():
            os.truncate(path, self.random.randrange(16000))
        elif what == "delete":
            path.unlink(missing_ok=True)


async def run(seed: int, steps: int, folder: Path) -> Monkey:
    """One run in an app of its own; an AssertionError or any exception of the app names the last steps."""
    monkey = Monkey(seed, folder)
    app = QtuiApp()
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            await monkey.play(pilot, steps)
            app.runner.cancel()
    except BaseException as error:
        error.add_note(f"seed {seed}, the last steps: {monkey.did[-30:]}") if hasattr(error, "add_note") else None
        raise
    return monkey


if __name__ == "__main__":
    import tempfile

    first = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)  # where saved screens go
        done = 0
        while done < wanted:
            asyncio.run(run(first, min(2000, wanted - done), Path(name)))
            done += 2000
            print(f"seed {first}: 2000 steps, no exception", flush=True)
            first += 1
