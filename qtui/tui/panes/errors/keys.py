"""The keys of the Errors pane: what they do, how the key line and `?` name them."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from qtui.tui.pane import Hints

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
