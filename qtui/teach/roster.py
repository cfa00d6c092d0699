"""Who is in a class, and how the teacher is told."""

from __future__ import annotations

from dataclasses import dataclass, field

from qtui.teach.messages import RosterRow
from qtui.teach.protocol import NAME, Scenario, clean


@dataclass(frozen=True)
class Student:
    """A student who is here, or was (`line` is None then). `origin` is the address, "" if unknown."""

    student: int
    name: str
    token: str
    origin: str = ""
    line: int | None = None
    following: bool = True
    scenario: Scenario = field(default_factory=dict)
    muted: bool = False
    since: float = 0.0  # when the present line began
    active: float = 0.0  # when a key came last
    lag: int = -1  # milliseconds


def roster_row(student: Student, answered: bool, now: float) -> RosterRow:
    """The student's row, at `now`."""
    return RosterRow(
        student=student.student,
        name=student.name,
        following=student.following,
        where=where(student.scenario),
        answered=answered,
        muted=student.muted,
        idle=max(0, round(now - student.active)),
        lag=student.lag,
    )


def where(scenario: Scenario) -> str:
    """The pane that a student looks at, and its view, in words."""
    words = (scenario.get(name) for name in ("pane", "view"))
    return clean(" ".join(word for word in words if isinstance(word, str)), 2 * NAME)
