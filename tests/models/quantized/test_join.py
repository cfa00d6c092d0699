"""Codes and scales stored as two tensors, read as the one that they stand for."""

import json
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from qtui.models.files.open import open_model
from qtui.models.files.source import ModelFileError
from qtui.models.quantized.join import joined
from qtui.models.tensors.values import TensorData
from qtui.scenario.errors.file import unreadable
from tests.support.made_files import safetensors_bytes, save

TILED = {"_type": "Int4TilePackedTo4dTensor", "_data": {"block_size": [1, 32], "shape": [16, 256]}}
RNG = np.random.default_rng(5)


def written(
    path: Path, arrays: dict[str, tuple[str, np.ndarray[Any, Any]]], metadata: dict[str, str] | None = None
) -> str:
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    data = b""
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


def test_what_describes_a_weight_is_none(tmp_path: Path) -> None:
    arrays = {
        "a.weight": ("F8_E4M3", np.full((4, 64), 56, np.uint8)),
        "a.weight_scale": ("F32", np.full((), 0.5, np.float32)),
        "a.input_scale": ("F32", np.ones((), np.float32)),
        "a.k_scale": ("F32", np.ones((), np.float32)),
        "b.input_scale": ("F32", np.ones((), np.float32)),
    }
    raw = open_model(written(tmp_path / "m.safetensors", arrays))
    model = joined(raw)
    assert [tensor.name for tensor in model.tensors] == ["a.weight", "b.input_scale"]
    assert model.nbytes == raw.nbytes
    with TensorData(model.tensors[0]) as data:
        np.testing.assert_array_equal(data.rows(0, 4), np.full((4, 64), 0.5, np.float32))
    assert joined(model) is model


def test_blocks_are_those_of_the_config(tmp_path: Path) -> None:
    scales = np.arange(20, dtype=np.float32).reshape(2, 10)
    arrays = {
        "a.weight": ("F8_E4M3", np.full((96, 200), 56, np.uint8)),
        "a.weight_scale_inv": ("F32", scales),
    }
    path = written(tmp_path / "m.safetensors", arrays)
    (tmp_path / "config.json").write_text('{"quantization_config": {"weight_block_size": [50, 20]}}')
    (tensor,) = joined(open_model(path)).tensors
    with TensorData(tensor) as data:
        np.testing.assert_array_equal(data.rows(0, 96), np.repeat(np.repeat(scales, 50, 0), 20, 1)[:96])


def test_a_group_that_is_not_there(tmp_path: Path) -> None:
    arrays = {
        "a.qweight": ("I32", np.zeros((8, 32), np.int32)),
        "a.qzeros": ("I32", np.zeros((2, 4), np.int32)),
        "a.scales": ("F16", np.ones((2, 32), np.float16)),
        "a.g_idx": ("I32", np.full(64, 2, np.int32)),
    }
    (tensor,) = joined(open_model(written(tmp_path / "m.safetensors", arrays))).tensors
    with TensorData(tensor) as data, pytest.raises(ModelFileError, match="names a group that is not there"):
        data.rows(0, 1)


def test_zero_points_of_gptq_v2_are_stored_as_they_are(tmp_path: Path) -> None:
    arrays = {
        "a.qweight": ("I32", np.full((8, 32), 0x55555555, np.int32)),
        "a.qzeros": ("I32", np.full((2, 4), 0x33333333, np.int32)),
        "a.scales": ("F16", np.ones((2, 32), np.float16)),
    }
    path = written(tmp_path / "m.safetensors", arrays)
    for version, value in (("gptq", 1), ("gptq_v2", 2)):
        config = {"quantization_config": {"quant_method": "gptq", "checkpoint_format": version}}
        (tmp_path / "config.json").write_text(json.dumps(config))
        (tensor,) = joined(open_model(path)).tensors
        with TensorData(tensor) as data:
            np.testing.assert_array_equal(data.rows(0, 32), np.full((32, 64), value, np.float32))


def test_a_layout_that_is_not_known_is_said(tmp_path: Path) -> None:
    path = written(tmp_path / "m.safetensors", {"a.weight": ("U8", np.zeros((64, 128), np.uint8))})
    (tmp_path / "config.json").write_text('{"quantization_config": {"quant_method": "bitnet"}}')
    model = joined(open_model(path))
    (note,) = model.notes
    assert note.startswith("one tensor holds bitnet's codes in a layout that qtui can't decode")


def test_a_kernels_layout_is_refused_for_that_tensor(tmp_path: Path) -> None:
    arrays = {
        "a._weight_qdata": ("I32", np.zeros((2, 4, 32, 4), np.int32)),
        "a._weight_scale_and_zero": ("F32", np.zeros((2, 16, 2), np.float32)),
    }
    path = written(tmp_path / "m.safetensors", arrays, {"a.weight": json.dumps(TILED)})
    model = joined(open_model(path))
    (tensor,) = model.tensors
    assert (model.quantizer, tensor.name, tensor.shape) == ("torchao", "a.weight", (16, 256))
    with pytest.raises(ModelFileError, match="can't be decoded: torchao's Int4TilePackedTo4dTensor"):
        TensorData(tensor)


