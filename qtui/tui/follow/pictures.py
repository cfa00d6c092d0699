"""Pictures of a class: a question with its answers, and who is here."""

from __future__ import annotations

from collections.abc import Sequence

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, crop, line, pad
from qtui.draw.safe import cell_count, padded, wrapped
from qtui.teach.messages import Poll, Roster, RosterRow

LETTERS = "123456789"
STEP_LETTERS = "abcdefghi"  # as the tour has them
MOST_QUESTION = 2  # rows of a question


def poll_rows(poll: Poll, width: int) -> int:
    """Rows that `poll` takes."""
    return len(wrapped(poll.question, max(width, 1))[:MOST_QUESTION]) + len(poll.choices) + 1


def poll_picture(poll: Poll, hint: str, width: int, glyphs: Glyphs) -> Picture:
    """The question, its choices with how many took each, where that is known, and what to do."""
    rows: list[Line] = [line((row, "strong")) for row in wrapped(poll.question, max(width, 1))[:MOST_QUESTION]]
    longest = max((cell_count(choice) for choice in poll.choices), default=0)
    label = min(longest, max(8, width // 2))
    letters = STEP_LETTERS if poll.shown else LETTERS
    for number, choice in enumerate(poll.choices):
        mine, right = number == poll.mine, number == poll.right
        mark = glyphs.yes if right else glyphs.full_dot if mine else " "
        role = "good" if right else "strong" if mine else ""
        name = crop(line((choice, role)), label, glyphs.ellipsis)
        row = line((f" {mark} {letters[number]} ", role), *pad(name, label))
        if poll.counts:
            row = line(*row, "  ", *_bar(poll, number, width - label - 22, glyphs))
        if mine:
            row = line(*row, ("  yours", "dim"))
        rows.append(crop(row, width))
    rows.append(crop(line((hint, "dim")), width))
    return tuple(rows)


def _bar(poll: Poll, number: int, room: int, glyphs: Glyphs) -> Line:
    count, most = poll.counts[number], max(*poll.counts, 1)
    eighths = round(8 * max(room, 1) * count / most)
    whole, rest = divmod(eighths, 8)
    bar = glyphs.lefts[-1] * whole + (glyphs.lefts[rest - 1] if rest else "")
    return line((f"{count:>3} ", "strong"), (bar, f"series{1 + number % 6}"))


def roster_heading(roster: Roster) -> str:
    """How many are here, follow and have answered, in a line."""
    here = len(roster.rows)
    follow = sum(row.following for row in roster.rows)
    answered = sum(row.answered for row in roster.rows)
    rules = " ".join(word for word, holds in (("pinned", roster.pinned), ("door closed", roster.locked)) if holds)
    parts = [f"{here} here", f"{follow} following", *([f"{answered} answered"] if answered else []), rules]
    return ", ".join(part for part in parts if part)


def roster_note(roster: Roster, glyphs: Glyphs, key: str) -> str:
    """The same for the end of the first row; before anybody is here, the `key` of the class."""
    if not roster.rows:
        return f"nobody here yet   {key} class"
    here = f"{len(roster.rows)} here"
    follow = "pinned" if roster.pinned else f"{sum(row.following for row in roster.rows)} follow"
    answered = sum(row.answered for row in roster.rows)
    return ", ".join((here, follow, *([f"{answered} {glyphs.yes}"] if answered else [])))


HEADING = f"{'name':<16}  {'where':<20} {'answer':<6} {'last key':>8} {'lag':>7}"


def roster_row(row: RosterRow, glyphs: Glyphs) -> str:
    """One student in a row of text."""
    where = "follows" if row.following else row.where or "explores"
    answer = glyphs.yes if row.answered else ""
    lag = f"{row.lag} ms" if row.lag >= 0 else ""
    muted = " muted" if row.muted else ""
    return f"{padded(row.name, 16)}  {padded(where[:20], 20)} {answer:<6} {_ago(row.idle):>8} {lag:>7}{muted}"


def _ago(seconds: int) -> str:
    return f"{seconds} s" if seconds < 100 else f"{seconds // 60} min"


def roster_table(rows: Sequence[RosterRow], glyphs: Glyphs) -> list[str]:
    """A row of text for each student: those who explore or have not answered first, then by name."""
    return [roster_row(row, glyphs) for row in sorted(rows, key=lambda row: (row.following, row.name.lower()))]
