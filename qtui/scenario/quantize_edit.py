"""Small changes to a Quantizer Scenario, one for each key of the pane: next block size, more bits, another outlier.

Each returns what changes, as keyword arguments for `dataclasses.replace`, or raises UserError saying why nothing can.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qtui.compute.distributions import NAMES
from qtui.compute.family_mx import SCALES as MX_SCALES
from qtui.compute.floats.exact import ROUNDINGS
from qtui.compute.formats import Format, all_formats, get_format
from qtui.compute.ints.scheme import parse_scheme
from qtui.scenario.base import Scenario, UserError
from qtui.scenario.quantize import MOST_SCHEMES, VIEWS, QuantizeScenario

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtui.scenario.quantize import QuantizeResult

BLOCKS = ("tensor", "row", "2", "4", "8", "16", "32", "64", "128", "256", "512", "1024")
CLIPS = ("absmax", "99.9", "99", "mse")
INT_SCALES = ("fp32", "fp16", "e8m0", "e4m3")
KINDS = ("essay", "typed", *NAMES, "file")
SIZES = tuple(1 << n for n in range(3, 17))


def turned(options: Sequence[str], present: str, by: int) -> str:
    """The option `by` places after `present`, round and round; the first where `present` is none of them."""
    at = options.index(present) if present in options else -1
    return options[(at + by) % len(options)]


def option(spec: str, what: str, by: int) -> str:
    """The format `spec` with its "bits", "range", "block", "scale", "clip" or "rounding" turned by one.

    Raises UserError where the format has no such choice.
    """
    fmt = get_format(spec)
    if what == "bits" and fmt.family not in ("ints", "smart"):
        return _neighbour(fmt, by)
    change = {
        "ints": _int_option,
        "codebooks": _codebook_option,
        "mx": _mx_option,
        "floats": _float_option,
        "smart": _smart_option,
    }
    found = change[fmt.family](spec, fmt, what, by) if fmt.family in change else None
    if found is None:
        raise UserError(f"{fmt.name} has no choice of {what}; int4 has them all")
    return found


def _neighbour(fmt: Format, by: int) -> str:
    """The family's next format by bits per weight."""
    family = [each for each in all_formats() if each.family == fmt.family and each.can_encode]
    family.sort(key=lambda each: each.bits_per_weight)
    names = [each.name for each in family]
    at = names.index(fmt.name) if fmt.name in names else 0
    return names[min(max(at + by, 0), len(names) - 1)]


def _int_option(spec: str, fmt: Format, what: str, by: int) -> str | None:
    scheme = parse_scheme(spec)
    if what == "bits":
        changed = replace(scheme, bits=min(max(scheme.bits + by, 1), 8))
    elif what == "range":
        changed = replace(scheme, mode=turned(("sym", "asym"), scheme.mode, by))
    elif what == "block":
        present = str(scheme.block) if scheme.per == "block" else scheme.per
        chosen = turned(BLOCKS, present, by)
        by_block = chosen.isdigit()
        # Blocks come with half floats in every format that is in use; a tensor's only scale is a float32.
        scale = scheme.scale
        if by_block != (scheme.per == "block") and scale in ("fp32", "fp16"):
            scale = "fp16" if by_block else "fp32"
        changed = replace(
            scheme, per="block" if by_block else chosen, block=int(chosen) if by_block else 0, scale=scale
        )
    elif what == "scale":
        changed = replace(scheme, scale=turned(INT_SCALES, scheme.scale, by))
    elif what == "clip":
        changed = replace(scheme, clip=turned(CLIPS, scheme.clip, by))
    elif what == "rounding":
        changed = replace(scheme, rule=turned(("essay", "torchao"), scheme.rule, by), narrow=False)
    else:
        return None
    return get_format(changed.spec).name


def _codebook_option(spec: str, fmt: Format, what: str, by: int) -> str | None:
    options = dict(fmt.codec_options)
    name, _, rest = fmt.name.partition(":")
    words = [word for word in rest.split(",") if word.startswith("values=")]
    block, scale = str(options["block"]), "double" if options["double"] else str(options["scale"])
    if what == "block":
        block = turned(BLOCKS[4:], block, by)
    elif what == "scale":
        scale = turned(("fp32", "fp16", "double"), scale, by)
    else:
        return None
    words += [f"block={block}", "double" if scale == "double" else f"scale={scale}"]
    return get_format(f"{name}:{','.join(words)}").name


