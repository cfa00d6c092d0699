"""What others measured of quantized models' quality, with their sources: `quality.json` beside this module."""

import json
import os
import re
from functools import lru_cache
from typing import Any, NamedTuple

FILE = os.path.join(os.path.dirname(__file__), "quality.json")
REFERENCE = "Llama 3 8B"  # the model of which most formats were measured
CAVEATS = (
    "small models lose more, and newer ones more than older ones: 2.5 to 4 times from Llama 2 7B to Llama 3 8B",
    "files of one name differ by publisher: Q4_K_M of Qwen3.5 9B from 0.0087 to 0.0353 nats (four publishers)",
    "near the baseline the divergence does not predict benchmark scores (arXiv 2606.19558)",
)


class PublishedCurve(NamedTuple):
    """One model's table. Rows have `format` and, as far as it was published, `bits_per_weight`, `kld_mean`,
    `kld_median`, `kld_p99`, `dlnppl`, `ppl` and `same_top`. Those to `plot` are drawn as curves."""

    model: str
    source: str
    rows: tuple[dict[str, Any], ...]
    plot: bool = True
    imatrix: bool = False


@lru_cache(maxsize=1)
def tables() -> tuple[PublishedCurve, ...]:
    """Every published table."""
    with open(FILE, encoding="utf-8") as file:
        data = json.load(file)
    return tuple(
        PublishedCurve(
            item["model"], item["source"], tuple(item["rows"]), item.get("plot", True), item.get("imatrix", False)
        )
        for item in data
    )


def published() -> tuple[PublishedCurve, ...]:
    """The published curves: tables of many formats, made alike."""
    return tuple(table for table in tables() if table.plot)


@lru_cache(maxsize=1)
def _rows() -> dict[str, list[tuple[PublishedCurve, dict[str, Any]]]]:
    """The rows with a mean divergence, by the format's name in lower case: the first of each table."""
    by_format: dict[str, list[tuple[PublishedCurve, dict[str, Any]]]] = {}
    for table in tables():
        first = {row["format"].lower(): row for row in reversed(table.rows)}
        for name, row in first.items():
            if "kld_mean" in row:
                by_format.setdefault(name, []).append((table, row))
    return by_format


class Quality(NamedTuple):
    """What was measured of a format: mean divergence from the original in nats, None where only medians were.

    `same_top` is the share of places where the likeliest token stays the same. `model` is what it was measured on.
    """

    kld_mean: float | None
    same_top: float | None
    model: str
    source: str


@lru_cache(maxsize=256)
def quality_of(spec: str, model: str, dtype: str, mix: str = "") -> Quality | None:
    """What was measured of the format `spec`, on `model` itself where that was done; None without a measurement.

    Weights as published lose nothing, those of a file that was quantized what its `mix` loses. Where the model's own
    is not known, the mean divergence is that of the model in `REFERENCE`.
    """
    if mix and spec.lower() in ("", "native"):
        spec = mix
    name = spec.partition(":")[0].lower()
    if is_reference(spec, dtype):
        return Quality(0.0, 1.0, "", "the weights as published")
    wanted = spec.lower() if name.startswith("int") else name
    own = _key(model)
    general: Quality | None = None
    for table, row in _rows().get(wanted, ()):
        mine = _key(table.model) in own
        if not mine and (general or not (table.model == REFERENCE or name.startswith("int"))):
            continue
        measured = Quality(row["kld_mean"], row.get("same_top"), table.model, table.source)
        if mine:
            return measured
        general = measured
    return general


def is_reference(spec: str, dtype: str) -> bool:
    """Whether the format `spec` of a checkpoint of `dtype` holds what the checkpoint does."""
    name = spec.lower()
    if name in ("", "native") or {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}.get(name, name) == dtype:
        return True
    return dtype.startswith("mxfp4") and name == "mxfp4_moe"


@lru_cache(maxsize=256)
def _key(name: str) -> str:
    """Letters and digits of a model's name alone."""
    return re.sub(r"[^a-z0-9.]", "", name.rpartition("/")[2].lower())


class CacheQuality(NamedTuple):
    """Mean divergence that a quantized KV cache adds at `context` tokens, in nats, with the model and the source."""

    kld_mean: float
    context: int
    model: str
    source: str

    def at(self, context: int) -> float:
        """About the divergence at a shorter context: its logarithm is a line in that of the context.

        Qwen3.6-35B-A3B tells the slope: 0.0016 nats at 4,096 tokens (openclawradar, April 2026), 0.04 at 250,000.
        """
        return float(self.kld_mean * min(1.0, context / self.context) ** _SLOPE) if self.kld_mean else 0.0


_SLOPE = 0.783  # log(0.04 / 0.0016) / log(250,000 / 4,096)
_LONG = "localbench, KV cache quantization benchmark (April 2026), read from two reports of it"
_CACHES = (
    ("gemma", "q8_0", 0.108, "Gemma 4 31B"),
    ("gemma", "q4_0", 1.088, "Gemma 4 26B-A4B"),
    ("", "q8_0", 0.04, "Qwen3.6 27B and 35B-A3B"),
    ("", "q4_0", 0.117, "Qwen3.6 27B and 35B-A3B"),
)


@lru_cache(maxsize=256)
def cache_quality(kind: str, model: str) -> CacheQuality | None:
    """What a cache of `kind` costs; None without a measurement. 16 bits cost nothing."""
    if kind in ("f16", "bf16", "f32"):
        return CacheQuality(0.0, 0, "", "16 bits")
    for family, measured, loss, name in _CACHES:
        if measured == kind and family in model.lower():
            return CacheQuality(loss, 250_000, name, _LONG)
    return None
