"""The search behind IQ2 and IQ3: for each group of weights a scale, and codebook vectors for their magnitudes.

Many scales are tried. Under each, the magnitudes are rounded to levels; a vector of levels that the codebook does not
have gives way to a neighbour; the scale that explains most wins. Then the vectors are chosen once more under the
winner. Source: the loops over `is` in `quantize_row_iq2_xxs_impl`, `..._iq2_xs_impl`, `..._iq2_s_impl`,
`..._iq3_xxs_impl`, `..._iq3_s_impl` of `ggml-quants.c`. Groups lie as columns (size, n).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.arrays import chunks
from qtui.compute.codec import F32, U8
from qtui.compute.ggml.neighbours import Lattice, lattice
from qtui.compute.ggml.reduce import nearest_int, sum_in_order

_COLUMNS = 1 << 15  # groups times tries that are worked out at a time
_EXACT = np.float32(4e6)  # up to here `nearest_int` rounds, beyond it wraps around


@dataclass(frozen=True)
class Search:
    """How one type searches.

    `codebook` names it; a scale puts `top` on the levels 2 i + 1 once for each of `numerators` float32 (tries,).
    The second choice of vectors takes place where the first left the codebook, or always; and it is for those
    vectors alone, or for all of the group. `unfound` is whether a group without any good try counts as left.
    """

    codebook: str
    numerators: F32
    always: bool = False
    whole_group: bool = False
    unfound: bool = False


def tries(levels: int, reach: int, step: float) -> F32:
    """Numerators of tries around the highest level, 2 * levels - 1, `step` apart: float32 (2 * reach + 1,)."""
    steps: F32 = np.arange(-reach, reach + 1, dtype=np.float32) * np.float32(step)
    return np.float32(2 * levels - 1) + steps


@dataclass(frozen=True)
class VectorFit:
    """`index` int16 (vectors, n): codebook indices; `scale` float32 (n,), which may be negative."""

    index: NDArray[np.int16]
    scale: F32


def search_vectors(search: Search, x: F32, w: F32, top: F32, scale: F32) -> VectorFit:
    """The vectors and the scale of each group.

    x float32 (size, n) are magnitudes, w their weights, both top and scale, which stays where no try is good,
    float32 (n,).
    """
    known = lattice(search.codebook)
    count = x.shape[1]
    index = np.empty((len(x) // known.length, count), np.int16)
    scales = np.empty(count, np.float32)
    for part in chunks(count, len(search.numerators), _COLUMNS):
        groups = _Groups.of(known, x[:, part], w[:, part])
        index[:, part], scales[part] = _search(search, groups, top[part], scale[part])
    return VectorFit(index, scales)


def _search(search: Search, groups: _Groups, top: F32, scale: F32) -> tuple[NDArray[np.int16], F32]:
    steps = search.numerators[:, None] / top
    index, missing = groups.choose(steps, np.float32(1) / steps)
    sum_qx, sum_q2 = groups.explained(index)
    best, winner = np.zeros_like(scale), np.full(len(scale), -1)
    for i, (qx, q2) in enumerate(zip(sum_qx, sum_q2, strict=True)):
        better = (q2 > 0) & (qx * qx > best * q2)
        scale = np.where(better, qx / q2, scale)
        best = np.where(better, scale * qx, best)
        winner[better] = i
    unfound, columns = winner < 0, np.arange(len(scale))
    chosen, left = index[:, winner, columns], missing[:, winner, columns]
    chosen[:, unfound] = groups.known.index[0]
    left[:, unfound] = search.unfound
    again = np.flatnonzero((scale > 0) & (left.any(axis=0) | search.always))
    if len(again):
        redo = left[:, again] | search.whole_group
        chosen[:, again], scale[again] = _search_again(groups.subset(again), chosen[:, again], redo, scale[again])
    return chosen, scale


def _search_again(
    groups: _Groups, chosen: NDArray[np.int16], redo: NDArray[np.bool_], scale: F32
) -> tuple[NDArray[np.int16], F32]:
    """Chooses the vectors `redo` (vectors, n) anew under the scale, then solves for the scale."""
    fresh, _ = groups.choose(np.float32(1) / scale[None], scale[None])
    chosen = np.where(redo, fresh[:, 0], chosen)
    sum_qx, sum_q2 = groups.explained(chosen[:, None])
    return chosen, np.where(sum_q2[0] > 0, sum_qx[0] / sum_q2[0], scale)


@dataclass(frozen=True)
class _Groups:
    """Groups of magnitudes x, weights w and w * x, float32 (vectors, length, 1, n).

    `values` float32 (levels,) is what a level means, `entries` (length, codebook) what each vector means.
    `columns_x`, `columns_w` (length, vectors * n) are x and the roots of w, an element in each row.
    """

    known: Lattice
    x: F32
    w: F32
    wx: F32
    columns_x: F32
    columns_w: F32
    values: F32
    entries: F32

    @classmethod
    def of(cls, known: Lattice, x: F32, w: F32) -> _Groups:
        length, count = known.length, x.shape[1]
        shape = (len(x) // length, length, count)
        columns_x, columns_w = (
            np.ascontiguousarray(columns.reshape(shape).transpose(1, 0, 2)).reshape(length, -1)
            for columns in (x, np.sqrt(w))
        )
        values = np.arange(1, 2 * known.levels, 2, dtype=np.float32)
        shape4 = (*shape[:2], 1, count)
        return cls(
            known, x.reshape(shape4), w.reshape(shape4), (w * x).reshape(shape4), columns_x, columns_w, values,
            values[known.digits.T],
        )  # fmt: skip

    def subset(self, groups: NDArray[np.intp]) -> _Groups:
        """Those groups alone."""
        size = self.x.shape[0] * self.x.shape[1]
        return _Groups.of(self.known, self.x[..., groups].reshape(size, -1), self.w[..., groups].reshape(size, -1))

    def choose(self, steps: F32, scale: F32) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
        """Codebook indices (vectors, tries, n) under steps and scale (tries, n); and which are neighbours."""
        vectors, length, _, count = self.x.shape
        largest = (np.abs(self.columns_x).reshape(-1, count).max(axis=0, initial=0) * np.abs(steps)).max(initial=0)
        digits = _round_to_levels(self.x * steps, self.known.levels, bool(largest < _EXACT))
        points = self.known.points(digits.reshape(vectors, length, -1))
        index = self.known.index.take(points)
        flat, flat_points = index.reshape(-1), points.reshape(-1)
        missing = index < 0
        left = np.flatnonzero(missing)
        vector, column = np.divmod(left, steps.size)
        flat[left] = self.known.nearest(
            flat_points[left],
            vector * count + column % count,
            self.columns_x,
            self.columns_w,
            scale.reshape(-1)[column],
            self.values,
        )
        shape = (vectors, *steps.shape)
        return index.reshape(shape), missing.reshape(shape)

    def explained(self, index: NDArray[np.int16]) -> tuple[F32, F32]:
        """Sum of w * x * q and of w * q^2, float32 (tries, n), for the codebook vectors q (vectors, tries, n)."""
        vectors, length, _, count = self.x.shape
        q = np.empty((vectors, length, index.shape[1] * count), np.float32)
        for place, of_vector in zip(q, index.reshape(vectors, -1), strict=True):
            self.entries.take(of_vector, axis=1, out=place, mode="clip")
        q = q.reshape(vectors, length, -1, count)
        columns = (vectors * length, -1)
        sum_qx = sum_in_order((self.wx * q).reshape(columns))
        wq = self.w * q
        wq *= q
        sum_q2 = sum_in_order(wq.reshape(columns))
        return sum_qx.reshape(-1, count), sum_q2.reshape(-1, count)


def _round_to_levels(products: F32, levels: int, exact: bool) -> U8:
    """`nearest_int(0.5 * (p - 1))` of products p, clipped to the levels, uint8.

    Halves go to even: level 1 begins above 2, level 2 at 4. Products that `nearest_int` may not round as
    `rint` does are not `exact`.
    """
    if not exact:
        codes = nearest_int(np.float32(0.5) * (products - np.float32(1)))
        return np.clip(codes, 0, levels - 1).astype(np.uint8)
    if levels == 3:
        digits = (products > 2).view(np.uint8)
        digits += products >= 4
        return digits
    halves = np.multiply(products, np.float32(0.5), out=products)
    halves -= np.float32(0.5)
    np.rint(halves, out=halves)
    return np.clip(halves, 0, levels - 1, out=halves).astype(np.uint8)
