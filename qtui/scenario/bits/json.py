"""A BitsResult as one JSON object, with keys that stay."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from qtui.compute.floats.facts import FormatFacts, NotANumber
from qtui.compute.floats.literals import LANGUAGES, literal
from qtui.compute.floats.real import from_fraction
from qtui.compute.floats.text import code_bits, code_hex, exact_decimal, hex_float, shortest_decimal
from qtui.scenario.bits.result import BitsResult, Conversion, Neighbour


def json_object(result: BitsResult) -> dict[str, Any]:
    """Values, ulp and neighbours are exact decimal strings; errors are numbers, null where they are infinite.

    `result` is one of `plots.solve_all`.
    """
    fmt, real = result.format, result.stored.real
    stepwise = result.step_by_step
    return {
        **_stored(result.stored),
        "input": result.input,
        "rounding": result.rounding,
        "saturate": result.saturate,
        "sign": 1 if real.negative else 0,
        "exponent_field": result.fields.exponent_field,
        "exponent": result.fields.exponent,
        "mantissa_field": result.fields.mantissa_field,
        "nan": _nan(result.fields.nan),
        "hexfloat": hex_float(real),
        "ulp": _decimal(result.ulp),
        "previous": _value(result.previous),
        "next": _value(result.next),
        "rounding_interval": _interval(result),
        "stepwise": exact_decimal(stepwise.real) if stepwise is not None else None,
        "specials": {special.name: code_hex(fmt, special.code) for special in result.specials},
        "literals": {language: literal(fmt, result.code, language) for language in LANGUAGES},
        "format_facts": _facts(result.facts),
        "all": [_stored(stored) for stored in result.conversions],
        **_view(result),
    }


def _nan(nan: NotANumber | None) -> dict[str, bool | int | None] | None:
    return None if nan is None else {"signalling": nan.signalling, "payload": nan.payload}


def _view(result: BitsResult) -> dict[str, Any]:
    """What the chosen view adds: counts, ticks, curves or the table of formats."""
    if result.density is not None:
        density = result.density
        edges = [_number(edge) for edge in density.edges]
        return {
            "density": {"edges": edges, "counts": density.counts, "inside": density.inside, "total": density.total}
        }
    if result.ticks:
        low, high = (_number(end) for end in result.interval)
        ticks = [_stored(t.stored) | {"gap": _decimal(t.gap), "counts": t.counts} for t in result.ticks]
        return {"line": {"low": low, "high": high, "formats": ticks}}
    if result.sine is not None:
        sine = result.sine
        waves = [{"format": w.format.name if w.format else "exact", "values": w.values} for w in sine.waves]
        return {"sine": {"x": sine.x, "waves": waves}}
    if result.codebook is not None:
        view = result.codebook
        tables = [
            {
                "name": table.name,
                "format": table.spec,
                "values": table.values,
                "shares": table.shares,
                "bits_per_weight": table.bits,
                "rmse": table.rmse,
                "sqnr_db": table.sqnr_db,
                "max_error": table.largest,
            }
            for table in view.tables
        ]
        return {"codebook": {"dist": view.dist, "weights": view.weights, "block": view.block, "tables": tables}}
    if result.view == "formats":
        return {"formats": [{"format": facts.format.name, **_facts(facts)} for facts in result.table]}
    return {}


def _stored(stored: Conversion) -> dict[str, Any]:
    fmt, code = stored.format, stored.code
    return {
        "format": fmt.name,
        "code": code_hex(fmt, code),
        "bits": code_bits(fmt, code),
        "class": stored.kind,
        "value": exact_decimal(stored.real),
        "shortest": shortest_decimal(fmt, code),
        "exact": stored.exact,
        "absolute_error": _number(stored.absolute_error),
        "relative_error": _number(stored.relative_error),
        "ulp_error": _number(stored.ulp_error),
        "note": stored.note,
    }


def _number(value: Fraction | None) -> float | None:
    if value is None:
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _decimal(value: Fraction | None) -> str | None:
    return None if value is None else exact_decimal(from_fraction(value))


def _value(neighbour: Neighbour | None) -> str | None:
    return None if neighbour is None else exact_decimal(neighbour.real)


def _interval(result: BitsResult) -> dict[str, Any] | None:
    reals = result.stored.reals
    if reals is None:
        return None
    return {
        "low": "-inf" if reals.low is None else _decimal(reals.low),
        "high": "inf" if reals.high is None else _decimal(reals.high),
        "low_included": reals.low_in,
        "high_included": reals.high_in,
    }


def _facts(facts: FormatFacts) -> dict[str, Any]:
    return {
        "bits": facts.bits,
        "widths": facts.widths,
        "bias": facts.bias,
        "max": _decimal(facts.largest),
        "min": _decimal(facts.lowest),
        "min_normal": _decimal(facts.min_normal),
        "min_subnormal": _decimal(facts.min_subnormal),
        "epsilon": _decimal(facts.epsilon),
        "digits": facts.digits,
        "digits_guaranteed": facts.guaranteed,
        "finite_codes": facts.values,
        "infinity": facts.has_infinity,
        "nan_codes": facts.nans,
        "bytes_per_million": facts.million_bytes,
    }
