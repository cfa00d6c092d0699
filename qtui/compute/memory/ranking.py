"""Which way to run a model: quality first, speed second, as one pure function with its reasons as data."""

from collections.abc import Sequence
from math import log
from typing import NamedTuple

NAMES = ("balanced", "best quality", "fastest", "longest context")
# Tokens per second below which an answer is slower than reading, and from which on nobody waits.
USABLE, BRISK = 5.0, 20.0
# Mean divergence, nats, above which a format is named only where nothing better runs: of Llama 3 8B, Q3_K_M and IQ3_M
# lie below, Q3_K_S and every format of 2 bits far above.
TOLERABLE = 0.16
# The same from which on another way to run the model is looked for: of 3 bits and less.
NOTICEABLE = 0.05
# Mean divergence that no published benchmark shows; Q8_0's of Llama 3 8B is 0.0014.
NEGLIGIBLE = 0.002
# Times that differ by less than a modelled range can tell apart.
NEAR = 1.1
# How many times slower than the pace an answer may be, where all that is quick loses noticeably.
PATIENCE = 2.0
# How many times slower one nat less is worth: 0.03 nats, Q4_K_M's of Llama 3 8B, are worth not quite a factor of two.
NAT = 20.0


class Candidate(NamedTuple):
    """One way to run the model.

    `loss` is the mean divergence that its format and its cache cost, in nats; `seconds` the modelled time per token,
    where bandwidths are not known with usual ones; `whole` says that it fits without a part in slower memory.
    """

    format: str
    kv_type: str
    context: int
    loss: float
    seconds: float
    total: int
    whole: bool


class Reason(NamedTuple):
    """Why a plan is named: `kind` is the rule, `value` what decided, in the unit of the rule."""

    kind: str
    value: float


class NamedPlan(NamedTuple):
    """A candidate with the name that it won and the reasons for it."""

    name: str
    candidate: Candidate
    reasons: tuple[Reason, ...]


def rank(
    candidates: Sequence[Candidate],
    stretched: Sequence[Candidate] = (),
    pace: float = USABLE,
    patience: float = PATIENCE,
) -> tuple[NamedPlan, ...]:
    """The named plans, in the order of `NAMES`; nothing where nothing runs. One candidate may win several names.

    `stretched` are the same ways to run it, each with the largest context in which it runs. Formats that lose more
    than `TOLERABLE` count only where no other runs, then those that lose least; what is slower than `pace` (tokens
    per second) only where nothing faster runs, or where all that does loses `NOTICEABLE`, then down to
    `pace / patience`. Best quality: least loss, then least time, the way of the longest context included; what is no
    brisk answer from fast memory counts as losing `NEGLIGIBLE` at least. Balanced: least `NAT` × loss + log(time).
    Fastest: least time, among those about as fast the least loss. Longest context: most tokens in the fast memory
    where any runs there, then as balanced.
    """
    if not candidates:
        return ()
    quick, reasons = _worthwhile(candidates, pace, patience)
    balanced = min(quick, key=weight)
    least = min(candidate.seconds for candidate in quick)
    near = [candidate for candidate in quick if candidate.seconds <= NEAR * least]
    fastest = min(near, key=lambda candidate: (candidate.loss, candidate.seconds, candidate.total))
    far, _ = _worthwhile(stretched or candidates, pace, patience)
    far = [candidate for candidate in far if candidate.whole] or far
    longest = min(far, key=lambda candidate: (-candidate.context, weight(candidate)))
    if balanced.whole >= longest.whole and balanced.context >= longest.context:
        longest = balanced  # no window is larger
    way = longest.format, longest.kv_type
    same = [candidate for candidate in candidates if (candidate.format, candidate.kv_type) == way]
    best = min([*quick, *same], key=lambda candidate: (_felt(candidate), candidate.seconds, candidate.total))
    return (
        NamedPlan("balanced", balanced, (*reasons, Reason("least loss and time together", weight(balanced)))),
        NamedPlan("best quality", best, (*reasons, Reason("least loss", best.loss))),
        NamedPlan("fastest", fastest, (*reasons, Reason("least time", fastest.seconds))),
        NamedPlan("longest context", longest, (*reasons, Reason("most tokens", longest.context))),
    )


def _worthwhile(
    candidates: Sequence[Candidate], pace: float, patience: float
) -> tuple[list[Candidate], list[Reason]]:
    """The candidates that count, and the reasons where these fall short of what is wanted."""
    least_loss = min(candidate.loss for candidate in candidates)
    good = [candidate for candidate in candidates if candidate.loss <= TOLERABLE]
    reasons = [] if good else [Reason("every format that runs loses much", least_loss)]
    good = good or [candidate for candidate in candidates if candidate.loss <= 1.5 * least_loss]
    quick = [candidate for candidate in good if candidate.seconds * pace <= 1]
    if quick and min(candidate.loss for candidate in quick) >= NOTICEABLE:
        quick = [candidate for candidate in good if candidate.seconds * pace <= patience]
    if not quick:
        least = min(candidate.seconds for candidate in good)
        quick = [candidate for candidate in good if candidate.seconds <= 2 * least]
        reasons.append(Reason("nothing reaches a reader's pace", 1 / least))
    return quick, reasons


def _felt(candidate: Candidate) -> float:
    """The loss that decides where quality comes first."""
    return candidate.loss if candidate.whole and candidate.seconds * BRISK <= 1 else max(candidate.loss, NEGLIGIBLE)


def weight(candidate: Candidate) -> float:
    """What a candidate costs in all: `NAT` × nats + the logarithm of its seconds per token."""
    return NAT * candidate.loss + log(candidate.seconds)
