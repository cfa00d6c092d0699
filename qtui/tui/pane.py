"""The base of the panes, and all that a pane needs to know of the app around it.

To write a pane:

* subclass `Pane[TheScenario, TheResult]`; name its `SCENARIO` and `title`;
* its `keys.py` has what can be known of it without loading it: `VIEWS` (name, title) in the strip's order; `ACTIONS`,
  what its keys do, the most useful first; and `VIEW_ACTIONS`, what more they do in a view, by the view's name. See
  `qtui/tui/keymap.py`. The class takes them over: `VIEWS = keys.VIEWS`, `BINDINGS = bindings(keys.ACTIONS)`, and a
  widget that is a view `BINDINGS = bindings(keys.PLOT)`. Strip, key line, help and palette follow;
* the Scenario's field `view` names the view on show; where it is not one field, override `with_view`. What every pane
  can do (`v`, `w`, `r`) is here: `action_view`, `action_reset`;
* when the person changes something, call `self.change(format="Q4_K")`: the app records the new Scenario for
  undo, solves it and calls `show`. Use `live=True` for a stream of small changes (a slider, typing): undo takes
  them as one;
* `show(scenario, result)` draws. It must also bring the fields in line with the scenario, since undo, `--tui` and
  links from other panes arrive there too. It may be called before the first resize: views redraw by themselves then;
* `quick(scenario)` says whether `solve` takes well under 50 ms; then it runs at once, otherwise in a worker thread
  with progress in the status line, and Escape cancels it;
* `self.go(other_scenario)` opens another pane at a state; `self.say("...")` writes to the status line;
  `self.qtui.copy(text)` copies; `self.glyphs` are the characters to draw with; `self.qtui.keymap.text(action)` is the
  key of an action as the person has it: no sentence names a key otherwise.

Only a `UserError`, or another `QtuiError` such as a reader's about a bad file, is a person's mistake and is shown by
`show_error`; so is an OSError about a file. Any other exception, a bare ValueError too, is a defect of qtui and ends
it with a report: wrap what looks up a format by a person's text in `user_input()`.

Messages go up, Results come down. A pane computes nothing and knows no other pane.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import fields, replace
from typing import Any, ClassVar, Generic, TypeVar

from textual.app import App
from textual.binding import BindingType
from textual.containers import Vertical
from textual.dom import DOMNode
from textual.message import Message
from textual.widget import Widget

from qtui.compute.formats import all_formats
from qtui.draw.glyphs import Glyphs
from qtui.scenario.base import Scenario
from qtui.scenario.progress import Progress
from qtui.tui.host import Host, host_of
from qtui.tui.keymap import COMMON, Actions, bindings
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.fields import FieldRow
from qtui.tui.widgets.picker import Picker
from qtui.tui.widgets.rows import Undrawn
from qtui.tui.widgets.strip import Views
from qtui.tui.widgets.view import PictureView

ONE_VIEW = "there is one view here"

S = TypeVar("S", bound=Scenario)
R = TypeVar("R")
REPORT_EVERY = 0.2  # seconds between two pictures of work in progress: enough to see, little to send


class Pane(Undrawn, Vertical, Generic[S, R]):
    """One of the app's panes: shows the Result, an `R`, of one kind of Scenario, `S`."""

    SCENARIO: ClassVar[type[Scenario]] = Scenario
    title: ClassVar[str] = ""
    VIEWS: ClassVar[Views] = ()
    ACTIONS: ClassVar[Actions] = ()
    VIEW_ACTIONS: ClassVar[Mapping[str, Actions]] = {}
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMON)
    SMALLEST: ClassVar[tuple[int, int]] = (60, 18)  # columns and rows of a window that it can be used in
    RENEWS: ClassVar[bool] = False  # whether `renew` forgets what was done before
    HAS_HEADER: ClassVar[bool] = False  # a header of its own, which takes the place of the tabs

    hosted_by: Pane[Any, Any] | None = None  # the pane that shows this one as a part of itself

    class Changed(Message):
        """The person changed the Scenario; `live` changes in a row are one step of undo."""

        def __init__(self, scenario: Scenario, live: bool = False) -> None:
            super().__init__()
            self.scenario = scenario
            self.live = live

    def __init__(self, scenario: S) -> None:
        super().__init__(id=f"pane-{scenario.command}")
        self.scenario = scenario
        self._controls: tuple[str, ...] | None = None  # the only fields that a pane which hosts this one wants

    @property
    def app(self) -> App[Any]:  # type: ignore[override]
        """The app; a hosted pane has it before it is mounted, since it solves by then."""
        return self.hosted_by.app if self.hosted_by is not None else super().app

    @property
    def glyphs(self) -> Glyphs:
        """The characters to draw with."""
        return self.qtui.settings.glyphs

    @property
    def qtui(self) -> Host:
        """The app around it."""
        return host_of(self)

    def change(self, live: bool = False, **values: Any) -> None:
        """Ask for the present Scenario with `values` changed; nothing happens when nothing differs."""
        changed = replace(self.scenario, **values)
        if changed != self.scenario:
            # Kept at once, so that a second change in the same moment builds on this one.
            self.scenario = changed
            if self.display and self.hosted_by is None:
                self.qtui.follow()
            (self.hosted_by or self.app).post_message(self.Changed(changed, live))

    def go(self, scenario: Scenario) -> None:
        """Open another pane at `scenario`."""
        self.app.call_next(self.qtui.open_pane, scenario)  # before the next key, which may go elsewhere

    def stopped(self) -> str:
        """Its work was cancelled: what to say of that."""
        return "cancelled"

    def say(self, text: str, role: str = "") -> None:
        """Write one line to the status line."""
        self.qtui.say(text, role)

    # Views and keys.

    @property
    def view(self) -> str:
        """The name of the view on show."""
        return self.scenario.view_name

    def with_view(self, name: str) -> dict[str, Any]:
        """What changes in the Scenario for the view `name`."""
        return {"view": name} if self.VIEWS else {}

    @property
    def actions(self) -> Actions:
        """What the keys do in the present view, the most useful first."""
        view = self.view
        common = COMMON if len(self.VIEWS) > 1 else COMMON[-1:]  # there is no view to go to
        listed = (*self.VIEW_ACTIONS.get(view, ()), *self.ACTIONS, *common)
        return tuple(action for action in listed if not action.views or view in action.views)

    @property
    def view_widget(self) -> PictureView | None:
        """The picture on show that takes the keyboard."""
        views = (view for view in self.query(PictureView) if view.can_focus)
        return next((view for view in views if all(node.display for node in view.ancestors_with_self)), None)

    def runs(self, action: str) -> DOMNode | None:
        """Where `action` is to be run: the view on show, or the pane itself; None where neither knows it."""
        name = f"action_{action.partition('(')[0]}"
        return next((node for node in (self.view_widget, self) if node is not None and hasattr(node, name)), None)

    def action_view(self, name: str) -> None:
        """Show another view."""
        self.change(**self.with_view(name))
        self.focus_first()

    def action_next_view(self, by: int) -> None:
        """The next view, or the one before."""
        names = [name for name, _ in self.VIEWS]
        if len(names) < 2:
            self.say(ONE_VIEW, "dim")
        else:
            self.action_view(names[(names.index(self.view) + by) % len(names)])

    def action_views(self) -> None:
        """List the views."""

        def chosen(name: str | None) -> None:
            if name is not None:
                self.action_view(name)

        if len(self.VIEWS) < 2:
            self.say(ONE_VIEW, "dim")
        else:
            names, titles = zip(*self.VIEWS, strict=True)
            self.app.push_screen(Picker("view", names, titles, self.view), chosen)

    def fresh(self) -> S:
        """What the pane is reset to: as it is before anybody has changed anything, in the present view."""
        return replace(type(self.scenario)(), **self.with_view(self.view))

    def action_reset(self) -> None:
        """Back to the beginning; undo takes that back."""
        fresh = self.fresh()
        if fresh == self.scenario:
            self.say("nothing to reset: this is how it begins", "dim")
        self.change(**{item.name: getattr(fresh, item.name) for item in fields(fresh)})

    def action_copy_result(self) -> None:
        """Copy the picture as text; a pane with a result of one line copies that."""
        view = self.view_widget
        picture = view.picture[: view.own_rows] if view is not None else ()
        rows = ["".join(text for text, _ in row).rstrip() for row in picture]
        self.qtui.copy("\n".join(rows), "the picture as text")

    def formats_on_offer(self) -> list[tuple[str, str]]:
        """Formats that the pane can take, each with a few words on it."""
        if not hasattr(self.scenario, "format"):
            return []
        return [(fmt.name, fmt.description) for fmt in all_formats() if fmt.can_encode]

    def use_format(self, name: str) -> None:
        """Take a format; where there are several, as one more."""
        now = getattr(self.scenario, "format", None)
        if isinstance(now, tuple):
            self.change(format=(*(fmt for fmt in now if fmt != name), name))
        elif now is not None:
            self.change(format=name)

    def focus_first(self) -> None:
        """Give the keyboard to the pane's first widget that takes it."""
        for widget in self.query("*"):
            if widget.can_focus and widget.display and not widget.disabled:
                self.give_focus(widget)
                return

    def on_entry_done(self, event: Entry.Done) -> None:
        """Enter or Escape ends the typing, and the keys are keys again."""
        event.stop()
        if self._controls is not None:
            self._show_fields(self._controls, None)
        self.focus_first()

    def give_focus(self, widget: Widget) -> None:
        """Give the keyboard to `widget` now, where Textual's `focus` would leave it to the next frame."""
        if self._controls is not None:
            self._show_fields(self._controls, widget)
        self.screen.set_focus(widget, scroll_visible=False)

    def compact(self, controls: tuple[str, ...]) -> None:
        """Show of the fields only those named by `controls`, and the one that is typed into.

        A pane that hosts this one calls it after each `show`. All keys go on working.
        """
        self._controls = controls
        self._show_fields(controls, self.screen.focused)

    def _show_fields(self, controls: Container[str], typed: Widget | None) -> None:
        for row in self.query(FieldRow):
            shown = [f for f in row.children if (f.id or "").removeprefix("field-") in controls or f is typed]
            row.display = bool(shown)
            for field in row.children if shown else ():
                field.display = field in shown

    def on_resize(self) -> None:
        """Fields that a pane's own `on_resize`, which runs before, has shown are left out again."""
        if self._controls is not None:
            self.compact(self._controls)

    # What a pane overrides.

    @property
    def cursor(self) -> tuple[int, ...]:
        """What is marked, as far as that is no part of the Scenario: rows scrolled, and the place in the view."""
        view = self.view_widget
        return (int(view.scroll_y), *view.place) if view is not None else ()

    def put_cursor(self, cursor: tuple[int, ...]) -> None:
        """Mark and scroll to what another such pane's `cursor` says, or near it: a class sees where that points."""
        view = self.view_widget
        if view is not None and cursor and cursor != self.cursor:
            view.put_place(cursor[1:])
            view.scroll_to(y=cursor[0], animate=False)

    def renew(self) -> None:
        """Mark nothing any more, before the pane is given to the next step of a lesson."""

    @classmethod
    def opening(cls, machine: str) -> Scenario:
        """What the pane begins with; `machine` is the one that the person configured, empty for this one."""
        return cls.SCENARIO()

    def suggests(self, command: str) -> Scenario | None:
        """What the pane of `command` begins with when it is first gone to from here; None: with its own."""
        return None

    @property
    def worked_on(self) -> Pane[Any, Any]:
        """The pane that help and cards are about: itself, or the one that it hosts."""
        return self

    def reveal(self) -> None:
        """A class has been shown what is true of what this pane asks."""

    def is_untouched(self, scenario: S) -> bool:
        """Whether this pane would show `scenario` as a new one does."""
        return True

    def came_back(self) -> None:
        """Escape was pressed and there was nothing to cancel."""

    def quick(self, scenario: S) -> bool:
        """Whether `solve` takes well under 50 ms for this scenario."""
        return True

    def solve(self, scenario: S, progress: Progress) -> R:
        """The Result of `scenario`; runs in a worker thread unless `quick`. Raises UserError for bad input."""
        raise NotImplementedError

    def show(self, scenario: S, result: R) -> None:
        """Draw `result`, and bring the fields in line with `scenario`."""
        raise NotImplementedError

    def show_error(self, scenario: S, message: str) -> None:
        """The scenario can't be solved: by default the status line says why and the last picture stays."""
        self.say(message, "bad")
