"""FP8 with scales: values by definition, costs, and codes and scales as PyTorch's own casts give them."""

from pathlib import Path

import numpy as np
import pytest

from qtui.compute.codec import Encoded
from qtui.compute.errors import error_stats
from qtui.compute.errors.meter import measure
from qtui.compute.formats import get_format

SPECS = [
    f"{name}:{shared}{scale}"
    for name in ("fp8_e4m3", "fp8_e5m2")
    for shared in ("tensor", "row", "block=32", "block=128x128", "block=3x5")
    for scale in ("", ",scale=e8m0")
]
DATA = Path(__file__).parents[2] / "data" / "torch_fp8.npz"


def weights(rows: int = 300, columns: int = 200, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    scales = np.exp(rng.normal(size=(rows, 1)))
    return (scales * rng.standard_t(4, (rows, columns))).astype(np.float32)


@pytest.mark.parametrize("spec", SPECS)
def test_each_value_is_the_nearest_under_its_scale(spec: str) -> None:
    x, fmt = weights(), get_format(spec)
    encoded = fmt.codec.encode(x)
    fields, values = fmt.codec.fields(encoded), fmt.codec.decode(encoded)
    assert fmt.nbytes(x.shape) == encoded.data.size + encoded.header.size
    assert fields.scale is not None and fields.table is not None
    scale = np.repeat(fields.scale, fields.group_size, axis=1)[:, : x.shape[1]]
    np.testing.assert_array_equal(values, fields.table[fields.codes] * scale)
    grid = np.unique(fields.table[np.isfinite(fields.table)]).astype(np.float64)
    near = np.abs(grid[None] - (x[:40] / scale[:40]).astype(np.float64).reshape(-1, 1)).min(axis=1)
    ours = np.abs(fields.table[fields.codes[:40]] - x[:40] / scale[:40]).reshape(-1)
    np.testing.assert_allclose(ours, near, rtol=1e-5, atol=1e-7)
    assert np.abs(fields.table[fields.codes]).max() <= grid.max()


@pytest.mark.parametrize("spec", ["fp8_e4m3:block=128x128", "fp8_e4m3:block=3x5,scale=e8m0", "fp8_e4m3:tensor"])
def test_a_part_at_a_time_is_the_whole(spec: str) -> None:
    x, fmt = weights(1000, 700), get_format(spec)
    whole = error_stats(x, fmt.codec.decode(fmt.codec.encode(x)))
    assert measure(fmt.codec, x).rmse == pytest.approx(whole.rmse, rel=1e-6)


def test_a_tile_keeps_an_outlier_to_itself() -> None:
    x = np.full((256, 256), 1e-3, np.float32)
    x[3, 200] = 1000
    scale = (
        get_format("fp8_e4m3:block=128x128").codec.fields(get_format("fp8_e4m3:block=128x128").codec.encode(x)).scale
    )
    assert scale is not None
    assert (scale[:128, 1] > 2).all() and (scale[128:] < 1e-5).all() and (scale[:128, 0] < 1e-5).all()


@pytest.mark.parametrize("spec", SPECS)
def test_zeros_infinities_and_nan(spec: str) -> None:
    x = np.zeros((4, 256), np.float32)
    codec = get_format(spec).codec
    np.testing.assert_array_equal(codec.decode(codec.encode(x)), x)
    x[0, :3] = 1, np.inf, np.nan
    values = codec.decode(codec.encode(x))
    assert np.isfinite(values[0, :2]).all() and values[0, 1] > 0 and np.isnan(values[0, 2]) and not values[1:].any()
    for shape in ((0, 8), (3, 0)):
        assert codec.decode(codec.encode(np.zeros(shape, np.float32))).shape == shape
    with pytest.raises(ValueError, match="bytes"):
        codec.decode(Encoded(np.zeros((2, 1), np.uint8), 256, np.zeros(3, np.uint8)))


@pytest.mark.parametrize(
    ("spec", "name", "bits"),
    [
        ("fp8_e4m3:scale=tensor", "fp8_e4m3:tensor", 8),
        ("FP8_E4M3:scale=row", "fp8_e4m3:row", 8),
        ("fp8_e4m3:scale=block=128x128", "fp8_e4m3:block=128x128", 8 + 32 / 128**2),
        ("fp8_e4m3:block=128x128,scale=ue8m0", "fp8_e4m3:block=128x128,scale=e8m0", 8 + 8 / 128**2),
        ("fp8_e5m2:block=1x128", "fp8_e5m2:block=128", 8.25),
        ("fp8_e4m3", "float8_e4m3fn", 8),
    ],
)
def test_how_it_is_written(spec: str, name: str, bits: float) -> None:
    fmt = get_format(spec)
    assert (fmt.name, float(fmt.bits_per_weight)) == (name, bits) and get_format(fmt.name) == fmt


@pytest.mark.parametrize(
    "spec", ["fp8_e4m3:row,tensor", "fp8_e4m3:block=0x4", "fp8_e4m3:row,scale=fp16", "fp8_e4m3:block=x"]
)
def test_mistakes_say_what_to_write(spec: str) -> None:
    with pytest.raises(ValueError, match="fp8_e4m3:block=128x128"):
        get_format(spec)


@pytest.mark.parametrize("spec", SPECS)
def test_as_pytorch_casts(spec: str) -> None:
    """Vectors of torch 2.13: scales are absmax / largest, codes its cast of the clamped quotient."""
    with np.load(DATA) as data:
        x, codes, scales = data["x"], data[f"{spec}__codes"], data[f"{spec}__scales"]
    fields = get_format(spec).codec.fields(get_format(spec).codec.encode(x))
    np.testing.assert_array_equal(fields.codes, codes)
    np.testing.assert_array_equal(fields.scale, scales)
