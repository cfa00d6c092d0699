"""The list of storage formats, as a Scenario: which family, which name."""

from __future__ import annotations

from dataclasses import dataclass

from qtui.compute.formats import FAMILIES, Format, all_formats, get_format
from qtui.scenario.base import Scenario, UserError, argument, option
from qtui.scenario.progress import Progress


@dataclass(frozen=True, repr=False, eq=False)
class FormatsScenario(Scenario):
    """Which formats to list."""

    command = "formats"
    name: str = argument("", "part of a name, such as q4, or a format with options", metavar="NAME")
    family: str = option("", "only this family: floats, ints, ggml, mx, codebooks or smart", metavar="FAMILY")


def solve(scenario: FormatsScenario, progress: Progress | None = None) -> tuple[Format, ...]:
    """The formats that match. Raises UserError when none does."""
    wanted, family = scenario.name.lower(), scenario.family.lower()
    families = {family.name for family in FAMILIES}
    if family and family not in families:
        raise UserError(f"no family is called {scenario.family!r}; there are {', '.join(sorted(families))}")
    found = tuple(fmt for fmt in all_formats() if wanted in fmt.name.lower() and (not family or fmt.family == family))
    if not found and ":" in wanted:
        try:
            return (get_format(wanted),)
        except ValueError as error:
            raise UserError(str(error)) from None
    if not found:
        raise UserError(f"no format's name has {scenario.name!r} in it; `qtui formats` lists them all")
    return found
