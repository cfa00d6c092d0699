"""Words that several views use: what scales cost, what bytes hold, what there is to say of each scheme."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtui.compute.quantizer.bytes import LedgerEntry
from qtui.draw.quantizer.parts import LETTERS, bits_text, counted
from qtui.scenario.quantizer.result import QuantizerResult, Scheme


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


def per_scheme(result: QuantizerResult, say: Callable[[int, Scheme], str], most: int = 3) -> str:
    """What there is to say of each scheme, up to `most` of them: "A 4 of 15; B 5 of 16"."""
    return "; ".join(f"{LETTERS[index]} {say(index, scheme)}" for index, scheme in enumerate(result.schemes[:most]))


def remarks(notes: Sequence[str], most: int) -> tuple[str, ...]:
    """As many of `notes` as there is room for; the last says how many are left out."""
    if len(notes) <= most:
        return tuple(notes)
    return (*notes[: max(most - 1, 0)], f"and {len(notes) - max(most - 1, 0)} more remarks")[:most]
