"""The survey's rows: a tensor each, or tensors put together by layer or by role, in the order asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from qtui.compute.errors.survey import Total, total
from qtui.models.tensors.names import natural
from qtui.models.tensors.roles import split_name
from qtui.scenario.errors.result import RoleMap, SurveyRow, TensorErrors

APART = "left as they are"


def survey_rows(rows: Sequence[TensorErrors], formats: Sequence[str], group: str, sort: str) -> list[SurveyRow]:
    """Rows by `group` ("tensor", "layer", "role") in the order of `sort`; see ErrorsScenario.sort.

    Tensors that are not counted come last: one by one, or where tensors are grouped all in one row.
    """
    groups: dict[str, list[TensorErrors]] = {}
    apart: dict[str, list[TensorErrors]] = {}
    for row in rows:
        if row.counted and (group == "tensor" or row.measures):
            groups.setdefault(_label(row.name, group), []).append(row)
        elif group == "tensor" or row.measures:
            apart.setdefault(row.name if group == "tensor" else APART, []).append(row)
    counted = [_row(label, members, len(formats)) for label, members in groups.items()]
    others = [replace(_row(label, members, len(formats)), counted=False) for label, members in apart.items()]
    if group == "layer":
        counted.sort(key=lambda row: natural(row.label))
    elif group == "tensor":
        counted, others = _in_layers(counted), _in_layers(others)
    return [*_sorted(counted, formats, sort), *_sorted(others, formats, sort)]


def _in_layers(rows: Sequence[SurveyRow]) -> list[SurveyRow]:
    """A row a tensor, as in the file but for the layers, which come by number: many files list 10 before 2."""
    numbers = [split_name(row.tensors[0])[0] for row in rows]
    layered = sorted((number, at) for at, number in enumerate(numbers) if number is not None)
    first = min((at for _, at in layered), default=0)
    rest = [at for at, number in enumerate(numbers) if number is None]
    order = [*(at for at in rest if at < first), *(at for _, at in layered), *(at for at in rest if at >= first)]
    return [rows[at] for at in order]


def whole_row(rows: Sequence[TensorErrors], formats: Sequence[str]) -> SurveyRow:
    """The mean of all counted rows: of their noise-to-signal ratios, so that large weights do not hide the others."""
    return _row("mean of all", [row for row in rows if row.measures and row.counted], len(formats))


def _label(name: str, group: str) -> str:
    if group == "tensor":
        return name
    layer, role, kind = split_name(name)
    if group == "layer":
        return "outside the layers" if layer is None else f"layer {layer}"
    return f"{role}.{kind}" if kind == "bias" else role


def _row(label: str, members: Sequence[TensorErrors], formats: int) -> SurveyRow:
    measured = [row for row in members if row.measures]
    totals = tuple(total((row.count, row.measures[i]) for row in measured) for i in range(formats))
    note = members[0].note if len(members) == 1 else ""
    weights = sum(row.count for row in members)
    return SurveyRow(label, tuple(row.name for row in members), weights, totals, note)


def _sorted(rows: list[SurveyRow], formats: Sequence[str], sort: str) -> list[SurveyRow]:
    reverse, order = sort.startswith("-"), sort.removeprefix("-")
    if order == "name":
        rows.sort(key=lambda row: natural(row.label), reverse=reverse)
    elif order == "size":
        rows.sort(key=lambda row: -row.weights, reverse=reverse)
    elif order in formats:
        index = list(formats).index(order)
        # What can't be measured stays last either way.
        rows.sort(key=lambda row: _worst_first(row.totals[index], reverse))
    elif reverse:
        rows.reverse()
    return rows


def _worst_first(total: Total, reverse: bool) -> float:
    decibels = _quality(total)
    return math.inf if math.isnan(decibels) else -decibels if reverse else min(decibels, 1e9)


def _quality(total: Total) -> float:
    """SQNR in dB; minus infinity where weights are not finite."""
    return -math.inf if total.nan_count or total.inf_count else total.sqnr_db


def role_map(rows: Sequence[TensorErrors], index: int) -> RoleMap:
    """The map of format number `index`, over tensors inside layers."""
    cells: dict[tuple[str, int], list[TensorErrors]] = {}
    for row in rows:
        layer, role, kind = split_name(row.name)
        if row.measures and row.counted and layer is not None:
            cells.setdefault((f"{role}.{kind}" if kind == "bias" else role, layer), []).append(row)
    roles = tuple(dict.fromkeys(role for role, _ in cells))
    layers = tuple(sorted({layer for _, layer in cells}))
    table = tuple(
        tuple(_quality(total((r.count, r.measures[index]) for r in cells.get((role, layer), ()))) for layer in layers)
        for role in roles
    )
    return RoleMap(roles, layers, table)
