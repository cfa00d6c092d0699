"""A quality result as plain values for JSON."""

from __future__ import annotations

from typing import Any

from qtui.compute.lm.perplexity import KLD_SHARES, Statistics
from qtui.scenario.quality.result import FormatQuality, Loss, QualityResult, SuperWeight


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
        answer["tokens"] = {
            "ids": list(result.tokens.ids),
            "pieces": list(result.tokens.pieces),
            "bos": result.tokens.bos,
            "p": list(result.tokens.chances),
            "expected": list(result.tokens.expected),
            "ppl": result.tokens.ppl,
        }
    if result.next is not None:
        formats = result.next.formats
        answer["next"] = {
            "prompt": result.next.prompt,
            "top": [
                {"id": t.id, "piece": t.piece, "p": t.base, "formats": dict(zip(formats, t.formats, strict=True))}
                for t in result.next.top
            ],
            "kld": dict(zip(formats, result.next.kld, strict=True)),
            "steps": [
                {"piece": s.piece, "p": s.base, "top": s.top, "kld": dict(zip(formats, s.kld, strict=True))}
                for s in result.next.steps
            ],
        }
    if result.continuations:
        answer["generated"] = [
            {
                "format": c.format,
                "text": c.text,
                "pieces": list(c.pieces),
                "parts_at": c.parts_at,
                "closest": c.closest,
                "choice": [{"id": t.id, "piece": t.piece, "p": t.base, "format": t.formats[0]} for t in c.choice],
                "seconds": c.seconds,
            }
            for c in result.continuations
        ]
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
