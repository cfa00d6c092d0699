"""Why smaller is faster, and when it is not: a published table of speeds nearest to the case's machine."""

from __future__ import annotations

from collections.abc import Sequence

from qtui.error import QtuiError
from qtui.models.catalogue.resolve import resolve
from qtui.models.machine.native import GENERATIONS, generation_of
from qtui.models.published.speed import SpeedMeasurement, measurements
from qtui.scenario.memory.asked import SpeedLesson, SpeedRow
from qtui.scenario.memory.cache import CachedModel
from qtui.scenario.memory.case import MemoryCase, device_of

LEAST = 4  # formats that make a table
MORE = 1.02  # times as fast that a larger format has to be to be called faster
UNNAMED = "a machine that its authors do not name"


def solve_lesson(case: MemoryCase) -> SpeedLesson:
    """The table of the case's device, of its class, or of any; with what its processor multiplies natively."""
    device = device_of(case)
    kind = case.budget.gpu_kind if case.budget.gpu else case.budget.ram_kind
    tables = published_tables()
    rows = min(tables, key=lambda rows: (rows[0].device != device, rows[0].kind != kind, -len(rows)))
    first = rows[0]
    source = f"{first.source}; {first.note}" if first.note else first.source
    own = generation_of(device)
    return SpeedLesson(first.device or UNNAMED, first.model, source, _rows(rows), GENERATIONS, own)


def published_tables() -> list[list[SpeedMeasurement]]:
    """Measurements of one model in several formats on one device, from one source each."""
    tables: dict[tuple[str, str, str], list[SpeedMeasurement]] = {}
    for row in measurements():
        tables.setdefault((row.device, row.model, row.source), []).append(row)
    return [rows for rows in tables.values() if len(rows) >= LEAST and len({row.format for row in rows}) >= LEAST]


def _rows(rows: Sequence[SpeedMeasurement]) -> tuple[SpeedRow, ...]:
    """The table, its largest format first, each with a larger one that is faster."""
    cached = CachedModel(resolve(rows[0].model))
    sized = sorted(((_size(cached, row.format), row) for row in rows), key=lambda pair: -pair[0])
    listed = []
    for i, (size, row) in enumerate(sized):
        faster = [other for _, other in sized[:i] if other.tokens_per_second > MORE * row.tokens_per_second]
        best = max(faster, key=lambda other: other.tokens_per_second, default=None)
        bits = 8 * size / max(1, cached.weigh("native").parameters)
        listed.append(SpeedRow(row.format, bits, size, row.tokens_per_second, best.format if best else ""))
    return tuple(listed)


def _size(cached: CachedModel, spec: str) -> int:
    """Bytes of the weights in a format, 0 where it isn't known."""
    try:
        return cached.weigh(spec).bytes
    except QtuiError:
        return 0