def _mx_option(spec: str, fmt: Format, what: str, by: int) -> str | None:
    name, _, rest = fmt.name.partition(":scale=")
    if what not in ("scale", "rounding") or not name.startswith("mx_"):
        return None
    return get_format(f"{name}:scale={turned(MX_SCALES, rest or 'floor', by)}").name


def _smart_option(spec: str, fmt: Format, what: str, by: int) -> str | None:
    options = dict(fmt.codec_options)
    words = [f"{name}={options[name]}" for name in ("seed", "rotate", "kept") if name in fmt.name]
    bits, block = int(options["bits"]), str(options["group"])
    if what == "bits":
        bits = min(max(bits + by, 1), 8)
    elif what == "block":
        block = turned(BLOCKS[4:], block, by)
    else:
        return None
    return get_format(f"{fmt.name.partition(':')[0]}:{','.join([*words, f'bits={bits}', f'block={block}'])}").name


def _float_option(spec: str, fmt: Format, what: str, by: int) -> str | None:
    options = dict(fmt.codec_options)
    saturate, rounding = bool(options["saturate"]), str(options["rounding"])
    if what == "rounding":
        rounding = turned(ROUNDINGS, rounding, by)
    elif what == "clip":
        saturate = not saturate
    else:
        return None
    words = (["saturate"] if saturate else []) + [f"round={rounding}"]
    name = str(options["spec"])
    return get_format(f"{name}{',' if ':' in name else ':'}{','.join(words)}").name


def with_format(scenario: QuantizeScenario, index: int, spec: str) -> dict[str, Any]:
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


def kind_of(scenario: QuantizeScenario) -> str:
    """Which of KINDS the numbers are."""
    from qtui.scenario.quantize_data import file_of

    if scenario.dist:
        return scenario.dist
    return "file" if file_of(scenario) else "typed" if scenario.values else "essay"


def with_kind(scenario: QuantizeScenario, kind: str) -> dict[str, Any]:
    """Numbers of another kind; "typed" starts with the six of the essay."""
    from qtui.compute.data import ESSAY

    nothing: dict[str, Any] = {"values": (), "dist": "", "source": "", "tensor": "", "row": None, "at": 0}
    if kind in NAMES:
        return nothing | {"dist": kind}
    if kind == "typed":
        return nothing | {"values": tuple(f"{value:g}" for value in ESSAY)}
    if kind == "file":
        raise UserError("type the path of a .npy, safetensors or GGUF file where the numbers are")
    return nothing


def with_text(text: str) -> dict[str, Any]:
    """What a person typed as numbers: numbers, a path, or nothing for the essay's."""
    from qtui.scenario.quantize_data import looks_like_path

    text = text.strip()
    values = (text,) if looks_like_path(text) else tuple(text.replace(",", " ").split())
    return {"values": values, "dist": "", "source": "", "tensor": "", "row": None, "at": 0}


def stepped_size(scenario: QuantizeScenario, by: int) -> dict[str, Any]:
    """Twice or half as many drawn weights."""
    if not scenario.dist:
        raise UserError("only drawn weights have a size to change; choose a distribution")
    larger = [size for size in SIZES if (size > scenario.size if by > 0 else size < scenario.size)]
    return {"size": larger[0] if by > 0 else larger[-1]} if larger else {}


def stepped_spread(scenario: QuantizeScenario, up: bool) -> dict[str, Any]:
    """Twice or half the spread of drawn weights."""
    if not scenario.dist:
        raise UserError("only drawn weights have a spread to change; choose a distribution")
    return {"spread": min(max(float(f"{scenario.spread * (2.0 if up else 0.5):.3g}"), 1e-9), 1e9)}


def turned_network(scenario: QuantizeScenario, by: int) -> dict[str, Any]:
    """The next larger or smaller of the networks worth drawing."""
    from qtui.compute.network import PRESETS

    at = PRESETS.index(scenario.net) + by if scenario.net in PRESETS else 0
    return {"net": PRESETS[min(max(at, 0), len(PRESETS) - 1)], "show": "net", "node": 0}


