"""`qtui welcome`, printed: what fits here, the large model in fewer and fewer bits, and model files."""

from __future__ import annotations

from qtui.draw.frame import stack
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, line
from qtui.draw.safe import wrapped
from qtui.draw.welcome import words
from qtui.draw.welcome.pane import also, bars, files
from qtui.scenario.welcome.result import WelcomeResult

FILES = 12  # rows of files


def report(result: WelcomeResult, width: int, glyphs: Glyphs) -> Picture:
    """The answers of the first screen, as wide as `width`."""
    verdict = [line((row, "strong")) for row in wrapped(" ".join(words.fit_words(result)), width)]
    machine = [line((row, "dim")) for row in wrapped(words.machine_words(result.machine), width)]
    return (
        *stack(
            (*verdict, *machine),
            bars(result, width, glyphs),
            also(result, width, FILES, glyphs),
            files(result, width, FILES, glyphs),
        ),
        line(),
    )
