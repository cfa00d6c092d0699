"""Questions to a class and their answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from qtui.teach.messages import Ask, Poll


@dataclass(frozen=True)
class AskedQuestion:
    """A question, who has answered what (by student), and whether all may see that."""

    number: int
    text: str
    choices: tuple[str, ...]
    right: int = -1  # the choice that is right; -1 for none
    answers: Mapping[int, int] = field(default_factory=dict)
    revealed: bool = False

    def answered(self, student: int, choice: int) -> AskedQuestion:
        """With the student's choice, which may change until all is revealed."""
        if self.revealed or not 0 <= choice < len(self.choices):
            return self
        return replace(self, answers={**self.answers, student: choice})

    def counts(self, without: frozenset[int] = frozenset()) -> tuple[int, ...]:
        """How many took each choice, students in `without` aside."""
        taken = [choice for student, choice in self.answers.items() if student not in without]
        return tuple(taken.count(choice) for choice in range(len(self.choices)))

    def message(self, student: int | None, here: int, muted: frozenset[int]) -> Poll:
        """As the teacher (None) or a student sees it: a student sees the class's answers once they are revealed."""
        shown = student is None or self.revealed
        return Poll(
            number=self.number,
            question=self.text,
            choices=self.choices,
            counts=self.counts(muted) if shown else (),
            mine=-1 if student is None else self.answers.get(student, -1),
            right=self.right if shown else -1,
            here=here,
        )


def question_of(ask: Ask, number: int) -> AskedQuestion | None:
    """The question that is asked; None where there is nothing to choose from."""
    if not ask.question or len(ask.choices) < 2:
        return None
    return AskedQuestion(number, ask.question, ask.choices, ask.right if ask.right < len(ask.choices) else -1)


def results(students: Iterable[tuple[int, str]], questions: Iterable[AskedQuestion]) -> str:
    """CSV: a row for each student (number, name), a column for each question; first the question that is right."""
    questions = tuple(questions)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["name", *(_cell(question.text) for question in questions)])
    writer.writerow(["(right)", *(_choice(question, question.right) for question in questions)])
    for number, name in students:
        writer.writerow(
            [_cell(name), *(_choice(question, question.answers.get(number, -1)) for question in questions)]
        )
    return table.getvalue()


def _choice(question: AskedQuestion, choice: int) -> str:
    return _cell(question.choices[choice]) if choice >= 0 else ""


def _cell(text: str) -> str:
    """`text` as no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
