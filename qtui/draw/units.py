"""How sizes and counts are written: GB is always 10⁹ bytes, GiB always 2³⁰, and contexts count in 1,024s."""

from __future__ import annotations

from typing import NamedTuple

_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_DECIMAL = ("B", "kB", "MB", "GB", "TB", "PB")
_COUNTS = ("", " K", " M", " B", " T")


def binary(size: int) -> str:
    """Bytes in powers of 1024: "812 B", "3.40 KiB", "14.96 GiB"."""
    return _scaled(size, 1024, _BINARY)


def decimal(size: int) -> str:
    """Bytes in powers of 1000: "812 B", "16.06 GB"."""
    return _scaled(size, 1000, _DECIMAL)


class Unit(NamedTuple):
    """What a column of sizes counts in: its `name`, how many `bytes` that is, and the `binary` one beside it."""

    name: str
    bytes: int
    binary: str
    binary_bytes: int

    def of(self, size: int, places: int = 1) -> str:
        """`size` bytes in this unit, without its name: "24.1"."""
        return f"{size / self.bytes:,.{places}f}"

    def fine(self, size: int) -> str:
        """The same with three places, so that small sizes are still seen: "0.035", "<0.001"."""
        return "<0.001" if 0 < 2000 * size < self.bytes else self.of(size, 3)


GB = Unit("GB", 10**9, "GiB", 1 << 30)
MB = Unit("MB", 10**6, "MiB", 1 << 20)
KB = Unit("kB", 10**3, "KiB", 1 << 10)


def unit_of(largest: int) -> Unit:
    """The unit of a column whose largest size is `largest` bytes: MB below a gigabyte, kB below a megabyte."""
    return next((unit for unit in (GB, MB) if largest >= unit.bytes), KB)


def gigabytes(size: int) -> str:
    """Bytes in GB (10⁹) without the unit, for a column that names it: "24.1"."""
    return f"{size / 10**9:,.1f}"


def short_count(count: int) -> str:
    """A number of parameters: "596 K", "8.03 B", "1.04 T"."""
    return _scaled(count, 1000, _COUNTS, gap="")


def about(count: int) -> str:
    """A number of parameters in two digits, never more than there are: 39,640,000,000 gives "39 B"."""
    step = 10 ** max(0, len(str(count)) - 2)
    value, _, unit = short_count(count // step * step).partition(" ")
    return f"{float(value.replace(',', '')):g} {unit}".strip()


def percent(part: int, whole: int) -> str:
    """A share: "79.7 %", "<0.1 %" for what is there but small."""
    if not whole:
        return "-"
    share = 100 * part / whole
    return "<0.1 %" if 0 < share < 0.05 else f"{share:.1f} %"


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


def _scaled(size: int, base: int, units: tuple[str, ...], gap: str = " ") -> str:
    if abs(size) < base:
        return f"{size}{gap}{units[0]}".rstrip()
    value, unit = size / base, 1
    while abs(value) >= base - 0.005 and unit < len(units) - 1:
        value, unit = value / base, unit + 1
    places = 2 if abs(value) < 100 else 1 if abs(value) < 1000 else 0
    return f"{value:,.{places}f}{gap}{units[unit]}"
