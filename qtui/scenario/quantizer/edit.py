"""Small changes to a Quantizer Scenario, one for each key of the pane: the next view, twice the size, an outlier.

Each returns what changes, as keyword arguments for `dataclasses.replace`, or raises UserError saying why nothing can.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qtui.compute.data import ESSAY
from qtui.compute.distributions import NAMES
from qtui.compute.format import turned
from qtui.compute.formats import Format, family_of
from qtui.compute.quantizer.network import PRESETS
from qtui.scenario.base import UserError
from qtui.scenario.formats import named_format
from qtui.scenario.quantizer.data import kind_of, looks_like_path
from qtui.scenario.quantizer.result import QuantizerResult
from qtui.scenario.quantizer.scenario import DRAWN, MOST_SCHEMES, QuantizerScenario

KINDS = ("essay", "typed", *NAMES, "file")
KEEP = ("0", "1", "2", "4", "8", "16", "32", "64")
SIZES = tuple(1 << n for n in range(3, 17))


def with_format(scenario: QuantizerScenario, index: int, spec: str) -> dict[str, Any]:
    """Scheme `index` becomes `spec`; one past the last adds it, "" removes it (unless it is the only one)."""
    formats = list(scenario.format)
    if not spec.strip():
        if len(formats) == 1:
            raise UserError("one scheme is the least; choose another format for it")
        del formats[index]
    elif index < len(formats):
        formats[index] = spec.strip()
    elif len(formats) < MOST_SCHEMES:
        formats.append(spec.strip())
    else:
        raise UserError(f"{MOST_SCHEMES} schemes are the most; remove one first")
    return {"format": tuple(formats)}


def turned_option(spec: str, what: str, by: int, rows: int = 2) -> str:
    """The format `spec` with its "bits", "range", "block", "scale", "clip" or "rounding" turned by one.

    Where there is one of `rows`, a scale for each row is no choice of its own: it is the tensor's. Raises UserError
    where the format has no such choice.
    """
    fmt = named_format(spec)
    changed = family_of(fmt).turn(fmt, what, by)
    if changed is not None and what == "block" and rows == 1 and changed.partition(":")[2].split(",").count("row"):
        changed = family_of(fmt).turn(named_format(changed), what, by)
    if changed is not None:
        return named_format(changed).name
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


def with_kind(kind: str) -> dict[str, Any]:
    """Numbers of another kind; "typed" starts with the six of the essay."""
    nothing: dict[str, Any] = {"values": (), "dist": "", "source": "", "tensor": "", "row": None, "at": 0}
    if kind in NAMES:
        return nothing | {"dist": kind}
    if kind == "typed":
        return nothing | {"values": tuple(f"{value:g}" for value in ESSAY)}
    if kind == "file":
        raise UserError("type the path of a .npy, safetensors or GGUF file where the numbers are")
    return nothing


def with_text(text: str) -> dict[str, Any]:
    """The numbers that were typed: numbers, a path, or nothing for the essay's."""
    text = text.strip()
    values = (text,) if looks_like_path(text) else tuple(text.replace(",", " ").split())
    return {"values": values, "dist": "", "source": "", "tensor": "", "row": None, "at": 0}


def stepped_size(scenario: QuantizerScenario, by: int) -> dict[str, Any]:
    """Twice or half as many drawn weights."""
    if not scenario.dist:
        raise UserError("only drawn weights have a size to change; choose a distribution")
    larger = [size for size in SIZES if (size > scenario.size if by > 0 else size < scenario.size)]
    return {"size": larger[0] if by > 0 else larger[-1]} if larger else {}


def stepped_spread(scenario: QuantizerScenario, up: bool) -> dict[str, Any]:
    """Twice or half the spread of drawn weights."""
    if not scenario.dist:
        raise UserError("only drawn weights have a spread to change; choose a distribution")
    return {"spread": min(max(float(f"{scenario.spread * (2.0 if up else 0.5):.3g}"), 1e-9), 1e9)}


def turned_network(scenario: QuantizerScenario, by: int) -> dict[str, Any]:
    """The next larger or smaller of the networks worth drawing."""
    at = PRESETS.index(scenario.net) + by if scenario.net in PRESETS else 0
    return {"net": PRESETS[min(max(at, 0), len(PRESETS) - 1)], "view": "net", "node": 0}


def toggled_outlier(scenario: QuantizerScenario, result: QuantizerResult) -> dict[str, Any]:
    """Put in an outlier ten times the largest weight, or take it out."""
    if scenario.outlier is not None:
        return {"outlier": None}
    if scenario.values == () and not scenario.dist and not scenario.source:
        return {"outlier": 10.0}
    largest = result.schemes[0].stats.absmax
    return {"outlier": float(f"{10 * (largest or 1):.3g}")}


