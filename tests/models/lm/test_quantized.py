"""Checkpoints of other quantizers run as what their codes decode to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file

from qtui.compute.lm.transformer import Transformer
from qtui.models.catalogue.files import from_file
from qtui.models.lm.load import load_model
from qtui.models.published.quality import quality_of
from tests.support import lm_models

F32 = NDArray[np.float32]
NAME = "llama"


def as_int8(stem: str, x: F32) -> tuple[dict[str, NDArray[Any]], F32]:
    """compressed-tensors' int-quantized: a scale for each row."""
    scale = np.abs(x).max(axis=1, keepdims=True) / np.float32(127)
    codes = np.rint(x / scale).astype(np.int8)
    return {f"{stem}.weight": codes, f"{stem}.weight_scale": scale}, codes * scale


def as_mlx(stem: str, x: F32) -> tuple[dict[str, NDArray[Any]], F32]:
    """MLX's affine groups of 16, four bits."""
    groups = x.reshape(len(x), -1, 16)
    low = groups.min(axis=2, keepdims=True)
    scale = (groups.max(axis=2, keepdims=True) - low) / np.float32(15)
    codes = np.rint((groups - low) / scale).astype(np.uint32)
    eights = codes.reshape(len(x), -1, 8) << np.arange(0, 32, 4, dtype=np.uint32)
    words = np.bitwise_or.reduce(eights, axis=2)
    stored = {f"{stem}.weight": words, f"{stem}.scales": scale[:, :, 0], f"{stem}.biases": low[:, :, 0]}
    return stored, (codes.astype(np.float32) * scale + low).reshape(x.shape)


def as_gptq(stem: str, x: F32) -> tuple[dict[str, NDArray[Any]], F32]:
    """GPTQ's columns of words, groups of 16, zero point 8 stored as 7."""
    groups = x.reshape(len(x), -1, 16)
    scale = (np.abs(groups).max(axis=2) / 7).astype(np.float16)
    wide = np.repeat(scale.astype(np.float32), 16, axis=1)
    codes = np.clip(np.rint(x / wide) + 8, 0, 15).astype(np.uint32)
    eights = codes.T.reshape(-1, 8, len(x)) << np.arange(0, 32, 4, dtype=np.uint32)[:, None]
    stored = {
        f"{stem}.qweight": np.ascontiguousarray(np.bitwise_or.reduce(eights, axis=1)).view(np.int32),
        f"{stem}.qzeros": np.full((scale.shape[1], len(x) // 8), 0x77777777, np.int32),
        f"{stem}.scales": np.ascontiguousarray(scale.T),
    }
    return stored, (codes.astype(np.float32) - 8) * wide


LAYOUTS = {
    "compressed-tensors": (as_int8, {"quantization_config": {"quant_method": "compressed-tensors"}}),
    "mlx": (as_mlx, {"quantization": {"group_size": 16, "bits": 4}}),
    "gptq": (as_gptq, {"quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 16}}),
}


@pytest.mark.parametrize("quantizer", LAYOUTS)
def test_a_quantizers_checkpoint_runs(quantizer: str, tmp_path: Path) -> None:
    pack, settings = LAYOUTS[quantizer]
    packed: dict[str, NDArray[Any]] = {}
    plain: dict[str, NDArray[Any]] = {}
    for name, shape in lm_models.shapes(NAME).items():
        values = lm_models.weight(name, shape)
        plain[name] = values
        if "_proj" in name:
            stored, plain[name] = pack(name.removesuffix(".weight"), values)
            packed |= stored
        else:
            packed[name] = values
    logits = []
    for folder, tensors, extra in (("packed", packed, settings), ("plain", plain, {})):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "config.json").write_text(json.dumps(lm_models.config(NAME) | extra))
        save_file(tensors, tmp_path / folder / "model.safetensors")
        model = load_model(str(tmp_path / folder / "model.safetensors"))
        assert model.file.quantizer == (quantizer if extra else "")
        # Nobody knows what it has lost, so it is not said to lose nothing.
        known = from_file(model.file)
        lost = quality_of("native", known.name, known.dtype, known.mix)
        assert known.mix.startswith(f"{quantizer} INT") and lost is None if extra else lost and lost.kld_mean == 0
        logits.append(Transformer(model.config, model.weights()).logits(lm_models.ids()[None])[0])
    assert np.abs(logits[1]).max() > 0.5
    assert logits[0] == pytest.approx(logits[1], abs=1e-5)
