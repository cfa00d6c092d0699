"""The tour as JSON, with keys that stay."""

from __future__ import annotations

from typing import Any

from qtui.scenario.tour.lesson import TourLesson, TourStep
from qtui.scenario.tour.result import TourResult


def listing(lesson: TourLesson) -> list[dict[str, Any]]:
    """Every step: what `qtui tour --list --json` prints."""
    rows = []
    for number, step in enumerate(lesson.steps, start=1):
        chapter = lesson.chapters[lesson.chapter_of(number) - 1]
        rows.append(step_object(step, number, chapter.title))
    return rows


def step_object(step: TourStep, number: int, chapter: str) -> dict[str, Any]:
    """One step."""
    return {
        "step": number,
        "id": step.id,
        "chapter": chapter,
        "title": step.title,
        "kind": step.kind,
        "goal": step.asks or None,
        "capabilities": list(step.capabilities),
        "seconds": step.seconds,
    }


def json_object(result: TourResult) -> dict[str, Any]:
    """The step that is shown, and its pane's command."""
    return {
        **step_object(result.step, result.number, result.chapter.title),
        "lesson": result.lesson.title,
        "of": result.total,
        "text": result.step.text,
        "command": f"qtui {result.scenario.state or result.step.show}",
        "met": result.met,
        "answers": list(result.prediction.answers) if result.prediction is not None else None,
    }
