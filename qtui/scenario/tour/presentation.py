"""Where a presentation stands, told from the app that presents to a second terminal with the speaker's notes.

A small file of qtui's state, which the app writes at every step and the other terminal looks at.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from qtui import paths

FILE = "presentation.json"


@dataclass(frozen=True)
class Presentation:
    """The lesson, the step on show, and when the presentation began, in seconds since 1970."""

    lesson: str
    step: int
    began: float


def tell_presentation(presentation: Presentation) -> None:
    """Say where the presentation stands. Raises OSError."""
    paths.write_own(paths.state_file(FILE), json.dumps(asdict(presentation)) + "\n")


def presentation_now() -> Presentation | None:
    """Where it stands, None where none was begun or the file can't be read."""
    try:
        data = json.loads(paths.read_small(paths.state_file(FILE)))
        lesson, step, began = data["lesson"], data["step"], data["began"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    if not isinstance(lesson, str) or type(step) is not int or not isinstance(began, int | float):
        return None
    return Presentation(lesson, step, float(began))


def sentence_of(text: str) -> str:
    """The first sentence of a step's text, for a class where the step names none."""
    words = " ".join(text.split())
    for at, character in enumerate(words):
        if character in ".?!" and words[at + 1 : at + 2] in ("", " "):
            return words[: at + 1]
    return words
