"""Which stored bytes a weight comes from, found by changing each byte and reading the weight back."""

from __future__ import annotations

import numpy as np

from qtui.compute.codec import Encoded
from qtui.compute.quantizer.stored import Stored, is_plain

# Changes to a byte that no code survives: all bits, the lowest of each nibble, every other bit.
MASKS = (0xFF, 0x11, 0x55)
MOST = 1024  # bytes of a block that are tried; a whole row of thousands is not


def sources(stored: Stored, at: int) -> frozenset[int]:
    """Indices, within its block, of the bytes that the value of weight `at` depends on.

    Empty for plain floats, which are bytes of their own, and where more than the block decides: a whole row's scale,
    or a tensor's.
    """
    weights, size = stored.unit
    _, held = stored.unit_bytes(at)
    shared = stored.by_row or stored.format.tensor_bytes_extra
    if shared or is_plain(stored.format) or not 0 < size <= MOST:
        return frozenset()
    within = at % stored.columns % weights
    changed = np.tile(held, (len(MASKS) * size + 1, 1))
    for order, mask in enumerate(MASKS):
        changed[order * size + np.arange(size), np.arange(size)] ^= np.uint8(mask)
    with np.errstate(all="ignore"):
        values = stored.format.codec.decode(Encoded(changed, weights, stored.header))[:, within]
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    return frozenset(int(i) % size for i in np.flatnonzero(bits[:-1] != bits[-1]))
