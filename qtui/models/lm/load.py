"""`load_model`: a language model from a file, ready to run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from qtui.compute.lm.config import LmConfig
from qtui.models.files.json_text import parse_json
from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.files.open import open_model
from qtui.models.files.source import LocalSource, ModelFileError, exists, quoted
from qtui.models.lm.checkpoint import config_of_checkpoint, names_of_checkpoint
from qtui.models.lm.families import Family, family_called
from qtui.models.lm.gguf import config_of_gguf
from qtui.models.lm.weights import FileWeights
from qtui.models.quantized.join import joined

JSON_LIMIT = 64 << 20
MEMORY = 2 << 30  # decoded weights kept, unless another bound is given


@dataclass(frozen=True)
class LanguageModel:
    """A model that can be run: `weights` decodes what `config` and `tensors` (by GGUF names) describe."""

    file: ModelFile
    family: Family
    config: LmConfig
    tensors: dict[str, Tensor]
    memory: int

    @property
    def offset(self) -> bool:
        """Whether norms are stored less one."""
        return self.family.offset and self.file.kind != "gguf"

    def weights(self) -> FileWeights:
        """A new reader of the weights, for one run of the model."""
        return FileWeights(self.tensors, self.memory, self.file.path, self.offset)


def load_model(path: str, memory: int = MEMORY) -> LanguageModel:
    """The language model at `path`; at most about `memory` bytes of its weights are held decoded.

    Raises ModelFileError where it can't be run: another family, missing or misshapen tensors, no config.json.
    """
    file = joined(open_model(path))
    if file.kind == "gguf":
        config = config_of_gguf(file)
        family = family_called(str(file.metadata.get("general.architecture")), file.path, gguf=True)
        tensors = {tensor.name: tensor for tensor in file.tensors}
    else:
        config, family, tensors = _checkpoint(file)
    check_tensors(file.path, config, tensors)
    return LanguageModel(file, family, config, tensors, memory)


def read_json(path: str) -> Any:
    """The parsed JSON file at `path`. Raises ModelFileError."""
    with LocalSource(path) as source:
        if source.size > JSON_LIMIT:
            raise ModelFileError(f"{path} is too large ({source.size:,} bytes); check the path")
        return parse_json(path, source.read(0, source.size), infinities=True)


def _checkpoint(file: ModelFile) -> tuple[LmConfig, Family, dict[str, Tensor]]:
    if file.kind != "safetensors" or file.config_path is None:
        raise ModelFileError(
            f"{file.path} can't be run: give a GGUF, or safetensors with their config.json beside them"
        )
    raw = read_json(file.config_path)
    if not isinstance(raw, dict):
        raise ModelFileError(f"{file.config_path} is no config.json: it is not a JSON object")
    config = config_of_checkpoint(raw, file.config_path)
    family = family_called(str(raw.get("model_type")), file.config_path, gguf=False)
    names = names_of_checkpoint([tensor.name for tensor in file.tensors], family)
    tied = raw.get("tie_word_embeddings", family.scaled_embedding)
    by_name = {tensor.name: tensor for tensor in file.tensors}
    tensors = {ours: by_name[theirs] for ours, theirs in names.items() if not (tied and ours == "output.weight")}
    return config, family, tensors


def check_tensors(path: str, config: LmConfig, tensors: dict[str, Tensor]) -> None:
    """Raise ModelFileError where a tensor that every family has is missing, or one has another shape."""
    queries, keys = config.heads * config.head_dim, config.kv_heads * config.head_dim
    if config.heads % config.kv_heads:
        raise ModelFileError(
            f"{path} has {config.heads} query heads for {config.kv_heads} key-value heads, which don't divide"
        )
    expected = {"token_embd.weight": (config.vocabulary, config.hidden), "output_norm.weight": (config.hidden,)}
    optional: dict[str, tuple[int, ...]] = {"output.weight": (config.vocabulary, config.hidden)}
    for i in range(len(config.layers)):
        at = f"blk.{i}."
        if f"{at}attn_qkv.weight" in tensors:
            expected[f"{at}attn_qkv.weight"] = (queries + 2 * keys, config.hidden)
        else:
            sizes = (("q", queries), ("k", keys), ("v", keys))
            expected |= {f"{at}attn_{name}.weight": (rows, config.hidden) for name, rows in sizes}
        fused = f"{at}ffn_gate.weight" not in tensors
        expected[f"{at}ffn_up.weight"] = (config.ffn * (1 + fused), config.hidden)
        expected[f"{at}ffn_down.weight"] = (config.hidden, config.ffn)
        expected[f"{at}attn_output.weight"] = (config.hidden, queries)
        expected |= {f"{at}{name}_norm.weight": (config.hidden,) for name in ("attn", "ffn")}
        optional |= {f"{at}attn_{name}_norm.weight": (config.head_dim,) for name in "qk"}
        optional |= {f"{at}post_{name}_norm.weight": (config.hidden,) for name in ("attention", "ffw")}
    biases = {f"{name.removesuffix('weight')}bias": shape[:1] for name, shape in expected.items() if len(shape) == 2}
    for name, shape in (expected | optional | biases).items():
        tensor = tensors.get(name)
        if tensor is None and name not in expected:
            continue
        if tensor is None:
            raise ModelFileError(f"{path} has no {quoted(name)}, without which it can't be run; check the file")
        if tensor.shape != shape:
            raise ModelFileError(
                f"{path} is corrupt: {quoted(name)} is {list(tensor.shape)}, not {list(shape)}; download it again"
            )
    bases = [layer.rope for layer in config.layers if layer.rope is not None]
    if any(2 * len(rope.frequencies) > config.head_dim for rope in bases):
        raise ModelFileError(f"{path} is corrupt: more dimensions are turned than a head has; get it again")


def beside(path: str, name: str) -> str | None:
    """The file called `name` in the folder of `path`, if there is one."""
    candidate = os.path.join(os.path.dirname(path), name)
    return candidate if exists(candidate, os.path.isfile) else None
