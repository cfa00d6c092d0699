"""Actions of the app that every pane has: copies, pictures, help, cards, the palette.

What few keys open is imported when it opens: it would keep the first frame waiting.
"""

from __future__ import annotations

import os

from textual.screen import Screen

from qtui.scenario.base import command_line
from qtui.tui.commands import open_palette, save_picture
from qtui.tui.host import Host, Settings, host_of
from qtui.tui.runner import Runner
from qtui.tui.terminal.painted import PaintedApp
from qtui.tui.themes import Appearance
from qtui.tui.widgets.text_field import TextField


class AppActions(PaintedApp):
    """The app's actions that belong to no pane."""

    settings: Settings
    appearance: Appearance
    copied: str | None = None
    runner: Runner
    draft = ""  # the file of a lesson that is being written, to which what is copied is added

    @property
    def _host(self) -> Host:
        return host_of(self)

    def copy(self, text: str, name: str = "") -> None:
        """Copy to the terminal's clipboard (OSC 52) and show it, since not every terminal takes it."""
        self.copy_to_clipboard(text)
        self.copied = text
        self._host.say(f"copied: {name or text}")

    def action_next_control(self) -> None:
        """The next control; in a field that suggests how its text may go on, take that first."""
        if not (isinstance(self.focused, TextField) and self.focused.complete()):
            self.action_focus_next()

    def action_copy_command(self) -> None:
        """Copy the command that reopens this state."""
        if self._host.pane is not None:
            self.copy(command_line(self._host.pane.scenario, "--tui"))
            if self.draft:
                self._add_to_lesson(self.draft)

    def action_add_to_lesson(self) -> None:
        """Ask for a lesson's file, and add what is on show to it; from then on the copied state is added, too."""
        from qtui.tui.panes.tour.draft import DraftDialog

        if self._host.pane is None or len(self.screen_stack) > 1 or self.refused_in_kiosk():
            return
        self.push_screen(DraftDialog(self.draft), self._add_to_lesson)

    def _add_to_lesson(self, path: str | None) -> None:
        from qtui.tui.panes.tour.draft import added

        if path:
            path = os.path.abspath(os.path.expanduser(path))
            scenario = self._host.pane.scenario
            text, role = added(path, scenario, self.runner.failure_of(scenario))
            if role != "bad":
                self.draft = path
            self._host.say(text, role)

    def action_copy_result(self) -> None:
        """Copy what the pane says is its result."""
        if self._host.pane is not None:
            self._host.pane.action_copy_result()

    def action_save_svg(self) -> None:
        """Save the screen as an SVG in the working directory."""
        if self._host.pane is not None and not self.refused_in_kiosk():
            self._host.say(*save_picture(self, self._host.pane.scenario.command))

    def action_help(self) -> None:
        """Show every key, and what the words mean."""
        from qtui.tui.help import HelpScreen

        if self._host.pane is not None and len(self.screen_stack) == 1:
            self.push_screen(HelpScreen(self._host.pane.worked_on, self._host.actions))

    def action_explain(self) -> None:
        """Show the card of the view on show."""
        from qtui.tui.explain import explain

        if self._host.pane is not None and len(self.screen_stack) == 1:
            explain(self._host.pane.worked_on)

    def refused_in_kiosk(self) -> bool:
        """Whether this is a kiosk, which refuses the action; the refusal is shown."""
        if self.settings.kiosk:
            self._host.say("not in a kiosk", "warn")
        return self.settings.kiosk

    def action_suspend_process(self) -> None:
        """Ctrl+Z: back to the shell for a while."""
        if not self.refused_in_kiosk():
            super().action_suspend_process()

    def action_commands(self) -> None:
        """The command palette."""
        from qtui.tui.offers import all_offers

        if len(self.screen_stack) == 1:
            open_palette(self, self._host, all_offers(self._host, self._host.pane))

    def show_dialog(self, dialog: Screen[None]) -> None:
        """Show a dialog over the pane."""
        self.push_screen(dialog)
