"""What layouts are recognised by: a checkpoint's tensors by name, its config, and the few values that give shapes."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

from qtui.compute.dtypes import DTYPES
from qtui.models.files.json_text import parse_json
from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.files.source import LocalSource, ModelFileError

CONFIG_LIMIT = 8 << 20
SMALL = 1 << 16  # bytes of a tensor that describes another
_NUMBERS = {"I64": "q", "I32": "i", "I8": "b", "U8": "B", "F32": "f"}


class Checkpoint:
    """The tensors of a safetensors model by name, and what its config says of the quantizer.

    `settings` is config.json's `quantization_config`, or what libraries write in its place; {} where there is none.
    """

    def __init__(self, model: ModelFile) -> None:
        self.by_name = {tensor.name: tensor for tensor in model.tensors}
        self.metadata = model.metadata
        config = config_of(model)
        self.is_mlx = isinstance(config.get("quantization"), dict)
        self.settings = _settings(config)
        self._local = model.config is None
        self._sources: dict[str, LocalSource] = {}

    @property
    def method(self) -> str:
        """The name that the config gives the quantizer, "" where it gives none."""
        method = self.settings.get("quant_method")
        return "mlx" if self.is_mlx else method if isinstance(method, str) else ""

    def get(self, name: str, *dtypes: str) -> Tensor | None:
        """The tensor called `name`, of one of `dtypes` where they are given."""
        tensor = self.by_name.get(name)
        return None if tensor is None or (dtypes and tensor.dtype not in dtypes) else tensor

    def size(self, name: str, default: int = 0) -> int:
        """A positive whole number of the settings."""
        return whole(self.settings.get(name), default)

    def numbers(self, tensor: Tensor | None) -> tuple[float, ...]:
        """The values of a small tensor of integers or float32; () where it is not there or not at hand."""
        if tensor is None or tensor.dtype not in _NUMBERS:
            return ()
        raw = self._raw(tensor)
        width = DTYPES[tensor.dtype].bits // 8
        return struct.unpack(f"<{len(raw) // width}{_NUMBERS[tensor.dtype]}", raw)

    def text(self, tensor: Tensor | None) -> str:
        """The text in a small tensor of bytes."""
        return "" if tensor is None or tensor.dtype != "U8" else self._raw(tensor).decode("utf-8", "replace")

    def record(self, tensor: Tensor | None) -> Mapping[str, Any]:
        """The JSON object in a small tensor of bytes; {} where it has none."""
        return json_object(self.text(tensor))

    def _raw(self, tensor: Tensor) -> bytes:
        if not self._local or tensor.nbytes > SMALL:
            return b""
        if tensor.path not in self._sources:
            self._sources[tensor.path] = LocalSource(tensor.path)
        return self._sources[tensor.path].read(tensor.offset, tensor.nbytes)

    def close(self) -> None:
        """Close the files that were read."""
        for source in self._sources.values():
            source.close()
        self._sources.clear()


def whole(value: Any, default: int = 0) -> int:
    """A positive whole number below 2^31; `default` for anything else."""
    return value if type(value) is int and 0 < value < 1 << 31 else default


def json_object(text: Any) -> Mapping[str, Any]:
    """The JSON object in `text`; {} where it is none."""
    try:
        value = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def config_of(model: ModelFile) -> Mapping[str, Any]:
    """What the config.json of a checkpoint says; {} where there is none that can be read."""
    if model.config is not None:
        return model.config
    if model.config_path is None:
        return {}
    try:
        with LocalSource(model.config_path) as source:
            config = parse_json(model.config_path, source.read(0, min(source.size, CONFIG_LIMIT)), infinities=True)
    except ModelFileError:
        return {}  # the reader of the architecture reports what is wrong with it; names and shapes do without
    return config if isinstance(config, dict) else {}


def _settings(config: Mapping[str, Any]) -> Mapping[str, Any]:
    text = config.get("text_config")
    for place in (config, text if isinstance(text, dict) else {}):
        for key in ("quantization_config", "quantization", "compression_config"):
            settings = place.get(key)
            if isinstance(settings, dict):
                return settings
    return {}
