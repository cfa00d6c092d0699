"""The ledger of bits: where each of a format's bits per weight goes, adding up to the whole."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from qtui.compute.quantizer.stored import KEPT_BITS, Stored, is_code


@dataclass(frozen=True)
class Entry:
    """`nbytes` bytes of the row are spent on `name`, each holding for `shared_by` weights; `bits` per weight."""

    name: str
    nbytes: int
    bits: Fraction
    shared_by: int


def ledger(stored: Stored) -> tuple[Entry, ...]:
    """What the stored bytes are spent on; the bits add up to `Stored.bits_per_weight` exactly."""
    weights = stored.places
    room, size = stored.unit
    units = weights // room
    entries = []

    def add(name: str, nbytes: int, shared_by: int) -> None:
        if nbytes:
            entries.append(Entry(name, nbytes, Fraction(8 * nbytes, weights), shared_by))

    for span in stored.layout:
        # "scales" are one for each group of the block, a "scale" is the whole block's.
        several = span.name.split()[0].endswith("s")
        shared = 1 if is_code(span.name) else min(stored.group, room) if several else room
        add(span.name, (span.stop - span.start) * units, shared)
    named = sum(span.stop - span.start for span in stored.layout)
    add("other", (size - named) * units, 1)
    add("once per row", int(stored.data.size) - size * units, stored.columns)
    add("once per tensor", int(stored.header.size), weights)
    add("outliers kept apart", len(stored.kept) * KEPT_BITS // 8, 1)
    return tuple(entries)
