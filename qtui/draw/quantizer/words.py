"""What each view shows, in a sentence made from the Result, and what the scales cost in another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtui.compute.quantizer.bytes import LedgerEntry
from qtui.draw.quantizer.parts import LETTERS, apart, bits_text, counted, percent, short
from qtui.draw.units import decimal
from qtui.scenario.quantizer.result import QuantizerResult, Scheme

CHEAP = 0.02  # of the bits, up to which what weights share costs next to nothing


def sentence(result: QuantizerResult, view: str) -> str:
    """What to see in `view`, and why."""
    return SENTENCES[view](result)


def cost(result: QuantizerResult, index: int) -> tuple[str, ...]:
    """What the scales of scheme `index` cost, from the fullest wording to the shortest."""
    scheme = result.schemes[index]
    letter, stored = LETTERS[index], scheme.stored
    own = f"{letter}: {bits_text(scheme.code_bits)} bits"
    if not scheme.shared_bits:
        return (f"{own} for each number, and no scale to pay for.", own)
    what = _shared(scheme)
    sum_of_both = f"{own} + {bits_text(scheme.shared_bits)} for {what}"
    it = "it" if what == "the scale" else "them"
    empty = stored.places - len(stored.x)
    close = ""
    if empty > len(stored.x):
        why = f"blocks have {scheme.shared_by} places, {counted(empty)} of them empty here"
    elif scheme.shared_by >= len(stored.x) < 32:
        count = counted(len(stored.x))
        why, close = f"a list of {count} is too short to share {it}", f"{count} are too few to share {it}"
    else:
        why = f"{scheme.shared_by:,} weights share {it}"
    return (f"{sum_of_both}: {why}.", *((f"{sum_of_both}: {close}.",) if close else ()), sum_of_both)


def _shared(scheme: Scheme) -> str:
    """What weights share, in words."""
    names = " ".join(entry.name for entry in scheme.ledger)
    once = "once" in names and scheme.stored.zero_point is not None
    if "zero" in names or once:
        return "scale and zero point"
    if "min" in names:
        return "scales and minimums" if "scales" in names else "scale and minimum"
    return "the scales" if "scales" in names else "the scale"


def ledger_name(scheme: Scheme, entry: LedgerEntry) -> str:
    """What the bytes of `entry` hold, where the ledger only says that they are there once."""
    scales = any("scale" in other.name for other in scheme.ledger)
    if not entry.name.startswith("once") or scales:
        return entry.name
    return "scale, zero point" if scheme.stored.zero_point is not None else "scale"


def _per_scheme(result: QuantizerResult, say: Callable[[int, Scheme], str], most: int = 3) -> str:
    """What there is to say of each scheme, up to `most` of them: "A 4 of 15; B 5 of 16"."""
    return "; ".join(f"{LETTERS[index]} {say(index, scheme)}" for index, scheme in enumerate(result.schemes[:most]))


def _mapping(result: QuantizerResult) -> str:
    groups = [spot.group for spot in result.spots]
    even = [index for index, group in enumerate(groups) if group.half_step and group.levels]
    if len(even) > 1:
        fine, coarse = (pick(even, key=lambda i: groups[i].half_step or 0.0) for pick in (min, max))
        steps = [short(2 * (groups[index].half_step or 0.0), 3) for index in (fine, coarse)]
        if steps[0] != steps[1]:
            top, step = groups[coarse].levels[-1].value, 2 * (groups[coarse].half_step or 0.0)
            why = ": closer marks, smaller errors"
            if result.schemes[fine].stats.rmse >= result.schemes[coarse].stats.rmse:
                why = ": closer marks, but no smaller errors with these numbers"
            elif top > groups[coarse].high + step:
                why = f", which reach past the numbers, to {short(top, 2)}"
            return f"{LETTERS[fine]}'s marks stand {steps[0]} apart, {LETTERS[coarse]}'s {steps[1]}{why}."
    if not any(group.levels for group in groups):
        return "Each number moves to the nearest mark; these marks stand too close together to draw."
    waste = ", ".join(
        f"{group.wasted} of {len(group.levels)} with {LETTERS[index]}"
        for index, group in enumerate(groups[:3])
        if group.levels
    )
    return f"Each number moves to the nearest mark. Marks without a line are wasted: {waste}."


def _table(result: QuantizerResult) -> str:
    worst = next(
        (s.extremes.largest_relative for s in result.schemes if s.extremes.largest_relative is not None), None
    )
    if worst is None:
        return "Every number comes back as it was."
    if max(scheme.lost_to_zero for scheme in result.schemes[:3]) > 1:
        lost = _per_scheme(result, lambda _, scheme: f"{scheme.lost_to_zero:,}")
        return f"What is nearest to 0 falls to 0, an error of 100 %: of {result.count:,} numbers {lost}."
    value = short(float(result.schemes[0].stored.x[worst]))
    back = _per_scheme(
        result,
        lambda _, scheme: f"{short(float(scheme.stored.y[worst]), 3)}, {percent(float(scheme.relative[worst]))} off",
    )
    return f"{value} (number {worst}) fares worst and comes back as: {back}."


def _line(result: QuantizerResult) -> str:
    parts = [
        f"{LETTERS[index]} keeps {apart(spot.nearest.value, result.scenario.probe)}"
        + (f", {percent(spot.nearest_error)} off" if spot.nearest_error is not None else "")
        for index, spot in enumerate(result.spots[:3])
        if spot.nearest is not None
    ]
    probe = short(result.scenario.probe)
    if not parts:
        return f"{probe} has no place of its own: this format mixes weights before it rounds them."
    lines = [spot.group.levels for spot in result.spots[:3] if spot.group.levels]
    if lines and all(not marks[0].value <= result.scenario.probe <= marks[-1].value for marks in lines):
        return f"{probe} lies beyond the marks and is clipped: {'; '.join(parts)}."
    return f"Only marks can be stored. Of {probe} {'; '.join(parts)}."


def _stairs(result: QuantizerResult) -> str:
    halves = [
        f"{LETTERS[index]} {short(spot.group.half_step, 3)}"
        for index, spot in enumerate(result.spots[:3])
        if spot.group.half_step
    ]
    if not halves:
        return "All that enters on one flat step comes out the same; short steps lose little, long ones much."
    return f"All that enters on one step comes out the same, inside the grid within half a step: {', '.join(halves)}."


def _grid(result: QuantizerResult) -> str:
    groups = [(LETTERS[index], spot.group) for index, spot in enumerate(result.spots) if spot.group.levels][:3]
    if not groups:
        which = "These formats have" if len(result.spots) > 1 else "This format has"
        return f"{which} more codes than fit here; the histogram shows where they are needed."
    if not any(group.wasted for _, group in groups):
        return "Every code is in use, those for numbers near 0 most of all; none is wasted."
    used = [f"{letter} {len(group.levels) - group.wasted} of {len(group.levels)}" for letter, group in groups]
    return f"Codes in use: {', '.join(used)}. The rest cost their bits and store nothing."


def _blocks(result: QuantizerResult) -> str:
    varied = [
        (i, s.extremes) for i, s in enumerate(result.schemes) if s.extremes.scale_high > s.extremes.scale_low > 0
    ]
    if not varied:
        return "One scale serves all weights here: the largest of them decides how coarse the steps of all are."
    index, ends = varied[0]
    low, high = short(ends.scale_low, 2), short(ends.scale_high, 2)
    return (
        f"{LETTERS[index]}'s scales run from {low} to {high}: a large weight makes the steps of its block coarse, "
        "and no others."
    )


def _tile(result: QuantizerResult) -> str:
    if all(scheme.stats.rmse == 0 for scheme in result.schemes):
        return "Every number comes back as it was: the maps of errors are blank."
    worst = [
        f"{LETTERS[index]} at weight {scheme.extremes.largest_error:,}, "
        f"{short(float(scheme.error[scheme.extremes.largest_error]), 2)} off"
        for index, scheme in enumerate(result.schemes[:3])
    ]
    return f"More ink is more. The largest errors are {'; '.join(worst)}."


def _bytes(result: QuantizerResult) -> str:
    stored, spot = result.schemes[0].stored, result.spots[0]
    weights = stored.unit[0]
    size = f"{len(spot.unit):,} byte{'s' * (len(spot.unit) > 1)}"
    held = f"A packs {counted(weights)} weight{'s' * (weights > 1)} in {size}"
    if spot.sources:
        needs = f"weight {result.at} comes from {counted(len(spot.sources))} of them, in capitals"
        return f"{held}; {needs}: its code and what it shares."
    once = f", and {stored.header.size} more once for all" if stored.header.size else ""
    return f"{held}{once}: this is all that is kept of the numbers."


def _ledger(result: QuantizerResult) -> str:
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


def _code(result: QuantizerResult) -> str:
    at = result.at
    ways = _per_scheme(
        result, lambda _, s: f"as {int(s.stored.codes[at])} and back as {short(float(s.stored.y[at]), 4)}", 2
    )
    return f"{short(float(result.schemes[0].stored.x[at]))} is stored by {ways}."


def _outlier(result: QuantizerResult) -> str:
    rescue = result.rescue
    assert rescue is not None
    extra = rescue.side_table_bits
    apart = " It is too large to be kept apart, in float16."
    if extra is not None:
        apart = f" Apart it costs {short(extra, 3)} bits a weight."
    if rescue.others == 0:
        return f"The outlier is alone, with no neighbours to harm.{apart}"
    if rescue.scale_factor is None:
        return f"Its neighbours are 0, or this format has no scale that an outlier could stretch.{apart}"
    larger = f"{short(rescue.scale_factor, 3)} times as large"
    if rescue.more_lost == 0:
        return f"It makes the scale {larger}, yet no more neighbours fall on 0.{apart}"
    return f"It makes the scale {larger}: {counted(rescue.more_lost)} more neighbours fall on 0.{apart}"


def _sweep(result: QuantizerResult) -> str:
    free = [(index, sweep) for index, sweep in enumerate(result.sweep) if not sweep.fixed and len(sweep.points) > 1]
    if not free:
        return "Small blocks err less and pay for more scales; these formats or numbers allow one size only."
    index, sweep = free[0]
    first, last = sweep.points[0].block, sweep.points[-1].block
    growth = short(sweep.growth, 3)
    grows = "stays the same" if growth == "1" else f"becomes {growth} times as large"
    return (
        f"From blocks of {first} to {last:,} {LETTERS[index]} saves {short(sweep.saved, 3)} bits a weight, "
        f"and its error {grows}."
    )


def _smart(result: QuantizerResult) -> str:
    smart = result.smart
    assert smart is not None
    plain, best = smart.table[0], smart.best
    if best.fresh_error > 0.95 * plain.fresh_error:
        return "Nothing beats plain rounding here: no method brings the layer's outputs clearly closer."
    errors = (
        f"the layer's outputs are {percent(best.fresh_error)} off, with plain rounding {percent(plain.fresh_error)}"
    )
    more = f"it takes {bits_text(best.bits)} bits, not {bits_text(plain.bits)}"
    return f"{best.title}: {errors}; {more if best.bits > plain.bits else 'both take the same bits'}."


def _network(result: QuantizerResult) -> str:
    drift = result.drift
    assert drift is not None

    def changed(index: int, _: Scheme) -> str:
        run, share = drift.stored[index], drift.shares[index]
        return f"{amount(run.output)} ({change(share, drift.flipped[index])})"

    network = "network" if not any(drift.shares) else "exact network"
    gives = f"The outputs of the {network} add up to" if len(drift.exact.nodes[-1]) > 1 else f"The {network} gives"
    exact = f"{gives} {amount(drift.exact.output)}"
    if drift.kept:
        return f"{exact}: its weights are stored as they are."
    if not any(drift.shares):
        return f"{exact}, exact and as stored."
    return f"{exact}; {_per_scheme(result, changed)}."


def change(share: float, flipped: bool) -> str:
    """How the size of an output changed."""
    if share == 0:
        return "unchanged"
    if flipped:
        return f"changed its sign, {percent(share)} off"
    if share == float("inf"):
        return "no longer 0"
    return f"{'grew' if share > 0 else 'shrank'} by {percent(abs(share))}"


def amount(value: float) -> str:
    """An output to three decimals, as in the essay; smaller ones to three digits."""
    return f"{value + 0.0:.3f}" if 0.01 <= abs(value) < 1e6 or value == 0 else short(value, 3)


def _growth(result: QuantizerResult) -> str:
    network, name = result.grown[result.step], result.schemes[0].stored.label
    size = network.scheme_bytes[0]
    stored = f", {decimal(size)} in {name}" if size is not None else ""
    return f"{network.parameters:,} parameters take {decimal(network.bfloat16_bytes)} in bfloat16{stored}."


SENTENCES: dict[str, Callable[[QuantizerResult], str]] = {
    "map": _mapping,
    "table": _table,
    "line": _line,
    "stairs": _stairs,
    "grid": _grid,
    "blocks": _blocks,
    "tile": _tile,
    "bytes": _bytes,
    "ledger": _ledger,
    "code": _code,
    "outlier": _outlier,
    "sweep": _sweep,
    "smart": _smart,
    "net": _network,
    "grow": _growth,
}


def remarks(notes: Sequence[str], most: int) -> tuple[str, ...]:
    """As many of `notes` as there is room for; the last says how many are left out."""
    if len(notes) <= most:
        return tuple(notes)
    return (*notes[: max(most - 1, 0)], f"and {len(notes) - max(most - 1, 0)} more remarks")[:most]
