"""The families of models that can be run, as data: how each names itself and what its files leave unsaid.

Sources: llama.cpp's src/llama-model.cpp and src/models (October 2026) for GGUF files, the modeling_*.py and
configuration_*.py files of transformers 5 for the others.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtui.models.files.source import ModelFileError, quoted


@dataclass(frozen=True)
class Family:
    """One kind of decoder.

    `gguf` is its `general.architecture`, `model_types` those of config.json. `interleaved` says how the heads of its
    GGUF files are laid out. `period`: one layer in so many sees everything and the others only their window (0: all
    see everything); `unturned`: one layer in so many has no rotary positions. `offset`: config.json's checkpoints
    store norm weights less one. `local_base` is the rotary base of layers with a window.
    """

    name: str
    title: str
    gguf: str
    model_types: tuple[str, ...]
    interleaved: bool = False
    activation: str = "silu"
    scaled_embedding: bool = False
    offset: bool = False
    period: int = 0
    unturned: int = 0
    local_base: float = 0.0


FAMILIES = (
    Family("llama", "Llama, Mistral, SmolLM 2", "llama", ("llama", "mistral"), interleaved=True),
    Family("smollm3", "SmolLM 3", "smollm3", ("smollm3",), interleaved=True, unturned=4),
    Family("qwen2", "Qwen 2 and 2.5", "qwen2", ("qwen2",)),
    Family("qwen3", "Qwen 3", "qwen3", ("qwen3",)),
    Family("gemma", "Gemma", "gemma", ("gemma",), activation="gelu", scaled_embedding=True, offset=True),
    Family(
        "gemma2", "Gemma 2", "gemma2", ("gemma2",), activation="gelu", scaled_embedding=True, offset=True, period=2
    ),
    Family(
        "gemma3",
        "Gemma 3",
        "gemma3",
        ("gemma3", "gemma3_text"),
        activation="gelu",
        scaled_embedding=True,
        offset=True,
        period=6,
        local_base=10_000.0,
    ),
    Family("phi3", "Phi 3 and 4", "phi3", ("phi3",)),
)


def family_called(word: str, path: str, *, gguf: bool) -> Family:
    """The family that a file at `path` names. Raises ModelFileError, by name, for one that can't be run."""
    for family in FAMILIES:
        if word == family.gguf if gguf else word in family.model_types:
            return family
    known = ", ".join(family.title for family in FAMILIES)
    raise ModelFileError(f"{path} is of the family {quoted(word)}, which qtui can't run; it runs {known}")
