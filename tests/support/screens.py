"""What tests of the app share: the screen as text, and waiting until it shows what was asked for."""

from textual.app import App
from textual.pilot import Pilot
from textual.strip import Strip

from qtui.cli.command import load, parser_for
from qtui.scenario.base import Scenario, from_namespace


def screen_text(app: App[object]) -> str:
    """The screen's characters, a line a row, trailing spaces removed."""
    return "\n".join("".join(s.text for s in strip).rstrip() for strip in screen_strips(app))


def screen_strips(app: App[object]) -> list[Strip]:
    """The screen's rows. The one place that touches Textual's compositor."""
    return app.screen._compositor.render_strips()[: app.size.height]


async def settle(pilot: Pilot[int]) -> None:
    """Let messages and worker threads run to their end."""
    quiet = 0
    while quiet < 4:
        await pilot.pause(0.01)
        busy = pilot.app.keys.busy or pilot.app.runner.busy  # type: ignore[attr-defined]
        quiet = 0 if busy else quiet + 1


async def press(pilot: Pilot[int], *keys: str) -> str:
    """Press keys, wait, and read the screen."""
    await pilot.press(*keys)
    await settle(pilot)
    return screen_text(pilot.app)


def scenario_of(command: str) -> Scenario:
    """The Scenario of a command line such as "mem 8B"."""
    name, *words = command.split()
    return from_namespace(load(name).scenario, parser_for(load(name)).parse_args(words))
