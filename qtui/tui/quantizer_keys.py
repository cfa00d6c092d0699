"""The Quantizer pane's keys: the line of hints, the list for `?`, and what each is bound to."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from qtui.tui.pane import Hints

HINTS: Hints = (
    ("v", "view"),
    ("left right", "weight"),
    ("d", "numbers"),
    ("f", "format"),
    ("+ -", "bits"),
    ("b", "block"),
    ("o", "outlier"),
    ("r", "reset"),
    ("m e", "memory, errors"),
)

KEYS: Hints = (
    ("v V", "next, previous view; w lists them"),
    ("left right", "move by one weight (bar, node, step); with Shift by ten"),
    ("PgUp PgDn  Home End", "move by a hundred; to the ends"),
    ("up down", "scroll; in the network: the input"),
    ("d D", "next, previous kind of numbers"),
    ("z Z", "twice, half as many drawn weights"),
    ("n", "draw again with the next seed"),
    ("o", "put an outlier in, or take it out"),
    ("> <", "a stronger, a weaker outlier"),
    ("k K", "keep more, fewer of the largest weights apart"),
    ("x", "turn to the next scheme, which the keys below change"),
    ("f", "choose its format from the list"),
    ("F", "add a scheme"),
    ("X", "remove it"),
    ("+ -", "more, fewer bits"),
    ("b B", "next, previous block size"),
    ("a", "symmetric, asymmetric"),
    ("c", "clipping rule"),
    ("t", "type of the scale"),
    ("R", "rounding rule"),
    ("i", "weigh errors by a made-up importance matrix, or not"),
    ("g", "grow the network on paper"),
    ("m", "to Memory: what would this format save"),
    ("e", "to Errors: what does it cost"),
    ("r", "reset to the essay's numbers and schemes"),
)

BINDINGS: list[BindingType] = [
    Binding("v", "view(1)"),
    Binding("V", "view(-1)"),
    Binding("w", "views"),
    *(Binding(f"{shift}{key}", f"move({sign}{by})") for key, sign in (("left", "-"), ("right", ""))
      for shift, by in (("", 1), ("shift+", 10))),
    Binding("pageup", "move(-100)"),
    Binding("pagedown", "move(100)"),
    Binding("home", "end(0)"),
    Binding("end", "end(1)"),
    Binding("up", "vertical(1)"),
    Binding("down", "vertical(-1)"),
    Binding("d", "kind(1)"),
    Binding("D", "kind(-1)"),
    Binding("z", "size(1)"),
    Binding("Z", "size(-1)"),
    Binding("n", "seed"),
    Binding("o", "outlier"),
    Binding("greater_than_sign", "strengthen(1)"),
    Binding("less_than_sign", "strengthen(0)"),
    Binding("k", "keep(1)"),
    Binding("K", "keep(-1)"),
    Binding("x", "scheme(1)"),
    Binding("f", "pick"),
    Binding("F", "add"),
    Binding("X", "remove"),
    Binding("plus,equals_sign", "option('bits', 1)"),
    Binding("minus", "option('bits', -1)"),
    Binding("b", "option('block', 1)"),
    Binding("B", "option('block', -1)"),
    Binding("a", "option('range', 1)"),
    Binding("c", "option('clip', 1)"),
    Binding("t", "option('scale', 1)"),
    Binding("R", "option('rounding', 1)"),
    Binding("i", "importance"),
    Binding("g", "grow"),
    Binding("m", "memory"),
    Binding("e", "errors"),
    Binding("r", "reset"),
]  # fmt: skip
