"""Codes and scales stored as two tensors, read as the one that they stand for."""

from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from qtui.models.files.open import open_model
from qtui.models.quantized.join import joined
from qtui.models.tensors.values import TensorData
from tests.support.made_files import safetensors_bytes, save

RNG = np.random.default_rng(5)


def written(path: Path, arrays: dict[str, tuple[str, np.ndarray[Any, Any]]]) -> str:
    header, data = {}, b""
    for name, (dtype, array) in arrays.items():
        header[name] = {
            "dtype": dtype,
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + array.nbytes],
        }
        data += array.tobytes()
    return save(path, safetensors_bytes(header, data))


@pytest.mark.parametrize("size", [32, 40, 64, 1 << 16])
def test_mxfp4_of_gpt_oss(tmp_path: Path, size: int) -> None:
    codes = RNG.integers(0, 16, (2, 3, 4, 32)).astype(np.uint8)
    blocks = codes[..., 0::2] | codes[..., 1::2] << 4
    exponents = RNG.integers(100, 140, (2, 3, 4)).astype(np.uint8)
    path = written(tmp_path / "m.safetensors", {"x.w_blocks": ("U8", blocks), "x.w_scales": ("U8", exponents)})
    raw = open_model(path)
    assert len(raw.tensors) == 2
    (tensor,) = joined(raw).tensors
    assert (tensor.name, tensor.shape, tensor.dtype, tensor.format) == ("x.w", (2, 3, 128), "MXFP4", "MXFP4")
    truth = (
        codes.view(ml_dtypes.float4_e2m1fn).astype(np.float32)
        * 2.0 ** (exponents.astype(np.float32) - 127)[..., None]
    )
    with TensorData(tensor) as data:
        whole = np.concatenate([chunk.copy() for _, chunk in data.chunks(size)])
        np.testing.assert_array_equal(whole, truth.reshape(-1))
        np.testing.assert_array_equal(data.values(37, 99), truth.reshape(-1)[37:99])


@pytest.mark.parametrize("dtype", ["F32", "BF16"])
def test_fp8_with_a_scale_for_each_block(tmp_path: Path, dtype: str) -> None:
    codes = RNG.integers(0, 127, (300, 200)).astype(np.uint8)
    scales = RNG.uniform(0.5, 2, (3, 2)).astype(np.float32)
    if dtype == "BF16":
        scales = scales.astype(ml_dtypes.bfloat16)
    arrays = {"a.weight": ("F8_E4M3", codes), "a.weight_scale_inv": (dtype, scales)}
    (tensor,) = joined(open_model(written(tmp_path / "m.safetensors", arrays))).tensors
    factors = np.repeat(np.repeat(scales.astype(np.float32), 128, 0), 128, 1)[:300, :200]
    truth = codes.view(ml_dtypes.float8_e4m3fn).astype(np.float32) * factors
    with TensorData(tensor) as data:
        np.testing.assert_array_equal(data.rows(0, 300), truth)
        np.testing.assert_array_equal(data.values(12_345, 45_678), truth.reshape(-1)[12_345:45_678])
        whole = np.concatenate([chunk.copy() for _, chunk in data.chunks(1000)])
        np.testing.assert_array_equal(whole, truth.reshape(-1))


def test_what_does_not_fit_together_stays_apart(tmp_path: Path) -> None:
    arrays = {
        "a_blocks": ("U8", np.zeros((2, 16), np.uint8)),
        "a_scales": ("U8", np.zeros(3, np.uint8)),
        "b.weight": ("F8_E4M3", np.zeros((4, 4), np.uint8)),
        "b.weight_scale_inv": ("F32", np.zeros((2, 3), np.float32)),
        "c_blocks": ("U8", np.zeros((2, 16), np.uint8)),
    }
    model = open_model(written(tmp_path / "m.safetensors", arrays))
    assert joined(model) is model
