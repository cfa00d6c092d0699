"""What the stored bytes are for: the ledger of bits per weight, and the bytes that one weight depends on."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from qtui.compute.codec import Encoded
from qtui.compute.quantizer.stored import KEPT_BITS, StoredWeights, is_code

# Changes to a byte that no code survives: all bits, the lowest of each nibble, every other bit.
MASKS = (0xFF, 0x11, 0x55)
MOST = 1024  # bytes of a block that are tried; a whole row of thousands is not


@dataclass(frozen=True)
class LedgerEntry:
    """`nbytes` bytes of the row are spent on `name`, each holding for `shared_by` weights; `bits` per weight."""

    name: str
    nbytes: int
    bits: Fraction
    shared_by: int


def ledger(stored: StoredWeights) -> tuple[LedgerEntry, ...]:
    """What the stored bytes are spent on; the bits add up to `StoredWeights.bits_per_weight` exactly."""
    weights = stored.places
    room, size = stored.unit
    units = weights // room
    entries = []

    def add(name: str, nbytes: int, shared_by: int) -> None:
        if nbytes:
            entries.append(LedgerEntry(name, nbytes, Fraction(8 * nbytes, weights), shared_by))

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


def code_byte(stored: StoredWeights, at: int, within: frozenset[int]) -> int:
    """Where in its unit the code of weight `at` is; where `within` does not tell, as if codes followed one another.

    `within` are the bytes that the weight depends on (see `sources`).
    """
    codes = next((span for span in stored.layout if is_code(span.name)), None)
    if codes is None:
        return 0
    weights, _ = stored.unit
    guess = codes.start + (at % stored.columns % weights) * (codes.stop - codes.start) // weights
    return min((i for i in within if codes.start <= i < codes.stop), default=guess)


def sources(stored: StoredWeights, at: int) -> frozenset[int]:
    """Indices, within its block, of the bytes that the value of weight `at` depends on.

    Empty for plain floats, which are bytes of their own, and where more than the block decides: a whole row's scale,
    or a tensor's.
    """
    weights, size = stored.unit
    _, held = stored.unit_bytes(at)
    shared = stored.by_row or stored.format.tensor_bytes_extra
    if shared or stored.format.is_plain or not 0 < size <= MOST:
        return frozenset()
    within = at % stored.columns % weights
    changed = np.tile(held, (len(MASKS) * size + 1, 1))
    for order, mask in enumerate(MASKS):
        changed[order * size + np.arange(size), np.arange(size)] ^= np.uint8(mask)
    with np.errstate(all="ignore"):
        values = stored.format.codec.decode(Encoded(changed, weights, stored.header))[:, within]
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    return frozenset(int(i) % size for i in np.flatnonzero(bits[:-1] != bits[-1]))
