"""Options of a format turned one step: the next block size, one bit more, the other range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qtui.compute.floats.layout import ROUNDINGS
from qtui.compute.formats import Format, all_formats, get_format
from qtui.compute.ints.scheme import parse_scheme
from qtui.compute.mx.formats import SCALES as MX_SCALES
from qtui.scenario.base import UserError

BLOCKS = ("tensor", "row", "2", "4", "8", "16", "32", "64", "128", "256", "512", "1024")
CLIPS = ("absmax", "99.9", "99", "mse")
INT_SCALES = ("fp32", "fp16", "e8m0", "e4m3")


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
