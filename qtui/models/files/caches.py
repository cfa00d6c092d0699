"""Where other programs keep models on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

DEEPEST = 8  # folders below a cache


def caches() -> list[tuple[str, Path]]:
    """The folders in which other programs keep models: name and place."""
    home = Path.home()
    hub = os.environ.get("HF_HUB_CACHE") or os.path.join(
        os.environ.get("HF_HOME", str(home / ".cache" / "huggingface")), "hub"
    )
    return [
        ("Hugging Face", Path(hub)),
        ("Ollama", Path(os.environ.get("OLLAMA_MODELS", str(home / ".ollama" / "models"))) / "blobs"),
        ("LM Studio", home / ".lmstudio" / "models"),
        ("LM Studio", home / ".cache" / "lm-studio" / "models"),
        ("llama.cpp", Path(os.environ.get("LLAMA_CACHE", str(home / ".cache" / "llama.cpp")))),
    ]


def models_below(folder: Path) -> Iterator[Path]:
    """Model files in a cache: GGUF, Ollama's blobs, and folders with safetensors."""
    depth = len(folder.parts)
    for base, folders, files in os.walk(folder):
        here = Path(base)
        if len(here.parts) - depth >= DEEPEST:
            folders.clear()
        folders.sort()
        if "config.json" in files and any(name.endswith(".safetensors") for name in files):
            yield here
        for name in sorted(files):
            path = here / name
            if name.endswith(".gguf") or (name.startswith("sha256-") and _is_gguf(path)):
                yield path


def _is_gguf(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(4) == b"GGUF"
    except OSError:
        return False
