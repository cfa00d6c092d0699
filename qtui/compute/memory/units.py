"""Sizes as text. GB is 10⁹ bytes and GiB 2³⁰; each is always written with its name."""

from __future__ import annotations

_DECIMAL = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
_BINARY = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def _scaled(count: int, units: tuple[tuple[int, str], ...]) -> str:
    for size, name in units:
        if abs(count) >= size:
            value = count / size
            return f"{value:.{2 if abs(value) < 10 else 1 if abs(value) < 1000 else 0}f} {name}"
    return f"{count} B"


def gb(count: int) -> str:
    """`count` bytes in powers of ten: "16.4 GB"."""
    return _scaled(count, _DECIMAL)


def gib(count: int) -> str:
    """`count` bytes in powers of two: "15.3 GiB"."""
    return _scaled(count, _BINARY)


def thousands(count: int) -> str:
    """A number of tokens, short where it is a round number of 1,024s: 131072 gives 128k."""
    if count >= 1 << 20 and count % (1 << 20) == 0:
        return f"{count >> 20}m"
    return f"{count >> 10}k" if count >= 1024 and count % 1024 == 0 else f"{count:,}"


def at_least(count: int) -> str:
    """A number of tokens in few letters, never more than there are: 75264 gives 73k, 10219008 gives 9.7m."""
    if count >= 1 << 20:
        return f"{count >> 20}m" if count % (1 << 20) == 0 else f"{count * 10 // (1 << 20) / 10:.1f}m"
    return f"{count >> 10}k" if count >= 1024 else str(count)


def short_count(count: int) -> str:
    """A number of parameters, short: 8190735360 gives 8.19B."""
    for size, name in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K")):
        if count >= size:
            value = count / size
            return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}{name}"
    return str(count)
