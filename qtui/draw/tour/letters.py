"""Headings in block letters, for a class to read from the last row: a small font, drawn with half blocks."""

from __future__ import annotations

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, line
from qtui.draw.safe import cell_count

DOTS = 5  # rows of dots of a letter

# A letter's five rows of dots, from the top.
FONT = {
    "A": ".#. #.# ### #.# #.#",
    "B": "##. #.# ##. #.# ##.",
    "C": ".## #.. #.. #.. .##",
    "D": "##. #.# #.# #.# ##.",
    "E": "### #.. ##. #.. ###",
    "F": "### #.. ##. #.. #..",
    "G": ".### #... #.## #..# .###",
    "H": "#.# #.# ### #.# #.#",
    "I": "# # # # #",
    "J": "..# ..# ..# #.# .#.",
    "K": "#.# #.# ##. #.# #.#",
    "L": "#.. #.. #.. #.. ###",
    "M": "#...# ##.## #.#.# #...# #...#",
    "N": "#..# ##.# #.## #..# #..#",
    "O": ".#. #.# #.# #.# .#.",
    "P": "##. #.# ##. #.. #..",
    "Q": ".##. #..# #..# #.#. .#.#",
    "R": "##. #.# ##. #.# #.#",
    "S": ".## #.. .#. ..# ##.",
    "T": "### .#. .#. .#. .#.",
    "U": "#.# #.# #.# #.# ###",
    "V": "#.# #.# #.# #.# .#.",
    "W": "#...# #...# #.#.# ##.## #...#",
    "X": "#.# #.# .#. #.# #.#",
    "Y": "#.# #.# .#. .#. .#.",
    "Z": "### ..# .#. #.. ###",
    "0": "### #.# #.# #.# ###",
    "1": ".# ## .# .# .#",
    "2": "##. ..# .#. #.. ###",
    "3": "##. ..# .#. ..# ##.",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ##. ..# ##.",
    "6": ".## #.. ### #.# ###",
    "7": "### ..# .#. .#. .#.",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ##.",
    "?": "##. ..# .#. ... .#.",
    "!": "# # # . #",
    ".": ". . . . #",
    ",": ".. .. .. .# #.",
    ":": ". # . # .",
    "'": "# # . . .",
    "’": "# # . . .",
    '"': "#.# #.# ... ... ...",
    "-": ".. .. ## .. ..",
    "−": "... ... ### ... ...",
    "+": "... .#. ### .#. ...",
    "=": "... ### ... ### ...",
    "×": "... #.# .#. #.# ...",
    "/": "..# ..# .#. #.. #..",
    "%": "#.# ..# .#. #.. #.#",
    "&": ".#.. #.#. .#.. #.#. .#.#",
    "(": ".# #. #. #. .#",
    ")": "#. .# .# .# #.",
}


def heading(text: str, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """`text` in block letters where `cells` and `rows` have room for them, on two lines if need be; else capitals.

    A large window has larger ones, as long as they take a third of `rows` at most.
    """
    dots = _dots(text)
    if dots is not None and 2 * len(dots[0]) <= cells and rows >= 3 * DOTS:
        return _squares(dots, 2 * glyphs.shades[3])
    if dots is not None and len(dots[0]) <= cells and rows >= _tall(glyphs):
        return _blocks(dots, glyphs)
    if dots is not None and rows >= 2 * _tall(glyphs):
        lines = _two_lines(text)
        if lines and all(len(part[0]) <= cells for part in lines):
            return tuple(row for part in lines for row in _blocks(part, glyphs))
    wide = " ".join(text.upper())
    return (line((wide if cell_count(wide) <= cells else text.upper(), "strong")),)


def _dots(text: str) -> list[str] | None:
    """The rows of dots of a text; None where the font lacks one of its letters."""
    if not text or any(letter not in FONT and letter != " " for letter in text.upper()):
        return None
    letters = [FONT[letter].split() if letter != " " else ["."] * DOTS for letter in text.upper()]
    return [".".join(letter[row] for letter in letters) for row in range(DOTS)]


def _two_lines(text: str) -> list[list[str]]:
    """The dots of a text in two lines, as even as its words allow; none for a single word."""
    words = text.split()
    pairs = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    made = [[dots for part in pair if (dots := _dots(part)) is not None] for pair in pairs]
    return min(made, key=lambda parts: max(len(part[0]) for part in parts), default=[])


def _tall(glyphs: Glyphs) -> int:
    """Rows of cells that a line of letters takes: half of ASCII's blocks can't be told apart from whole ones."""
    return DOTS if glyphs.name == "ascii" else (DOTS + 1) // 2


def _squares(dots: list[str], full: str) -> Picture:
    """A dot a row, each drawn as `full`."""
    wide = {"#": full, ".": " " * len(full)}
    return tuple(line(("".join(map(wide.__getitem__, row)).rstrip(), "strong")) for row in dots)


def _blocks(dots: list[str], glyphs: Glyphs) -> Picture:
    """A dot a column, and where the characters allow it two rows of dots a row."""
    full = glyphs.shades[3]
    if glyphs.name == "ascii":
        return _squares(dots, full)
    blocks = {"..": " ", "#.": glyphs.half_top, ".#": glyphs.half_bottom, "##": full}
    padded = [*dots, "." * len(dots[0])]
    pairs = [(padded[at], padded[at + 1]) for at in range(0, len(padded), 2)]
    rows = ("".join(blocks[over + under] for over, under in zip(*pair, strict=True)) for pair in pairs)
    return tuple(line((row.rstrip(), "strong")) for row in rows)
