"""The ledger of bits: what each kind of byte costs a weight, and who shares it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, islice

from qtui.compute.quantizer.bytes import LedgerEntry
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, columns, line
from qtui.draw.picture import width as row_width
from qtui.draw.quantizer.parts import LETTERS, bits_text, percent, plural, scheme_heading, short
from qtui.draw.quantizer.words import ledger_name
from qtui.scenario.quantizer.result import QuantizerResult, Scheme

BARS = (64, 48, 32, 16, 8, 4)  # cells of the longest bar: the first that leaves room for the words
CHEAP = 0.02  # of the bits, up to which what weights share costs next to nothing


def picture(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """For each scheme: a line per kind of byte, its bits per weight, and the sum against bfloat16.

    Where that is too much for `height`, the sum alone and a bar of its parts.
    """
    schemes = result.schemes
    headings, remarks = zip(*(_heading(index, scheme, width) for index, scheme in enumerate(schemes)), strict=True)
    least = sum(len(scheme.ledger) + 2 + len(remark) for scheme, remark in zip(schemes, remarks, strict=True))
    if least > height:
        return _short(schemes, width, glyphs)
    between: list[Line] = [()] if least + len(schemes) - 1 <= height else []
    accounts = _accounts(schemes, BARS[-1], glyphs)
    if max(map(row_width, (*headings, *chain(*remarks)))) <= width:
        beside_bars = max(map(row_width, chain(*accounts))) - BARS[-1]
        cells = next((cells for cells in BARS if beside_bars + cells <= width), BARS[-1])
        accounts = accounts if cells == BARS[-1] else _accounts(schemes, cells, glyphs)
    picture: list[Line] = []
    for heading, account, remark in zip(headings, accounts, remarks, strict=True):
        picture += [*(between if picture else ()), heading, *account, *remark]
    return tuple(picture)


def _heading(index: int, scheme: Scheme, width: int) -> tuple[Line, Picture]:
    """The heading and, where it has no room for them, a row on places without a weight.

    With a row that comes and goes from format to format, all that stands above and below would move.
    """
    places, weights = scheme.stored.places, len(scheme.stored.x)
    held = f"{plural(scheme.stored.nbytes, 'byte')} for {plural(weights, 'weight')}", "dim"
    heading = scheme_heading(index, scheme.stored.label, held)
    if places <= weights:
        return heading, ()
    empty = f"{places - weights:,} of {places:,} places"
    whole = scheme_heading(index, scheme.stored.label, held, (f", {empty} empty", "warn"))
    if row_width(whole) <= width:
        return whole, ()
    return heading, (line((f"  {empty} are empty here, and counted", "warn")),)


def sentence(result: QuantizerResult) -> str:
    """What there is to see, and why."""
    dear = max(range(len(result.schemes)), key=lambda index: result.schemes[index].shared_bits)
    scheme = result.schemes[dear]
    if not scheme.shared_bits:
        return "Each number has all its bits to itself: nothing is shared, so nothing is paid for sharing."
    share = scheme.shared_bits / scheme.bits
    if share < CHEAP:
        return (
            f"What {scheme.shared_by:,} weights share is nearly free, {percent(share)} of {LETTERS[dear]}'s bits; "
            "shorter blocks cost more, and have finer steps."
        )
    return (
        f"{LETTERS[dear]} spends {100 * share:.0f} % of its bits on what {scheme.shared_by:,} weights share; "
        "longer blocks make that cheap, and the steps coarser."
    )


def _short(schemes: Sequence[Scheme], width: int, glyphs: Glyphs) -> Picture:
    """Two lines for each scheme: the sum, and a bar in which scales are light and codes dark."""
    most = max(scheme.bits for scheme in schemes)
    rows: list[Line] = []
    for index, scheme in enumerate(schemes):
        parts = " + ".join(f"{ledger_name(scheme, entry)} {_bits(float(entry.bits))}" for entry in scheme.ledger)
        heading = scheme_heading(index, scheme.stored.label, f"{parts} = {_bits(scheme.bits)}")
        if row_width(heading) > width:
            parts = f"codes {_bits(scheme.code_bits)} + shared {_bits(scheme.shared_bits)}"
            heading = scheme_heading(index, scheme.stored.label, f"{parts} = {_bits(scheme.bits)}")
        rows.append(heading)
        room = (width - 4) / most
        bar = [
            (_shade(entry, glyphs) * max(1, round(room * float(entry.bits))), "mantissa") for entry in scheme.ledger
        ]
        rows += [line("  ", *bar), ()]
    return tuple(rows[:-1])


def _shade(entry: LedgerEntry, glyphs: Glyphs) -> str:
    return glyphs.shades[-1] if entry.shared_by == 1 else glyphs.shades[1]


def _accounts(schemes: Sequence[Scheme], cells: int, glyphs: Glyphs) -> list[Picture]:
    """Each scheme's ledger, in columns that all have in common; the longest bar has so many `cells`."""
    most = max((float(entry.bits) for scheme in schemes for entry in scheme.ledger), default=0.0) or 1.0
    rows: list[list[Span | str]] = []
    for scheme in schemes:
        for entry in scheme.ledger:
            bar = _shade(entry, glyphs) * max(1, round(cells * float(entry.bits) / most))
            name, amount = ledger_name(scheme, entry), _bits(float(entry.bits))
            rows.append(["  ", (name, "label"), amount, (bar, "mantissa"), (_sharing(scheme, entry), "dim")])
        rows.append(
            [
                "  ",
                ("bits per weight", "strong"),
                (_bits(scheme.bits), "strong"),
                "",
                _beside_bfloat16(scheme, glyphs),
            ]
        )
    table = iter(columns(rows, "ll.ll", gap=1))
    return [tuple(islice(table, len(scheme.ledger) + 1)) for scheme in schemes]


def _sharing(scheme: Scheme, entry: LedgerEntry) -> str:
    """How many weights pay for what `entry` names."""
    stored = scheme.stored
    if entry.name.startswith("outliers"):
        return f"{len(stored.kept):,} of {len(stored.x):,} weights, 32 bits each"
    return "each weight's own" if entry.shared_by == 1 else f"one for {entry.shared_by:,} weights"


def _beside_bfloat16(scheme: Scheme, glyphs: Glyphs) -> Span:
    total = scheme.bits
    if not total:
        return ("", "")
    times = f"{max(16 / total, total / 16):.3g}"
    return (f"{times}{glyphs.times} {'above' if total > 16 else 'below'} bfloat16", "strong")


def _bits(value: float) -> str:
    if value >= 1000:
        return short(value)
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return text if float(text) == value else bits_text(value)
