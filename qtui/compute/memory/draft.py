"""What a checkpoint may hold to draft tokens with, beside its text model."""

from typing import NamedTuple

from qtui.compute.memory.ffns.base import FeedForward
from qtui.compute.memory.mixers.base import Mixer


class DraftModule(NamedTuple):
    """The multi-token-prediction module: decoder layers, `modules` projections, norms and embeddings of its own."""

    mixers: tuple[Mixer, ...] = ()
    ffns: tuple[FeedForward, ...] = ()
    modules: int = 1
    norms: int = 0
    embeddings: int = 0
    extra: int = 0
