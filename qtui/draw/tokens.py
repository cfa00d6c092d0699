"""How numbers of tokens are written: in 1,024s, as contexts are counted."""

from __future__ import annotations


def tokens_text(count: int) -> str:
    """A number of tokens, short where it is a whole number of 1,024s: 131072 gives 128k, 1048576 gives 1m."""
    if count >= 1 << 20 and count % (1 << 20) == 0:
        return f"{count >> 20}m"
    return f"{count >> 10}k" if count >= 1024 and count % 1024 == 0 else f"{count:,}"


def at_least(count: int) -> str:
    """A number of tokens in few letters, never more than there are: 75264 gives 73k, 10219008 gives 9.7m."""
    if count >= 1 << 20:
        return f"{count >> 20}m" if count % (1 << 20) == 0 else f"{count * 10 // (1 << 20) / 10:.1f}m"
    return f"{count >> 10}k" if count >= 1024 else str(count)
