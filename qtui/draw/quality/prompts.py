"""What a model makes of a prompt: tokens, paired bars of what may follow, continuations side by side."""

from __future__ import annotations

from qtui.draw.frame import GAP, stack
from qtui.draw.glyphs import Glyphs, bar_text
from qtui.draw.picture import Line, Picture, Span, beside, columns, crop, fitted, line, width
from qtui.draw.safe import cell_count, cut, padded, safe, wrapped
from qtui.scenario.quality.result import Continuation, CutTokens, NextTokens, Surprise

BRIEF = 24  # characters of an answer that fits a row of a table
COLUMN = 36  # cells of a continuation beside another
LEAST_CHOICE = 5  # rows of a choice: its heading and two tokens
LEAST_SURPRISE = 4  # rows of one: its heading, its own bar, and those of two likelier tokens
WIDE, LEAST_HALVES = 140, 8  # cells and tokens from which a list of tokens has two columns
SEEN = 0.00005  # chances that are not "0.00 %"
LIKELIER = 12  # cells of the token that the model held likelier
LEAST_BAR, LONGEST_BAR = 8, 40  # cells of a token's bar for all of a chance
SURE, UNSURE = 0.5, 0.05  # chances of the right token that count as known and as a surprise


def token_text(piece: str) -> str:
    """A token as one sees it: spaces and line ends made visible, in one line."""
    shown = piece.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return safe(shown.replace(" ", "␣") if shown.isspace() or shown.startswith(" ") else shown)


def plain_token(piece: str, glyphs: Glyphs) -> str:
    """`token_text` in the characters there are."""
    return token_text(piece).replace("␣", "_") if glyphs.name == "ascii" else token_text(piece)


def cut_tokens(cut: CutTokens, cells: int, glyphs: Glyphs) -> Picture:
    """Tokens with their ids, as many in a row as fit."""
    rows: list[Line] = [line((f"{len(cut.ids)} token{'s' * (len(cut.ids) != 1)}", "strong"))]
    spans: list[Span | str] = []
    used = 0
    for at, (token, piece) in enumerate(zip(cut.ids, cut.pieces, strict=True)):
        text = plain_token(piece, glyphs)
        room = cell_count(text) + len(str(token)) + 3
        if spans and used + room > cells:
            rows.append(line(*spans))
            spans, used = [], 0
        spans += [(text, "series1" if at % 2 else "series2"), (f" {token}  ", "dim")]
        used += room
    return (*rows, *([line(*spans)] if spans else []))


def paired_bars(tokens: NextTokens, chosen: int, cells: int, glyphs: Glyphs) -> Picture:
    """The likeliest next tokens: a bar as the model has it, and one below as the format at `chosen` has it."""
    shown = tokens.top[:10]
    names = [cut(plain_token(token.piece, glyphs), 16) for token in shown]
    label = max((cell_count(name) for name in names), default=0)
    room = max(cells - label - 10, 4)
    rows: list[Line] = []
    for name, token in zip(names, shown, strict=True):
        rows.append(_bar(padded(name, label), token.base, room, "series1", glyphs))
        if tokens.formats:
            rows.append(_bar(" " * label, token.formats[chosen], room, "series2", glyphs))
    whose = legend(tokens, chosen, glyphs)
    return (crop(whose, cells, glyphs.ellipsis), *(crop(row, cells) for row in rows))


def legend(tokens: NextTokens, chosen: int, glyphs: Glyphs) -> Line:
    """Whose bars are whose, and how far the format at `chosen` is from the model."""
    spans: list[Span | str] = [(f"{glyphs.shades[3]} as it is", "series1")]
    if tokens.formats:
        spans += [
            "  ",
            (f"{glyphs.shades[1]} {tokens.formats[chosen]}", "series2"),
            (f"  KL {max(tokens.kld[chosen], 0):.4f} nats", ""),
        ]
    return line(*spans)


def every_legend(tokens: NextTokens, chosen: int, cells: int, glyphs: Glyphs) -> Line:
    """Whose bars are whose in `every_bar`, and how far the format at `chosen` is off, by name where it fits."""
    spans: list[Span | str] = [(f"{glyphs.shades[3]} as it is", "series1")]
    if tokens.formats:
        spans += ["  ", (f"{glyphs.shades[1]} each format", "series2")]
        far = f"KL {max(tokens.kld[chosen], 0):.4f} nats"
        named = line(*spans, f"   {tokens.formats[chosen].partition(':')[0]}: {far}")
        return named if width(named) <= cells else line(*spans, f"   {far}")
    return line(*spans)


