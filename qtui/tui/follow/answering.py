"""Questions to a student: first the name, then those of the class."""

from __future__ import annotations

from dataclasses import replace

from textual.widgets import Input

from qtui.scenario.base import Scenario
from qtui.teach.messages import Answer, Poll
from qtui.tui.follow.classroom import Classroom
from qtui.tui.follow.following import QUESTION, hint_of, promise
from qtui.tui.follow.pictures import LETTERS
from qtui.tui.follow.questions import choice_of, step_at
from qtui.tui.keymap import CLASS
from qtui.tui.widgets.line_dialog import LineDialog
from qtui.tui.widgets.picker import Picker


class NameDialog(LineDialog):
    """Asks for a name, for the teacher's list. Escape takes the suggested one."""

    def __init__(self, name: str, key: str) -> None:
        """`key` returns to the class."""
        super().__init__(QUESTION, name, more=promise(key))
        self._suggested = name

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        self.dismiss(event.value or self._suggested)

    def action_close(self) -> None:
        """Escape."""
        self.dismiss(self._suggested)


class Answering(Classroom):
    """Shows a question, and takes the answer."""

    _at: Scenario | None = None  # what the class shows

    def show_poll(self, poll: Poll) -> None:
        """A question, or how the class has answered it. What the pane asks by itself is not asked twice."""
        self.hint = hint_of(poll, self.key(CLASS))
        super().show_poll(poll)

    def menu(self) -> None:
        """Answer the question."""
        poll = self.poll
        if not poll.number or poll.revealed:
            self.host.say("there is no question to answer now", "dim")
        elif poll.shown and poll.answered:
            self.host.say("you have answered; the class's answers come when the teacher shows them", "dim")
        elif not poll.choices:
            self._app.push_screen(LineDialog(f"{poll.question}  A number, then Enter."), self._typed)
        else:
            titles = [f"{LETTERS[number]}  {choice}" for number, choice in enumerate(poll.choices)]
            options = [str(number) for number in range(len(titles))]
            picker = Picker(poll.question[:60], options, titles, str(max(poll.mine, 0)), hint="Enter answers")
            self._app.push_screen(picker, self._chosen)

    def _chosen(self, choice: str | None) -> None:
        if choice is not None:
            self._answer(Answer(self.poll.number, int(choice)))

    def _typed(self, text: str | None) -> None:
        if text and not self.poll.choices:
            self._answer(Answer(self.poll.number, text=text))

    def answered(self, text: str) -> None:
        """The step on show was answered: that is an answer to the class, where the class is asked the same."""
        if self.poll.shown and step_at(self._scenario) == step_at(self._at):
            if not self.poll.choices:
                self._typed(text)
            elif choice_of(text) >= 0:
                self._answer(Answer(self.poll.number, choice_of(text)))

    def _answer(self, answer: Answer) -> None:
        poll = self.poll
        if poll.number and not poll.revealed and not (poll.shown and poll.answered):
            self._link.send(answer)
            self.show_poll(replace(poll, mine=answer.choice if poll.choices else -1, answered=True))
