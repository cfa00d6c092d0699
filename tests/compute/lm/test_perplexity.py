"""Perplexity and divergence: against what llama-perplexity printed, against plain loops, against closed forms."""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from qtui.compute.lm.perplexity import (
    Estimate,
    Statistics,
    TokenScores,
    normal_kl_divergence,
    perplexity,
    statistics,
    token_scores,
)
from qtui.compute.lm.windows import log_probabilities, score

DATA = Path(__file__).resolve().parents[2] / "data"


def stored_log_probabilities(codes: np.ndarray, scale_min: np.ndarray) -> np.ndarray:
    """Log-probabilities float32 (tokens, vocabulary) as llama-perplexity keeps them on disk.

    Each token's are 16-bit codes with a scale and a minimum, `scale_min` (tokens, 2).
    """
    scale, minimum = scale_min[:, :1].astype(np.float32), scale_min[:, 1:].astype(np.float32)
    return scale * codes.astype(np.float32) + minimum


def printed(stats: Statistics) -> list[float]:
    """The figures in the order in which llama-perplexity prints them, probabilities in percent."""

    def both(estimate: Estimate, scale: float = 1) -> list[float]:
        return [scale * estimate.value, scale * estimate.error]

    return [
        *both(stats.ppl),
        *both(stats.ppl_base),
        100 * stats.correlation,
        *both(stats.log_ratio),
        *both(stats.ratio),
        *both(stats.ppl_difference),
        *both(stats.kld),
        stats.kld_max,
        *stats.kld_quantiles,
        stats.kld_min,
        *both(stats.difference, 100),
        100 * stats.difference_max,
        *(100 * value for value in stats.difference_quantiles),
        100 * stats.difference_min,
        *both(stats.difference_rms, 100),
        *both(stats.same_top, 100),
    ]


@pytest.mark.parametrize("name", ["Q8_0", "Q4_K_M", "Q2_K"])
def test_figures_are_those_of_llama_perplexity(name: str, reference: Callable[[str], Path]) -> None:
    data = np.load(reference("golden/kld_tiny.npz"))
    text = json.loads(reference("golden/kld_tiny.json").read_text())["output"][name]
    base = stored_log_probabilities(data["base_u16"], data["base_scale_min"])
    quantized = stored_log_probabilities(data[f"{name}_u16"], data[f"{name}_scale_min"])
    stats = statistics(token_scores(base, quantized, data["target"]))
    values = re.findall(r"-?\d+\.\d+", re.sub(r"^ *\d+\.\d% +", "", text, flags=re.M))
    assert len(values) == len(printed(stats)) == 43
    for i, (figure, written) in enumerate(zip(printed(stats), values, strict=True)):
        # The tool has full logits where we have 16-bit codes, half a step (1.2e-4) off: its last digits differ.
        last_digit = 10.0 ** -len(written.partition(".")[2])
        slack = 1.2e-4 if 13 <= i <= 23 else 1e-5  # single tokens' divergences; means
        slack = 5e-6 * stats.ppl.value if i in (9, 10) else slack  # the difference of two perplexities
        assert figure == pytest.approx(float(written), abs=1.5 * last_digit + slack, rel=2e-5), i


@pytest.mark.parametrize("case", ["near", "far"])
@pytest.mark.parametrize("scores", [token_scores, score])
def test_figures_are_llama_perplexitys_to_a_millionth(case: str, scores: Callable[..., TokenScores]) -> None:
    """The tool's own functions on the same logits, with twelve digits: `tests.training.perplexity_references`."""
    data = np.load(DATA / "llama_perplexity.npz")
    base = stored_log_probabilities(data["base_codes"], data["base_scale_min"])
    logits, right = data[f"{case}_logits"].astype(np.float32), data["target"].astype(np.int64)
    stats = statistics(scores(base, logits, right))
    figures = list(zip(printed(stats), data[f"{case}_figures"].tolist(), strict=True))
    assert len(figures) == 43
    for i, (figure, theirs) in enumerate(figures):
        # Differences of perplexities by the size of these; probabilities, from 24 on, are printed in percent.
        unit = stats.ppl.value if i in (9, 10) else 100 if i >= 24 else 1
        assert figure == pytest.approx(theirs, abs=1e-6 * unit, rel=1e-6), i


