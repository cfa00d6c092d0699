"""The fields of the Errors pane and its keys: what they do, how the key line and `?` name them."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from qtui.compute.distributions import NAMES
from qtui.scenario.errors.scenario import GROUPS, LAYOUTS, ORDERS, VIEWS, ErrorsScenario
from qtui.tui.pane import Hints
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.fields import Choice, FieldRow

FILE = "file"

_OTHER_VIEWS = {"browse": ("b", "browse"), "errors": ("e", "errors"), "survey": ("v", "survey")}
_VIEW_KEYS: dict[str, Hints] = {
    "browse": (("/", "search"), ("Enter", "errors"), ("m", "metadata"), ("x", "exact"), ("p", "plan")),
    "errors": (("f", "formats"), ("l", "log"), ("+ -", "zoom"), ("x", "exact"), ("d", "worst"), ("p", "plan")),
    "survey": (("r", "sort"), ("g", "rows"), ("m", "map"), ("x", "exact"), ("p", "plan"), ("f", "formats")),
}


def hints(view: str) -> Hints:
    """The key line in one of the views: the way to the others, and what is for this one."""
    others = tuple(keys for name, keys in _OTHER_VIEWS.items() if name != view)
    return (("o", "open file"), *others, *_VIEW_KEYS[view])


KEYS: Hints = (
    ("o", "open a model file: type its path, Enter"),
    ("b e v", "browse the tensors, errors of one or all, survey of all; v again: go on after Escape"),
    ("f", "formats, with spaces between; any format of `qtui formats`"),
    ("left right", "errors: move the cursor over the bins (Shift: ten, Home, End, 0: zero)"),
    ("l  w  i", "log or linear counts; errors in weights or steps; overlaid or stacked"),
    ("h", "what rounding evenly within half a step would give the first format"),
    ("+  -", "look closer at small errors, or see all"),
    ("d", "errors: worst blocks and the weights in the plot's place, or worst tensors"),
    ("x", "exact: measure every weight; again: a sample"),
    ("up down", "browse, survey: move; right, left open and close a branch"),
    ("Enter", "browse, survey: errors of the tensor under the cursor"),
    ("m", "browse: all metadata of the file"),
    ("/", "browse: search names by words or letters"),
    ("left right  r", "survey: choose a column, sort by it (again: reversed)"),
    ("g  m", "survey: a row a tensor, layer or role; map of roles and layers"),
    ("a", "errors: all tensors of the file together"),
    ("p", "plan: a format for each tensor that fits a size"),
)
BINDINGS: list[BindingType] = [
    Binding("o", "open_file", "open a file"),
    Binding("f", "edit_formats", "formats"),
    Binding("b", "view('browse')", "browse"),
    Binding("e", "view('errors')", "errors"),
    Binding("v", "view('survey')", "survey"),
    Binding("l", "turn('counts')", "log or linear"),
    Binding("w", "turn('unit')", "weights or steps"),
    Binding("i", "turn('layout')", "overlaid or stacked"),
    Binding("h", "even", "even rounding"),
    Binding("plus,equals_sign", "zoom(1)", "zoom in"),
    Binding("minus", "zoom(-1)", "zoom out"),
    Binding("x", "exact", "exact or sampled"),
    Binding("slash", "search", "search"),
    Binding("a", "all", "all tensors"),
    Binding("p", "plan", "plan"),
]


class ErrorsFields(Vertical):
    """What is measured in the first row, how it is shown in the second.

    `follow` brings them in line with a Scenario. What is typed goes to the pane as FieldChanged.
    """

    DEFAULT_CSS = """
    ErrorsFields { height: auto; }
    ErrorsFields Horizontal { height: 1; width: 1fr; }
    ErrorsFields Choice { margin-right: 2; }
    ErrorsFields Entry { margin-right: 2; }
    """

    def __init__(self, scenario: ErrorsScenario) -> None:
        super().__init__(id="errors-fields")
        self._first = scenario

    def compose(self) -> ComposeResult:
        """The fields with the values they begin with."""
        s = self._first
        with FieldRow():
            yield Choice("view", "view", VIEWS, s.view)
            yield Choice("data", "data", (*NAMES, FILE), FILE if s.path else s.data)
            yield Entry("path", FILE, s.path, placeholder="press o, type a path", width=28)
            yield Entry("count", "numbers", str(s.count), width=8, step=_stepped)
            yield Entry("seed", "seed", str(s.seed), width=5, step=_stepped)
        with FieldRow():
            yield Entry("format", "formats", " ".join(s.format), width=34)
            yield Choice("counts", "counts", ("log", "linear"), s.counts)
            yield Choice("layout", "", LAYOUTS, s.layout)
            yield Choice("group", "rows", GROUPS, s.group, titles=[f"{group}s" for group in GROUPS])
            yield Choice("sort", "order", (*ORDERS, *s.format), s.sort)

    def follow(self, s: ErrorsScenario) -> None:
        """Values as `s` has them, and only the fields that its view and data need."""
        order = self.query_one("#field-sort", Choice)
        order.set_options((*ORDERS, *s.format))
        chosen = (("view", s.view), ("data", FILE if s.path else s.data), ("counts", s.counts))
        for name, value in (*chosen, ("layout", s.layout), ("group", s.group), ("sort", s.sort)):
            self.query_one(f"#field-{name}", Choice).value = value
        typed = (("path", s.path), ("count", str(s.count)), ("seed", str(s.seed)), ("format", " ".join(s.format)))
        for name, value in typed:
            self.query_one(f"#field-{name}", Entry).fill(value)
        surveying = s.view == "survey"
        self._show(counts=not surveying, layout=s.view == "errors", group=surveying, sort=surveying)
        self._show(path=bool(s.path), count=not s.path, seed=not s.path)

    def _show(self, **shown: bool) -> None:
        for name, display in shown.items():
            self.query_one(f"#field-{name}").display = display

    def ask_path(self) -> None:
        """Show the field for a path and give it the keyboard."""
        self._show(path=True, count=False, seed=False)
        self.query_one("#field-path", Entry).focus()

    def ask_formats(self) -> None:
        """Give the field of formats the keyboard."""
        self.query_one("#field-format", Entry).focus()


def _stepped(text: str, by: int) -> str:
    return str(max(int(text) + by, 0)) if text.strip().isdigit() else text
