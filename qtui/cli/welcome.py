"""`qtui welcome`: what fits this machine, a large model beside it, and model files that are here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtui.cli.command import Command
from qtui.draw.picture import Picture
from qtui.draw.welcome.report import report
from qtui.draw.welcome.words import fit_words
from qtui.scenario.progress import Progress
from qtui.scenario.welcome.json import json_object
from qtui.scenario.welcome.result import WelcomeResult
from qtui.scenario.welcome.scenario import WelcomeScenario

if TYPE_CHECKING:
    from qtui.draw.glyphs import Glyphs

EPILOG = """examples:
  qtui welcome                              what runs well here, and what an 80B model would take
  qtui welcome --machine "RTX 4090" --json"""


def solve(scenario: WelcomeScenario, progress: Progress) -> WelcomeResult:
    """All of it."""
    from qtui.scenario.welcome.solve import solve as solve_welcome

    return solve_welcome(scenario, progress)


def picture(result: WelcomeResult, width: int, glyphs: Glyphs) -> Picture:
    """What there is, without doors."""
    return report(result, width, glyphs)


def sentence(result: WelcomeResult) -> str:
    """What fits here."""
    return " ".join(fit_words(result))


COMMAND = Command(
    scenario=WelcomeScenario,
    epilog=EPILOG,
    solve=solve,
    json_object=json_object,
    picture=picture,
    sentence=sentence,
)
