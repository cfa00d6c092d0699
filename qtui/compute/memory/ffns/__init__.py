"""The feed-forward half of a layer: a dense MLP, or a mixture of experts."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qtui.compute.memory.ffns.base import FeedForward

# By the kind that records name, as "module:class": a model's own alone are imported.
FFNS = {"dense": "dense:DenseFfn", "moe": "experts:MoeFfn"}


def ffn_class(kind: str) -> type[FeedForward]:
    """The class of feed-forward layers of that kind, one of `FFNS`."""
    module, _, name = FFNS[kind].partition(":")
    ffn: type[FeedForward] = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    return ffn
