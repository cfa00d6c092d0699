"""The storage formats that a person names, and the list of them all: which family, which name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qtui.compute.formats import FAMILIES, Format, FormatError, all_formats, get_format
from qtui.compute.memory.mixes import MIXES
from qtui.scenario.base import Scenario, UserError, argument, option
from qtui.scenario.progress import Progress


@dataclass(frozen=True)
class FormatsScenario(Scenario):
    """Which formats to list."""

    command = "formats"
    name: str = argument("", "part of a name, such as q4, or a format with options", metavar="NAME")
    family: str = option("", "only this family: floats, ints, ggml, fp8, mx, codebooks or smart", metavar="FAMILY")


@dataclass(frozen=True)
class FormatsResult:
    """The formats that match, in the order of the registry."""

    formats: tuple[Format, ...]


def solve(scenario: FormatsScenario, progress: Progress | None = None) -> FormatsResult:
    """The formats that match. Raises UserError when none does."""
    wanted, family = scenario.name.lower(), scenario.family.lower()
    if family and family not in FAMILIES:
        raise UserError(f"no family is called {scenario.family!r}; there are {', '.join(sorted(FAMILIES))}")
    matching = [fmt for fmt in all_formats() if wanted in fmt.name.lower() and (not family or fmt.family == family)]
    if not matching and ":" in wanted:
        matching = [named_format(wanted)]
    if not matching:
        raise UserError(f"no format's name has {scenario.name!r} in it; `qtui formats` lists them all")
    return FormatsResult(tuple(matching))


def json_object(result: FormatsResult) -> dict[str, Any]:
    """Name, family and cost of each format."""
    return {
        "formats": [
            {
                "name": fmt.name,
                "family": fmt.family,
                "bits_per_weight": float(fmt.bits_per_weight),
                "block_size": fmt.block_size,
                "block_bytes": fmt.block_bytes,
                "can_encode": fmt.can_encode,
                "description": fmt.description,
            }
            for fmt in result.formats
        ]
    }


def named_format(spec: str) -> Format:
    """The format that `spec` names. Raises UserError where there is none."""
    try:
        return get_format(spec)
    except FormatError as error:
        raise _unknown(spec, error) from None


def _unknown(spec: str, error: ValueError) -> UserError:
    """The message for a name that is no format; a mix is named as such."""
    mix = spec.upper()
    if mix in MIXES:
        return UserError(
            f"{mix} is a mix of several types, most of its weights in {MIXES[mix]}; name a type here, "
            f"or try `qtui plan FILE` and `qtui mem MODEL -f {mix}`"
        )
    return UserError(str(error))


def formats_of(specs: tuple[str, ...]) -> tuple[Format, ...]:
    """The formats that `specs` name, each once; a text may hold several, with spaces or commas between.

    Raises UserError for a name that is unknown, a format that can only be decoded, or none at all.
    """
    formats: dict[str, Format] = {}
    for text in specs:
        for spec in text.split():
            for fmt in _separated(spec):
                if not fmt.can_encode:
                    raise UserError(f"{fmt.name} can be read but not written here; see `qtui formats` for the others")
                formats.setdefault(fmt.name, fmt)
    if not formats:
        raise UserError("name at least one format, such as Q4_K; `qtui formats` lists them")
    return tuple(formats.values())


def _separated(spec: str) -> list[Format]:
    """The format `spec`, or those with commas between; a format's own options have commas, too."""
    try:
        return [get_format(spec)]
    except FormatError as error:
        pieces = [piece for piece in spec.split(",") if piece]
        if len(pieces) < 2:
            raise _unknown(spec, error) from None
        return [named_format(piece) for piece in pieces]