def toggled_outlier(scenario: QuantizeScenario, result: QuantizeResult) -> dict[str, Any]:
    """Put in an outlier ten times the largest weight, or take it out."""
    if scenario.outlier is not None:
        return {"outlier": None}
    if scenario.values == () and not scenario.dist and not scenario.source:
        return {"outlier": 10.0}
    largest = result.schemes[0].stats.absmax
    return {"outlier": float(f"{10 * (largest or 1):.3g}")}


def scaled_outlier(scenario: QuantizeScenario, up: bool) -> dict[str, Any]:
    """An outlier twice or half as strong: the one put in, or the drawn ones."""
    factor = 2.0 if up else 0.5
    if scenario.outlier is not None:
        return {"outlier": float(f"{scenario.outlier * factor:.3g}")}
    if scenario.dist in ("outliers", "superweight"):
        return {"strength": min(max(float(f"{scenario.strength * factor:.3g}"), 1.0), 1e6)}
    raise UserError("there is no outlier to strengthen; o puts one in")


def reset(scenario: QuantizeScenario) -> dict[str, Any]:
    """Everything as the essay has it, except the view."""
    fresh = QuantizeScenario(show=scenario.show)
    return {name: value for name, value in vars(fresh).items() if getattr(scenario, name) != value}


def moved(scenario: QuantizeScenario, result: QuantizeResult, by: int) -> dict[str, Any]:
    """What an arrow key changes in the present view: the weight, the bar, the node or the step; by ±1, 10 or 100."""
    view = scenario.show
    if view == "line":
        low, high = result.reach
        return {"probe": float(f"{min(max(scenario.probe + by * (high - low) / 200, low), high):.4g}")}
    if view == "net" and result.drift is not None:
        nodes = sum(result.drift.exact.net.layers)
        return {"node": min(max(scenario.node + (by > 0) - (by < 0), 0), nodes - 1)}
    if view == "grow":
        return {"step": min(max(scenario.step + (by > 0) - (by < 0), 0), len(result.grown) - 1)}
    step = by
    if view in ("blocks", "sweep"):
        step = by * result.schemes[0].stored.group
    return {"at": min(max(result.at + step, 0), len(result.schemes[0].stored.x) - 1)}


def moved_to_end(scenario: QuantizeScenario, result: QuantizeResult, last: bool) -> dict[str, Any]:
    """Home and End in the present view."""
    if scenario.show == "line":
        return {"probe": result.reach[last]}
    return (
        moved(scenario, result, (1 if last else -1) * (1 << 30))
        if scenario.show not in ("net", "grow")
        else _end(scenario, result, last)
    )


def _end(scenario: QuantizeScenario, result: QuantizeResult, last: bool) -> dict[str, Any]:
    if scenario.show == "grow":
        return {"step": len(result.grown) - 1 if last else 0}
    nodes = sum(result.drift.exact.net.layers) if result.drift is not None else 1
    return {"node": nodes - 1 if last else 0}


def turned_view(scenario: QuantizeScenario, by: int) -> dict[str, Any]:
    """The next view, or the one before."""
    return {"show": turned(tuple(VIEWS), scenario.show, by)}


def memory_link(
    scenario: QuantizeScenario, result: QuantizeResult | None, index: int, present: Scenario | None = None
) -> Scenario:
    """The Memory pane as it is at `present`, in scheme `index`'s format.

    Where the grown network is on show, the model is a count of as many parameters.
    """
    from qtui.scenario.mem import MemScenario

    spec = get_format(scenario.format[index]).name
    if scenario.show == "grow" and result is not None:
        parameters = result.grown[min(scenario.step, len(result.grown) - 1)].parameters
        return MemScenario(model=(str(parameters),), format=spec)
    return replace(present if isinstance(present, MemScenario) else MemScenario(), format=spec)


def errors_link(scenario: QuantizeScenario) -> Scenario:
    """The Errors pane with the same schemes on the same kind of numbers, or on the whole file."""
    from qtui.scenario.errors import ErrorsScenario
    from qtui.scenario.quantize_data import file_of

    formats = tuple(get_format(spec).name for spec in scenario.format)
    path = file_of(scenario)
    if path:
        return ErrorsScenario(path=path, format=formats, tensor=scenario.tensor)
    if scenario.dist:
        return ErrorsScenario(
            format=formats, data=scenario.dist, seed=scenario.seed, spread=scenario.spread, strength=scenario.strength
        )
    return ErrorsScenario(format=formats)
