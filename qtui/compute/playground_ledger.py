"""The ledger of bits: where each of a format's bits per weight goes, adding up to the whole."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from qtui.compute.playground import KEPT_BITS, Stored


@dataclass(frozen=True)
class Entry:
    """`nbytes` bytes of the row are spent on `name`, each holding for `shared_by` weights; `bits` per weight."""

    name: str
    nbytes: int
    bits: Fraction
    shared_by: int


def ledger(stored: Stored) -> tuple[Entry, ...]:
    """What the stored bytes are spent on; the bits add up to 8 * nbytes / weights exactly.

    Padding at the end of a row counts as weights, as it does in `Stored.bits_per_weight`.
    """
    weights = stored.rows * (stored.columns + stored.padding)
    blocks = weights // stored.format.block_size
    entries = []

    def add(name: str, nbytes: int, shared_by: int) -> None:
        if nbytes:
            entries.append(Entry(name, nbytes, Fraction(8 * nbytes, weights), shared_by))

    inside = 0
    for span in stored.layout:
        size = min(span.stop, stored.format.block_bytes) - min(span.start, stored.format.block_bytes)
        inside += size
        groups = max(1, stored.format.block_size // stored.group)
        shared = 1 if _is_code(span.name) else stored.format.block_size // (groups if span.name.endswith("s") else 1)
        add(span.name, size * blocks, shared)
    add("codes" if not stored.layout else "other", (stored.format.block_bytes - inside) * blocks, 1)
    extra = stored.data.shape[1] - blocks // max(stored.rows, 1) * stored.format.block_bytes
    add("once per row", extra * stored.rows, stored.columns + stored.padding)
    add("once per tensor", int(stored.header.size), weights)
    add("outliers kept apart", len(stored.kept) * KEPT_BITS // 8, 1)
    return tuple(entries)


def _is_code(name: str) -> bool:
    return "code" in name or "bit" in name or name in ("signs", "values")
