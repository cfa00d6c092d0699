"""Fits the costs of `qtui/compute/memory/speed.py` to published measurements and prints what remains.

    python -m tests.training.fit_speed            residuals of the costs in the repository
    python -m tests.training.fit_speed --fit      fits them anew and prints the table for `COSTS`

Measurements are those of `qtui/models/published/speed.json`. Tables marked `held_out` are not fitted; those without a
named device can't be predicted and are listed apart.
"""

from __future__ import annotations

import argparse
import math

from qtui.compute.memory.speed import SPREAD, DeviceCosts, costs_of, reading_times
from qtui.models.published.speed import measurements
from tests.support.speed import Point, inside, modelled, points, read_of

START = DeviceCosts("", 60e-6, 0.8, {}, "")


def loss(costs: DeviceCosts, chosen: list[Point]) -> float:
    """Squared logarithms of the residuals; a little for every cost, so that what no measurement decides stays put."""
    fit = 0.0
    for point in chosen:
        error = math.log(point.row.tokens_per_second / modelled(point, costs))
        fit += (1 if point.row.steady else 0.05) * (error * error + 4 * max(0.0, abs(error) - 0.25) ** 2)
    prior = 0.02 * math.log(costs.layer / START.layer) ** 2 + 0.1 * math.log(costs.share / START.share) ** 2
    return fit + prior + 0.0005 * sum(costs.unpacking.values())


def fit(kind: str) -> DeviceCosts:
    """The costs of one class of devices, by descent along one cost at a time."""
    chosen = list(points(kind, held_out=False))
    classes = sorted({name for point in chosen for name in point.read.counts if name != "plain"})
    costs = START._replace(unpacking=dict.fromkeys(classes, 0.0))
    best, step = loss(costs, chosen), 0.5
    while step > 0.002:
        tried = [costs._replace(layer=costs.layer * factor) for factor in (1 + step, 1 / (1 + step))]
        tried += [costs._replace(share=min(1.0, costs.share * f)) for f in (1 + step, 1 / (1 + step))]
        for name in classes:
            for change in (8 * step, -8 * step):
                value = max(0.0, costs.unpacking[name] + change)
                tried.append(costs._replace(unpacking={**costs.unpacking, name: value}))
        value, nearest = min(((loss(one, chosen), one) for one in tried), key=lambda pair: pair[0])
        if value < best - 1e-9:
            best, costs = value, nearest
        else:
            step /= 1.6
    return costs


def show_fit() -> None:
    """Print a row of `COSTS` for each class."""
    kinds = (row.kind for row in measurements() if not row.held_out and (row.bandwidth or row.kind == "unnamed"))
    for kind in dict.fromkeys(kinds):
        costs = fit(kind)
        unpacking = {name: round(bits, 1) for name, bits in costs.unpacking.items() if bits >= 0.05}
        print(f'"{kind}": layer {costs.layer * 1e6:.0f} µs, share {costs.share:.3f}, unpacking {unpacking}')


def show_residuals() -> None:
    """Print measured over modelled for every measurement, and the share inside the range."""
    sums = {True: [0, 0], False: [0, 0]}
    for point in points():
        row = point.row
        speed = modelled(point, costs_of(row.kind))
        ratio = row.tokens_per_second / speed
        good = inside(point)
        sums[row.held_out][0] += good
        sums[row.held_out][1] += 1
        mark = "held out" if row.held_out else ""
        print(
            f"{row.device:<22} {row.model:<28} {row.format[:10]:<10} {row.tokens_per_second:>8.1f} "
            f"{speed * SPREAD[0]:>7.1f} to {speed * SPREAD[1]:<7.1f} "
            f"{ratio:>5.2f} {'' if good else 'OUTSIDE':<8}{mark}"
        )
    for held_out, (good, total) in sums.items():
        print(f"{'held out' if held_out else 'fitted'}: {good} of {total} inside the range")
    for kind in dict.fromkeys(row.kind for row in measurements() if not row.bandwidth):
        show_unnamed(kind)


def show_unnamed(kind: str) -> None:
    """The formats of a table whose machine is not named, compared with each other as on an NVIDIA card.

    One number is chosen for the machine, its bandwidth: the one with which half of the rows are faster.
    """
    rows = [row for row in measurements() if row.kind == kind]
    costs = costs_of("nvidia")
    chosen = [Point(row, *read_of(row.model, row.format)) for row in rows]
    scales = []
    for point in chosen:
        fixed = costs.layer * point.layers
        reading = sum(reading_times(point.read, costs, costs.share * 10**9))
        scales.append(reading / (1 / point.row.tokens_per_second - fixed))
    bandwidth = round(sorted(scales)[len(scales) // 2] * 10**9)
    good = 0
    for point in chosen:
        ratio = point.row.tokens_per_second / modelled(
            point._replace(row=point.row._replace(bandwidth=bandwidth)), costs
        )
        good += SPREAD[0] <= ratio <= SPREAD[1]
        print(f"{'not named':<22} {point.row.model:<28} {point.row.format:<10} {ratio:>5.2f}")
    print(f"{rows[0].source}: {good} of {len(rows)} inside the range, with {bandwidth / 1e9:.0f} GB/s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="fit the costs anew")
    if parser.parse_args().fit:
        show_fit()
    else:
        show_residuals()
