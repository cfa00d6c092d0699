"""safetensors headers against the safetensors package, and every way of being wrong."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save_file

from qtui.models.files.open import open_model
from qtui.models.files.source import ModelFileError
from tests.support.made_files import safetensors_bytes, save


def entry(start: int, stop: int, dtype: str = "U8", shape: list[Any] | None = None) -> dict[str, Any]:
    return {"dtype": dtype, "shape": [stop - start] if shape is None else shape, "data_offsets": [start, stop]}


def test_tensors_equal_what_was_saved(tmp_path: Path) -> None:
    path = str(tmp_path / "m.safetensors")
    arrays = {"w": np.arange(6, dtype=np.float32).reshape(2, 3), "n": np.array(7), "e": np.zeros((0, 4), np.float16)}
    save_file(arrays, path, {"format": "pt"})
    model = open_model(path)
    assert (model.kind, model.metadata) == ("safetensors", {"format": "pt"})
    assert {t.name: t.shape for t in model.tensors} == {name: a.shape for name, a in arrays.items()}
    raw = Path(path).read_bytes()
    for tensor in model.tensors:
        assert raw[tensor.offset : tensor.offset + tensor.nbytes] == arrays[tensor.name].tobytes()


@pytest.mark.parametrize(
    ("dtype", "count", "nbytes"),
    [("F4", 6, 3), ("F6_E2M3", 4, 3), ("F6_E3M2", 4, 3), ("F8_E8M0", 3, 3), ("BF16", 1, 2), ("C64", 1, 8)],
)
def test_packed_and_rare_dtypes(tmp_path: Path, dtype: str, count: int, nbytes: int) -> None:
    data = safetensors_bytes({"t": entry(0, nbytes, dtype, [count])}, bytes(nbytes))
    deserialize(data)
    assert open_model(save(tmp_path / "m.safetensors", data)).tensors[0].nbytes == nbytes


BAD: dict[str, Any] = {
    "overlap": {"a": entry(0, 4), "b": entry(3, 8)},
    "a hole": {"a": entry(0, 4), "b": entry(5, 8)},
    "belong to none": {"a": entry(0, 4)},
    "truncated": {"a": entry(0, 9)},
    "does not fit": {"a": entry(0, 8, "F32", [3])},
    "offsets 8 to 0": {"a": entry(8, 0, "U8", [8])},
    "does not know": {"a": entry(0, 8, "F99")},
    "appears twice": b'{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},'
    b'"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}',
    "no proper dtype": {"a": {"dtype": "U8", "shape": [8]}},
    "'b' has no proper": {"b": entry(0, 8, "U8", [-8])},
    "'c' has no proper": {"c": entry(0, 8, "U8", [True] * 3)},
    "'d' has no proper": {"d": entry(0, 8, "U8", [1] * 65)},
    "'e' has no proper": {"e": entry(0, 8, "U8", [1e1])},
    "'f' has no proper": {"f": entry(0, 8, "U8", [1 << 64])},
    "'g' has no proper": {"g": [1, 2]},
    "not text": {"\ud800": entry(0, 8)},
    "__metadata__": {"__metadata__": {"a": 1}},
    # How deep is too deep for one value, Python decides; this is also longer than any value may be.
    "nested too deeply|absurdly long": b'{"a":' + b"[" * 100_000,
    "not UTF-8": b'{"\xff\xfe":1}',
    "not JSON": b'{"a":',
    "is not JSON": b'{"a":NaN}',
}


@pytest.mark.parametrize("words", BAD)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, words: str) -> None:
    data = safetensors_bytes(BAD[words], bytes(8))
    with pytest.raises((SafetensorError, UnicodeEncodeError)):
        deserialize(data)
    with pytest.raises(ModelFileError, match=words) as caught:
        open_model(save(tmp_path / "m.safetensors", data))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("length", [1 << 40, 99_000_000, 500])
def test_a_header_longer_than_the_file_is_not_allocated(tmp_path: Path, length: int) -> None:
    with pytest.raises(ModelFileError, match="truncated|knows"):
        open_model(save(tmp_path / "m.safetensors", length.to_bytes(8, "little") + b'{"a":1}'))


def sharded(folder: Path, places: dict[str, Any] | None = None) -> str:
    for name in "ab":
        save(folder / f"{name}.safetensors", safetensors_bytes({name: entry(0, 8)}, bytes(8)))
    return sharded_index(folder, {"a": "a.safetensors", "b": "b.safetensors"} if places is None else places)


def sharded_index(folder: Path, places: dict[str, Any]) -> str:
    index = json.dumps({"metadata": {"total_size": 16}, "weight_map": places}).encode()
    return save(folder / "model.safetensors.index.json", index)


def test_shards_open_from_their_index_and_from_their_directory(tmp_path: Path) -> None:
    index = sharded(tmp_path)
    save(tmp_path / "config.json", b'{"model_type": "llama"}')
    for path in (index, str(tmp_path)):
        model = open_model(path)
        assert [(t.name, Path(t.path).name) for t in model.tensors] == [
            ("a", "a.safetensors"),
            ("b", "b.safetensors"),
        ]
        assert model.config_path == str(tmp_path / "config.json")


BAD_PLACES: dict[str, Any] = {
    "not a plain file name": {"a": "../a.safetensors"},
    "plain file name beside": {"a": "/etc/passwd"},
    "as a shard": {"a": "model.safetensors.index.json"},
    "object of texts": {"a": 7},
    "no weight_map": {},
    "needs .c.safetensors": {"a": "a.safetensors", "c": "c.safetensors"},
}


@pytest.mark.parametrize("words", BAD_PLACES)
def test_an_index_that_lies_is_refused(tmp_path: Path, words: str) -> None:
    with pytest.raises(ModelFileError, match=words):
        open_model(sharded(tmp_path, BAD_PLACES[words]))


def test_what_an_index_gets_wrong_is_noted(tmp_path: Path) -> None:
    model = open_model(sharded(tmp_path, {"a": "a.safetensors", "mtp": "a.safetensors"}))
    assert [tensor.name for tensor in model.tensors] == ["a"]
    assert model.notes == (
        "1 tensor that the index names is not there: 'mtp'",
        "the index leaves out files beside it: 'b.safetensors'",
    )
    both = {"a": entry(0, 8), "c": entry(8, 16)}
    save(tmp_path / "a.safetensors", safetensors_bytes(both, bytes(16)))
    model = open_model(sharded_index(tmp_path, {"a": "a.safetensors", "b": "b.safetensors"}))
    assert [tensor.name for tensor in model.tensors] == ["a", "c", "b"]
    assert model.notes == ("1 tensor beside those of the index is added: 'c'",)


def shards(folder: Path) -> list[str]:
    names = [f"model-0000{i}-of-00002.safetensors" for i in (1, 2)]
    return [
        save(folder / name, safetensors_bytes({tensor: entry(0, 8)}, bytes(8)))
        for name, tensor in zip(names, "ab", strict=True)
    ]


def test_shards_without_an_index_are_put_together(tmp_path: Path) -> None:
    shards(tmp_path)
    model = open_model(str(tmp_path))
    assert [tensor.name for tensor in model.tensors] == ["a", "b"]
    assert model.notes == ("there is no index: 2 files were put together by their names",)
    save(tmp_path / "other.safetensors", safetensors_bytes({"c": entry(0, 8)}, bytes(8)))
    with pytest.raises(ModelFileError, match="several models"):
        open_model(str(tmp_path))


def test_one_shard_opens_the_whole_where_its_index_is_beside_it(tmp_path: Path) -> None:
    first, second = shards(tmp_path)
    assert [tensor.name for tensor in open_model(second).tensors] == ["b"]
    sharded_index(tmp_path, {"a": Path(first).name, "b": Path(second).name})
    model = open_model(second)
    assert [tensor.name for tensor in model.tensors] == ["a", "b"]
    assert (model.path, len(model.paths)) == (second, 2)
    assert model.notes == (f"{Path(second).name} is one of 2 files: the whole model is shown",)
    Path(first).unlink()
    assert [tensor.name for tensor in open_model(second).tensors] == ["b"]


def test_a_header_may_begin_with_spaces_and_have_no_metadata(tmp_path: Path) -> None:
    header = b' \n\t{"__metadata__": null, "a": ' + json.dumps(entry(0, 8)).encode() + b"}"
    model = open_model(save(tmp_path / "m.safetensors", safetensors_bytes(header, bytes(8))))
    assert ([tensor.name for tensor in model.tensors], model.metadata) == (["a"], {})


def test_the_cache_of_the_hub(tmp_path: Path) -> None:
    root = tmp_path / "hub" / "models--org--m"
    blob = Path(save(root / "blobs" / "0123", safetensors_bytes({"a": entry(0, 8)}, bytes(8))))
    for name in ("old", "new"):
        (root / "snapshots" / name).mkdir(parents=True)
    (root / "snapshots" / "new" / "model.safetensors").symlink_to("../../blobs/0123")
    with pytest.raises(ModelFileError, match="has 2 snapshots"):
        open_model(str(root))
    save(root / "refs" / "main", b"new")
    for path in (root, root.parent):
        assert [tensor.name for tensor in open_model(str(path)).tensors] == ["a"]
    blob.unlink()
    with pytest.raises(ModelFileError, match="is a link to ../../blobs/0123, which is not there"):
        open_model(str(root))
    (root.parent / "models--org--n").mkdir()
    with pytest.raises(ModelFileError, match="a cache of 2 models"):
        open_model(str(root.parent))
