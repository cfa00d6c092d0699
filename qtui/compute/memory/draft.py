"""What a checkpoint may hold to draft tokens with, beside its text model."""

from __future__ import annotations

from dataclasses import dataclass

from qtui.compute.memory.ffns.base import FeedForward
from qtui.compute.memory.mixers.base import Mixer


@dataclass(frozen=True, kw_only=True)
class DraftModule:
    """The multi-token-prediction module: decoder layers, `modules` projections, norms and embeddings of its own."""

    mixers: tuple[Mixer, ...] = ()
    ffns: tuple[FeedForward, ...] = ()
    modules: int = 1
    norms: int = 0
    embeddings: int = 0
    extra: int = 0
