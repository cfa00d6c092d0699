"""Values of tensors on disk, of every dtype, against the reference packages."""

import os
from pathlib import Path

import gguf
import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import save_file

from qtui.compute.formats import Format, get_format
from qtui.compute.ggml.formats import TYPES
from qtui.models.files.model_file import Tensor
from qtui.models.files.open import open_model
from qtui.models.files.source import ModelFileError
from qtui.models.tensors.values import TensorData
from tests.support.made_files import gguf_bytes, safetensors_bytes, save

RNG = np.random.default_rng(3)


def all_values(tensor: Tensor, size: int = 1 << 16) -> np.ndarray:
    with TensorData(tensor) as data:
        return np.concatenate([chunk.copy() for _, chunk in data.chunks(size)]).reshape(tensor.shape)


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"])
def test_plain_numbers(tmp_path: Path, dtype: str) -> None:
    array = RNG.integers(0, 2 if dtype == "?" else 100, (7, 13)).astype(dtype)
    save_file({"w": array}, tmp_path / "m.safetensors")
    tensor = open_model(str(tmp_path / "m.safetensors")).tensors[0]
    np.testing.assert_array_equal(all_values(tensor), array.astype(np.float32))


@pytest.mark.parametrize(
    ("dtype", "reference"),
    [
        ("F16", np.float16),
        ("BF16", ml_dtypes.bfloat16),
        ("F8_E4M3", ml_dtypes.float8_e4m3fn),
        ("F8_E5M2", ml_dtypes.float8_e5m2),
        ("F8_E8M0", ml_dtypes.float8_e8m0fnu),
        ("F8_E4M3FNUZ", ml_dtypes.float8_e4m3fnuz),
        ("F8_E5M2FNUZ", ml_dtypes.float8_e5m2fnuz),
    ],
)
def test_every_code_of_the_narrow_floats(tmp_path: Path, dtype: str, reference: type) -> None:
    width = np.dtype(reference).itemsize
    codes = np.arange(1 << 8 * width, dtype=f"<u{width}")
    header = {"w": {"dtype": dtype, "shape": [codes.size], "data_offsets": [0, codes.nbytes]}}
    path = save(tmp_path / "m.safetensors", safetensors_bytes(header, codes.tobytes()))
    with np.errstate(invalid="ignore"):
        truth = codes.view(reference).astype(np.float32)
    np.testing.assert_array_equal(all_values(open_model(path).tensors[0]), truth)


@pytest.mark.parametrize(
    ("dtype", "reference", "bits"),
    [
        ("F4", ml_dtypes.float4_e2m1fn, 4),
        ("F6_E2M3", ml_dtypes.float6_e2m3fn, 6),
        ("F6_E3M2", ml_dtypes.float6_e3m2fn, 6),
    ],
)
def test_packed_floats_have_their_first_value_in_the_lowest_bits(
    tmp_path: Path, dtype: str, reference: type, bits: int
) -> None:
    codes = RNG.integers(0, 1 << bits, 240).astype(np.uint8)
    packed = np.packbits(np.unpackbits(codes[:, None], axis=1, bitorder="little")[:, :bits], bitorder="little")
    header = {"w": {"dtype": dtype, "shape": [10, 24], "data_offsets": [0, packed.size]}}
    path = save(tmp_path / "m.safetensors", safetensors_bytes(header, packed.tobytes()))
    truth = codes.view(reference).astype(np.float32).reshape(10, 24)
    np.testing.assert_array_equal(all_values(open_model(path).tensors[0]), truth)


