"""Which format for each tensor so that all fit a size and lose the least: a multiple-choice knapsack.

Solved by Lagrange multipliers (Everett 1963; for this problem Sinha and Zoltners 1979): on the lower convex hull of
each tensor's (bytes, loss), always take the step that saves the most loss per byte, until nothing fits. The relaxed
problem, where the last step may be taken in part, bounds the optimum from below, so how far the answer can be from
the best is known.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

BRANCHED = 2  # items tried in every combination
GOOD = 0.001  # share of the bound


@dataclass(frozen=True)
class Option:
    """One way to store a tensor."""

    format: str
    nbytes: int
    loss: float


@dataclass(frozen=True)
class Item:
    """A tensor with its options; at least one."""

    name: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Allocation:
    """One option for each item, in their order. `bound` is a loss that no allocation of this size gets below."""

    chosen: tuple[Option, ...]
    bound: float

    @property
    def nbytes(self) -> int:
        """Bytes of all chosen options."""
        return sum(option.nbytes for option in self.chosen)

    @property
    def loss(self) -> float:
        """Their losses, added."""
        return sum(option.loss for option in self.chosen)

    @property
    def gap(self) -> float:
        """How much more than the bound is lost, as a share of the bound; 0 where the answer is the best."""
        return (self.loss - self.bound) / self.bound if self.bound > 0 else 0.0


@dataclass(frozen=True)
class _Step:
    """Going from one hull point of an item to the next: `rate` is the loss saved per byte."""

    rate: float
    item: int
    to: Option
    nbytes: int
    saved: float


def hull(options: Sequence[Option]) -> list[Option]:
    """The options on the lower convex hull of (bytes, loss), the smallest first, losses falling."""
    kept: list[Option] = []
    for option in sorted(options, key=lambda o: (o.nbytes, o.loss)):
        if kept and option.loss >= kept[-1].loss:
            continue
        while len(kept) > 1 and _rate(kept[-2], option) >= _rate(kept[-2], kept[-1]):
            kept.pop()
        kept.append(option)
    return kept


def _rate(small: Option, large: Option) -> float:
    grown = large.nbytes - small.nbytes
    return (small.loss - large.loss) / grown if grown else float("inf")


def _steps(hulls: Sequence[Sequence[Option]]) -> list[_Step]:
    steps = []
    for item, points in enumerate(hulls):
        for small, large in zip(points, points[1:], strict=False):
            steps.append(
                _Step(_rate(small, large), item, large, large.nbytes - small.nbytes, small.loss - large.loss)
            )
    # The rates of one item fall, so its steps stay in their order; names settle ties the same way everywhere.
    return sorted(steps, key=lambda step: (-step.rate, step.item, step.nbytes))


class TooSmallError(ValueError):
    """A budget below the sum of the smallest options; the message says that sum."""


def allocate(items: Sequence[Item], budget: int) -> Allocation:
    """The least loss found within `budget` bytes. Raises TooSmallError where nothing fits.

    Where that may be more than 0.1 % from the best, the two items with the most at stake are tried in every
    combination and the others fitted around them, since a single step of a large tensor is what keeps the multipliers
    from the optimum.
    """
    least = sum(min(option.nbytes for option in item.options) for item in items)
    if least > budget:
        raise TooSmallError(f"the smallest formats need {least:,} bytes; allow at least as much")
    best = _relaxed(items, budget)
    assert best is not None  # the smallest options fit
    if best.gap <= GOOD:
        return best
    spans = [max(o.nbytes for o in item.options) - min(o.nbytes for o in item.options) for item in items]
    large = sorted(range(len(items)), key=lambda index: -spans[index])[:BRANCHED]
    bound = float("inf")
    for options in itertools.product(*(items[index].options for index in large)):
        tried = list(items)
        for index, option in zip(large, options, strict=True):
            tried[index] = Item(items[index].name, (option,))
        allocation = _relaxed(tried, budget)
        if allocation is None:
            continue
        bound = min(bound, allocation.bound)
        if (allocation.loss, allocation.nbytes) < (best.loss, best.nbytes):
            best = allocation
    return Allocation(best.chosen, min(bound, best.loss))


def _relaxed(items: Sequence[Item], budget: int) -> Allocation | None:
    """The steps along the hulls, the steepest first, and their bound; None where not even the smallest fit."""
    hulls = [hull(item.options) for item in items]
    chosen = [points[0] for points in hulls]
    room = budget - sum(option.nbytes for option in chosen)
    if room < 0:
        return None
    loss = sum(option.loss for option in chosen)
    bound: float | None = None
    stopped: set[int] = set()
    for step in _steps(hulls):
        if bound is None and step.nbytes > room:
            # Up to here all steps were taken in full: this one in part gives the relaxed optimum.
            bound = loss - step.rate * room
        if step.item in stopped or step.nbytes > room:
            stopped.add(step.item)
            continue
        chosen[step.item] = step.to
        room -= step.nbytes
        loss -= step.saved
    chosen = _filled(items, chosen, room)
    total = sum(option.loss for option in chosen)
    return Allocation(tuple(chosen), min(loss if bound is None else bound, total))


def _filled(items: Sequence[Item], chosen: list[Option], room: int) -> list[Option]:
    """Use the room that is left: while something fits, the change of one item that saves the most."""
    chosen = list(chosen)
    while True:
        best: tuple[float, int, Option] | None = None
        for index, item in enumerate(items):
            now = chosen[index]
            for option in item.options:
                saved = now.loss - option.loss
                if option.nbytes - now.nbytes <= room and saved > 0 and (best is None or saved > best[0]):
                    best = (saved, index, option)
        if best is None:
            return chosen
        _, index, option = best
        room -= option.nbytes - chosen[index].nbytes
        chosen[index] = option


def frontier(items: Sequence[Item]) -> list[tuple[int, float]]:
    """(bytes, loss) of the best allocations from the smallest to the least lossy, step by step along the hulls."""
    hulls = [hull(item.options) for item in items]
    nbytes = sum(points[0].nbytes for points in hulls)
    loss = sum(points[0].loss for points in hulls)
    points = [(nbytes, loss)]
    for step in _steps(hulls):
        nbytes, loss = nbytes + step.nbytes, loss - step.saved
        points.append((nbytes, max(loss, 0.0)))
    return points
