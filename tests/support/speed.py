"""Published measurements beside what the speed model says of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from qtui.compute.memory.speed import (
    SPREAD,
    DeviceCosts,
    TokenRead,
    active_bytes,
    costs_of,
    fixed_layers,
    reading_times,
)
from qtui.compute.memory.weights import weigh
from qtui.models.catalogue.records import Catalogue
from qtui.models.published.speed import SpeedMeasurement, measurements

# The bandwidth, as good as any, of the machine that the largest table does not name: only its formats are compared.
UNNAMED = 600 * 10**9


class Point(NamedTuple):
    """A measurement with what its token reads."""

    row: SpeedMeasurement
    read: TokenRead
    layers: int


@lru_cache(maxsize=512)
def read_of(model: str, spec: str) -> tuple[TokenRead, int]:
    """What a token reads of a catalogued model, and the layers with a fixed cost."""
    record = Catalogue().find(model)
    weights = weigh(record.arch, spec, record.dtype)
    return active_bytes(record.arch, weights.stored), fixed_layers(record.arch)


def points(kind: str | None = None, held_out: bool | None = None) -> Iterator[Point]:
    """Measurements on named devices, of one class of devices and held out or not where that is asked for."""
    for row in measurements():
        row = row._replace(bandwidth=UNNAMED) if row.kind == "unnamed" == kind else row
        if row.bandwidth and kind in (None, row.kind) and held_out in (None, row.held_out):
            yield Point(row, *read_of(row.model, row.format))


def modelled(point: Point, costs: DeviceCosts) -> float:
    """Tokens per second."""
    return 1 / (costs.layer * point.layers + sum(reading_times(point.read, costs, costs.share * point.row.bandwidth)))


def inside(point: Point) -> bool:
    """Whether the measurement is inside the modelled range."""
    return SPREAD[0] <= point.row.tokens_per_second / modelled(point, costs_of(point.row.kind)) <= SPREAD[1]
