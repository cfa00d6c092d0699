"""GGUF headers against the gguf package, and every way of being wrong."""

import struct
from pathlib import Path

import gguf
import numpy as np
import pytest

from qtui.compute.ggml.formats import BY_ID
from qtui.models.files.open import open_model
from qtui.models.files.source import ModelFileError
from qtui.models.gguf.metadata import LazyArray
from qtui.models.tensors.values import TensorData
from tests.support.made_files import array, gguf_bytes, save, text

ARCH = ("general.architecture", 8, text("llama"))


def u32(key: str, value: int) -> tuple[str, int, bytes]:
    return key, 4, struct.pack("<I", value)


def written(path: Path) -> str:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(4096)
    writer.add_array("tokenizer.ggml.tokens", [f"token {i}" for i in range(3000)])
    writer.add_array("tokenizer.ggml.scores", [float(i) for i in range(3000)])
    writer.add_bool("general.truth", True)
    writer.add_array("llama.attention.head_count_kv", [4, 0, 4])
    rng = np.random.default_rng(0)
    writer.add_tensor("token_embd.weight", rng.normal(size=(10, 64)).astype(np.float32))
    quantized = gguf.quants.quantize(rng.normal(size=(3, 64)).astype(np.float32), gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor("blk.0.q", quantized, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor("blk.0.half", rng.normal(size=(2, 3, 4, 5)).astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return str(path)


def test_tensors_and_metadata_equal_what_the_gguf_package_reads(tmp_path: Path) -> None:
    path = written(tmp_path / "m.gguf")
    model = open_model(path)
    truth = gguf.GGUFReader(path)
    assert (model.kind, model.paths) == ("gguf", (path,))
    assert [(t.name, t.dtype, t.offset, t.nbytes, t.shape) for t in model.tensors] == [
        (t.name, t.tensor_type.name, t.data_offset, t.n_bytes, tuple(int(n) for n in t.shape[::-1]))
        for t in truth.tensors
    ]
    keys = [key for key in truth.fields if not key.startswith("GGUF.")]
    assert list(model.metadata) == keys
    for key in keys:
        value = model.metadata[key]
        assert (value.values() if isinstance(value, LazyArray) else value) == truth.fields[key].contents()
    assert model.parameters == 10 * 64 + 3 * 64 + 2 * 3 * 4 * 5
    assert model.tensor("blk.0.q").format == "Q8_0"
    assert model.tensor("blk.0.half").format == "float16"


def test_types_are_those_of_the_gguf_package() -> None:
    for kind, (block, nbytes) in gguf.constants.GGML_QUANT_SIZES.items():
        if kind.name != "Q8_1":  # its 40 bytes there are from before its two scales became half floats
            ours = BY_ID[kind.value]
            assert (ours.name, ours.block_size, ours.block_bytes) == (kind.name, block, nbytes)


def test_arrays_stay_in_the_file_until_asked_for(tmp_path: Path) -> None:
    tokens = open_model(written(tmp_path / "m.gguf")).metadata["tokenizer.ggml.tokens"]
    assert isinstance(tokens, LazyArray)
    assert (tokens.of, len(tokens)) == ("string", 3000)
    assert tokens.first(2) == ["token 0", "token 1"]


@pytest.mark.parametrize("lengths", [[0], [1] * 5000, [200_000, 3, 1 << 20, 7], [(1 << 20) - 8, 4], [9] * 200_000])
def test_string_arrays_of_any_length_are_stepped_over(tmp_path: Path, lengths: list[int]) -> None:
    items = b"".join(text(b"x" * n) for n in lengths)
    data = gguf_bytes([("a", 9, array(8, len(lengths), items)), u32("after", 77)], [("t", (4,), 0, 0)], bytes(16))
    assert open_model(save(tmp_path / "m.gguf", data)).metadata["after"] == 77


def test_version_2_and_other_alignments(tmp_path: Path) -> None:
    data = gguf_bytes([u32("general.alignment", 64)], [("t", (4,), 0, 64)], bytes(80), version=2, alignment=64)
    tensor = open_model(save(tmp_path / "m.gguf", data)).tensors[0]
    assert (tensor.offset, tensor.nbytes) == (len(data) - 16, 16)


ONE = [("t", (32,), 8, 0)]
BAD = {
    "big-endian": b"GGUF" + struct.pack(">I", 3) + bytes(16),
    "version 1": b"GGUF" + struct.pack("<I", 1) + bytes(16),
    "GGUF version 77": b"GGUF" + struct.pack("<I", 77) + bytes(16),
    "truncated": gguf_bytes([ARCH], ONE, bytes(33)),
    "claims": gguf_bytes([], [], b"", counts=(1 << 60, 0)),
    "metadata keys": gguf_bytes([], [], b"", counts=(0, 1 << 60)),
    "appears twice": gguf_bytes([ARCH, ARCH], [], b""),
    "tensor 't' appears twice": gguf_bytes([ARCH], [("t", (8,), 0, 0), ("t", (8,), 0, 32)], bytes(64)),
    "overlap": gguf_bytes([ARCH], [("t", (16,), 0, 0), ("u", (8,), 0, 32)], bytes(64)),
    "multiple of Q8_0": gguf_bytes([ARCH], [("t", (33,), 8, 0)], bytes(34)),
    "the alignment": gguf_bytes([ARCH], [("t", (8,), 0, 4)], bytes(64)),
    "general.alignment": gguf_bytes([u32("general.alignment", 48)], ONE, bytes(34)),
    "dimensions": gguf_bytes([ARCH], [("t", (1, 1, 1, 1, 1), 0, 0)], bytes(34)),
    "unknown value type 13": gguf_bytes([("k", 13, b"")], [], bytes(64)),
    "unknown value type 55": gguf_bytes([("k", 9, array(55, 1, b""))], [], bytes(64)),
    "array of arrays": gguf_bytes([("k", 9, array(9, 1, b""))], [], bytes(64)),
    "not UTF-8": gguf_bytes([ARCH], [], b"").replace(b"general.", b"gener\xff\xff."),
}


@pytest.mark.parametrize("words", BAD)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, words: str) -> None:
    with pytest.raises(ModelFileError, match=words) as caught:
        open_model(save(tmp_path / "m.gguf", BAD[words]))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "pair",
    [
        ("k", 8, struct.pack("<Q", 1 << 62)),
        ("k", 8, struct.pack("<Q", (1 << 64) - 1)),
        ("k", 9, array(8, 1 << 62, b"")),
        ("k", 9, array(8, 2, struct.pack("<QQ", (1 << 64) - 9, 1))),
        ("k", 9, array(10, (1 << 64) - 1, b"")),
        ("k", 9, array(8, 4, text("a"))),
    ],
)
def test_absurd_lengths_allocate_nothing(tmp_path: Path, pair: tuple[str, int, bytes]) -> None:
    data = gguf_bytes([pair], [], b"")
    with pytest.raises(ModelFileError, match="truncated|corrupt"):
        open_model(save(tmp_path / "m.gguf", data))


def test_types_of_forks_and_unknown_ones_are_listed(tmp_path: Path) -> None:
    tensors = [("ks", (512, 3), 144, 0), ("new", (64,), 99, 832), ("old", (32,), 31, 896), ("f", (8,), 0, 928)]
    model = open_model(save(tmp_path / "m.gguf", gguf_bytes([ARCH], tensors, bytes(960))))
    assert [(t.dtype, t.nbytes) for t in model.tensors] == [
        ("IQ4_KS", 3 * (4 + 2 * 136)),
        ("type 99", 64),
        ("Q4_0_4_4", 32),
        ("F32", 32),
    ]
    with TensorData(model.tensor("f")) as data:
        assert data.count == 8
    for name in ("ks", "new", "old"):
        with pytest.raises(ModelFileError, match="list but not decode"):
            TensorData(model.tensor(name))


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    whole = gguf_bytes([ARCH, ("a", 9, array(8, 2, text("x") + text("yz")))], ONE, bytes(34))
    for size in range(4, len(whole)):
        with pytest.raises(ModelFileError):
            open_model(save(tmp_path / "m.gguf", whole[:size]))


def split(
    tmp_path: Path, numbers: tuple[int, ...] = (0, 1), count: int = 2, names: tuple[str, ...] = ("a", "b")
) -> str:
    paths = []
    for place, (number, name) in enumerate(zip(numbers, names, strict=True), 1):
        pairs = [
            ("split.no", 2, struct.pack("<H", number)),
            ("split.count", 2, struct.pack("<H", count)),
            ("split.tensors.count", 5, struct.pack("<i", 2)),
        ]
        data = gguf_bytes(([ARCH] if place == 1 else []) + pairs, [(name, (8,), 0, 0)], bytes(32))
        paths.append(save(tmp_path / f"m-{place:05}-of-00002.gguf", data))
    return paths[-1]


def test_a_split_model_opens_from_any_part_and_from_its_directory(tmp_path: Path) -> None:
    last = split(tmp_path)
    model = open_model(last)
    assert [t.name for t in model.tensors] == ["a", "b"]
    assert [t.path for t in model.tensors] == list(model.paths)
    assert model.metadata["general.architecture"] == "llama"
    assert open_model(str(tmp_path)).tensors == model.tensors


def test_parts_that_are_missing_or_do_not_belong_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="was expected"):
        open_model(split(tmp_path / "order", numbers=(1, 1)))
    with pytest.raises(ModelFileError, match="repeats the tensor"):
        open_model(split(tmp_path / "twice", names=("a", "a")))
    last = split(tmp_path / "missing")
    Path(last.replace("-00002-", "-00001-")).unlink()
    with pytest.raises(ModelFileError, match="needs m-00001-of-00002.gguf"):
        open_model(last)
    with pytest.raises(ModelFileError, match="can't be found"):
        open_model(str(Path(last).rename(tmp_path / "renamed.gguf")))
