"""The Quantizer pane's views and keys."""

from __future__ import annotations

from collections.abc import Mapping

from qtui.scenario.quantizer.scenario import VIEWS as TITLES
from qtui.tui.keymap import (
    ANOTHER,
    DATA,
    DATA_BACK,
    DOWN,
    FAR_LEFT,
    FAR_RIGHT,
    FIRST,
    FORMAT,
    HALF,
    INTO,
    LAST,
    LEFT,
    LESS,
    MORE,
    NEXT_FORMAT,
    PAGE_DOWN,
    PAGE_UP,
    PREVIOUS_FORMAT,
    RIGHT,
    ROUNDING,
    ROUNDING_BACK,
    TAKE,
    TWICE,
    UP,
    Action,
    Actions,
)

VIEWS = tuple(TITLES.items())
_MOVE = "move by one weight (bar, node, step)"
_SCROLL = "scroll; in the network: the input; in the table: a row"
_BLOCK, _KEPT = "next, previous block size", "keep more, fewer of the largest weights apart"
_OUTLIER, _SIZE, _SPREAD = "a stronger, a weaker outlier", "twice, half as many weights", "twice, half their spread"
REMOVE = Action("quantizer.remove", "X", "remove the scheme", "remove", "", "add, remove a scheme")
ACTIONS = (
    LEFT.does("change('move', -1)", "move", _MOVE),
    RIGHT.does("change('move', 1)", "move", _MOVE),
    UP.does("vertical(1)", "move", _SCROLL),
    DOWN.does("vertical(-1)", "move", _SCROLL),
    DATA.does("change('kind', 1)", "data", "next, previous kind of numbers"),
    DATA_BACK.does("change('kind', -1)", help="next, previous kind of numbers"),
    FORMAT.does("pick", "format", "the scheme's format from a list"),
    MORE.does("option('bits', 1)", "bits", "more, fewer bits"),
    LESS.does("option('bits', -1)", "bits", "more, fewer bits"),
    Action("quantizer.block", "b", "next block size", "option('block', 1)", "block", _BLOCK),
    Action("quantizer.block_back", "B", "previous block size", "option('block', -1)", "", _BLOCK),
    Action("quantizer.range", "a", "symmetric or asymmetric", "option('range', 1)", "range"),
    Action("quantizer.outlier", "exclamation_mark", "an outlier, in or out", "change('outlier')", "outlier"),
    Action("quantizer.scheme", "A", "next scheme", "scheme(1)", "scheme", "the next scheme, which keys then change"),
    INTO.does("into", "into Memory, Errors", "this format in Memory or Errors"),
    TAKE.does("into", help="this format in Memory or Errors"),
    Action("quantizer.add", "F", "add a scheme", "add", "", "add, remove a scheme"),
    REMOVE,
    PREVIOUS_FORMAT.does("step_format(-1)", help="previous, next format of all"),
    NEXT_FORMAT.does("step_format(1)", help="previous, next format of all"),
    Action("quantizer.clip", "W", "clipping rule", "option('clip', 1)"),
    Action("quantizer.scale", "S", "type of the scale", "option('scale', 1)"),
    ROUNDING.does("option('rounding', 1)", help="next, previous rounding"),
    ROUNDING_BACK.does("option('rounding', -1)", help="next, previous rounding"),
    Action("quantizer.importance", "I", "weigh errors by a made-up importance matrix", "change('importance')"),
    Action("quantizer.keep", "apostrophe", "keep more apart", "change('keep', 1)", "", _KEPT),
    Action("quantizer.keep_less", "quotation_mark", "keep fewer apart", "change('keep', -1)", "", _KEPT),
    TWICE.does("change('strength', 1)", help=_OUTLIER),
    HALF.does("change('strength', -1)", help=_OUTLIER),
    Action("quantizer.size", "z", "more weights", "change('size', 1)", "", _SIZE),
    Action("quantizer.size_back", "Z", "fewer weights", "change('size', -1)", "", _SIZE),
    Action("quantizer.spread", "p", "a larger spread", "change('spread', 1)", "", _SPREAD),
    Action("quantizer.spread_back", "P", "a smaller spread", "change('spread', -1)", "", _SPREAD),
    ANOTHER.does("change('seed')", help="draw again with the next seed"),
    Action("quantizer.network", "right_curly_bracket", "a larger network", "change('layers', 1)"),
    Action("quantizer.network_back", "left_curly_bracket", "a smaller network", "change('layers', -1)"),
    FAR_LEFT.does("change('move', -10)", help="move by ten"),
    FAR_RIGHT.does("change('move', 10)", help="move by ten"),
    PAGE_UP.does("change('move', -100)", help="move by a hundred"),
    PAGE_DOWN.does("change('move', 100)", help="move by a hundred"),
    FIRST.does("change('end', 0)", help="move to the ends"),
    LAST.does("change('end', 1)", help="move to the ends"),
)
VIEW_ACTIONS: Mapping[str, Actions] = {}
