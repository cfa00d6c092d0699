"""Weights of other quantizers' checkpoints against what the libraries that wrote them decode, bit for bit."""

from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from qtui.models.files.open import open_model
from qtui.models.quantized.join import joined
from qtui.models.tensors.values import TensorData
from tests.support.quantizer_files import quantizer_files

QUANTIZERS = {
    "ao": "torchao",
    "awq": "awq",
    "bnb": "bnb-",
    "ct": "compressed-tensors",
    "gptq": "gptq",
    "hqq": "hqq",
    "mlx": "mlx",
    "modelopt": "modelopt",
}
IN_BFLOAT16 = ("ct_nvfp4",)  # what the library rounds last


@pytest.mark.parametrize("name", quantizer_files())
def test_values_are_the_librarys(name: str, tmp_path: Path) -> None:
    made = quantizer_files()[name]
    model = joined(open_model(made.save(tmp_path)))
    assert model.quantizer.startswith(QUANTIZERS[name.partition("_")[0]])
    assert {tensor.name: tensor.shape for tensor in model.tensors} == {k: v.shape for k, v in made.weights.items()}
    assert model.parameters == sum(value.size for value in made.weights.values())
    assert model.nbytes == sum(tensor.nbytes for tensor in open_model(model.path).tensors)
    for tensor in model.tensors:
        expected = made.weights[tensor.name]
        with TensorData(tensor) as data:
            whole = data.values(0, data.count)
            pieces = np.concatenate([chunk.copy() for _, chunk in data.chunks(300)])
            middle = data.values(37, 1001)
            some = data.rows(3, 7)
        values = whole.astype(ml_dtypes.bfloat16).astype(np.float32) if name in IN_BFLOAT16 else whole
        np.testing.assert_array_equal(values.reshape(expected.shape), expected)
        np.testing.assert_array_equal(pieces, whole)
        np.testing.assert_array_equal(middle, whole[37:1001])
        np.testing.assert_array_equal(some.reshape(-1), whole[3 * data.columns : 7 * data.columns])
        with TensorData(tensor, mapped=True) as data:
            np.testing.assert_array_equal(data.values(0, data.count), whole)
