"""Synthetic inputs of a layer: what GPTQ and AWQ look at, when no text and no model are at hand.

Real activations have a few strong common directions and a few channels far larger than the rest (Dettmers et al.,
"LLM.int8()", 2022). Both are made here from a seed; without them GPTQ has nothing to gain.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

# Directions that inputs share, as a part of the columns; what each input has of its own; channels that stand out.
SHARED = 1 / 8
OWN = 0.1
LOUD_EVERY, LOUDNESS = 64, 10.0
SAMPLES = 1024


def synthetic_inputs(columns: int, seed: int) -> F64:
    """Inputs (1024, columns): mixtures of a few random directions plus noise, one column in 64 ten times as loud."""
    return _drawn(columns, seed)[0]


def fresh_inputs(columns: int, seed: int) -> F64:
    """More inputs (samples, columns) of the kind that `synthetic_inputs` gives, which no method has seen.

    Their directions and loud columns are the same, as if more of the same text were read.
    """
    return _drawn(columns, seed)[1]


def _drawn(columns: int, seed: int) -> tuple[F64, F64]:
    """Inputs, and others of the same directions and loud columns, both (samples, columns)."""
    rng = np.random.default_rng(seed)
    count = max(int(columns * SHARED), 1)
    mixture, directions = rng.standard_normal((SAMPLES, count)), rng.standard_normal((count, columns))
    own = rng.standard_normal((SAMPLES, columns))
    loud = rng.permutation(columns)[: columns // LOUD_EVERY]

    def inputs(mixture: F64, own: F64) -> F64:
        made: F64 = mixture @ directions / np.sqrt(count) + OWN * own
        made[:, loud] *= LOUDNESS
        return made

    fresh = rng.standard_normal((SAMPLES, count)), rng.standard_normal((SAMPLES, columns))
    return inputs(mixture, own), inputs(*fresh)


@lru_cache(maxsize=8)
def second_moment(columns: int, seed: int) -> tuple[F64, F64]:
    """Of the synthetic inputs: the mean magnitude of each column (columns,), and XᵀX / n (columns, columns)."""
    inputs = synthetic_inputs(columns, seed)
    return np.maximum(np.abs(inputs).mean(axis=0), 1e-8), inputs.T @ inputs / len(inputs)


@lru_cache(maxsize=8)
def largest_inputs(columns: int, seed: int) -> F64:
    """The largest magnitude that each column of the synthetic inputs reaches (columns,)."""
    largest: F64 = np.abs(synthetic_inputs(columns, seed)).max(axis=0)
    return largest


def int8_inputs(inputs: F64) -> F64:
    """Inputs (samples, columns) rounded to int8, each of them with a scale of its own (per token)."""
    scale = np.abs(inputs).max(axis=1, keepdims=True) / 127
    rounded: F64 = np.rint(inputs / np.where(scale > 0, scale, 1)) * scale
    return rounded


def output_error(
    weights: NDArray[np.floating], stored: NDArray[np.floating], inputs: F64, rounded: F64 | None = None
) -> float:
    """‖X Wᵀ - X̂ Ŵᵀ‖ / ‖X Wᵀ‖ of weights (rows, columns) and what is stored of them, on inputs (samples, columns).

    X̂ is `rounded` where the inputs are rounded, too, else X.
    """
    true = inputs @ weights.T.astype(np.float64)
    if rounded is None:
        wrong = inputs @ (weights.astype(np.float64) - stored).T
    else:
        wrong = true - rounded @ stored.T.astype(np.float64)
    size = float(np.linalg.norm(true))
    return float(np.linalg.norm(wrong)) / size if size else 0.0
