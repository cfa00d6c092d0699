"""What `qtui quality --plain` says: a sentence for each row of what the picture shows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from qtui.compute.lm.perplexity import KLD_SHARES, Estimate, Statistics
from qtui.draw.glyphs import ASCII
from qtui.draw.picture import text
from qtui.draw.quality.table import facts, note
from qtui.draw.ticks import significant
from qtui.draw.units import decimal
from qtui.scenario.quality.result import Continuation, CutTokens, FormatQuality, NextTokens, QualityResult

MOST = 60  # tokens of a text that are read out
_WIDE = 10_000  # cells: nothing is cut


def spoken(result: QualityResult) -> list[str]:
    """The model and the text, and then the answer; the verdict has been said before."""
    lines = [_fact(text((row,))) for row in facts(result, _WIDE, ASCII)]
    windows = result.passage.windows if result.passage is not None else 0
    lines += [_format(row, windows) for row in result.formats]
    if result.tokens is not None:
        lines += _tokens(result.tokens)
    if result.next is not None:
        lines += _next(result.next)
    if result.continuations:
        lines.append(f"the prompt is {result.scenario.generate!r}")
        lines += map(_continuation, result.continuations)
    for loss in result.losses:
        lines.append(
            f"rank {loss.rank}, {loss.name}, alone in {result.loss_format}: {_divergence(loss.statistics)}, "
            f"{significant(loss.kld_per_million, 3)} for a million of its {loss.weights:,} weights, "
            f"which moved by {_percent(loss.error)}"
        )
    for weight in result.super_weights:
        lines.append(
            f"{weight.tensor}[{weight.row},{weight.column}], {weight.value:.4g}, set to 0: perplexity "
            f"{_pair(weight.statistics.ppl)}, {_divergence(weight.statistics)}; with its input it made "
            f"{weight.product:.3g}"
        )
    if result.lesson is not None:
        lines.append(result.lesson.sentence)
        lines += [
            f"{part.name}: {_percent(part.share)}, between {_percent(part.low)} and {_percent(part.high)}"
            for part in result.lesson.intervals
        ]
    if result.published:
        lines.append("what others published of larger models, with its sources, is in --json")
    return lines


def _fact(row: str) -> str:
    for label, words in (("text   ", "text: "), ("as it is ", "as it is: "), ("+-", "plus or minus"), ("  ", ", ")):
        row = row.replace(label, words, 1)
    return " ".join(row.split())


def _pair(estimate: Estimate) -> str:
    return f"{significant(estimate.value)} plus or minus {significant(estimate.error, 2)}"


def _percent(share: float) -> str:
    return "less than 0.01 %" if 0 < share < 1e-4 else f"{100 * share:.4g} %"


def _divergence(stats: Statistics) -> str:
    return f"divergence {max(stats.kld.value, 0):.4f} plus or minus {stats.kld.error:.4f} nats"


def _format(row: FormatQuality, windows: int) -> str:
    begins = f"{row.format}: {row.bits_per_weight:.2f} bits a weight, {decimal(row.nbytes)}"
    stats = row.statistics
    if stats is None:
        return f"{begins}, {row.problem or 'not measured'}"
    p99 = max(stats.kld_quantiles[KLD_SHARES.index(0.99)], 0)
    parts = [
        begins,
        f"perplexity {_pair(stats.ppl)}",
        f"its logarithm changed by {stats.log_ratio.value:+.4f} plus or minus {stats.log_ratio.error:.4f}",
        _divergence(stats),
        f"up to {p99:.3f} for 99 % of the tokens",
        f"the same likeliest token for {_percent(stats.same_top.value)}",
        f"chances of the right token moved by {_percent(stats.difference_rms.value)}",
        f"{_percent(row.sums[0])} of short and {_percent(row.sums[1])} of long sums right" if row.sums else "",
        note(row, windows),
    ]
    return ", ".join(filter(None, parts))


def _tokens(tokens: CutTokens) -> Iterator[str]:
    chances = tokens.chances or (None,) * len(tokens.ids)
    expected = tokens.expected or ("",) * len(tokens.ids)
    for token, piece, chance, likeliest in islice(
        zip(tokens.ids, tokens.pieces, chances, expected, strict=True), MOST
    ):
        had = f", which had {_percent(chance)}" if chance is not None else ""
        other = f"; likelier was {likeliest!r}" if likeliest and likeliest != piece else ""
        yield f"{piece!r} is token {token}{had}{other}"
    if len(tokens.ids) > MOST:
        yield f"and {len(tokens.ids) - MOST:,} more tokens, which --json lists"


def _next(tokens: NextTokens) -> Iterator[str]:
    yield f"the prompt is {tokens.prompt!r}"
    for token in tokens.top:
        by_format = zip(tokens.formats, token.formats, strict=True)
        others = "".join(f", {name} {_percent(chance)}" for name, chance in by_format)
        yield f"{token.piece!r}: as it is {_percent(token.base)}{others}"
    for name, kld in zip(tokens.formats, tokens.kld, strict=True):
        yield f"{name}: the chances of the next token move by {max(kld, 0):.4f} nats"


def _continuation(continuation: Continuation) -> str:
    parts = "" if continuation.parts_at is None else f", another answer after {continuation.parts_at} tokens"
    return f"{continuation.format}{parts}: {continuation.text.strip()}"
