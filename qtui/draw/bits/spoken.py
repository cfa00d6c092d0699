"""What each view of the Bits pane says without a picture: sentences, one fact each, after its sentence."""

from __future__ import annotations

from collections.abc import Iterator

from qtui.compute.floats.facts import FormatFacts
from qtui.compute.floats.text import code_bits, code_hex, exact_decimal, rounded_decimal, shortest_decimal
from qtui.draw.bits.text import exact_or_near, number_of, percent
from qtui.draw.glyphs import UNICODE
from qtui.draw.units import decimal
from qtui.scenario.bits.result import BitsResult, Codebook, Conversion

ROOM = 24  # characters of a number
MODEL = 8_000_000_000  # weights


def facts(result: BitsResult) -> list[str]:
    """The facts that the picture of the view shows; `result` is plotted for it."""
    return list(_facts(result))


def _facts(result: BitsResult) -> Iterator[str]:
    if result.view == "all":
        shown = result.conversions if result.every else result.conversions[: result.usual]
        yield from map(_stored, shown)
    elif result.view == "formats":
        yield from map(_format, result.table)
    elif result.ticks:
        for ticks in result.ticks:
            gap = (
                ""
                if ticks.gap is None
                else f", and the next number is {exact_or_near(ticks.gap, ROOM, UNICODE)} away"
            )
            yield f"{_stored(ticks.stored)}{gap}"
    elif result.density is not None:
        density = result.density
        low, high = (rounded_decimal(end, 4) for end in result.interval)
        yield f"{result.format.name}: {density.inside:,} of {density.total:,} finite numbers lie from {low} to {high}"
        most = max(range(len(density.counts)), key=lambda column: density.counts[column])
        low, high = (rounded_decimal(end, 3) for end in density.edges[most : most + 2])
        yield f"They are densest from {low} to {high}: {density.counts[most]:,}"
        yield _stored(result.stored)
    elif result.sine is not None:
        for wave in result.sine.waves:
            if wave.format is not None:
                yield f"{wave.format.name}: off by up to {wave.off:.2g}; at the mark {wave.at:.7g}"
    elif result.codebook is not None:
        yield from _codebook(result.codebook)
    elif result.view == "design":
        yield _format(result.facts)
        yield from (f"With {trade.name}: {_figures(trade.facts)}" for trade in result.trades)
    else:
        yield from _inspected(result)


def _inspected(result: BitsResult) -> Iterator[str]:
    """The number, its bits, its neighbours, and what becomes it."""
    fmt, stored = result.format, result.stored
    short, exact = shortest_decimal(fmt, stored.code), exact_decimal(stored.real)
    yield f"{fmt.name} stores {short}" + (f", exactly {exact}" if exact != short else "")
    bits = code_bits(fmt, stored.code)
    yield f"Its bits are {bits}, the code {code_hex(fmt, stored.code)}"
    if result.fields.exponent_field is not None and result.fields.mantissa_field is not None:
        power = "" if result.fields.exponent is None else f", two to the {result.fields.exponent}"
        yield f"Sign {result.fields.sign or 0}, exponent {result.fields.exponent_field}{power}"
        yield f"Mantissa {result.fields.mantissa_field:,}"
    for name, neighbour in (("before", result.previous), ("after", result.next)):
        if neighbour is not None:
            yield f"The number {name} it is {number_of(neighbour.real, ROOM)}"
    if result.ulp is not None:
        yield f"The distance to the next is {exact_or_near(result.ulp, ROOM, UNICODE)}"
    if stored.reals is not None:
        low, high = (
            None if end is None else exact_or_near(end, ROOM, UNICODE)
            for end in (stored.reals.low, stored.reals.high)
        )
        upto = f"up to {high}" if low is None else f"from {low} on" if high is None else f"from {low} to {high}"
        yield f"What lies {upto} is stored as this number"
    yield _format(result.facts)


def _stored(stored: Conversion) -> str:
    """What a format makes of the number."""
    text = f"{stored.format.name}: {number_of(stored.real, ROOM)}"
    if stored.exact:
        return f"{text}, exact"
    if stored.absolute_error is None or stored.relative_error is None:
        return f"{text}, {stored.note}" if stored.note else text
    note = f", {stored.note}" if stored.note else ""
    return f"{text}, off by {rounded_decimal(stored.absolute_error, 3)}, {percent(stored.relative_error)}{note}"


def _format(facts: FormatFacts) -> str:
    size = decimal(facts.million_bytes * MODEL // 1_000_000)
    return f"{facts.format.name}: {_figures(facts)}, {size} for eight billion weights"


def _figures(facts: FormatFacts) -> str:
    largest = f", up to {exact_or_near(facts.largest, 10, UNICODE)}"
    digits = "" if facts.digits is None else f", {facts.digits:.1f} digits"
    return f"{facts.bits} bits{largest}{digits}, {facts.values:,} numbers"


def _codebook(view: Codebook) -> Iterator[str]:
    yield f"Tried on {view.weights:,} weights, {view.dist}, with a scale for every {view.block}"
    for table in view.tables:
        error = f"usual error {table.rmse:.3g}, largest {table.largest:.3g}"
        yield f"{table.name}: {len(table.values)} values, signal to noise {table.sqnr_db:.2f} dB, {error}"
    yield "Its values: " + ", ".join(f"{slot.value:g} ({100 * slot.share:.1f} %)" for slot in view.slots)
