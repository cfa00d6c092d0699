"""Weights of other quantizers' checkpoints against what the libraries that wrote them decode."""

from pathlib import Path

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
# What a library computes in 16 bits or in another order of multiplication: relative to the largest weight.
LOOSE = {"bnb": 2e-7, "hqq": 1e-6, "ct_": 4e-3}


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
        tolerance = next((v for k, v in LOOSE.items() if name.startswith(k)), 0) * float(np.abs(expected).max())
        np.testing.assert_allclose(whole.reshape(expected.shape), expected, rtol=2e-7, atol=tolerance)
        np.testing.assert_array_equal(pieces, whole)
        np.testing.assert_array_equal(middle, whole[37:1001])
        np.testing.assert_array_equal(some.reshape(-1), whole[3 * data.columns : 7 * data.columns])
        with TensorData(tensor, mapped=True) as data:
            np.testing.assert_array_equal(data.values(0, data.count), whole)
