"""Codebook vectors near a point, against the rule spelled out for one point at a time."""

import numpy as np
import pytest

from qtui.compute.ggml.grids import codebook
from qtui.compute.ggml.neighbours import lattice

DISTANCES = {"IQ1_S": 3, "IQ2_XXS": 2, "IQ2_XS": 2, "IQ2_S": 1, "IQ3_XXS": 2, "IQ3_S": 3}


def _digits(point, levels, length):
    return point // levels ** np.arange(length) % levels


def _neighbours(known, point, distances):
    """Codebook indices at the least distances from a point, nearest first, then by index."""
    squared = np.square(known.digits.astype(int) - _digits(point, known.levels, known.length)).sum(axis=1)
    limit = np.unique(squared)[distances - 1]
    return sorted(np.flatnonzero(squared <= limit), key=lambda entry: (squared[entry], entry))


@pytest.mark.parametrize("name", DISTANCES)
def test_a_point_is_in_the_codebook_or_has_neighbours(name):
    known = lattice(name)
    points = known.points(known.digits.T[None])[0]
    np.testing.assert_array_equal(known.index[points], np.arange(len(codebook(name))))
    assert (known.index >= 0).sum() == len(points)
    np.testing.assert_array_equal(known.kind < 0, known.index >= 0)


@pytest.mark.parametrize("name", DISTANCES)
def test_lists_hold_all_at_the_least_distances(name):
    known = lattice(name)
    rng = np.random.default_rng(1)
    for point in rng.choice(np.flatnonzero(known.index < 0), 40):
        lists, row = known.lists[known.kind[point]], known.row[point]
        first, *others = lists.entries[row].tolist()
        assert [first, *(entry for entry in others if entry != first)] == _neighbours(known, point, DISTANCES[name])


@pytest.mark.parametrize("name", DISTANCES)
@pytest.mark.parametrize("even", [False, True])
def test_the_first_neighbour_of_least_error_in_order_wins(name, even):
    """Also where, weights being whole numbers or zero, most errors are equal."""
    known = lattice(name)
    rng = np.random.default_rng(2)
    points = rng.choice(np.flatnonzero(known.index < 0), 300)
    x = rng.integers(0, 4, (known.length, 50)) if even else rng.exponential(2, (known.length, 50))
    w = rng.integers(0, 2, x.shape) if even else rng.exponential(1, x.shape)
    x, w = x.astype(np.float32), w.astype(np.float32)
    scale = np.float32(1) if even else np.float32(0.9)
    values = np.arange(1, 2 * known.levels, 2, dtype=np.float32)
    columns = rng.integers(0, 50, len(points))
    chosen = known.nearest(points, columns, x, w, np.full(len(points), scale), values)
    for point, column, index in zip(points, columns, chosen, strict=True):
        entries = _neighbours(known, point, DISTANCES[name])
        totals = np.zeros(len(entries), np.float32)
        for i in range(known.length):
            difference = scale * values[known.digits[entries, i]] - x[i, column]
            totals += w[i, column] * difference * difference
        assert index == entries[totals.argmin()]
