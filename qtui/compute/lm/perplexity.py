"""Perplexity and KL divergence: what quantization costs a model's predictions.

`token_scores` and `statistics` are those of `llama-perplexity --kl-divergence` (tools/perplexity/perplexity.cpp),
term by term. The small functions below them serve examples that a person can follow by hand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtui.compute.arrays import quantile

F64 = NDArray[np.float64]

# Tokens that the base model finds less likely than e^-16 do not count towards the divergence.
LEAST_LOG_PROBABILITY = -16.0
KLD_SHARES = (0.999, 0.99, 0.95, 0.9, 0.5, 0.1, 0.05, 0.01, 0.001)
DIFFERENCE_SHARES = (0.999, 0.99, 0.95, 0.9, 0.75, 0.5, 0.25, 0.1, 0.05, 0.01, 0.001)


@dataclass(frozen=True)
class Estimate:
    """A mean and its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class TokenScores:
    """Per scored token, float64 (tokens,): negative log-likelihoods, divergence, and change of the right token's
    probability; `same_top` bool (tokens,) whether both models prefer the same token."""

    nll: F64
    nll_base: F64
    kld: F64
    difference: F64
    same_top: NDArray[np.bool_]

    def merge(self, other: TokenScores) -> TokenScores:
        """Scores of both, in this order."""
        return TokenScores(
            *(np.concatenate(pair) for pair in zip(vars(self).values(), vars(other).values(), strict=True))
        )


@dataclass(frozen=True)
class Statistics:
    """The figures that llama-perplexity prints. Probabilities and shares from 0 to 1; divergences in nats.

    `correlation` is that of the two log-likelihoods; `kld_quantiles` and `difference_quantiles` go with KLD_SHARES
    and DIFFERENCE_SHARES.
    """

    tokens: int
    ppl: Estimate
    ppl_base: Estimate
    correlation: float
    log_ratio: Estimate
    ratio: Estimate
    ppl_difference: Estimate
    kld: Estimate
    kld_max: float
    kld_quantiles: tuple[float, ...]
    kld_min: float
    difference: Estimate
    difference_max: float
    difference_quantiles: tuple[float, ...]
    difference_min: float
    difference_rms: Estimate
    same_top: Estimate


def token_scores(base: ArrayLike, quantized: ArrayLike, targets: ArrayLike) -> TokenScores:
    """Scores of the right tokens `targets` (tokens,) under two models.

    `base` are log-probabilities and `quantized` log-probabilities or logits, both (tokens, vocabulary). Raises
    ValueError when the shapes disagree.
    """
    log_base = np.asarray(base, np.float64)
    logits = np.asarray(quantized, np.float64)
    right = np.asarray(targets, np.intp)
    if log_base.ndim != 2 or log_base.shape != logits.shape or right.shape != log_base.shape[:1]:
        raise ValueError(
            f"two models' log-probabilities (tokens, vocabulary) and targets (tokens,) are needed, "
            f"not {log_base.shape}, {logits.shape} and {right.shape}"
        )
    top = logits.max(axis=1, keepdims=True)
    log_quantized = logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
    rows = np.arange(len(right))
    nll, nll_base = -log_quantized[rows, right], -log_base[rows, right]
    counted = log_base > LEAST_LOG_PROBABILITY
    terms = np.where(counted, np.exp(log_base) * (log_base - log_quantized), 0.0)
    return TokenScores(
        nll,
        nll_base,
        terms.sum(axis=1),
        np.exp(-nll) - np.exp(-nll_base),
        log_quantized.argmax(axis=1) == log_base.argmax(axis=1),
    )


def statistics(scores: TokenScores) -> Statistics:
    """The statistics of llama-perplexity over all `scores`. Raises ValueError for fewer than two tokens."""
    n = len(scores.nll)
    if n < 2:
        raise ValueError(f"statistics need at least 2 scored tokens, not {n}")
    nll, base = mean_and_error(scores.nll), mean_and_error(scores.nll_base)
    covariance = _covariance(scores.nll, scores.nll_base)
    ppl, ppl_base = math.exp(nll.value), math.exp(base.value)
    log_ratio = Estimate(nll.value - base.value, _root(nll.error**2 + base.error**2 - 2 * covariance))
    ratio = math.exp(log_ratio.value)
    spread = (ppl * nll.error) ** 2 + (ppl_base * base.error) ** 2 - 2 * ppl * ppl_base * covariance
    squares = mean_and_error(scores.difference**2)
    rms = math.sqrt(squares.value)
    same = float(scores.same_top.mean())
    return Statistics(
        tokens=n,
        ppl=Estimate(ppl, ppl * nll.error),
        ppl_base=Estimate(ppl_base, ppl_base * base.error),
        correlation=covariance / (nll.error * base.error) if nll.error * base.error else math.nan,
        log_ratio=log_ratio,
        ratio=Estimate(ratio, ratio * log_ratio.error),
        ppl_difference=Estimate(ppl - ppl_base, _root(spread)),
        kld=mean_and_error(scores.kld),
        kld_max=float(scores.kld.max()),
        kld_quantiles=_quantiles(scores.kld, KLD_SHARES),
        kld_min=float(scores.kld.min()),
        difference=mean_and_error(scores.difference),
        difference_max=float(scores.difference.max()),
        difference_quantiles=_quantiles(scores.difference, DIFFERENCE_SHARES),
        difference_min=float(scores.difference.min()),
        difference_rms=Estimate(rms, 0.5 * squares.error / rms if rms else 0.0),
        same_top=Estimate(same, math.sqrt(same * (1 - same) / (n - 1))),
    )


def mean_and_error(values: F64) -> Estimate:
    """Mean of `values` (n,), and sqrt((E[x²] - E[x]²) / (n - 1))."""
    return Estimate(float(values.mean()), _root(_covariance(values, values)))


def _covariance(a: F64, b: F64) -> float:
    """Covariance of the means of a and b, float64 (n,)."""
    return float(((a - a.mean()) * (b - b.mean())).mean()) / (len(a) - 1)


def _root(variance: float) -> float:
    return math.sqrt(max(variance, 0.0))


def _quantiles(values: F64, shares: Sequence[float]) -> tuple[float, ...]:
    """Linear interpolation at share · (n - 1) of the sorted values."""
    return tuple(quantile(values, share) for share in shares)


def perplexity(probabilities: ArrayLike) -> float:
    """exp of the mean of -ln p over the probabilities given to the right tokens: how many tokens it is like guessing
    among. Infinite where one was held impossible; raises ValueError for none, or outside 0 to 1."""
    p = np.asarray(probabilities, np.float64).reshape(-1)
    if p.size == 0 or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("perplexity needs at least one probability, each from 0 to 1")
    return math.inf if (p == 0).any() else math.exp(-float(np.log(p).mean()))


def normal_kl_divergence(shift: float, width: float) -> float:
    """KL divergence in nats of N(0, 1) from N(shift, width²): ln w + (1 + shift²) / (2 w²) - 1/2.

    Raises ValueError unless width is above 0.
    """
    if not width > 0:
        raise ValueError(f"the width of a normal distribution is above 0, not {width}")
    return math.log(width) + (1 + shift * shift) / (2 * width * width) - 0.5
