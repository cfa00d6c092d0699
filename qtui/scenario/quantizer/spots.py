"""What each scheme does at the chosen weight: its group, its grid, its bytes, its code."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qtui.compute.errors.moments import root_mean
from qtui.compute.quantizer.bytes import code_byte, sources
from qtui.compute.quantizer.grid import ends, levels, nearest
from qtui.compute.quantizer.network import Drift, Run, edges_of, locate
from qtui.scenario.quantizer.code.run import code_lines
from qtui.scenario.quantizer.result import NodeEdges, Scheme, Spot, WeightGroup
from qtui.scenario.quantizer.scenario import QuantizerScenario


def weight_group(scheme: Scheme, index: int) -> WeightGroup:
    """The group number `index` of a scheme."""
    stored = scheme.stored
    members = stored.members(index)
    part = slice(members.start, members.stop)
    grid = levels(stored, index)
    used = frozenset(stored.codes[part].tolist())
    x = np.where(np.isin(np.arange(members.start, members.stop), stored.kept), 0, stored.x[part])
    scale = _of_group(stored.scale, index)
    return WeightGroup(
        index=index,
        members=members,
        levels=grid,
        used=used,
        wasted=sum(level.code not in used for level in grid),
        scale=scale,
        zero_point=_of_group(stored.zero_point, index),
        minimum=_of_group(stored.minimum, index),
        half_step=None if scale is None or stored.table is not None else abs(scale) / 2,
        high=float(x.max()),
        rmse=root_mean(float(np.square(scheme.error[part]).sum()), len(members)),
        reach=ends(stored, members, grid),
    )


def _of_group(values: NDArray[np.float64] | None, index: int) -> float | None:
    """The value that applies to a group; the last one where what is stored is for the whole tensor."""
    return None if values is None else float(values[min(index, len(values) - 1)])


def spot(scheme: Scheme, group: WeightGroup, at: int, scenario: QuantizerScenario) -> Spot:
    """What `scheme` does at weight `at` of `group`, and to a weight of the Scenario's probe."""
    probe = scenario.probe
    stored = scheme.stored
    unit_index, unit = stored.unit_bytes(at)
    depends = sources(stored, at)
    level = nearest(stored, group.levels, probe)
    return Spot(
        group=group,
        nearest=level,
        nearest_error=abs(level.value - probe) / abs(probe) if level is not None and probe else None,
        unit_index=unit_index,
        unit=unit.tobytes(),
        sources=depends,
        code_byte=code_byte(stored, at, depends),
        code=code_lines(stored, group, at, scheme.nbytes == stored.nbytes, bool(scenario.importance)),
    )


def reach_of(groups: Sequence[WeightGroup], schemes: Sequence[Scheme]) -> tuple[float, float]:
    """Where the number lines begin and end: a little beyond the chosen weights and the grids near them.

    The smallest group of all schemes counts, so that all show the same weights.
    """
    smallest = min((group.members for group in groups), key=len)
    reached: list[float] = []
    for scheme, group in zip(schemes, groups, strict=True):
        same = group.members == smallest
        first = scheme.stored.group_of(smallest.start)
        grid = group.levels if first == group.index else levels(scheme.stored, first)
        reached += group.reach if same else ends(scheme.stored, smallest, grid)
    low, high = min(reached), max(reached)
    margin = 0.04 * ((high - low) or 1.0)
    return low - margin, high + margin


def nodes_at(drift: Drift, node: int) -> tuple[NodeEdges, ...]:
    """Node number `node` of the exact network and of each scheme's."""
    layer, position = locate(drift.exact.net.layers, node)

    def edges(run: Run) -> NodeEdges:
        entering, leaving = edges_of(run.net, layer, position)
        value = float(run.nodes[layer][position])
        return NodeEdges(layer, position, value, tuple(entering.tolist()), tuple(leaving.tolist()))

    return tuple(edges(run) for run in (drift.exact, *drift.stored))
