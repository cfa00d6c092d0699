"""Token mixers: attention of every kind, and the recurrent layers that replace it, one class each.

To add a mixer, write a class in one of these modules (see `base.Mixer` for what it has to say) and name it here.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qtui.compute.memory.mixers.base import Mixer

# By the kind that records name, as "module:class": a model's mixers alone are imported.
MIXERS = {
    "attention": "attention:Attention",
    "mla": "latent:LatentAttention",
    "dsv4": "compressed:CompressedAttention",
    "gated_deltanet": "delta:GatedDeltaNet",
    "kda": "kimi:KimiDelta",
    "mamba": "mamba:Mamba",
    "mamba2": "mamba:Mamba2",
    "attention_beside_mamba2": "mamba:AttentionBesideMamba",
    "short_conv": "mamba:ShortConv",
}


def mixer_class(kind: str) -> type[Mixer]:
    """The class of mixers of that kind, one of `MIXERS`."""
    module, _, name = MIXERS[kind].partition(":")
    mixer: type[Mixer] = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    return mixer
