"""The roles a span can have, and what each looks like in every palette.

Styles are Rich style strings. The "none" palette has no colours at all: only bold, dim, reverse and underline.
"""

from __future__ import annotations

ROLES = (
    "",  # plain text
    "dim",  # less important: hints, units
    "strong",  # headings, totals
    "label",  # the name beside a value
    "cursor",  # where the keyboard is
    "good",  # fits, exact
    "warn",  # tight, estimate
    "bad",  # does not fit, lost
    "sign",
    "exponent",
    "mantissa",
    "axis",
    "series1",
    "series2",
    "series3",
    "series4",
    "key",  # the name of a key in a hint
)

_NONE = {
    "": "",
    "dim": "",
    "strong": "bold",
    "label": "",
    "cursor": "reverse",
    "good": "",
    "warn": "bold",
    "bad": "bold underline",
    "sign": "bold",
    "exponent": "underline",
    "mantissa": "",
    "axis": "",
    "series1": "bold",
    "series2": "",
    "series3": "underline",
    "series4": "bold underline",
    "key": "bold",
}

_ANSI = {
    "": "",
    "dim": "bright_black",
    "strong": "bold",
    "label": "cyan",
    "cursor": "reverse",
    "good": "green",
    "warn": "yellow",
    "bad": "bold red",
    "sign": "bold red",
    "exponent": "green",
    "mantissa": "blue",
    "axis": "bright_black",
    "series1": "cyan",
    "series2": "yellow",
    "series3": "magenta",
    "series4": "green",
    "key": "bold cyan",
}

_DARK = _ANSI | {
    "dim": "#8a93a3",
    "label": "#8fb8de",
    "good": "#7fc77a",
    "warn": "#e0b050",
    "bad": "bold #f0716a",
    "sign": "bold #f0716a",
    "exponent": "#7fc77a",
    "mantissa": "#6fb1f2",
    "axis": "#707888",
    "series1": "#6fb1f2",
    "series2": "#e0a04a",
    "series3": "#c58af0",
    "series4": "#7fc77a",
    "key": "bold #8fd3e8",
}

_LIGHT = _ANSI | {
    "dim": "#5c6470",
    "label": "#1f5f99",
    "good": "#1e7a2a",
    "warn": "#8a5a00",
    "bad": "bold #b3261e",
    "sign": "bold #b3261e",
    "exponent": "#1e7a2a",
    "mantissa": "#1a5fb4",
    "axis": "#7a828e",
    "series1": "#1a5fb4",
    "series2": "#a85a00",
    "series3": "#7a3fb0",
    "series4": "#1e7a2a",
    "key": "bold #006a80",
}

# Okabe and Ito's palette: told apart with any common colour vision (jfly.uni-koeln.de/color).
_SAFE = _DARK | {
    "good": "#56b4e9",
    "warn": "#f0e442",
    "bad": "bold #d55e00",
    "sign": "bold #d55e00",
    "exponent": "#f0e442",
    "mantissa": "#56b4e9",
    "series1": "#56b4e9",
    "series2": "#e69f00",
    "series3": "#cc79a7",
    "series4": "#009e73",
}

PALETTES: dict[str, dict[str, str]] = {
    "dark": _DARK,
    "light": _LIGHT,
    "safe": _SAFE,
    "ansi": _ANSI,
    "none": _NONE,
}
