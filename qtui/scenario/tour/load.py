"""Reads lessons from TOML files, whose form the package `qtui.lessons` describes; says what is wrong and where."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import qtui.lessons
from qtui import paths
from qtui.error import near_matches
from qtui.scenario.base import UserError
from qtui.scenario.tour.lesson import KINDS, LETTERS, Question, TourChapter, TourLesson, TourStep

FOLDER = os.path.dirname(os.path.abspath(qtui.lessons.__file__))
TOUR = os.path.join(FOLDER, "tour")
SHIPPED = {"": "tour", "floats": "floats.toml", "quant": "quant.toml"}  # by the name that `--lesson` takes

TEXTS = (
    *("id", "title", "kind", "text", "show", "after", "task", "goal", "success"),
    *("question", "truth", "unit", "why", "say", "notes"),
)
LISTS = ("controls", "solution", "hints", "answers", "words")
TABLES = ("numbers", "given")
NEEDED = ("id", "title", "kind", "text", "show")
OF_QUESTION = ("question", "answers", "truth", "unit", "tolerance", "why")
ALL = (*TEXTS, *LISTS, *TABLES, "rows", "seconds", "tolerance", "capabilities", "curtain")


class LessonError(UserError):
    """A lesson's file is not as it should be; the message begins with file and line."""


def load_lesson(name: str) -> TourLesson:
    """The lesson of that name: "" for the tour, one of `SHIPPED`, or a file or folder. Raises UserError."""
    path = os.path.join(FOLDER, SHIPPED[name]) if name in SHIPPED else name
    if not os.path.exists(path):
        shipped = [known for known in SHIPPED if known and os.path.exists(os.path.join(FOLDER, SHIPPED[known]))]
        raise UserError(f"there is no lesson {name!r}; give a file" + "".join(f", or {known}" for known in shipped))
    return _loaded(name if name in SHIPPED else os.path.abspath(path), path, _stamp(path))


@lru_cache(maxsize=8)
def _loaded(name: str, path: str, _stamp: tuple[float, ...]) -> TourLesson:
    return read_lesson(name, path)


def _stamp(path: str) -> tuple[float, ...]:
    """What changes when a lesson is written anew."""
    return tuple(os.stat(file).st_mtime for file in files_of(path))


def files_of(path: str) -> list[str]:
    """The files of a lesson."""
    if not os.path.isdir(path):
        return [path]
    return [os.path.join(path, name) for name in sorted(os.listdir(path)) if name.endswith(".toml")]


def read_lesson(name: str, path: str) -> TourLesson:
    """The lesson in a file, or in a folder of chapters. Raises LessonError."""
    whole = os.path.isdir(path)
    chapters: list[TourChapter] = []
    head: dict[str, Any] = {}
    for file in files_of(path):
        source = _Source(file)
        head = head or source.data
        chapters += source.chapters()
    if not any(chapter.steps for chapter in chapters):
        raise LessonError(f"{path}: there is no [[step]] in it")
    seen: dict[str, TourStep] = {}
    for step in (step for chapter in chapters for step in chapter.steps):
        if step.id in seen:
            raise LessonError(
                f"{step.path}:{step.line}: there is a step {step.id!r} already, in {seen[step.id].path}"
            )
        seen[step.id] = step
    return TourLesson(
        name=name,
        title=str(head.get("lesson" if whole else "title", os.path.basename(path))),
        chapters=tuple(chapters),
        everyday=tuple(str(word) for word in head.get("everyday", ())),
        further=str(head.get("further", "")).strip(),
    )


