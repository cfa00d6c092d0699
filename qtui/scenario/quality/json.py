"""A quality result as plain values for JSON."""

from __future__ import annotations

from typing import Any

from qtui.compute.lm.perplexity import KLD_SHARES, Statistics
from qtui.scenario.quality.result import (
    Continuation,
    CutTokens,
    FormatQuality,
    Loss,
    NextToken,
    NextTokens,
    QualityResult,
    SuperWeight,
)


def json_object(result: QualityResult) -> dict[str, Any]:
    """Everything in `result`, by the names of the command's documentation; what was not asked for is left out."""
    answer: dict[str, Any] = {}
    if result.model is not None:
        model = result.model
        answer = {
            "model": model.path,
            "name": model.name,
            "family": model.family,
            "stored": model.stored,
            "parameters": model.parameters,
            "bytes": model.nbytes,
            "bits_per_weight": model.bits_per_weight,
            "decoded_bytes": model.memory,
            "streamed": model.streamed,
            "memory_bytes": model.limit,
            "window_bytes": model.window,
        }
    if result.passage is not None:
        answer |= {
            "text": result.passage.source,
            "context": result.passage.context,
            "windows": result.passage.windows,
            "scored_tokens": result.passage.scored,
        }
    if result.baseline is not None:
        base = result.baseline
        answer["baseline"] = {
            "format": answer.get("stored"),
            "ppl": base.ppl.value,
            "ppl_error": base.ppl.error,
            "nll": base.nll.value,
            "nll_error": base.nll.error,
            "tokens": base.tokens,
            "floor_nll": base.floor,
            "sums": None if base.sums is None else list(base.sums),
        }
        answer["formats"] = [_format(row) for row in result.formats]
        answer["published"] = [{"model": c.model, "source": c.source, "rows": list(c.rows)} for c in result.published]
    return (
        answer
        | _answers(result)
        | {"verdict": list(result.verdict), "cached": result.cached, "seconds": result.seconds}
    )


def _format(row: FormatQuality) -> dict[str, Any]:
    return {
        "format": row.format,
        "bits_per_weight": row.bits_per_weight,
        "bytes": row.nbytes,
        **(_figures(row.statistics) if row.statistics is not None else {}),
        "fallbacks": [{"tensor": name, "format": kind} for name, kind in row.fallbacks],
        "no_op": row.no_op,
        "already_stored": row.already,
        "changed": row.changed,
        "sums": None if row.sums is None else list(row.sums),
        "problem": row.problem or None,
    }


def _figures(stats: Statistics) -> dict[str, Any]:
    quantiles = dict(zip(KLD_SHARES, stats.kld_quantiles, strict=True))
    return {
        "ppl": stats.ppl.value,
        "ppl_error": stats.ppl.error,
        "dlnppl": stats.log_ratio.value,
        "dlnppl_error": stats.log_ratio.error,
        "kld_mean": stats.kld.value,
        "kld_error": stats.kld.error,
        "kld_median": quantiles[0.5],
        "kld_p99": quantiles[0.99],
        "kld_max": stats.kld_max,
        "same_top": stats.same_top.value,
        "same_top_error": stats.same_top.error,
        "delta_p_rms": stats.difference_rms.value,
        "delta_p_rms_error": stats.difference_rms.error,
    }


def _answers(result: QualityResult) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    if result.tokens is not None:
        answer["tokens"] = _tokens(result.tokens)
    if result.next is not None:
        answer["next"] = _next(result.next)
    if result.continuations:
        answer["prompt"] = result.scenario.generate
        answer["generated"] = [_continuation(continuation) for continuation in result.continuations]
    if result.losses:
        answer["sensitivity"] = {"format": result.loss_format, "parts": [_loss(loss) for loss in result.losses]}
    if result.lesson is not None:
        intervals = [vars(interval) for interval in result.lesson.intervals]
        answer["lesson"] = {
            "kind": result.lesson.kind,
            "value": result.lesson.value,
            "sentence": result.lesson.sentence,
            "intervals": intervals,
        }
    if result.super_weights:
        answer["super_weights"] = [_super_weight(weight) for weight in result.super_weights]
    if result.weight_row is not None:
        answer["weight_row"] = {k: list(v) if isinstance(v, tuple) else v for k, v in vars(result.weight_row).items()}
    if result.random_weights is not None:
        drawn = result.random_weights
        answer["random_weights"] = {"count": drawn.count, "tensor": drawn.tensor, **_figures(drawn.statistics)}
    return answer


def _tokens(tokens: CutTokens) -> dict[str, Any]:
    return {
        "ids": list(tokens.ids),
        "pieces": list(tokens.pieces),
        "lengths": list(tokens.lengths),
        "bos": tokens.bos,
        "p": list(tokens.chances),
        "expected": list(tokens.expected),
        "ppl": tokens.ppl,
        "surprises": [
            {"at": one.at, "p": one.base, "likelier": [_token(token) for token in one.likelier]}
            for one in tokens.surprises
        ],
    }


def _next(answer: NextTokens) -> dict[str, Any]:
    def by_format(values: tuple[float, ...]) -> dict[str, float]:
        return dict(zip(answer.formats, values, strict=True))

    return {
        "prompt": answer.prompt,
        "top": [{**_token(token), "formats": by_format(token.formats)} for token in answer.top],
        "kld": by_format(answer.kld),
        "steps": [
            {"piece": step.piece, "p": step.base, "top": step.top, "kld": by_format(step.kld)}
            for step in answer.steps
        ],
    }


def _continuation(continuation: Continuation) -> dict[str, Any]:
    return {
        "format": continuation.format,
        "text": continuation.text,
        "pieces": list(continuation.pieces),
        "parts_at": continuation.parts_at,
        "closest": continuation.closest,
        "choice": [{**_token(token), "format": token.formats[0]} for token in continuation.choice],
        "seconds": continuation.seconds,
    }


def _token(token: NextToken) -> dict[str, Any]:
    return {"id": token.id, "piece": token.piece, "p": token.base}


def _loss(loss: Loss) -> dict[str, Any]:
    return {
        "name": loss.name,
        "rank": loss.rank,
        "weights": loss.weights,
        "weights_error": loss.error,
        "kld_per_million_weights": loss.kld_per_million,
        **_figures(loss.statistics),
    }


def _super_weight(weight: SuperWeight) -> dict[str, Any]:
    return {
        "tensor": weight.tensor,
        "row": weight.row,
        "column": weight.column,
        "value": weight.value,
        "product": weight.product,
        **_figures(weight.statistics),
    }
