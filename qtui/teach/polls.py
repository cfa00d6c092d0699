"""Questions to a class and their answers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from qtui.teach.messages import Answer, Ask, Poll

MOST = 9  # rows of a tally
NUMBER = re.compile(r"[-+]?(\d{1,15}\.?\d{0,15}|\.\d{1,15})([eE][-+]?\d{1,2})?")


@dataclass(frozen=True)
class AskedQuestion:
    """A question, who has answered what (by student), and whether all may see that.

    An answer is the number of a choice; without choices it is a number, kept as it was typed.
    """

    number: int
    ask: Ask
    answers: Mapping[int, str] = field(default_factory=dict)
    revealed: bool = False

    def answered(self, student: int, answer: Answer) -> AskedQuestion:
        """The question with a student's answer, which may change until all is revealed, unless the first counts."""
        if self.revealed or (self.ask.shown and student in self.answers):
            return self
        if self.ask.choices:
            given = str(answer.choice) if 0 <= answer.choice < len(self.ask.choices) else ""
        else:
            text = answer.text.replace("\N{MINUS SIGN}", "-").replace(",", "").strip()
            given = text if NUMBER.fullmatch(text) else ""
        return replace(self, answers={**self.answers, student: given}) if given else self

    def words(self, student: int) -> str:
        """What the student has answered, "" for nothing."""
        given = self.answers.get(student, "")
        return self.ask.choices[int(given)] if given and self.ask.choices else given

    def tally(self, without: frozenset[int] = frozenset()) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """The choices, or the numbers answered, and how many took each; students in `without` aside."""
        given = [answer for student, answer in self.answers.items() if student not in without]
        if self.ask.choices:
            return self.ask.choices, tuple(given.count(str(choice)) for choice in range(len(self.ask.choices)))
        return _grouped(sorted(map(float, given)))

    def message(self, student: int | None, here: int, muted: frozenset[int]) -> Poll:
        """As the teacher (None) or a student sees it: a student sees the class's answers once they are revealed."""
        shows = student is None or self.revealed
        choices, counts = self.tally(muted)
        given = self.answers.get(student, "") if student is not None else ""
        return Poll(
            number=self.number,
            question=self.ask.question,
            choices=choices if shows else self.ask.choices,
            counts=counts if shows else (),
            mine=int(given) if given and self.ask.choices else -1,
            right=self.ask.right if self.revealed else -1,
            here=here,
            answered=given != "",
            revealed=self.revealed,
            truth=self.ask.truth if self.revealed else "",
            shown=self.ask.shown,
        )


def _grouped(values: list[float]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Numbers, sorted, in at most `MOST` groups of neighbours, each with its size."""
    groups = [[value] for value in dict.fromkeys(values)]
    while len(groups) > MOST:
        widths = [after[-1] - before[0] for before, after in zip(groups, groups[1:], strict=False)]
        at = widths.index(min(widths))
        groups[at : at + 2] = [groups[at] + groups[at + 1]]
    names = tuple(f"{group[0]:g}" if len(group) == 1 else f"{group[0]:g} to {group[-1]:g}" for group in groups)
    return names, tuple(sum(group[0] <= value <= group[-1] for value in values) for group in groups)


def question_of(ask: Ask, number: int) -> AskedQuestion | None:
    """The question that is asked; None where there is nothing to choose from."""
    if not ask.question or len(ask.choices) == 1:
        return None
    return AskedQuestion(number, ask if ask.right < len(ask.choices) else replace(ask, right=-1))


def results(students: Iterable[tuple[int, str]], questions: Iterable[AskedQuestion]) -> str:
    """CSV: a row for each student (number, name), a column for each question; first what is right."""
    questions = tuple(questions)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["name", *(_cell(question.ask.question) for question in questions)])
    writer.writerow(["(right)", *(_cell(_right(question.ask)) for question in questions)])
    for number, name in students:
        writer.writerow([_cell(name), *(_cell(question.words(number)) for question in questions)])
    return table.getvalue()


def _right(ask: Ask) -> str:
    return ask.choices[ask.right] if ask.right >= 0 else ask.truth


def _cell(text: str) -> str:
    """`text` as no spreadsheet takes for a formula; a number is none."""
    if NUMBER.fullmatch(text):
        return text
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