class _Source:
    """One file, and the lines on which its steps begin."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.text, self.data = _read(path)
        lines = self.text.splitlines()
        heads = (n for n, line in enumerate(lines, 1) if re.match(r"\s*\[\[\s*(chapter\s*\.\s*)?step\s*\]\]", line))
        self._heads = iter(tuple(heads))

    def chapters(self) -> Iterator[TourChapter]:
        """The file's chapters: the file itself is one unless it has [[chapter]]."""
        for entry in self.data.get("chapter") or [self.data]:
            if not isinstance(entry, dict) or not isinstance(entry.get("title"), str):
                raise LessonError(f"{self.path}:1: a title is missing")
            steps = entry.get("step", [])
            if not isinstance(steps, list):
                raise LessonError(f"{self.path}:1: steps are written as [[step]]")
            yield TourChapter(entry["title"], tuple(self._step(step) for step in steps))

    def _step(self, entry: dict[str, Any]) -> TourStep:
        line = next(self._heads, 1)

        def wrong(key: str, message: str) -> LessonError:
            return LessonError(f"{self.path}:{line_of(self.text, line, key)}: {message}")

        if "use" in entry:
            return self._of_tour(entry, wrong)
        for key, value in entry.items():
            problem = _problem(key, value)
            if problem:
                raise wrong(key, problem)
        missing = [key for key in NEEDED if not entry.get(key)]
        if missing:
            raise wrong("", f"the step has no {missing[0]!r}")
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry["id"]):
            raise wrong("id", f"an id is of small letters, digits and hyphens, not {entry['id']!r}")
        if entry["kind"] not in KINDS:
            raise wrong("kind", f"a step is one of {', '.join(KINDS)}, not {entry['kind']!r}")
        question = self._question(entry, wrong)
        _complete(entry, wrong)
        plain = {key: value for key, value in entry.items() if key not in OF_QUESTION}
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()
        }
        values = {key: value.strip() if isinstance(value, str) else value for key, value in values.items()}
        return TourStep(**values, question=question, path=self.path, line=line)

    def _of_tour(self, entry: dict[str, Any], wrong: Any) -> TourStep:
        """A step of the tour in a lesson of its own."""
        if len(entry) > 1:
            raise wrong("use", "a step that uses one of the tour's has nothing but `use`")
        if os.path.dirname(os.path.abspath(self.path)) == TOUR:
            raise wrong("use", "the tour's own steps are written out")
        steps = {step.id: step for step in load_lesson("").steps}
        if entry["use"] not in steps:
            raise wrong("use", f"the tour has no step {entry['use']!r}; it has {', '.join(steps)}")
        return steps[entry["use"]]

    def _question(self, entry: dict[str, Any], wrong: Any) -> Question | None:
        if not entry.get("question"):
            return None
        for key in ("truth", "why"):
            if not entry.get(key):
                raise wrong("question", f"the question has no {key!r}")
        if len(entry.get("answers", ())) not in (0, len(LETTERS)):
            raise wrong("answers", f"a question has {len(LETTERS)} answers, or asks for a number")
        return Question(
            ask=entry["question"].strip(),
            truth=entry["truth"],
            why=entry["why"].strip(),
            answers=tuple(entry.get("answers", ())),
            unit=entry.get("unit", ""),
            tolerance=float(entry.get("tolerance", 0.1)),
        )


def _problem(key: str, value: Any) -> str:
    """What is wrong with the value of a key, "" for nothing."""
    if key not in ALL:
        near = near_matches(key, ALL, 1, cutoff=0.6)
        return f"a step has no {key!r}; " + (f"did you mean {near[0]!r}?" if near else f"it has {', '.join(ALL)}")
    if key in TEXTS and not isinstance(value, str):
        return f"{key} should be a text in quotes"
    if key in LISTS and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        return f"{key} should be a list of texts"
    if key in TABLES and not (isinstance(value, dict) and all(isinstance(item, str) for item in value.values())):
        return f"{key} should be a table of texts"
    if key in ("rows", "seconds") and (type(value) is not int or value <= 0):
        return f"{key} should be a whole number"
    if key == "tolerance" and (not isinstance(value, int | float) or not 0 <= value < 1):
        return "tolerance is a share of the truth, from 0 to 1"
    if key == "curtain" and not isinstance(value, bool):
        return "curtain should be true or false"
    if key == "capabilities" and not (isinstance(value, list) and all(type(item) is int for item in value)):
        return "capabilities should be a list of whole numbers"
    return ""


def _complete(entry: dict[str, Any], wrong: Any) -> None:
    """Raise LessonError unless the step has what its kind needs."""
    has_goal, has_question = bool(entry.get("goal")), bool(entry.get("question"))
    needs = {"do": (True, False), "predict": (False, True), "look": (False, False)}.get(entry["kind"])
    if needs is None and has_goal == has_question:
        raise wrong("kind", "a review has either a goal or a question")
    if needs is not None and (has_goal, has_question) != needs:
        which = "goal" if has_goal != needs[0] else "question"
        raise wrong("kind", f"a step of the kind {entry['kind']!r} has {'no' if entry.get(which) else 'a'} {which}")
    if has_goal:
        for key in ("task", "solution", "success", "hints"):
            if not entry.get(key):
                raise wrong("goal", f"the step has a goal, but no {key!r}")
        if len(entry["hints"]) != 2:
            raise wrong("hints", "a goal has two hints")


def line_of(text: str, first: int, key: str, within: str = "") -> int:
    """The line of `key` in the step that begins at line `first`, and there the line that holds `within`."""
    lines = text.splitlines()
    end = next((n for n in range(first, len(lines)) if lines[n].lstrip().startswith("[[")), len(lines))
    at = next((n for n in range(first, end) if re.match(rf'\s*"?{re.escape(key)}"?\s*=', lines[n])), first - 1)
    if not key:
        return first
    if within:
        at = next((n for n in range(at, end) if within in lines[n]), at)
    return at + 1


def _read(path: str) -> tuple[str, dict[str, Any]]:
    """A file's text and what it says. Raises LessonError."""
    try:
        text = paths.read_small(path)
    except ValueError:
        raise LessonError(f"{path}: it is not UTF-8") from None
    try:
        data = paths.parse_toml(text)
    except ValueError as error:
        at = re.search(r"\(at line (\d+)", str(error))
        reason = str(error).partition(" (at line")[0]
        raise LessonError(f"{path}:{at[1] if at else 1}: it is not TOML: {reason}") from None
    return text, data
