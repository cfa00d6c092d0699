"""Which vector of a codebook stands for eight (or four) weights whose rounded vector is not in it.

ggml looks only among the codebook's vectors nearest to the rounded one: all those at the least distance from it, or
at the two or three least distances. Source: `iq2xs_init_impl`, `iq3xs_init_impl` (the lists),
`iq2_find_best_neighbour`, `iq3_find_best_neighbour`, `iq1_find_best_neighbour2` (the choice) in `ggml-quants.c`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from qtui.compute.arrays import chunks
from qtui.compute.codec import F32, U8
from qtui.compute.ggml.grids import codebook_digits

_DISTANCES = {"IQ1_S": 3, "IQ2_XXS": 2, "IQ2_XS": 2, "IQ2_S": 1, "IQ3_XXS": 2, "IQ3_S": 3}
_WIDTHS = (1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384)
_PAIRS = 1 << 16  # distances worked out at a time
_CLOSE = np.float32(1 + 2.0**-19)  # more than eight additions in two orders can differ by


@dataclass(frozen=True)
class _Lists:
    """The neighbours of some points, whose lists are of about one length and filled up.

    `entries` int16 (points, width) are codebook indices, lowest distance first, and the first again where a list is
    filled up. Of vectors of four, `meant` float32 (4, width, points) are the odd numbers that their levels stand for.
    Of vectors of eight, `halves` uint8 (points, 2, width) are the first and second halves, as numbers whose first
    digit counts most; where a list is filled up, one more than any such number.
    """

    entries: NDArray[np.int16]
    meant: F32 | None = None
    halves: U8 | None = None


@dataclass(frozen=True)
class Lattice:
    """A codebook within the lattice of all vectors of its levels.

    A vector's point is the number whose digits are its levels, the first least; `digits` uint8 (entries, length);
    `index` int16 (points,) is a point's place in the codebook, -1 where it is not in it; the neighbours of such a
    point are row `row[point]` of `lists[kind[point]]`.
    """

    levels: int
    digits: U8
    index: NDArray[np.int16]
    kind: NDArray[np.int8]
    row: NDArray[np.int16]
    lists: tuple[_Lists, ...]

    @property
    def length(self) -> int:
        """Elements of a vector."""
        return int(self.digits.shape[1])

    def points(self, digits: U8) -> NDArray[np.uint16]:
        """Points of digits uint8 (vectors, length, n) as (vectors, n)."""
        point = digits[:, -1].astype(np.uint16)
        for i in range(digits.shape[1] - 2, -1, -1):
            point *= np.uint16(self.levels)
            point += digits[:, i]
        return point

    def nearest(
        self, points: NDArray[np.unsignedinteger], columns: NDArray[np.intp], x: F32, w: F32, scale: F32, values: F32
    ) -> NDArray[np.int16]:
        """The codebook's best vector for each of n points that are not in it, by weighted squared error.

        A point stands for the column of x and w, float32 (length, vectors), that `columns` (n,) names. Level i means
        scale * values[i], with scale float32 (n,). Of equal errors, summed in the order of the elements, the first
        neighbour wins.
        """
        best = np.empty(len(points), np.int16)
        kinds, rows = self.kind.take(points), self.row.take(points)
        for kind, lists in enumerate(self.lists):
            members = np.flatnonzero(kinds == kind)
            width = lists.entries.shape[1]
            if width == 1:
                best[members] = lists.entries[rows[members], 0]
                continue
            for part in chunks(len(members), max(width, 16), _PAIRS):
                these = members[part]
                column = columns[these]
                if lists.meant is not None:
                    place = _first_nearest(
                        lists.meant, rows[these], x.take(column, axis=1), w.take(column, axis=1), scale[these]
                    )
                    best[these] = lists.entries[rows[these], place]
                    continue
                meant = scale[these] * values[:, None]
                terms = _terms(x.take(column, axis=1), w.take(column, axis=1), meant)
                best[these] = _choose(lists, rows[these], terms)
        return best


def _first_nearest(meant: F32, rows: NDArray[np.int16], x: F32, w: F32, scale: F32) -> NDArray[np.intp]:
    """The place in its list, for each of n columns of x and w (4, n), of the first vector of least error."""
    distances = np.zeros((meant.shape[1], len(rows)), np.float32)
    for of_element, x_element, w_element in zip(meant, x, w, strict=True):
        difference = of_element.take(rows, axis=1, mode="clip")
        difference *= scale
        difference -= x_element
        term = w_element * difference
        term *= difference
        distances += term
    least, place = distances[0], np.zeros(len(rows), np.intp)
    for i, other in enumerate(distances[1:], 1):
        better = other < least
        np.copyto(least, other, where=better)
        place[better] = i
    return place


def _terms(x: F32, w: F32, meant: F32) -> F32:
    """w * (meant - x)^2 float32 (length, levels, n), for meant (levels, n)."""
    difference = meant - x[:, None]
    terms = w[:, None] * difference
    terms *= difference
    return terms


def _choose(lists: _Lists, rows: NDArray[np.int16], terms: F32) -> NDArray[np.int16]:
    """For each column of terms the first entry of its list with the least sum of terms.

    The sums of the two halves, added up, tell nearly all entries apart; those that are too close are added in order.
    """
    assert lists.halves is not None
    length, _, count = terms.shape
    halves = lists.halves.take(rows, axis=0)
    columns = np.arange(count)[:, None]
    sums = [
        _all_sums(half).reshape(-1).take(np.multiply(halves[:, i], count, dtype=np.intp) + columns, mode="clip")
        for i, half in enumerate((terms[: length // 2], terms[length // 2 :]))
    ]
    distances: F32 = sums[0] + sums[1]
    winner = distances.argmin(axis=1)
    least = distances[np.arange(count), winner]
    close = np.flatnonzero(distances <= (least * _CLOSE)[:, None])
    if len(close) != count:
        _settle(winner, *np.divmod(close, distances.shape[1]), halves, terms)
    chosen: NDArray[np.int16] = lists.entries[rows, winner]
    return chosen


def _all_sums(terms: F32) -> F32:
    """Sums of one term of each element, for every combination, the first digit counting most, then infinity.

    Float32 (levels^length + 1, n).
    """
    length, levels, count = terms.shape
    sums = terms[0]
    for more in terms[1:-1]:
        sums = (sums[:, None] + more).reshape(-1, count)
    every = np.empty((levels**length + 1, count), np.float32)
    np.add(sums[:, None], terms[-1], out=every[:-1].reshape(-1, levels, count))
    every[-1] = np.inf
    return every


def _settle(winner: NDArray[np.intp], row: NDArray[np.intp], place: NDArray[np.intp], halves: U8, terms: F32) -> None:
    """Among close places of a row, sorted by row and place, makes the first of exactly least sum the winner."""
    tied = (np.bincount(row, minlength=len(winner))[row] > 1) & (
        halves[row, 0, place] < terms.shape[1] ** (len(terms) // 2)
    )
    row, place = row[tied], place[tied]
    length, levels, _ = terms.shape
    total = np.zeros(len(row), np.float32)
    for i in range(length):
        half, digit = divmod(i, length // 2)
        level = halves[row, half, place] // levels ** (length // 2 - 1 - digit) % levels
        total += terms[i, level, row]
    order = np.lexsort((place, total, row))
    first = np.diff(row[order], prepend=-1) != 0
    winner[row[order][first]] = place[order][first]


@cache
def lattice(name: str) -> Lattice:
    """The lattice of the type `name`, worked out once, in tenths of a second; it keeps up to 2 MB."""
    levels, digits = codebook_digits(name)
    length = digits.shape[1]
    powers = levels ** np.arange(length)
    points = (np.arange(levels**length)[:, None] // powers % levels).astype(np.float32)
    index = np.full(len(points), -1, np.int16)
    index[digits @ powers] = np.arange(len(digits))
    absent = np.flatnonzero(index < 0)
    entries, counts = _neighbours(points[absent], digits.astype(np.float32), _DISTANCES[name])
    kinds = np.searchsorted(_WIDTHS, counts)
    kind, row = np.full(len(points), -1, np.int8), np.zeros(len(points), np.int16)
    lists: list[_Lists] = []
    for width in np.unique(kinds):
        members = np.flatnonzero(kinds == width)
        kind[absent[members]], row[absent[members]] = len(lists), np.arange(len(members))
        lists.append(_lists(entries[members, : _WIDTHS[width]], counts[members], digits, levels))
    return Lattice(levels, digits, index, kind, row, tuple(lists))


def _neighbours(points: F32, vectors: F32, distances: int) -> tuple[NDArray[np.int16], NDArray[np.intp]]:
    """For each point the vectors at the least `distances` distances, nearest first, then by index; and how many.

    The lists int16 (points, greatest width) go on with what does not belong to them.
    """
    entries = np.empty((len(points), _WIDTHS[-1]), np.int16)
    counts = np.empty(len(points), np.intp)
    squares = (vectors * vectors).sum(axis=1)
    for part in chunks(len(points), len(vectors), 1 << 20):
        some = points[part]
        squared = (some * some).sum(axis=1)[:, None] + squares - 2 * (some @ vectors.T)
        keys = squared.astype(np.int32) * len(vectors) + np.arange(len(vectors), dtype=np.int32)
        keys.sort(axis=1)
        nearest = keys[:, : _WIDTHS[-1]]
        steps = np.diff(nearest // len(vectors), axis=1) != 0
        counts[part] = 1 + (np.cumsum(steps, axis=1) < distances).sum(axis=1)
        entries[part, : nearest.shape[1]] = nearest % len(vectors)
    return entries, counts


def _lists(entries: NDArray[np.int16], counts: NDArray[np.intp], digits: U8, levels: int) -> _Lists:
    beyond = np.arange(entries.shape[1]) >= counts[:, None]
    entries = np.where(beyond, entries[:, :1], entries)
    half = digits.shape[1] // 2
    if half == 2:
        return _Lists(entries, np.ascontiguousarray((2 * digits[entries] + 1).transpose(2, 1, 0), np.float32))
    powers = levels ** np.arange(half)[::-1]
    numbers = np.stack([digits[:, :half] @ powers, digits[:, half:] @ powers]).astype(np.uint8)
    halves = np.ascontiguousarray(numbers[:, entries].transpose(1, 0, 2))
    halves.transpose(0, 2, 1)[beyond] = levels**half
    return _Lists(entries, halves=halves)
