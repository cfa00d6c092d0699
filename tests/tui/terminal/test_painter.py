"""The painter: a terminal shows the same as if Textual had painted, for far fewer bytes."""

from __future__ import annotations

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from qtui.tui.terminal.painted import placed
from qtui.tui.terminal.painter import Painter, Placed

WIDTH, HEIGHT = 24, 5
CONSOLE = Console(color_system="256", force_terminal=True, width=WIDTH)
STYLES = [
    Style.parse(s) for s in ("", "red", "on blue", "bold", "reverse", "underline on red", "bold #88aaff on blue")
]
BLANKS = st.integers(0, WIDTH).map(lambda n: " " * n)


@st.composite
def strips(draw: st.DrawFn, width: int, alphabet: tuple[str, ...] = ("a", "b", " ", "█", "é")) -> Strip:
    texts = st.lists(st.sampled_from(alphabet), max_size=WIDTH).map("".join) | BLANKS
    segments = draw(st.lists(st.builds(lambda t, s: Segment(t, s), texts, st.sampled_from(STYLES)), max_size=5))
    return Strip(segments).adjust_cell_length(width, draw(st.sampled_from(STYLES)))


@st.composite
def updates(draw: st.DrawFn) -> LayoutUpdate | ChopsUpdate:
    """An update as Textual makes it: of the whole screen, or of spans of it that may lie across several strips."""
    if draw(st.booleans()):
        rows = [[draw(strips(WIDTH))] for _ in range(HEIGHT)]
        return LayoutUpdate(rows, Region(0, 0, WIDTH, HEIGHT))
    chops: list[dict[int, Strip | None]] = []
    ends: list[list[int]] = []
    spans: list[tuple[int, int, int]] = []
    dirty = draw(st.sets(st.integers(0, HEIGHT - 1), min_size=1))
    for y in range(HEIGHT):
        cut = draw(st.integers(1, WIDTH - 1))
        chops.append({0: draw(strips(cut)), cut: draw(st.none() | strips(WIDTH - cut))} if y in dirty else {0: None})
        ends.append([cut, WIDTH] if y in dirty else [WIDTH])
        if y in dirty:
            spans += [(y, *span) for span in draw(st.sampled_from(([(0, cut)], [(cut, WIDTH)], [(0, WIDTH)])))]
    return ChopsUpdate(chops, spans, ends)


def parts_of(update: LayoutUpdate | ChopsUpdate) -> list[Placed]:
    parts = placed(update)
    assert parts is not None
    return parts


def seen(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    """What can be seen of each cell: the colour of a blank's ink can't."""
    rows = []
    for y in range(HEIGHT):
        row: list[tuple[object, ...]] = []
        for x in range(WIDTH):
            cell = screen.buffer[y][x]
            ink = bool(cell.data.strip()) or cell.reverse or cell.underscore
            row.append((cell.data, cell.bg, *((cell.fg, cell.bold, cell.reverse, cell.underscore) if ink else ())))
        rows.append(row)
    return rows


@settings(max_examples=120, deadline=None)
@given(st.lists(updates(), min_size=1, max_size=6), st.sampled_from(["xterm-256color", "screen"]))
def test_a_terminal_shows_what_textual_would_have_painted(
    frames: list[LayoutUpdate | ChopsUpdate], term: str
) -> None:
    painter = Painter(ColorSystem.EIGHT_BIT, term)
    ours, theirs = pyte.Screen(WIDTH, HEIGHT), pyte.Screen(WIDTH, HEIGHT)
    for screen in (ours, theirs):
        screen.reset_mode(7, private=True)
    first = LayoutUpdate([[Strip.blank(WIDTH, STYLES[2])] for _ in range(HEIGHT)], Region(0, 0, WIDTH, HEIGHT))
    for frame in (first, *frames):
        pyte.Stream(ours).feed(painter.paint(parts_of(frame), WIDTH, HEIGHT))
        pyte.Stream(theirs).feed(f"\x1b[H{frame.render_segments(CONSOLE)}")  # Textual leaves the cursor in a field
        assert seen(ours) == seen(theirs)
        assert painter.paint(parts_of(frame), WIDTH, HEIGHT) == ""


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(strips(WIDTH - 1, ("a", " ", "漢", "e\u0301")), min_size=HEIGHT, max_size=HEIGHT),
        min_size=1,
        max_size=4,
    )
)
def test_wide_characters_and_marks(frames: list[list[Strip]]) -> None:
    painter = Painter(ColorSystem.EIGHT_BIT, "xterm-256color")
    ours, theirs = pyte.Screen(WIDTH, HEIGHT), pyte.Screen(WIDTH, HEIGHT)
    for rows in frames:
        frame = LayoutUpdate([[row, Strip.blank(1)] for row in rows], Region(0, 0, WIDTH, HEIGHT))
        pyte.Stream(ours).feed(painter.paint(parts_of(frame), WIDTH, HEIGHT))
        pyte.Stream(theirs).feed(frame.render_segments(CONSOLE))
        assert seen(ours) == seen(theirs)


def screenful(text: str) -> LayoutUpdate:
    return LayoutUpdate([[Strip([Segment(text.ljust(WIDTH))])] for _ in range(HEIGHT)], Region(0, 0, WIDTH, HEIGHT))


