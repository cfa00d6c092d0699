"""The app in a class: what the class is told, and what of the keyboard and the screen is the class's."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import TYPE_CHECKING

from textual import events

from qtui.tui.actions import AppActions

if TYPE_CHECKING:
    from qtui.tui.follow.classroom import Classroom
    from qtui.tui.panes.tour.widgets import AnswerField

NO_CLASS = "this qtui is in no class"


class InClass(AppActions):
    """An app that may be in a class; without one each of these hooks does nothing."""

    classroom: Classroom | None = None  # set before the app runs

    def begin_class(self) -> None:
        """The first pane is on show: join, and say what it shows."""
        if self.classroom is not None:
            self.classroom.begin()
            self.tell_class()

    def tell_class(self) -> None:
        """Say what the pane on show shows."""
        if self.classroom is not None and self._host.pane is not None:
            self.classroom.shown(self._host.pane.scenario)

    def for_the_app(self, arrived: Sequence[events.Event]) -> Sequence[events.Event]:
        """What of the keyboard's and mouse's events the class leaves to the app."""
        return self.classroom.before(arrived) if self.classroom is not None else arrived

    def action_with_class(self) -> None:
        """Be where the class is, or have the class come."""
        if self.classroom is None:
            self._host.say(NO_CLASS, "dim")
        elif len(self.screen_stack) == 1:
            self.classroom.call()

    def action_class_menu(self) -> None:
        """What there is to do in a class."""
        if self.classroom is None:
            self._host.say(NO_CLASS, "dim")
        elif len(self.screen_stack) == 1:
            self.classroom.menu()

    def on_answer_field_given(self, event: AnswerField.Given) -> None:
        """What the tour asks was answered."""
        if self.classroom is not None:
            self.classroom.answered(event.text)

    # What the terminal shows.

    def draw_what_waited(self) -> None:
        """What a person did has had its effect: draw it, and tell the class."""
        super().draw_what_waited()
        if self.classroom is not None:
            self.classroom.acted()

    @property
    def own_rows(self) -> Container[int] | None:
        """The rows of the terminal that are the app's to paint; None for all."""
        return self.classroom.own_rows if self.classroom is not None else None

    def painted(self) -> None:
        """The terminal has been sent an update."""
        if self.classroom is not None:
            self.classroom.painted()

    def repaint(self) -> None:
        """Send the whole screen again, since the terminal may show something else."""
        super().repaint()
        if self.classroom is not None:
            self.classroom.repainted()
