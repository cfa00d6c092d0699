"""A lesson: chapters of steps, each one idea with the pane that proves it. What its files look like: `load.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

KINDS = ("do", "predict", "look", "review")
LETTERS = "abc"


@dataclass(frozen=True)
class Question:
    """What is predicted: a number, or one of up to three answers. `truth` is an expression.

    A number is near enough within `tolerance`, a share of the truth. `why` is told after the answer.
    """

    ask: str
    truth: str
    why: str
    answers: tuple[str, ...] = ()
    unit: str = ""
    tolerance: float = 0.1


@dataclass(frozen=True)
class TourStep:
    """One idea. `show` is the command line of its pane, `after` that of the pane once the question is answered.

    With `curtain` the pane is shown only after the answer. `numbers` proves the numbers of the prose by expressions,
    `given` by its source; `words` are the glossary's terms that the step introduces. `solution` is a list of keys, of
    {actions} and of "type TEXT".
    """

    id: str
    title: str
    kind: str
    text: str
    show: str
    capabilities: tuple[int, ...] = ()
    controls: tuple[str, ...] = ()
    rows: int = 14
    task: str = ""
    goal: str = ""
    solution: tuple[str, ...] = ()
    success: str = ""
    hints: tuple[str, ...] = ()
    question: Question | None = None
    after: str = ""
    curtain: bool = False
    seconds: int = 60
    say: str = ""
    notes: str = ""
    words: tuple[str, ...] = ()
    numbers: Mapping[str, str] = field(default_factory=dict, hash=False)
    given: Mapping[str, str] = field(default_factory=dict, hash=False)
    path: str = ""
    line: int = 0

    @property
    def prose(self) -> tuple[tuple[str, str], ...]:
        """What a person reads of it: the key in the file, and its text."""
        asked = self.question
        parts = [("text", self.text), ("task", self.task), ("success", self.success)]
        parts += [("hints", hint) for hint in self.hints]
        if asked is not None:
            parts += [("question", asked.ask), ("why", asked.why)]
        return tuple((key, text) for key, text in parts if text)

    @property
    def asks(self) -> str:
        """What is to be done or answered, in words."""
        return self.question.ask if self.question is not None else self.task


@dataclass(frozen=True)
class TourChapter:
    """Steps that belong together."""

    title: str
    steps: tuple[TourStep, ...]


@dataclass(frozen=True)
class TourLesson:
    """`name` is "" for the tour, else what `--lesson` is given; `everyday` are terms used in their plain sense."""

    name: str
    title: str
    chapters: tuple[TourChapter, ...]
    everyday: tuple[str, ...] = ()
    further: str = ""

    @property
    def steps(self) -> tuple[TourStep, ...]:
        """All steps, in order."""
        return tuple(step for chapter in self.chapters for step in chapter.steps)

    def chapter_of(self, number: int) -> int:
        """The chapter, counted from 1, of the step `number`, counted from 1."""
        for at, chapter in enumerate(self.chapters, start=1):
            number -= len(chapter.steps)
            if number <= 0:
                return at
        return len(self.chapters)

    def first_of(self, chapter: int) -> int:
        """The first step of a chapter, both counted from 1."""
        return 1 + sum(len(part.steps) for part in self.chapters[: chapter - 1])

    def clamped(self, number: int) -> int:
        """The nearest step that there is."""
        return min(max(number, 1), len(self.steps))
