"""Small checkpoints as libraries wrote them (tests/data/quantizers.npz), and the values that those read from them."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parents[1] / "data" / "quantizers.npz"


@dataclass(frozen=True)
class QuantizerFile:
    """A safetensors file and its config.json as bytes, and the expected weights by name."""

    file: bytes
    config: bytes
    weights: dict[str, NDArray[np.float32]]

    def save(self, folder: Path) -> str:
        """Write both into `folder`; the path of the safetensors file."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_bytes(self.config)
        path = folder / "model.safetensors"
        path.write_bytes(self.file)
        return str(path)


@lru_cache(maxsize=1)
def quantizer_files() -> dict[str, QuantizerFile]:
    """All of them by name: "awq", "gptq_3bit_order", "bnb_nf4_nested", ..."""
    with np.load(DATA) as archive:
        stored = {key: archive[key] for key in archive.files}
    return {
        name: QuantizerFile(
            stored[f"{name}|file"].tobytes(),
            stored[f"{name}|config"].tobytes(),
            {
                key.partition("|")[2]: value
                for key, value in stored.items()
                if key.startswith(f"{name}|") and key.partition("|")[2] not in ("file", "config")
            },
        )
        for name in sorted({key.partition("|")[0] for key in stored})
    }