def test_int4_of_torchao(tmp_path: Path) -> None:
    codes = RNG.integers(-8, 8, (6, 64)).astype(np.int8)
    scales, zeros = (RNG.standard_normal((2, 6)).astype(np.float32) for _ in range(2))
    packed = (codes[:, 0::2] & 15 | codes[:, 1::2] << 4).astype(np.uint8)
    arrays = {
        "a._weight_qdata": ("I8", packed),
        "a._weight_scale": ("F32", scales),
        "a._weight_zero_point": ("F32", zeros),
    }
    record = {"a.weight": json.dumps({"_type": "Int4Tensor", "_data": {"block_size": [1, 32]}})}
    (tensor,) = joined(open_model(written(tmp_path / "m.safetensors", arrays, record))).tensors
    truth = codes * np.repeat(scales.T, 32, 1) + np.repeat(zeros.T, 32, 1)
    with TensorData(tensor) as data:
        np.testing.assert_allclose(data.rows(0, 6), truth, rtol=1e-6)


def test_quantized_scales_of_hqq_are_refused_by_name(tmp_path: Path) -> None:
    arrays: dict[str, tuple[str, np.ndarray[Any, Any]]] = {
        "a.W_q": ("U8", np.zeros((16, 64), np.uint8)),
        "a.scale_q": ("U8", np.zeros((32, 1), np.uint8)),
        "a.zero": ("F32", np.zeros((32, 1), np.float32)),
        "a.shape": ("I64", np.array([16, 128])),
        "a.nbits": ("I64", np.array(4)),
    }
    model = joined(open_model(written(tmp_path / "m.safetensors", arrays)))
    (tensor,) = model.tensors
    assert (tensor.name, tensor.shape, tensor.dtype, model.parameters) == ("a.weight", (16, 128), "INT4", 2048)
    with pytest.raises(ModelFileError, match="HQQ quantized the scales or zero points, too"):
        TensorData(tensor)
    assert unreadable(tensor).startswith("can't be decoded: HQQ quantized")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"quant_method": "gptq", "checkpoint_format": "bitblas"}, "gptq's codes in the layout 'bitblas'"),
        ({"quant_method": "gptq", "checkpoint_format": "qqq"}, "gptq's codes in the layout 'qqq'"),
        ({"quant_method": "compressed-tensors", "format": "marlin-24"}, "codes in the layout 'marlin-24'"),
        ({"quant_method": "awq", "version": "ipex"}, "awq's codes in the layout 'ipex'"),
    ],
)
def test_layouts_are_refused_by_name(tmp_path: Path, settings: dict[str, str], words: str) -> None:
    arrays = {
        "a.weight_packed": ("I32", np.zeros((64, 128), np.int32)),
        "a.x_scale": ("F16", np.zeros(64, np.float16)),
    }
    path = written(tmp_path / "m.safetensors", arrays)
    (tmp_path / "config.json").write_text(json.dumps({"quantization_config": settings}))
    (note,) = joined(open_model(path)).notes
    assert f"{words}, which qtui can't decode" in note


def test_four_bits_that_pytorch_names(tmp_path: Path) -> None:
    codes = RNG.integers(0, 16, (3, 64)).astype(np.uint8)
    header = {
        "a.weight_packed": {"dtype": "F4", "shape": [3, 64], "data_offsets": [0, 96]},
        "a.weight_scale": {"dtype": "F8_E8M0", "shape": [3, 2], "data_offsets": [96, 102]},
    }
    data = (codes[:, 0::2] | codes[:, 1::2] << 4).tobytes() + bytes([128] * 6)
    (tensor,) = joined(open_model(save(tmp_path / "m.safetensors", safetensors_bytes(header, data)))).tensors
    assert (tensor.shape, tensor.dtype) == ((3, 64), "MXFP4")
    with TensorData(tensor) as stored:
        np.testing.assert_array_equal(stored.rows(0, 3), 2 * codes.view(ml_dtypes.float4_e2m1fn).astype(np.float32))


@pytest.mark.parametrize(
    ("name", "quantizer"), [("scale_weight", "comfyui"), ("weight_scale", "fp8"), ("weight_scale_inv", "fp8")]
)
@pytest.mark.parametrize("codes", ["F8_E4M3", "F8_E5M2"])
def test_one_scale_for_a_tensor(tmp_path: Path, name: str, quantizer: str, codes: str) -> None:
    """As ComfyUI names it, and as others do."""
    stored = RNG.integers(0, 120, (8, 32)).astype(np.uint8)
    arrays: dict[str, tuple[str, np.ndarray[Any, Any]]] = {
        "a.weight": (codes, stored),
        f"a.{name}": ("F32", np.array([0.37], np.float32)),
        "scaled_fp8": (codes, np.zeros(0, np.uint8)),
    }
    model = joined(open_model(written(tmp_path / "m.safetensors", arrays)))
    kind = ml_dtypes.float8_e4m3fn if codes == "F8_E4M3" else ml_dtypes.float8_e5m2
    assert (model.quantizer, model.parameters) == (quantizer, 256)
    with TensorData(model.tensors[0]) as data:
        truth = stored.view(kind).astype(np.float32) * np.float32(0.37)
        np.testing.assert_array_equal(data.rows(0, 8), truth)
