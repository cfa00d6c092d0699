"""An architecture typed by hand: `layers=32,hidden=4096,heads=32,kv=8,ffn=14336,vocab=128256`."""

from __future__ import annotations

from dataclasses import replace

from qtui.compute.memory.architecture import LAYERS_LIMIT, Architecture
from qtui.compute.memory.ffns.base import FeedForward
from qtui.compute.memory.ffns.dense import DenseFfn
from qtui.compute.memory.ffns.experts import MoeFfn
from qtui.compute.memory.mixers.attention import Attention
from qtui.error import QtuiError, whole_number

NEEDED = ("layers", "hidden", "heads", "ffn", "vocab")
OPTIONAL = {
    "kv": "key-value heads (as many as heads)",
    "head_dim": "width of a head (hidden / heads)",
    "tied": "1 where the embedding is also the output head",
    "window": "sliding window of the local layers, in tokens",
    "period": "one layer in so many is global, where there is a window (6)",
    "experts": "experts of each layer",
    "top": "experts that a token uses (2)",
    "expert_ffn": "width of one expert (ffn)",
    "shared": "width of the shared expert",
}


def parse_arch(text: str) -> Architecture:
    """The architecture that `text` describes. Raises QtuiError with what is missing, unknown or impossible."""
    values: dict[str, int] = {}
    for item in text.split(","):
        key, sign, number = (part.strip() for part in item.partition("="))
        if key not in NEEDED and key not in OPTIONAL:
            raise QtuiError(f"--arch knows no {key!r}; it takes {', '.join((*NEEDED, *OPTIONAL))}")
        value = whole_number(number)
        if not sign or value is None or value >= 10**12:
            raise QtuiError(f"--arch needs a whole number for {key}, not {number!r}")
        values[key] = value
    if values.get("layers", 0) > LAYERS_LIMIT:
        raise QtuiError(f"--arch takes at most {LAYERS_LIMIT:,} layers, not {values['layers']:,}")
    missing = [key for key in NEEDED if not values.get(key)]
    if missing:
        raise QtuiError(f"--arch also needs {', '.join(missing)}, as in {EXAMPLE}")
    heads = values["heads"]
    kv = values.get("kv") or heads
    if heads % kv or (values["hidden"] % heads and "head_dim" not in values):
        raise QtuiError(f"{heads} heads don't divide into {kv} key-value heads or over a width of {values['hidden']}")
    head_dim = values.get("head_dim") or values["hidden"] // heads
    return Architecture(
        hidden_size=values["hidden"],
        num_layers=values["layers"],
        vocab_size=values["vocab"],
        tie_word_embeddings=bool(values.get("tied")),
        mixers=_mixers(Attention(heads=heads, kv_heads=kv, head_dim=head_dim, layers=values["layers"]), values),
        ffns=(_ffn(values),),
    )


EXAMPLE = "layers=32,hidden=4096,heads=32,kv=8,ffn=14336,vocab=128256"


def _mixers(mixer: Attention, values: dict[str, int]) -> tuple[Attention, ...]:
    window = values.get("window")
    if not window:
        return (mixer,)
    everywhere = mixer.layers // (values.get("period") or 6)
    local = replace(mixer, layers=mixer.layers - everywhere, window=window)
    return (local, replace(mixer, layers=everywhere)) if everywhere else (local,)


def _ffn(values: dict[str, int]) -> FeedForward:
    layers = values["layers"]
    if not values.get("experts"):
        return DenseFfn(layers=layers, intermediate=values["ffn"])
    return MoeFfn(
        layers=layers,
        experts=values["experts"],
        experts_per_token=values.get("top") or 2,
        moe_intermediate=values.get("expert_ffn") or values["ffn"],
        shared_intermediate=values.get("shared") or 0,
    )
