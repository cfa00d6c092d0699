"""The roles a span can have, and what each looks like in every palette.

Styles are Rich style strings. "dark", "light" and "safe" are for 256 colours and more, over the backgrounds in
`BACKGROUNDS`. The 16 colours are the terminal's own to define, so the app paints "ansi-dark" and its kin over an
explicit black or white; "ansi" is for printing on a background that is not known, and keeps to hues that show on
both. "none" has no colours at all: bold and reverse, and an underline for what is bad. Fields and series are told
apart by letters, braces and shapes there.
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
    "series5",
    "series6",
    "fill1",  # bars of series1 that marks of other series cross, and those marks
    "over2",
    "over3",
    "over4",
    "over5",
    "over6",
    "sentence",  # what a picture shows, in words
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
    "exponent": "",
    "mantissa": "",
    "axis": "",
    "series1": "bold",
    "series2": "",
    "series3": "bold",
    "series4": "",
    "series5": "bold",
    "series6": "",
    "sentence": "",
    "key": "bold",
}

# Hues that show on black and on white; the rest is left to bold and to the text.
_ANSI = {
    "": "",
    "dim": "dim",
    "strong": "bold",
    "label": "cyan",
    "cursor": "reverse",
    "good": "green",
    "warn": "magenta",
    "bad": "bold red",
    "sign": "bold red",
    "exponent": "green",
    "mantissa": "cyan",
    "axis": "dim",
    "series1": "cyan",
    "series2": "magenta",
    "series3": "green",
    "series4": "red",
    "series5": "cyan",
    "series6": "magenta",
    "sentence": "",
    "key": "bold",
}

# Over black, plain text in bright white: white is its dim, since some terminals make a faint one hard to read, and
# others make bright black the background.
_ANSI_DARK = _ANSI | {
    "dim": "white",
    "axis": "white",
    "warn": "bright_yellow",
    "bad": "bold bright_red",
    "sign": "bold bright_red",
    "series1": "bright_cyan",
    "series2": "bright_yellow",
    "series3": "bright_magenta",
    "series4": "green",
    "series5": "bright_red",
    "series6": "cyan",
    "key": "bold bright_cyan",
}

# Over white: only the dark six, and bright black, since a faint black may be as pale as a grey of 127.
_ANSI_LIGHT = _ANSI | {
    "dim": "bright_black",
    "axis": "bright_black",
    "label": "blue",
    "good": "blue",
    "exponent": "magenta",
    "mantissa": "blue",
    "series1": "blue",
    "series3": "black",
    "series5": "blue",
    "key": "bold blue",
}

# No red against green: bright cyan, yellow and magenta over black.
_ANSI_SAFE = _ANSI_DARK | {
    "good": "bright_cyan",
    "warn": "yellow",
    "bad": "bold bright_yellow",
    "sign": "bold bright_magenta",
    "exponent": "bright_yellow",
    "mantissa": "bright_cyan",
    "series4": "white",
    "series5": "bright_white",
    "series6": "cyan",
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
    "axis": "#7e8797",
    "series1": "#6fb1f2",
    "series2": "#e0a04a",
    "series3": "#c58af0",
    "series4": "#7fc77a",
    "series5": "#ef8fae",
    "series6": "#4fc4bd",
    "sentence": "italic #c9d1dc",
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
    "axis": "#69717d",
    "series1": "#1a5fb4",
    "series2": "#a85a00",
    "series3": "#7a3fb0",
    "series4": "#1e7a2a",
    "series5": "#ad2a5d",
    "series6": "#00696b",
    "sentence": "italic #3a414c",
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
    "series5": "#f0e442",
    "series6": "#d55e00",
}

# Darker or paler than series1, so that marks in the colours of the other series show on it.
_FILLS = {
    "dark": "#3d5673",
    "light": "#a9c1e8",
    "safe": "#294c62",
    "ansi-dark": "blue",
    "ansi-light": "cyan",
    "ansi-safe": "blue",
}


def with_fill(roles: dict[str, str], fill: str = "") -> dict[str, str]:
    """`roles` with those of filled bars and of marks on them: on the colour `fill`, else in reverse video."""
    if not fill:
        return roles | {"fill1": roles["series1"]} | {f"over{n}": f"reverse {roles['series1']}" for n in range(2, 7)}
    return roles | {"fill1": fill} | {f"over{n}": f"{roles[f'series{n}']} on {fill}" for n in range(2, 7)}


PALETTES: dict[str, dict[str, str]] = {
    name: with_fill(roles, _FILLS.get(name, ""))
    for name, roles in {
        "dark": _DARK,
        "light": _LIGHT,
        "safe": _SAFE,
        "ansi": _ANSI,
        "ansi-dark": _ANSI_DARK,
        "ansi-light": _ANSI_LIGHT,
        "ansi-safe": _ANSI_SAFE,
        "none": _NONE,
    }.items()
}

# What the app paints under each palette: background, a shade of it for fields, and plain text.
BACKGROUNDS: dict[str, tuple[str, str, str]] = {
    "dark": ("#121212", "#24272c", "#e0e0e0"),
    "light": ("#fbfbfb", "#e6e9ee", "#1c1c1c"),
    "safe": ("#121212", "#24272c", "#e0e0e0"),
    "ansi": ("ansi_default", "ansi_default", "ansi_default"),
    "ansi-dark": ("ansi_black", "ansi_black", "ansi_bright_white"),
    "ansi-light": ("ansi_bright_white", "ansi_bright_white", "ansi_black"),
    "ansi-safe": ("ansi_black", "ansi_black", "ansi_bright_white"),
    "none": ("ansi_default", "ansi_default", "ansi_default"),
}
