"""What the tests of the Errors pane share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from qtui.compute.data import draw


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)  # names typed by the tests are short
    arrays = {"model.embed_tokens.weight": draw("laplace", 256 * 40, seed=9).reshape(40, 256)}
    for layer in range(3):
        for index, role in enumerate(("self_attn.q_proj", "self_attn.v_proj", "mlp.down_proj")):
            x = draw("student-t" if index == 2 else "normal", 256 * 16, seed=10 * layer + index)
            arrays[f"model.layers.{layer}.{role}.weight"] = x.reshape(16, 256)
    arrays["positions"] = np.arange(8)
    save_file(arrays, tmp_path / "small.safetensors")
    return "small.safetensors"
