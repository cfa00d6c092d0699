"""The mixers there are, by the name that records give them."""

from __future__ import annotations

from qtui.compute.memory.mixers.attention import Attention
from qtui.compute.memory.mixers.base import Mixer
from qtui.compute.memory.mixers.latent import CompressedAttention, LatentAttention
from qtui.compute.memory.mixers.recurrent import GatedDeltaNet, KimiDelta, Mamba2, ShortConv

MIXERS: dict[str, type[Mixer]] = {
    mixer.KIND: mixer
    for mixer in (Attention, LatentAttention, CompressedAttention, GatedDeltaNet, KimiDelta, Mamba2, ShortConv)
}
