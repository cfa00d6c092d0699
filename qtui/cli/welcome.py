"""`qtui welcome`: what fits this machine, a large model beside it, and model files that are here."""

from __future__ import annotations

from qtui.cli.command import Command
from qtui.draw.memory.plans import speed_range
from qtui.draw.units import decimal
from qtui.draw.welcome.report import report
from qtui.draw.welcome.words import fit_words, machine_words
from qtui.scenario.progress import Progress
from qtui.scenario.welcome.json import json_object
from qtui.scenario.welcome.result import WelcomeResult
from qtui.scenario.welcome.scenario import WelcomeScenario

EPILOG = """examples:
  qtui welcome                              what runs well here, and what an 80B model would take
  qtui welcome --machine "RTX 4090" --json"""


def solve(scenario: WelcomeScenario, progress: Progress) -> WelcomeResult:
    """All of it."""
    from qtui.scenario.welcome.solve import solve as solve_welcome

    return solve_welcome(scenario, progress)


def sentence(result: WelcomeResult) -> str:
    """What fits here."""
    return " ".join(fit_words(result))


def spoken(result: WelcomeResult) -> list[str]:
    """What `--plain` says after what fits."""
    lines = [machine_words(result.machine), f"of it a model can have {decimal(result.room)}"]
    for size in result.large:
        place = "fits" if size.fits else "fits with a part in RAM" if size.split else "does not fit"
        lines.append(f"{result.large_name} in {size.format}, {size.bits:.1f} bits: {decimal(size.bytes)}, {place}")
    for row in result.also:
        size_of = f"{decimal(row.plan.total_bytes)} in {row.plan.format}"
        pace = f", {speed_range(row.plan)} tokens a second" if row.plan.speed else ""
        lines.append(f"{row.model} runs well too: {size_of}{pace}")
    lines += [f"{file.name} in {file.place}: {decimal(file.bytes)}" for file in result.files]
    at = f", left at step {result.tour_step}" if result.tour_step else ""
    return [*lines, f"the tour has {result.tour_steps} steps{at}"]


COMMAND = Command(
    scenario=WelcomeScenario,
    epilog=EPILOG,
    solve=solve,
    json_object=json_object,
    picture=report,
    sentence=sentence,
    spoken=spoken,
)
