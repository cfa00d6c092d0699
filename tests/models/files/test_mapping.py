"""Values through a mapping of the file: those that reading gives, in constant memory, and what ends a process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import save_file

from qtui.compute.errors.meter import Meter
from qtui.compute.formats import get_format
from qtui.models.files import mapping
from qtui.models.files.open import open_model
from qtui.models.files.source import LocalSource, ModelFileError
from qtui.models.tensors import columns
from qtui.models.tensors.values import TensorData
from qtui.scenario.errors.sampling import batches

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, ml_dtypes.bfloat16, np.int8])
def test_a_mapping_gives_what_reading_gives(tmp_path: Path, dtype: type) -> None:
    array = RNG.normal(size=(70, 4096)).astype(dtype)
    save_file({"odd": np.ones(3, np.uint8), "w": array}, tmp_path / "m.safetensors")
    tensor = open_model(str(tmp_path / "m.safetensors")).tensor("w")
    for spans in (((0, tensor.count),), ((0, 4096), (8192, 90_000), (90_000, 90_001))):
        with TensorData(tensor) as read, TensorData(tensor, mapped=True) as mapped:
            pairs = zip(batches(read, spans), batches(mapped, spans), strict=True)
            for (place, values), (other, seen) in pairs:
                assert place == other
                np.testing.assert_array_equal(values, seen)


def test_float32_is_not_copied_and_can_not_be_written_to(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", RNG.normal(size=1000).astype(np.float32))
    (tensor,) = open_model(str(tmp_path / "x.npy")).tensors
    with TensorData(tensor, mapped=True) as data:
        values = data.values(10, 20)
        assert np.shares_memory(values, data.values(0, 1000))
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1
    assert values[0] == np.load(tmp_path / "x.npy")[10]  # values outlive the file's closing


def test_no_format_writes_to_the_weights_that_it_measures() -> None:
    x = RNG.normal(size=(4, 512)).astype(np.float32)
    before = x.copy()
    x.flags.writeable = False
    names = "Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS TQ1_0 TQ2_0 MXFP4 NVFP4 Q1_0 Q2_0 F16"
    more = "BF16 float8_e4m3fn int8 int4:asym,block=32 mxfp8_e4m3 nf4 nf4:double fp4 hqq gptq awq"
    formats = [get_format(name) for name in f"{names} {more}".split()]
    meter = Meter(formats, steps=True, fit=x)
    for index in range(len(formats)):
        meter.add(x, index)
    assert [result.format.name for result in meter.results() if result.problem] == []
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("mapped", [False, True])
def test_a_file_that_shrinks_between_two_reads(tmp_path: Path, mapped: bool) -> None:
    save_file({"w": np.ones(1 << 20, np.float32)}, tmp_path / "m.safetensors")
    with TensorData(open_model(str(tmp_path / "m.safetensors")).tensors[0], mapped=mapped) as data:
        chunks = data.chunks()
        next(chunks)
        os.truncate(tmp_path / "m.safetensors", 1000)
        with pytest.raises(ModelFileError, match="became shorter"):
            list(chunks)


@pytest.mark.parametrize("mapped", [False, True])
def test_only_the_file_whose_header_was_read_is_read(tmp_path: Path, mapped: bool) -> None:
    path = tmp_path / "m.safetensors"
    save_file({"w": np.ones(64, np.float32)}, path)
    (tensor,) = open_model(str(path)).tensors
    save_file({"w": np.zeros(64, np.float32)}, tmp_path / "other.safetensors")
    os.replace(tmp_path / "other.safetensors", path)
    with pytest.raises(ModelFileError, match="has changed since it was opened"):
        TensorData(tensor, mapped=mapped)
    path.unlink()
    with pytest.raises(ModelFileError, match="there is no file"):
        TensorData(tensor, mapped=mapped)


def test_a_deleted_file_is_read_to_its_end_once_open(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones(1 << 18, np.float32))
    (tensor,) = open_model(str(tmp_path / "x.npy")).tensors
    with TensorData(tensor, mapped=True) as data:
        (tmp_path / "x.npy").unlink()
        assert sum(float(chunk.sum()) for _, chunk in data.chunks()) == 1 << 18


@pytest.mark.parametrize("why", [OSError(19, "No such device"), ValueError("longer than the file"), OverflowError()])
def test_where_a_file_can_not_be_mapped_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: Exception
) -> None:
    def refuse(self: object, source: object) -> None:
        raise why

    monkeypatch.setattr(mapping.Mapping, "__init__", refuse)
    np.save(tmp_path / "x.npy", np.arange(9, dtype=np.float32))
    with TensorData(open_model(str(tmp_path / "x.npy")).tensors[0], mapped=True) as data:
        assert data.values(0, 9).tolist() == list(range(9))


@pytest.mark.skipif(not hasattr(signal, "SIGBUS"), reason="a page that is gone is a signal on POSIX")
def test_what_is_behind_the_end_ends_the_process(tmp_path: Path) -> None:
    """Why the app's own process maps nothing."""
    path = tmp_path / "x"
    path.write_bytes(bytes(1 << 20))
    code = (
        "import os, sys; from qtui.models.files.mapping import Mapping\n"
        "from qtui.models.files.source import LocalSource\n"
        "view = Mapping(LocalSource(sys.argv[1])).view(0, 1 << 20)\n"
        "os.truncate(sys.argv[1], 0); view.sum()"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)]).returncode == -signal.SIGBUS


@pytest.mark.skipif(not os.path.exists("/proc/self/smaps_rollup"), reason="resident pages are read from /proc")
def test_pages_are_handed_back(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"\1" * (64 << 20))

    def resident() -> int:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[2]) * os.sysconf("SC_PAGESIZE")

    with LocalSource(str(path)) as source:
        view = mapping.Mapping(source)
        before = resident()
        for start in range(0, 64 << 20, 1 << 18):
            assert int(view.view(start, 1 << 18).max()) == 1
            assert resident() - before < 4 * mapping.KEEP


@pytest.mark.parametrize("shape", [(7, 13), (1, 5), (300, 40), (0, 4), (4, 0), (5,)])
@pytest.mark.parametrize("dtype", ["<f4", "<f8", "|i1"])
def test_matrices_saved_column_by_column(
    tmp_path: Path, shape: tuple[int, ...], dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "BAND", 4000)
    array = RNG.integers(-99, 99, shape).astype(dtype)
    np.save(tmp_path / "f.npy", np.asfortranarray(array))
    (tensor,) = open_model(str(tmp_path / "f.npy")).tensors
    flat = array.reshape(-1).astype(np.float32)
    assert tensor.shape == shape
    for mapped in (False, True):
        with TensorData(tensor, mapped=mapped) as data:
            assert data.values(0, data.count).tolist() == flat.tolist()
            for start, stop in ((0, flat.size // 2), (flat.size // 3, flat.size), (flat.size // 2, flat.size // 2)):
                assert data.values(start, stop).tolist() == flat[start:stop].tolist()
            rows = [x.copy() for _, x in batches(data, ((0, data.count),))] if data.count else []
            assert [v for x in rows for v in x.reshape(-1).tolist()] == flat.tolist()
