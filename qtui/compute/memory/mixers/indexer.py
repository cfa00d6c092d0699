"""The sparse-attention indexer that some layers of latent and of compressed attention have (DeepSeek-V3.2, -V4)."""

from typing import NamedTuple


class Indexer(NamedTuple):
    """The sparse-attention indexer of a layer: it keeps a key for `kpool` tokens, and chooses `topk` of them."""

    heads: int
    head_dim: int
    kpool: int = 1
    topk: int = 0