def test_the_baseline_is_llama_perplexitys_to_a_millionth() -> None:
    data = np.load(DATA / "llama_perplexity.npz")
    own = log_probabilities(data["base_logits"].astype(np.float32))
    stats = statistics(score(own, own, data["target"].astype(np.int64)))
    assert [stats.ppl.value, stats.ppl.error] == pytest.approx(data["base_ppl"].tolist(), rel=1e-6)


def test_figures_are_the_plain_formulas() -> None:
    rng = np.random.default_rng(0)
    logits, other = rng.standard_normal((2, 50, 7)) * 3
    other = logits + other * 0.2
    base = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    base[0, 1] = -40.0
    targets = rng.integers(0, 7, 50)
    stats = statistics(token_scores(base, other, targets).merge(token_scores(base[:1], other[:1], targets[:1])))
    nll, nll_base, kld, change, same = [], [], [], [], 0
    for i in [*range(50), 0]:
        p = [math.exp(v) for v in other[i]]
        q = [v / sum(p) for v in p]
        nll.append(-math.log(q[targets[i]]))
        nll_base.append(-base[i, targets[i]])
        kld.append(sum(math.exp(b) * (b - math.log(v)) for b, v in zip(base[i], q, strict=True) if b > -16))
        change.append(q[targets[i]] - math.exp(base[i, targets[i]]))
        same += q.index(max(q)) == int(np.argmax(base[i]))
    assert stats.tokens == 51
    assert stats.ppl.value == pytest.approx(math.exp(np.mean(nll)))
    assert stats.ppl.error == pytest.approx(math.exp(np.mean(nll)) * np.std(nll) / math.sqrt(50))
    assert stats.kld.value == pytest.approx(np.mean(kld))
    assert stats.kld_max == pytest.approx(max(kld))
    assert stats.difference_rms.value == pytest.approx(math.sqrt(np.mean(np.square(change))))
    assert stats.correlation == pytest.approx(np.corrcoef(nll, nll_base)[0, 1])
    assert stats.same_top.value == pytest.approx(same / 51)
    ratios = np.subtract(nll, nll_base)
    assert stats.log_ratio.error == pytest.approx(ratios.std() / math.sqrt(50))


def test_the_same_model_twice_differs_by_nothing() -> None:
    base = np.log(np.full((4, 5), 0.2))
    stats = statistics(token_scores(base, base, np.arange(4)))
    assert (stats.kld.value, stats.ratio.value, stats.difference_rms.value) == pytest.approx((0, 1, 0), abs=1e-12)
    assert stats.ppl.value == pytest.approx(5)


def test_perplexity_is_the_number_of_equal_choices() -> None:
    assert perplexity([0.9229]) == pytest.approx(1.08, abs=0.005)
    assert perplexity([0.03]) == pytest.approx(100 / 3)
    assert perplexity([0.5, 0.125]) == pytest.approx(4)
    assert perplexity([0.5, 0]) == math.inf
    for wrong in ([], [1.5], [math.nan]):
        with pytest.raises(ValueError, match="from 0 to 1"):
            perplexity(wrong)


def test_divergence_of_two_bells() -> None:
    assert normal_kl_divergence(1.5, 1) == 1.125
    assert normal_kl_divergence(0, 1 / 0.75) == pytest.approx(0.069, abs=5e-4)
    assert normal_kl_divergence(0, 1) == 0
    x = np.linspace(-12, 12, 20001)
    p, q = np.exp(-(x**2) / 2), np.exp(-((x - 0.7) ** 2) / 2 / 1.3**2)
    p, q = p / p.sum(), q / q.sum()
    assert (p * np.log(p / q)).sum() == pytest.approx(normal_kl_divergence(0.7, 1.3), rel=1e-6)
    with pytest.raises(ValueError, match="above 0"):
        normal_kl_divergence(1, 0)


def test_shapes_are_named() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3\), \(2, 4\) and \(2,\)"):
        token_scores(np.zeros((2, 3)), np.zeros((2, 4)), [0, 1])
    with pytest.raises(ValueError, match="at least 2"):
        statistics(token_scores(np.zeros((1, 3)), np.zeros((1, 3)), [0]))
