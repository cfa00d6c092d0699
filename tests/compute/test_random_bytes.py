"""Bytes that no encoder wrote, as a damaged file would hold them: values and fields come back, without a warning."""

import warnings

import numpy as np
import pytest

from qtui.compute.codec import Encoded
from qtui.compute.errors import error_stats
from qtui.compute.formats import all_formats, get_format

FAMILIES = ("floats", "ints", "fp8", "mx", "codebooks", "smart")
SPECS = [fmt.name for fmt in all_formats() if fmt.family in FAMILIES] + [
    "int4:tinygemm,block=128",
    "int3:asym,scale=e4m3",
    "int1:block=9",
    "int5:asym,row,scale=fp16",
    "codebook:values=0/1/2/5,block=9,double",
    "side_table:block=512,kept=3,bits=3",
    "mx_int8:scale=even",
]


@pytest.mark.parametrize("spec", SPECS)
def test_any_bytes_can_be_read(spec: str) -> None:
    codec = get_format(spec).codec
    rng = np.random.default_rng(0)
    for shape in ((3, 100), (1, 1), (2, 512)):
        zeros = codec.encode(np.zeros(shape, np.float32))
        for _ in range(8):
            data, header = (rng.integers(0, 256, part.shape).astype(np.uint8) for part in (zeros.data, zeros.header))
            damaged = Encoded(data, zeros.columns, header)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                values, fields = codec.decode(damaged), codec.fields(damaged)
                stats = error_stats(np.zeros(shape, np.float32), values)
            assert values.shape == fields.codes.shape == shape
            assert stats.count + stats.bad_outputs == values.size
