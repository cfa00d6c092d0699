"""The Errors pane's views and keys."""

from __future__ import annotations

from qtui.tui.keymap import (
    DATA,
    DOWN,
    EXACT,
    FAR_LEFT,
    FAR_RIGHT,
    FIND,
    FIRST,
    FORMAT,
    GROUP,
    INTO,
    LAST,
    LAYOUT,
    LEFT,
    LESS,
    LOGARITHM,
    MARK,
    MORE,
    OPEN,
    PAGE_DOWN,
    PAGE_UP,
    REFERENCE,
    RIGHT,
    TAKE,
    UNIT,
    UP,
    USUAL,
    Action,
)

VIEWS = (("errors", "Errors"), ("browse", "Browse"), ("survey", "Survey"), ("against", "Against"))
_PLOTTED = ("errors", "browse")
ACTIONS = (
    OPEN.does("open_file", "open file", "open a model file by its path"),
    FORMAT.does("edit_formats", "formats", "formats, with spaces between; any format of `qtui formats`"),
    LOGARITHM.does("turn('counts')", "log", "log or linear counts", _PLOTTED),
    MORE.does("zoom(1)", "zoom", "look closer at small errors, or see all", ("errors",)),
    LESS.does("zoom(-1)", "zoom", "look closer at small errors, or see all", ("errors",)),
    EXACT.does("exact", "exact", "measure every weight; again: a sample"),
    INTO.does("plan", "plan", "into Plan: a format for each tensor that fits a size"),
    DATA.does("data", "data", "list of the numbers to draw"),
    FIND.does("search", "find", "search names of tensors by words or letters", ("browse", "survey")),
    UNIT.does("turn('unit')", "unit", "errors in weights or steps", ("errors",)),
    LAYOUT.does("turn('layout')", "layout", "overlaid or stacked", ("errors",)),
    REFERENCE.does("even", "reference", "what even rounding would give the first format", ("errors",)),
    Action("errors.all", "ampersand", "all tensors together", "all", help="all tensors of the file together"),
)
PLOT = (
    LEFT.does("bin(-1)", "bin", "move the cursor over the bins"),
    RIGHT.does("bin(1)", "bin", "move the cursor over the bins"),
    TAKE.does("details", "closer", "worst blocks or tensors in the plot's place; in a wide window the reverse"),
    FAR_LEFT.does("bin(-10)", help="ten bins"),
    FAR_RIGHT.does("bin(10)", help="ten bins"),
    FIRST.does("bin(-9999)", help="to the ends"),
    LAST.does("bin(9999)", help="to the ends"),
    USUAL.does("zero", help="the bin at zero"),
)
TREE = (
    UP.does("move(-1)", "move", "move"),
    DOWN.does("move(1)", "move", "move"),
    TAKE.does("choose", "errors", "errors of the tensor; on the first row: all metadata"),
    RIGHT.does("open", "open", "open, close a branch"),
    LEFT.does("close", "close", "open, close a branch"),
    MARK.does("open", help="open a branch"),
    PAGE_UP.does("move(-15)", help="a page up, down"),
    PAGE_DOWN.does("move(15)", help="a page up, down"),
    FIRST.does("move(-99999)", help="first, last"),
    LAST.does("move(99999)", help="first, last"),
)
SURVEY = (
    UP.does("move(-1, 0)", "tensor, column", "move over the tensors"),
    DOWN.does("move(1, 0)", "tensor, column", "move over the tensors"),
    LEFT.does("move(0, -1)", "tensor, column", "choose a column"),
    RIGHT.does("move(0, 1)", "tensor, column", "choose a column"),
    TAKE.does("choose", "errors", "errors of this tensor"),
    MARK.does("sort", "sort", "sort by this column; again: reversed"),
    GROUP.does("group", "rows", "a row a tensor, layer or role"),
    MORE.does("go_on", help="go on measuring where it was stopped"),
    LAYOUT.does("map", "map", "map of roles and layers, or the table"),
    PAGE_UP.does("move(-15, 0)", help="a page up, down"),
    PAGE_DOWN.does("move(15, 0)", help="a page up, down"),
    FIRST.does("move(-99999, 0)", help="first, last"),
    LAST.does("move(99999, 0)", help="first, last"),
)
AGAINST = (
    TAKE.does("original", "original", "name the original to compare with"),
    UP.does("scroll(-1)", "scroll", "scroll"),
    DOWN.does("scroll(1)", "scroll", "scroll"),
    PAGE_UP.does("scroll(-15)", help="a page up, down"),
    PAGE_DOWN.does("scroll(15)", help="a page up, down"),
    FIRST.does("scroll(-99999)", help="first, last"),
    LAST.does("scroll(99999)", help="first, last"),
)
VIEW_ACTIONS = {"errors": PLOT, "browse": TREE, "survey": SURVEY, "against": AGAINST}