def scaled_outlier(scenario: QuantizerScenario, up: bool) -> dict[str, Any]:
    """An outlier twice or half as strong: the one put in, or the drawn ones."""
    factor = 2.0 if up else 0.5
    if scenario.outlier is not None:
        return {"outlier": float(f"{scenario.outlier * factor:.3g}")}
    if scenario.dist in ("outliers", "superweight"):
        return {"strength": min(max(float(f"{scenario.strength * factor:.3g}"), 1.0), 1e6)}
    raise UserError("there is no outlier to strengthen; put one in first")


def moved(scenario: QuantizerScenario, result: QuantizerResult, by: int) -> dict[str, Any]:
    """What an arrow key changes in the present view: the weight, the bar, the node or the step; by ±1, 10 or 100."""
    view = scenario.view
    if view == "line":
        low, high = result.reach
        return {"probe": float(f"{min(max(scenario.probe + by * (high - low) / 200, low), high):.4g}")}
    if view == "net" and result.drift is not None:
        nodes = sum(result.drift.exact.net.layers)
        return {"node": min(max(result.node + (by > 0) - (by < 0), 0), nodes - 1)}
    if view == "grow":
        return {"step": min(max(result.step + (by > 0) - (by < 0), 0), len(result.grown) - 1)}
    step = by
    if view in ("blocks", "sweep"):
        step = by * result.schemes[0].stored.group
    return {"at": min(max(result.at + step, 0), len(result.schemes[0].stored.x) - 1)}


def moved_to_end(scenario: QuantizerScenario, result: QuantizerResult, last: bool) -> dict[str, Any]:
    """Home and End in the present view."""
    if scenario.view == "line":
        return {"probe": result.reach[last]}
    return (
        moved(scenario, result, (1 if last else -1) * (1 << 30))
        if scenario.view not in ("net", "grow")
        else _end(scenario, result, last)
    )


def _end(scenario: QuantizerScenario, result: QuantizerResult, last: bool) -> dict[str, Any]:
    if scenario.view == "grow":
        return {"step": len(result.grown) - 1 if last else 0}
    nodes = sum(result.drift.exact.net.layers) if result.drift is not None else 1
    return {"node": nodes - 1 if last else 0}


def turned_kind(scenario: QuantizerScenario, by: int) -> dict[str, Any]:
    """The next kind of numbers, or the one before; a file has to be named."""
    kinds = [kind for kind in KINDS if kind != "file"]
    return with_kind(turned(kinds, kind_of(scenario), by))


def next_seed(scenario: QuantizerScenario) -> dict[str, Any]:
    """Other weights of the same kind."""
    if not scenario.dist:
        raise UserError("only drawn weights have a seed; choose a distribution")
    return {"seed": scenario.seed + 1}


def stepped_keep(scenario: QuantizerScenario, by: int) -> dict[str, Any]:
    """More or fewer of the largest weights kept apart."""
    at = KEEP.index(str(scenario.keep)) if str(scenario.keep) in KEEP else 0
    return {"keep": int(KEEP[min(max(at + by, 0), len(KEEP) - 1)])}


def stepped_input(scenario: QuantizerScenario, by: int) -> dict[str, Any]:
    """The network's input, a tenth up or down."""
    return {"input": float(f"{scenario.input + by * 0.1:.6g}")}


# The pane's keys by the name of what they change. Each function takes the Scenario, its Result (None while it is
# being solved), and the direction or distance.
CHANGES: dict[str, Callable[[QuantizerScenario, QuantizerResult | None, int], dict[str, Any]]] = {
    "move": lambda scenario, result, by: moved(scenario, result, by) if result else {},
    "end": lambda scenario, result, last: moved_to_end(scenario, result, bool(last)) if result else {},
    "input": lambda scenario, _, by: stepped_input(scenario, by),
    "kind": lambda scenario, _, by: turned_kind(scenario, by),
    "size": lambda scenario, _, by: stepped_size(scenario, by),
    "spread": lambda scenario, _, by: stepped_spread(scenario, by > 0),
    "seed": lambda scenario, _, by: next_seed(scenario),
    "outlier": lambda scenario, result, _: toggled_outlier(scenario, result) if result else {},
    "strength": lambda scenario, _, by: scaled_outlier(scenario, by > 0),
    "keep": lambda scenario, _, by: stepped_keep(scenario, by),
    "layers": lambda scenario, _, by: turned_network(scenario, by),
    "importance": lambda scenario, _, by: {"importance": "" if scenario.importance else DRAWN},
}
STREAMS = ("move", "end", "input", "spread", "strength")  # one step of undo, however often in a row
