"""Allocation: within its size, never below its bound, and the best by brute force on small problems."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtui.compute.plan import GOOD, Item, Option, allocate, frontier, hull

options = st.lists(
    st.tuples(st.integers(1, 60), st.floats(0, 100, allow_nan=False)),
    min_size=1,
    max_size=5,
    unique_by=lambda o: o[0],
)


def items_of(drawn: list[list[tuple[int, float]]]) -> list[Item]:
    return [
        Item(str(i), tuple(Option(f"t{k}", size, loss) for k, (size, loss) in enumerate(item)))
        for i, item in enumerate(drawn)
    ]


def brute(items: list[Item], budget: int) -> float | None:
    losses = [
        sum(o.loss for o in chosen)
        for chosen in itertools.product(*(item.options for item in items))
        if sum(o.nbytes for o in chosen) <= budget
    ]
    return min(losses) if losses else None


@settings(max_examples=150, deadline=None)
@given(st.lists(options, min_size=1, max_size=5), st.integers(1, 250))
def test_between_its_bound_and_its_budget(drawn: list[list[tuple[int, float]]], budget: int) -> None:
    items = items_of(drawn)
    best = brute(items, budget)
    if best is None:
        with pytest.raises(ValueError, match="smallest formats need"):
            allocate(items, budget)
        return
    result = allocate(items, budget)
    assert result.nbytes <= budget
    assert all(option in item.options for option, item in zip(result.chosen, items, strict=True))
    assert result.bound <= best + 1e-9 and result.loss >= best - 1e-9
    if len(items) <= 2:
        assert result.loss <= best * (1 + GOOD) + 1e-9


@settings(max_examples=60, deadline=None)
@given(st.lists(options, min_size=1, max_size=6))
def test_the_frontier_falls_and_is_convex(drawn: list[list[tuple[int, float]]]) -> None:
    items = items_of(drawn)
    points = frontier(items)
    assert points[0][0] == sum(min(o.nbytes for o in item.options) for item in items)
    assert points[-1][1] == pytest.approx(sum(min(o.loss for o in item.options) for item in items), abs=1e-9)
    rates = [(a[1] - b[1]) / (b[0] - a[0]) for a, b in zip(points, points[1:], strict=False)]
    assert all(first >= second - 1e-9 for first, second in zip(rates, rates[1:], strict=False))


def test_hull_leaves_out_what_is_never_worth_it() -> None:
    small, waste, good, large = Option("a", 1, 10), Option("b", 2, 9.9), Option("c", 3, 2), Option("d", 9, 2)
    assert hull([large, good, waste, small]) == [small, good]


def test_one_large_item_is_tried_both_ways() -> None:
    items = [
        Item("large", (Option("s", 10, 100.0), Option("l", 100, 1.0))),
        *(Item(f"i{k}", (Option("s", 1, 3.0), Option("l", 12, 0.0))) for k in range(8)),
    ]
    result = allocate(items, 109)
    assert result.chosen[0].format == "l" and result.loss == 1 + 8 * 3 and result.gap < 0.1