STORED = [t for t in TYPES if t.name not in ("Q8_1", "Q8_K", "I8", "I16", "I32", "I64", "F64", "Q2_0")]


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: kind.name)
def test_ggml_blocks_as_the_gguf_package_decodes_them(tmp_path: Path, kind: Format) -> None:
    name, block_size, block_bytes = kind.name, kind.block_size, kind.block_bytes
    reference = gguf.GGMLQuantizationType[name]
    raw = RNG.integers(0, 256, (6, 2 * block_bytes)).astype(np.uint8)
    if name in ("F32", "F16", "BF16"):
        raw = np.ones((6, 2), np.float32).view(np.uint8)[:, : 2 * block_bytes].copy()
    data = gguf_bytes([], [("w", (2 * block_size, 6), reference.value, 0)], raw.tobytes())
    tensor = open_model(save(tmp_path / "m.gguf", data)).tensors[0]
    assert tensor.format == name or name in ("F32", "F16", "BF16")
    try:
        with np.errstate(all="ignore"):
            truth = gguf.quants.dequantize(raw, reference)
    except NotImplementedError:
        pytest.skip(f"this gguf package does not decode {name}")
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(all_values(tensor), truth.reshape(6, -1))


def test_the_types_of_activations_are_decoded_too(tmp_path: Path) -> None:
    """block_q8_1: half d, half s, int8[32]; block_q8_K: float d, int8[256], int16[16]."""
    codes = RNG.integers(-128, 128, (6, 256)).astype(np.int8)
    d = RNG.normal(size=(6, 1)).astype(np.float16)
    q8_1 = [np.concatenate([d.view(np.uint8), d.view(np.uint8), codes[:, :32].view(np.uint8)], axis=1), d, 32, 9]
    wide, sums = d.astype(np.float32) / 3, np.zeros((6, 32), np.uint8)
    q8_k = [np.concatenate([wide.view(np.uint8), codes.view(np.uint8), sums], axis=1), wide, 256, 15]
    for raw, scale, size, kind in (q8_1, q8_k):
        data = gguf_bytes([], [("w", (size, 6), kind, 0)], raw.tobytes())
        tensor = open_model(save(tmp_path / "m.gguf", data)).tensors[0]
        np.testing.assert_array_equal(all_values(tensor), codes[:, :size] * scale.astype(np.float32))


def test_any_range_and_any_chunk_size_give_the_same_values(tmp_path: Path) -> None:
    array = RNG.normal(size=(5, 96)).astype(np.float32)
    raw = gguf.quants.quantize(array, gguf.GGMLQuantizationType.Q8_0)
    data = gguf_bytes([], [("w", (96, 5), 8, 0)], raw.tobytes())
    tensor = open_model(save(tmp_path / "m.gguf", data)).tensors[0]
    whole = all_values(tensor)
    for size in (1, 32, 40, 96, 200, 10_000):
        np.testing.assert_array_equal(all_values(tensor, size), whole)
    with TensorData(tensor) as opened:
        np.testing.assert_array_equal(opened.rows(2, 4), whole[2:4])
        np.testing.assert_array_equal(opened.values(33, 130), whole.reshape(-1)[33:130])
        assert opened.values(7, 7).size == 0
        with pytest.raises(ValueError, match="480 values"):
            opened.values(0, 481)


def test_a_file_without_the_tensors_bytes_is_refused() -> None:
    tensor = Tensor("w", (1 << 24,), "F32", 0, 4 << 24, os.devnull)
    with pytest.raises(ModelFileError):
        TensorData(tensor)


def test_what_has_no_values_says_so(tmp_path: Path) -> None:
    header = {"w": {"dtype": "C64", "shape": [1], "data_offsets": [0, 8]}}
    tensor = open_model(save(tmp_path / "m.safetensors", safetensors_bytes(header, bytes(8)))).tensors[0]
    with pytest.raises(ModelFileError, match="complex"):
        TensorData(tensor)
    with pytest.raises(ModelFileError, match="list but not decode"):
        TensorData(Tensor("w", (256,), "Q9_K", 0, 292, tensor.path))


def test_formats_of_the_registry_cost_what_the_files_say() -> None:
    for kind in STORED:
        if kind.name not in ("F32", "F16", "BF16"):
            fmt = get_format(kind.name)
            assert (fmt.block_size, fmt.block_bytes) == (kind.block_size, kind.block_bytes)
