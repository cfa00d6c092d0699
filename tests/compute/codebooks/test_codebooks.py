"""Codebooks: bitsandbytes' bytes, double quantization, tables of the user's own, odd input."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from qtui.compute.codebooks.tables import dynamic_map, nearest_codes, table_of
from qtui.compute.codec import F32, Encoded
from qtui.compute.errors import measure
from qtui.compute.formats import get_format
from tests.support import DATA
from tests.support.any_codec import assert_stable, matrices, stored

VECTORS = DATA / "pytorch_side.npz"
SPECS = [
    "nf4",
    "nf4:double",
    "nf4:block=100,scale=fp16",
    "bnb_fp4",
    "bnb_dynamic8",
    "codebook:values=-1/-0.4/-0.1/0/0.1/0.4/1",
    "codebook:values=-1/1,block=9",
    "codebook:values=0/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17,double",
]


def check_four_bits(name: str, x: np.ndarray, golden: np.lib.npyio.NpzFile) -> None:
    fmt = get_format(f"bnb_{name}")
    encoded = fmt.codec.encode(x)
    blocks = encoded.data.reshape(len(x), -1, 36)
    assert np.array_equal(blocks[:, :, 4:].reshape(len(x), -1), golden[f"bnb_{name}_b64__bytes"])
    scales = np.ascontiguousarray(blocks[:, :, :4]).view("<f4")[:, :, 0]
    assert np.array_equal(scales, golden[f"bnb_{name}_b64__absmax"])
    assert encoded.data.nbytes == fmt.nbytes(x.shape)


@pytest.mark.parametrize("name", ["nf4", "fp4"])
def test_bytes_are_bitsandbytes(name: str) -> None:
    kept = np.load(VECTORS)
    check_four_bits(name, kept["x_blocks"], kept)


@pytest.mark.parametrize("name", ["nf4", "fp4"])
def test_bytes_are_bitsandbytes_everywhere(name: str, reference: Callable[[str], Path]) -> None:
    golden = np.load(reference("golden/pt_shared.npz"))
    check_four_bits(name, np.load(reference("golden/ggml_shared.npz"))["x"], golden)
    assert np.array_equal(table_of(name), golden[f"bnb_{name}_code"])


def test_the_dynamic_map_is_bitsandbytes() -> None:
    assert np.array_equal(dynamic_map(), np.load(VECTORS)["bnb_dynamic8_code"])


def test_dynamic_codes_are_nearest_and_bitsandbytes_nearly_so() -> None:
    kept = np.load(VECTORS)
    x = kept["x_blocks"][:3]
    codec = get_format("bnb_dynamic8").codec
    fields, theirs = codec.fields(codec.encode(x)), kept["bnb_dynamic8_b256__codes"][:3].astype(int)
    assert np.array_equal(fields.scale, kept["bnb_dynamic8_b256__absmax"][:3])
    differing = fields.codes != theirs
    assert 0 < differing.mean() < 0.005  # their CPU kernel misses the nearest now and then
    assert np.abs(fields.codes - theirs).max() == 1
    table, scale = dynamic_map(), np.repeat(fields.scale, 256, axis=1)
    ours, other = (np.abs(table[codes] * scale - x)[differing] for codes in (fields.codes, theirs))
    assert (ours <= other * (1 + 1e-5)).all()


def test_double_quantization_is_bitsandbytes(reference: Callable[[str], Path]) -> None:
    golden = np.load(reference("golden/pt_shared.npz"))
    fmt = get_format("nf4:double")
    encoded = fmt.codec.encode(np.load(reference("golden/ggml_shared.npz"))["x"][:8])
    blocks = encoded.data.reshape(8, 64, 33)
    assert np.array_equal(blocks[:, :, 1:].reshape(8, -1), golden["bnb_nf4_dq__bytes"])
    header = encoded.header.view("<f4")
    assert header[0] == golden["bnb_nf4_dq__offset"]
    assert np.array_equal(header[1:], golden["bnb_nf4_dq__absmax2"])
    # The same kernel as above makes the codes of the scales.
    differing = blocks[:, :, 0].reshape(-1) != golden["bnb_nf4_dq__absmax_q"]
    assert differing.sum() <= 2
    blocks[:, :, 0] = golden["bnb_nf4_dq__absmax_q"].reshape(8, 64)
    theirs = Encoded(blocks.reshape(8, -1), 4096, encoded.header)
    assert np.array_equal(fmt.codec.decode(theirs), golden["bnb_nf4_dq__deq"])
    assert float(fmt.bits_per_weight) == pytest.approx(4.127, abs=1e-4)


def test_halfway_goes_to_the_lower_value() -> None:
    table = np.array([4, 0, 1], np.float32)
    values = np.array([-1, 0.5, 0.51, 2.5, 2.51, 9, np.nan, np.inf, -np.inf], np.float32)
    assert nearest_codes(values, table).tolist() == [1, 1, 2, 2, 0, 0, 1, 0, 1]


def test_long_tables_give_the_same_codes_to_many_values_as_to_few() -> None:
    rng = np.random.default_rng(8)
    fine = np.sort(rng.random(200)).astype(np.float32)  # closer together than upper halves of floats can tell
    for table in (dynamic_map(), -dynamic_map()[::-1], fine):
        borders = (table[:-1] + table[1:]) / np.float32(2)
        values = np.concatenate(
            [borders, np.nextafter(borders, 9), np.nextafter(borders, -9), [0, -0.0, np.inf, -np.inf]]
        )
        values = np.concatenate([values, rng.uniform(-1, 1, 20000)]).astype(np.float32)
        few = np.concatenate([nearest_codes(values[i : i + 1000], table) for i in range(0, len(values), 1000)])
        assert np.array_equal(nearest_codes(values, table), few)


def test_a_table_of_ones_own_is_scaled_by_its_largest() -> None:
    codec = get_format("codebook:values=-6/-1/0/1/2/6,block=8").codec
    encoded = codec.encode(np.array([[12, -12, 2.5, 0.9, 4.1, 0, 9, -3]], np.float32))
    assert codec.fields(encoded).codes.tolist() == [[5, 0, 3, 2, 4, 2, 5, 1]]
    assert codec.decode(encoded).tolist() == [[12, -12, 2, 0, 4, 0, 12, -2]]


@pytest.mark.parametrize("spec", SPECS)
def test_bytes_are_what_the_format_costs(spec: str) -> None:
    fmt = get_format(spec)
    for shape in ((5, 100), (1, 4096), (300, 64)):
        x = (np.random.default_rng(0).standard_normal(shape) * 0.02).astype(np.float32)
        encoded = fmt.codec.encode(x)
        assert encoded.data.nbytes + encoded.header.nbytes == fmt.nbytes(shape)
        fields = fmt.codec.fields(encoded)
        assert fields.table is not None and fields.scale is not None
        scale = np.repeat(fields.scale, fields.group_size, axis=1)[:, : shape[1]]
        assert np.array_equal(fmt.codec.decode(encoded), scale * fields.table[fields.codes])


@pytest.mark.parametrize("spec", ["nf4", "nf4:double", "bnb_dynamic8"])
def test_parts_agree_with_the_whole(spec: str) -> None:
    x = np.random.default_rng(3).standard_normal((3000, 192)).astype(np.float32)
    codec = get_format(spec).codec
    whole = codec.decode(codec.encode(x))
    assert measure(codec, x).moments.e2 == pytest.approx(float(((whole - x).astype(np.float64) ** 2).sum()))


@pytest.mark.parametrize("spec", ["nf4", "bnb_fp4", "codebook:values=-1/-0.4/0/0.4/1"])
def test_encoding_again_changes_nothing(spec: str) -> None:
    assert_stable(spec, np.random.default_rng(2).standard_normal((5, 512)).astype(np.float32))


@pytest.mark.parametrize("spec", SPECS)
@settings(max_examples=20, deadline=None)
@given(x=matrices())
def test_anything_can_be_encoded(spec: str, x: F32) -> None:
    stored(spec, x)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("codebook", "needs its values"),
        ("codebook:values=1", "2 to 256 different"),
        ("codebook:values=1/1", "different"),
        ("codebook:values=a/b", "numbers between slashes"),
        ("codebook:values=inf/1", "finite"),
        ("nf4:block=3", "from 8 to 4096"),
        ("nf4:scale=fp8", "fp32 or fp16"),
        ("nf4:values=1/2", "no option"),
        ("nf4:double,scale=fp16", "leave scale= out"),
    ],
)
def test_a_mistake_says_what_is_right(spec: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        get_format(spec)


def test_names_read_back() -> None:
    for spec in [*SPECS, "BNB_NF4", "fp4_bnb"]:
        assert get_format(get_format(spec).name) == get_format(spec)


def test_shapes_are_named() -> None:
    with pytest.raises(ValueError, match=r"\(rows, columns\), not \(3,\)"):
        get_format("nf4").codec.encode(np.zeros(3, np.float32))
    with pytest.raises(ValueError, match=r"\(rows, 36\) for 64 columns"):
        get_format("nf4").codec.decode(Encoded(np.zeros((1, 3), np.uint8), 64))
    with pytest.raises(ValueError, match="header of 8 bytes"):
        get_format("nf4:double").codec.decode(Encoded(np.zeros((1, 33), np.uint8), 64))
