"""Which way to run a model: quality first, speed second, as one pure function with its reasons as data."""

from collections.abc import Sequence
from math import log
from typing import NamedTuple

NAMES = ("balanced", "best quality", "fastest", "longest context")
# Tokens per second below which an answer is slower than reading.
USABLE = 5.0
# Mean divergence, nats, above which a format is named only where nothing better runs: of Llama 3 8B, Q3_K_M and IQ3_M
# lie below, Q3_K_S and every format of 2 bits far above.
TOLERABLE = 0.16
# The same from which on another way to run the model is looked for: of 3 bits and less.
NOTICEABLE = 0.05
# How many times slower one nat less is worth: 0.03 nats, Q4_K_M's of Llama 3 8B, are worth not quite a factor of two.
NAT = 20.0


class Candidate(NamedTuple):
    """One way to run the model.

    `loss` is the mean divergence that its format and its cache cost, in nats; `seconds` the modelled time per token,
    where bandwidths are not known with usual ones; `whole` says that it fits without a part in slower memory.
    `longest` is the largest context with which it fits as it is placed.
    """

    format: str
    kv_type: str
    context: int
    loss: float
    seconds: float
    total: int
    whole: bool
    longest: int


class Reason(NamedTuple):
    """Why a plan is named: `kind` is the rule, `value` what decided, in the unit of the rule."""

    kind: str
    value: float


class NamedPlan(NamedTuple):
    """A candidate with the name that it won and the reasons for it."""

    name: str
    candidate: Candidate
    reasons: tuple[Reason, ...]


def rank(candidates: Sequence[Candidate]) -> tuple[NamedPlan, ...]:
    """The named plans, in the order of `NAMES`; nothing where nothing runs. One candidate may win several names.

    Formats that lose more than `TOLERABLE` count only where no other runs; what is slower than `USABLE` only where
    nothing faster runs. Best quality: least loss, then least time. Balanced: least `NAT` × loss + log(time).
    Fastest: least time, then least loss. Longest context: most tokens, then all of it in the fast memory, then least
    loss.
    """
    if not candidates:
        return ()
    good = [one for one in candidates if one.loss <= TOLERABLE]
    reasons = [] if good else [Reason("every format that runs loses much", min(one.loss for one in candidates))]
    good = good or list(candidates)
    quick = [one for one in good if one.seconds * USABLE <= 1]
    if not quick:
        least = min(one.seconds for one in good)
        quick = [one for one in good if one.seconds <= 2 * least]
        reasons.append(Reason("nothing reaches a reader's pace", 1 / least))
    best = min(quick, key=lambda one: (one.loss, one.seconds, one.total))
    balanced = min(quick, key=weight)
    fastest = min(quick, key=lambda one: (one.seconds, one.loss, one.total))
    longest = min(quick, key=lambda one: (-one.longest, not one.whole, one.loss, one.seconds))
    longest = longest._replace(context=max(longest.longest, longest.context))
    return (
        NamedPlan("balanced", balanced, (*reasons, Reason("least loss and time together", weight(balanced)))),
        NamedPlan("best quality", best, (*reasons, Reason("least loss", best.loss))),
        NamedPlan("fastest", fastest, (*reasons, Reason("least time", fastest.seconds))),
        NamedPlan("longest context", longest, (*reasons, Reason("most tokens", longest.context))),
    )


def weight(one: Candidate) -> float:
    """What a candidate costs in all: `NAT` × nats + the logarithm of its seconds per token."""
    return NAT * one.loss + log(one.seconds)
