"""What a path is, found by content; and what is said when it is nothing that can be used."""

import os
import socket
from pathlib import Path

import numpy as np
import pytest

from qtui.models.files.open import open_model
from qtui.models.files.source import LocalSource, ModelFileError
from tests.support.made_files import safetensors_bytes, save

ONE = safetensors_bytes({"t": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}}, bytes(4))


def refusal(path: Path | str) -> str:
    with pytest.raises(ModelFileError) as caught:
        open_model(str(path))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_content_decides_not_the_name(tmp_path: Path) -> None:
    assert open_model(save(tmp_path / "m.gguf", ONE)).kind == "safetensors"


def test_a_config_alone_is_a_model_without_tensors(tmp_path: Path) -> None:
    model = open_model(save(tmp_path / "config.json", b'{"model_type": "llama", "hidden_size": 64}'))
    assert (model.kind, model.tensors, model.metadata["hidden_size"]) == ("config", (), 64)
    assert open_model(str(tmp_path)).kind == "config"


@pytest.mark.parametrize("dtype", ["<f4", "<f8", "<f2", "<i4", "|u1", "|b1"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_npy(tmp_path: Path, dtype: str, shape: tuple[int, ...]) -> None:
    array = np.ones(shape, dtype)
    np.save(tmp_path / "x.npy", array)
    tensor = open_model(str(tmp_path / "x.npy")).tensors[0]
    assert (tensor.name, tensor.shape, tensor.nbytes) == ("x", shape, array.nbytes)
    assert (tmp_path / "x.npy").read_bytes()[tensor.offset :] == array.tobytes()


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04", "PyTorch"),
        (b"\x80\x02}q", "pickle"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"<!DOCTYPE html>", "web page"),
        (b"tjgg\x01", "older than GGUF"),
        (b"hello", "qtui reads"),
        (b'{"a": 1}', "neither"),
        (b"\x93NUMPY\x01\x00\xff\xff", "corrupt"),
        (b"\x93NUMPY\x01\x00\x05\x00[[[[[", "not numpy's"),
        (b"\x93NUMPY", "truncated"),
        (
            b"\x93NUMPY\x01\x00\x60\x1f{'descr': '<f4', 'fortran_order': False, 'shape': (" + b"1" * 9000,
            "not numpy's",
        ),
    ],
)
def test_other_files_are_named_with_a_remedy(tmp_path: Path, head: bytes, words: str) -> None:
    assert words in refusal(save(tmp_path / "f", head))


def test_arrays_that_are_not_plain_numbers(tmp_path: Path) -> None:
    np.save(tmp_path / "big.npy", np.ones(3, ">f4"))
    assert "little-endian" in refusal(tmp_path / "big.npy")
    np.save(tmp_path / "fortran.npy", np.asfortranarray(np.ones((2, 3, 4))))
    assert "Fortran" in refusal(tmp_path / "fortran.npy")


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        assert "socket" in refusal(tmp_path / "s")
    assert "named pipe" in refusal(tmp_path / "pipe")
    assert "loop" in refusal(tmp_path / "loop")
    assert "device" in refusal("/dev/zero")
    assert "there is no file" in refusal(tmp_path / "absent")
    assert "check the path" in refusal("absent.gguf") and "check the path" in refusal("a/b/c")
    for name in ("Qwen3-0.6B", "Qwen/Qwen3-8B", "qwen3:8b"):
        assert f"no file {name}; weights are needed" in refusal(name)
    assert "check it" in refusal("nul\0l")
    assert "can't be read" in refusal("x" * 5000)


def test_directories(tmp_path: Path) -> None:
    assert "holds no model" in refusal(tmp_path)
    save(tmp_path / "pytorch_model.bin", b"PK")
    assert "PyTorch" in refusal(tmp_path)
    save(tmp_path / "a.safetensors", ONE)
    assert open_model(str(tmp_path)).parameters == 4
    save(tmp_path / "b.safetensors", ONE)
    assert "several models (a.safetensors, b.safetensors)" in refusal(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = save(tmp_path / "f", ONE)
    os.chmod(path, 0)
    assert "permissions" in refusal(path)


def test_a_file_that_shrinks_while_it_is_read_is_an_error_not_a_signal(tmp_path: Path) -> None:
    path = save(tmp_path / "f", bytes(100))
    with LocalSource(path) as source:
        os.truncate(path, 10)
        with pytest.raises(ModelFileError, match="became shorter"):
            source.read(0, 100)


def test_identity_follows_the_file(tmp_path: Path) -> None:
    path = save(tmp_path / "m", ONE)
    before = open_model(path).identity
    assert open_model(path).identity == before
    os.utime(path, ns=(1, 1))
    assert open_model(path).identity != before


def test_an_unknown_tensor_gets_near_names(tmp_path: Path) -> None:
    model = open_model(save(tmp_path / "m", ONE))
    with pytest.raises(ModelFileError, match="see `qtui inspect`"):
        model.tensor("something else")


def test_reading_without_positioned_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, which has neither pread nor preadv."""
    monkeypatch.delattr(os, "pread")
    monkeypatch.delattr(os, "preadv")
    path = save(tmp_path / "m", bytes(range(100)))
    buffer = bytearray(4)
    with LocalSource(path) as source:
        assert source.read(10, 3) == bytes([10, 11, 12])
        source.read_into(96, memoryview(buffer))
        with pytest.raises(ModelFileError, match="truncated"):
            source.read(98, 3)
    assert bytes(buffer) == bytes([96, 97, 98, 99])
    assert open_model(save(tmp_path / "s", ONE)).parameters == 4
