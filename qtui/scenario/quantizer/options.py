"""Options of a format turned one step: the next block size, one bit more, the other range."""

from __future__ import annotations

from qtui.compute.formats import Format, family_of, get_format
from qtui.scenario.base import UserError


def option(spec: str, what: str, by: int) -> str:
    """The format `spec` with its "bits", "range", "block", "scale", "clip" or "rounding" turned by one.

    Raises UserError where the format has no such choice.
    """
    fmt = get_format(spec)
    changed = family_of(fmt).turn(fmt, what, by)
    if changed is not None:
        return get_format(changed).name
    if what == "bits":
        return _neighbour(fmt, by)
    raise UserError(f"{fmt.name} has no choice of {what}; int4 has them all")


def _neighbour(fmt: Format, by: int) -> str:
    """The family's next format by bits per weight."""
    family = [other for other in family_of(fmt).formats if other.can_encode]
    family.sort(key=lambda other: other.bits_per_weight)
    names = [other.name for other in family]
    at = names.index(fmt.name) if fmt.name in names else 0
    return names[min(max(at + by, 0), len(names) - 1)]