def every_bar(tokens: NextTokens, chosen: int, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """The likeliest next tokens that `rows` hold: a bar as the model has each, one for each format; then others."""
    names = ("as it is", *(name.partition(":")[0] for name in tokens.formats))
    shown = tokens.top[: rows // (len(names) + 1)]
    label = max((cell_count(plain_token(token.piece, glyphs)) for token in shown), default=0)
    ways = max(map(cell_count, names))
    room = max(cells - label - ways - 12, 4)
    drawn: list[Line] = []
    for token in shown:
        drawn += [()] * bool(drawn)
        for at, (name, share) in enumerate(zip(names, (token.base, *token.formats), strict=True)):
            head = padded("" if at else plain_token(token.piece, glyphs), label)
            role = "cursor" if at == chosen + 1 else "label"
            bar = _bar("", share, room, "series2" if at else "series1", glyphs)
            drawn.append(line((head, "strong"), "  ", (padded(name, ways), role), *bar))
    further = tokens.top[len(shown) :][: max(rows - len(drawn) - 1, 0)]
    label = max((cell_count(plain_token(token.piece, glyphs)) for token in further), default=0)
    drawn += [()] * bool(further)
    for token in further:
        head = padded(plain_token(token.piece, glyphs), label)
        drawn.append(line((head, "strong"), *_bar("", token.base, room, "series1", glyphs)))
    return tuple(crop(row, cells, glyphs.ellipsis) for row in drawn)


def _bar(name: str, share: float, room: int, role: str, glyphs: Glyphs) -> Line:
    """A bar with its share; that of a format, "series2", is shaded."""
    return line(
        f"{name} ", (f"{100 * share:6.2f} % ", "dim"), (bar_text(share, room, glyphs, role == "series2"), role)
    )


def prompt_line(tokens: NextTokens, cells: int, glyphs: Glyphs, chosen: int = -1) -> Picture:
    """The prompt's tokens, marked by how likely the model held each; a surprise in the strongest role."""
    spans: list[Span | str] = [(plain_token(tokens.begins, glyphs), "dim")]
    for at, step in enumerate(tokens.steps):
        role = "cursor" if at == chosen else _certainty(step.base)
        spans.append((plain_token(step.piece, glyphs).replace("␣", " "), role))
    return (crop(line(*spans), cells, glyphs.ellipsis),)


def next_table(tokens: NextTokens, cells: int, glyphs: Glyphs) -> Picture:
    """Tokens × formats: chances in percent, and each format's divergence below."""
    head: list[Span | str] = [
        ("next, %", "strong"),
        ("as it is", "strong"),
        *((name, "strong") for name in tokens.formats),
    ]
    rows = [head]
    for token in tokens.top[:10]:
        chances = (token.base, *token.formats)
        rows.append([plain_token(token.piece, glyphs), *(f"{100 * chance:.2f}" for chance in chances)])
    rows.append([("KL, nats", "label"), "", *(f"{max(value, 0):.4f}" for value in tokens.kld)])
    return tuple(crop(row, cells, glyphs.ellipsis) for row in columns(rows, "l" + "r" * (1 + len(tokens.formats))))


def steps_table(tokens: NextTokens, cells: int, glyphs: Glyphs, chosen: int = -1) -> Picture:
    """A row for each token of the prompt: its chance by the model, and how far each format is off before it."""
    head: list[Span | str] = [(name, "strong") for name in ("token", "chance %", "likeliest", *tokens.formats)]
    rows = [head]
    for at, step in enumerate(tokens.steps):
        name: Span = (plain_token(step.piece, glyphs), "cursor" if at == chosen else "")
        spread = (f"{max(value, 0):.4f}" for value in step.kld)
        rows.append([name, f"{100 * step.base:.2f}", plain_token(step.top, glyphs), *spread])
    listed = fitted(rows, "lrl" + "r" * len(tokens.formats), cells, (2, 1)) if tokens.steps else ()
    return tuple(crop(row, cells, glyphs.ellipsis) for row in listed)


def token_table(cut: CutTokens, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """Each token with its place, id, bytes and chance, in columns of at most `rows` rows, the first the heading, as
    many as `cells` hold; where one or two are enough, with bars and what the model held likeliest."""
    count, most = len(cut.ids), max(rows - 1, 1)
    parts = max(-(-count // most), 2 if cells >= WIDE and count >= LEAST_HALVES else 1)
    deep = -(-count // parts) if 0 < parts <= 2 else most
    room = (cells + GAP) // max(parts, 1) - GAP
    listed = max(map(width, _listed_tokens(cut, range(count), glyphs)))
    bar = min(room - listed - LIKELIER - 2 * GAP, LONGEST_BAR) if cut.chances else 0
    drawn: Picture = ()
    across = 0
    for start in range(0, count, deep):
        places = range(start, min(start + deep, count))
        barred = bar >= LEAST_BAR
        column = _read_tokens(cut, places, room, bar, glyphs) if barred else _listed_tokens(cut, places, glyphs)
        wide = room if barred else max(map(width, column))
        if across and across + GAP + wide > cells:
            break
        drawn = beside(drawn, column, across, GAP) if across else column
        across += wide + (GAP if across else 0)
    return drawn


def surprises(tokens: CutTokens, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """The least likely tokens side by side, in `rows` rows: a bar of each, and those of the likelier ones there."""
    across = min((cells + GAP) // (COLUMN + GAP), len(tokens.surprises))
    if across < 1 or rows < LEAST_SURPRISE:
        return ()
    wide = (cells - GAP * (across - 1)) // across
    drawn: Picture = ()
    for place, surprise in enumerate(tokens.surprises[:across]):
        block = _surprise(tokens.pieces[surprise.at], surprise, rows, wide, glyphs)
        drawn = beside(drawn, block, place * (wide + GAP) - GAP, GAP) if place else block
    return drawn


def _surprise(piece: str, surprise: Surprise, rows: int, cells: int, glyphs: Glyphs) -> Picture:
    likelier = surprise.likelier[: rows - 2]
    names = [cut(plain_token(text, glyphs), LIKELIER) for text in (piece, *(token.piece for token in likelier))]
    label = max(map(cell_count, names))
    room = max(cells - label - 10, 4)
    drawn: list[Line] = [line((names[0], "strong"), (f"  token {surprise.at + 1}; likelier were", "dim"))]
    bars = ((surprise.base, "bad"), *((token.base, "series1") for token in likelier))
    for name, (share, role) in zip(names, bars, strict=True):
        drawn.append(_bar(padded(name, label), share, room, role, glyphs))
    return tuple(crop(row, cells, glyphs.ellipsis) for row in drawn)


def _listed_tokens(cut: CutTokens, places: range, glyphs: Glyphs) -> Picture:
    names = ("", "token", "id", "bytes", *(["chance %"] if cut.chances else []))
    rows: list[list[Span | str]] = [[(name, "strong") for name in names]]
    rows += [_token_cells(cut, at, glyphs) for at in places]
    return columns(rows, "rlrr" + "r" * bool(cut.chances))


def _token_cells(cut: CutTokens, at: int, glyphs: Glyphs) -> list[Span | str]:
    token: Span = (plain_token(cut.pieces[at], glyphs), "series1" if at % 2 else "series2")
    row: list[Span | str] = [(f"{at + 1}", "dim"), token, f"{cut.ids[at]}", f"{cut.lengths[at]}"]
    if cut.chances:
        chance = cut.chances[at]
        row.append("" if chance is None else (f"{100 * chance:.2f}", _certainty(chance)))
    return row


def _certainty(chance: float) -> str:
    """The role of a token that the model held so likely."""
    return "good" if chance >= SURE else "bad" if chance < UNSURE else "warn"


def _read_tokens(cut: CutTokens, places: range, cells: int, room: int, glyphs: Glyphs) -> Picture:
    """A row a token, with a bar of its chance, and the token that was likelier."""
    names = ("", "token", "id", "bytes", "chance %", "", "likelier was")
    rows: list[list[Span | str]] = [[(name, "strong") for name in names]]
    for at in places:
        piece, chance = cut.pieces[at], cut.chances[at]
        expected = plain_token(cut.expected[at], glyphs) if chance is not None else ""
        other = expected if cut.expected[at] != piece else ""
        drawn = "" if chance is None else bar_text(chance, room, glyphs)
        rows.append([*_token_cells(cut, at, glyphs), (drawn.ljust(room), "series1"), (other, "dim")])
    return tuple(crop(row, cells, glyphs.ellipsis) for row in columns(rows, "rlrrrll"))


def asked(prompt: str, cells: int) -> Picture:
    """What is to be continued, wrapped."""
    return tuple(line((row, "label")) for row in wrapped(prompt.replace("\n", " "), cells))


def continued(continuations: tuple[Continuation, ...], cells: int, glyphs: Glyphs) -> Picture:
    """Continuations side by side, as many as there is room for; what leaves the model's own stands out."""
    if all(len(continuation.text.strip()) <= BRIEF for continuation in continuations):
        return _brief(continuations, cells, glyphs)
    across = max(min((cells + GAP) // (COLUMN + GAP), len(continuations)), 1)
    wide = (cells - GAP * (across - 1)) // across
    rows: list[Line] = []
    for at in range(0, len(continuations), across):
        block: Picture = ()
        for place, continuation in enumerate(continuations[at : at + across]):
            text = _continuation(continuation, wide, glyphs)
            block = text if not place else beside(block, text, place * (wide + GAP) - GAP, GAP)
        rows += [*block, ()]
    return tuple(rows[:-1])


def _continuation(continuation: Continuation, cells: int, glyphs: Glyphs) -> Picture:
    head = crop(line((continuation.format, "strong"), (f"  {_parted(continuation)}", "warn")), cells, glyphs.ellipsis)
    return (head, *(line(row) for row in wrapped(continuation.text.replace("\n", " "), cells)))


def choices(continuations: tuple[Continuation, ...], cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """Where formats part from the model, or come nearest to it: pairs of bars for the likeliest tokens there.

    What parts comes first, and as many of the others as `rows` hold.
    """
    listed = [c for c in continuations if c.choice]
    listed.sort(key=lambda c: c.parts_at is None)
    across = min((cells + GAP) // (COLUMN + GAP), len(listed))
    deep = min(-(-len(listed) // max(across, 1)), (rows + 1) // (LEAST_CHOICE + 1))
    if across < 1 or deep < 1:
        return ()
    wide = (cells - GAP * (across - 1)) // across
    most = ((rows + 1) // deep - 2) // 2
    parts: list[Picture] = []
    for at in range(0, across * deep, across):
        block: Picture = ()
        for place, continuation in enumerate(listed[at : at + across]):
            drawn = _choice(continuation, most, wide, glyphs)
            block = drawn if not place else beside(block, drawn, place * (wide + GAP) - GAP, GAP)
        parts.append(block)
    return stack(*parts)


def _choice(continuation: Continuation, most: int, cells: int, glyphs: Glyphs) -> Picture:
    """The `most` likeliest tokens at one place: a bar as the model has each, and one below as the format has it."""
    seen = [token for token in continuation.choice if max(token.base, token.formats[0]) >= SEEN]
    tokens = (seen or continuation.choice)[:most]
    names = [cut(plain_token(token.piece, glyphs), 12) for token in tokens]
    label = max(map(cell_count, names))
    room = max(cells - label - 10, 4)
    short = continuation.format.partition(":")[0]
    after = continuation.closest
    where = f"after {after} token{'s' * (after > 1)}" if after else "at its start"
    word, role = ("parts", "warn") if continuation.parts_at is not None else ("comes nearest", "dim")
    rows: list[Line] = [line((short, "strong"), (f"  {word} {where}", role))]
    for name, token in zip(names, tokens, strict=True):
        rows.append(_bar(padded(name, label), token.base, room, "series1", glyphs))
        rows.append(_bar(" " * label, token.formats[0], room, "series2", glyphs))
    return tuple(crop(row, cells, glyphs.ellipsis) for row in rows)


def _brief(continuations: tuple[Continuation, ...], cells: int, glyphs: Glyphs) -> Picture:
    """Answers of a few letters: a row a format."""
    own = continuations[0].text.strip() if continuations else ""
    rows: list[list[Span | str]] = [[("format", "strong"), ("answer", "strong"), ("", "")]]
    for continuation in continuations:
        text = continuation.text.strip().replace("\n", " ")
        rows.append([continuation.format, (text, "" if text == own else "bad"), (_parted(continuation), "warn")])
    return tuple(crop(row, cells, glyphs.ellipsis) for row in columns(rows, "lll"))


def _parted(continuation: Continuation) -> str:
    if continuation.parts_at is None:
        return ""
    after = continuation.parts_at
    return "another answer at once" if not after else f"parts after {after} token{'s' * (after > 1)}"