def test_one_changed_cell_costs_one_move_and_one_cell() -> None:
    painter = Painter(ColorSystem.EIGHT_BIT, "xterm-256color")
    painter.paint(parts_of(screenful("hello")), WIDTH, HEIGHT)
    changed = screenful("hello")
    changed.strips[2] = [Strip([Segment("hallo".ljust(WIDTH))])]
    assert painter.paint(parts_of(changed), WIDTH, HEIGHT) == "\x1b[3;2Ha"


def rows_of(*rows: list[tuple[str, Style]]) -> LayoutUpdate:
    """A screen of these rows; each row's segments come to `WIDTH` cells."""
    strips = [[Strip([Segment(text, style) for text, style in row])] for row in rows]
    return LayoutUpdate(strips, Region(0, 0, WIDTH, len(rows)))


def test_each_colour_is_set_once() -> None:
    red, blue = Style.parse("red"), Style.parse("blue")
    painter = Painter(ColorSystem.EIGHT_BIT, "xterm-256color")
    row = [("a", red), ("b", blue)] * (WIDTH // 2)
    sent = painter.paint(parts_of(rows_of(row, row)), WIDTH, 2)
    assert sent.count("\x1b[31m") == sent.count("\x1b[34m") == 1
    # In the order of the rows a colour is set for every cell.
    assert len(sent) < len("ab\x1b[31m\x1b[34m") * WIDTH


def test_blanks_of_any_style_are_written_in_the_ink_of_plain_text() -> None:
    red, blue = Style.parse("red on black"), Style.parse("blue on black")
    painter = Painter(ColorSystem.EIGHT_BIT, "xterm-256color")
    painter.use_ink("ansi_blue")
    painter.paint(parts_of(rows_of([("a", blue), (" " * (WIDTH - 1), red)])), WIDTH, 1)
    # Another ink on a blank can't be seen and is not sent; to blank a cell the ink is not changed.
    assert painter.paint(parts_of(rows_of([("a", blue), (" " * (WIDTH - 1), blue)])), WIDTH, 1) == ""
    assert painter.paint(parts_of(rows_of([("b", blue), (" ", red), ("c" * (WIDTH - 2), blue)])), WIDTH, 1) == (
        f"\x1b[1H\x1b[34;40mb {'c' * (WIDTH - 2)}\x1b[0m"
    )
    underlined = Style.parse("underline blue on black")
    assert "\x1b[4" in painter.paint(parts_of(rows_of([("b", blue), (" " * (WIDTH - 1), underlined)])), WIDTH, 1)


@settings(max_examples=120, deadline=None)
@given(st.lists(updates(), min_size=1, max_size=4), st.sampled_from(["xterm-256color", "screen"]))
def test_what_was_sent_bit_by_bit_is_what_a_redraw_sends(frames: list[LayoutUpdate | ChopsUpdate], term: str) -> None:
    """To the last attribute of a blank: a tool that compares the cells finds none stale."""
    by_bits, at_once = Painter(ColorSystem.EIGHT_BIT, term), Painter(ColorSystem.EIGHT_BIT, term)
    screens = pyte.Screen(WIDTH, HEIGHT), pyte.Screen(WIDTH, HEIGHT)
    for screen in screens:
        screen.reset_mode(7, private=True)
    last = LayoutUpdate([[Strip.blank(WIDTH, STYLES[3])] for _ in range(HEIGHT)], Region(0, 0, WIDTH, HEIGHT))
    for frame in (*frames, last, frames[0], last):
        pyte.Stream(screens[0]).feed(by_bits.paint(parts_of(frame), WIDTH, HEIGHT))
    pyte.Stream(screens[1]).feed(at_once.paint(parts_of(last), WIDTH, HEIGHT))
    assert [[screens[0].buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)] == [
        [screens[1].buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)
    ]


def test_forgetting_and_a_new_size_send_all_again() -> None:
    painter = Painter(ColorSystem.EIGHT_BIT, "xterm-256color")
    whole = painter.paint(parts_of(screenful("hello")), WIDTH, HEIGHT)
    painter.forget()
    assert painter.paint(parts_of(screenful("hello")), WIDTH, HEIGHT) == whole
    assert "hello" in painter.paint(parts_of(screenful("hello")), WIDTH + 1, HEIGHT)


def test_screen_is_not_trusted_to_erase_in_colour() -> None:
    frame = LayoutUpdate([[Strip([Segment(" " * WIDTH, STYLES[2])])]], Region(0, 0, WIDTH, 1))
    assert "\x1b[K" in Painter(ColorSystem.EIGHT_BIT, "xterm").paint(parts_of(frame), WIDTH, 1)
    assert "\x1b[K" not in Painter(ColorSystem.EIGHT_BIT, "screen.xterm-256color").paint(parts_of(frame), WIDTH, 1)


def test_ascii_cell_for_cell() -> None:
    frame = LayoutUpdate([[Strip([Segment("é漢σ█⁹".ljust(WIDTH - 1))])]], Region(0, 0, WIDTH, 1))
    assert "e??s#9" in Painter(ColorSystem.EIGHT_BIT, "xterm", ascii=True).paint(parts_of(frame), WIDTH, 1)
