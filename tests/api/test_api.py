"""`import qtui`: arrays of any shape, and answers that are those of the command line."""

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import qtui
from qtui.cli.main import run
from qtui.compute.quantizer.stored import store
from tests.support.made_files import gguf_bytes, save

ENCODED = [fmt.name for fmt in qtui.formats() if fmt.can_encode]
MORE = ["int4:asym,block=32,scale=fp16,clip=mse", "float:e=3,m=2,special=fn", "codebook:values=-1/0/1,block=16"]
DTYPES = (np.float16, np.float32, np.float64, np.int8, np.int64, np.bool_)


def json_of(command: str, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    assert run([*command.split(), "--json", *more]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def as_json(answer: object) -> Any:
    return json.loads(json.dumps(answer))


def test_importing_qtui_imports_nothing() -> None:
    code = "import sys, qtui; assert 'qtui.api' not in sys.modules and 'numpy' not in sys.modules; dir(qtui)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_every_name_is_there_and_documented() -> None:
    for name in qtui.__all__:
        assert name in dir(qtui)
        assert len(getattr(qtui, name).__doc__) > 60, name
    with pytest.raises(AttributeError):
        _ = qtui.quantise


@settings(max_examples=150)
@given(
    st.sampled_from([*ENCODED, *MORE]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=40).filter(lambda shape: np.prod(shape) < 5000),
    st.sampled_from(DTYPES),
    st.integers(0, 2**32 - 1),
    st.booleans(),
)
def test_any_array_is_stored_and_comes_back_in_its_shape(
    name: str, shape: tuple[int, ...], dtype: type[np.generic], seed: int, transposed: bool
) -> None:
    x = (20 * np.random.default_rng(seed).normal(size=shape)).astype(dtype)
    x = x.T if transposed else x
    stored = qtui.quantize(x, name)
    values = stored.dequantize()
    assert stored.shape == values.shape == x.shape and values.dtype == np.float32
    assert stored.codes.shape == x.shape
    assert stored.format == qtui.get_format(name)
    columns = x.shape[-1] if x.ndim else 1
    assert stored.padding in (0, -columns % stored.format.block_size)
    if x.size == 0:
        assert stored.nbytes == 0
        return
    rows = x.size // columns
    assert stored.data.shape == (rows, stored.format.row_bytes(columns)) and stored.data.dtype == np.uint8
    assert stored.header.dtype == np.uint8
    for shared in (stored.scales, stored.zero_points, stored.minimums):
        assert shared is None or shared.ndim == 2
    again = qtui.quantize(np.ascontiguousarray(x, np.float32), name)
    assert again.data.tobytes() == stored.data.tobytes()
    np.testing.assert_array_equal(again.dequantize(), values)


@settings(max_examples=60)
@given(st.sampled_from([*ENCODED, *MORE]), st.integers(1, 70), st.integers(1, 6), st.integers(0, 1000))
def test_what_is_stored_is_what_the_quantizer_shows(name: str, columns: int, rows: int, seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)
    ours, shown = qtui.quantize(x, name), store(qtui.get_format(name), x, pad=True)
    assert ours.data.tobytes() == shown.data.tobytes() and ours.header.tobytes() == shown.header.tobytes()
    np.testing.assert_array_equal(ours.dequantize().reshape(-1), shown.y)
    np.testing.assert_array_equal(ours.codes.reshape(-1), shown.codes)
    assert ours.bits_per_weight == shown.bits_per_weight
    assert ours.padding == shown.padding


def test_affine_formats_are_their_codes_and_scales() -> None:
    x = np.random.default_rng(0).normal(size=(4, 256)).astype(np.float32)
    for name in ("Q4_0", "Q4_1", "Q4_K", "int4:asym,block=32"):
        stored = qtui.quantize(x, name)
        assert stored.scales is not None

        def spread(values: np.ndarray | None, group: int = stored.group_size) -> np.ndarray:
            return np.zeros(1) if values is None else np.repeat(np.broadcast_to(values, (4, 256 // group)), group, 1)

        back = spread(stored.scales) * (stored.codes - spread(stored.zero_points)) + spread(stored.minimums)
        np.testing.assert_allclose(back, stored.dequantize(), rtol=1e-5, atol=1e-6)
    assert qtui.quantize(x, "float16").scales is None


def test_importance_weighs_the_errors() -> None:
    x = np.random.default_rng(1).normal(size=(8, 256)).astype(np.float32)
    importance = np.where(np.arange(256) < 16, 100.0, 1.0)
    plain, weighed = qtui.quantize(x, "Q4_K"), qtui.quantize(x, "Q4_K", importance=importance)
    before, after = (np.abs(one.dequantize() - x)[:, :16].mean() for one in (plain, weighed))
    assert after < before


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: qtui.quantize([1, 2], "Q4_X"), "no format is called 'Q4_X'"),
        (lambda: qtui.quantize([1j], "Q4_0"), "x is an array of real numbers, not one of dtype complex128"),
        (lambda: qtui.quantize(["a"], "Q4_0"), "real numbers"),
        (lambda: qtui.quantize([[1, 2], [3]], "Q4_0"), "x is an array of numbers"),
        (lambda: qtui.quantize([1, 2], "Q4_0", importance=[1]), r"the shape \(2,\), not \(1,\)"),
        (lambda: qtui.quantize([1, 2], "Q4_0", importance=[1, -1]), "not below 0"),
        (lambda: qtui.error_stats([1, 2], [[1], [2]]), r"shape \(2,\) can't be compared"),
        (lambda: qtui.bits("zz"), "zz"),
        (lambda: qtui.bits(1, "nosuch"), "nosuch"),
        (lambda: qtui.memory("no such model at all"), "no such model"),
        (lambda: qtui.memory("Qwen3-8B", kv_type="q9"), "q9"),
        (lambda: qtui.memory("Qwen3-8B", context=-1), "a context is a number of tokens"),
        (lambda: qtui.memory("Qwen3-8B", sequences=0), "from 1 to 4096"),
        (lambda: qtui.open_model("no-such.gguf"), "no-such.gguf"),
    ],
)
def test_errors_are_one_clear_sentence(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as error:
        call()
    assert "\n" not in str(error.value) and len(str(error.value)) > 20


RIGHT: dict[str, dict[str, Any]] = {
    "bits": {"value": 1.5, "format": "float16"},
    "error_stats": {"x": [1.0], "y": [1.0]},
    "get_format": {"spec": "Q4_0"},
    "memory": {
        "model": "Qwen3-8B",
        "format": "Q8_0",
        "context": 8192,
        "kv_type": "f16",
        "sequences": 1,
        "machine": "RTX 4090",
    },
    "open_model": {"path": "no-such.gguf"},
    "quantize": {"x": [1.0], "format": "Q4_0", "importance": [1.0]},
}
NULLABLE = [("quantize", "importance")]


def test_the_parameters_of_every_function_are_listed() -> None:
    functions = [name for name in qtui.__all__ if inspect.isfunction(getattr(qtui, name)) and name != "formats"]
    assert {name: list(inspect.signature(getattr(qtui, name)).parameters) for name in functions} == {
        name: list(values) for name, values in RIGHT.items()
    }


@pytest.mark.parametrize("wrong", [None, range, {"a": 1}, [None], [[None]], {1, 2}, 1j, b"x"], ids=repr)
@pytest.mark.parametrize(("name", "parameter"), [(name, key) for name in RIGHT for key in RIGHT[name]])
def test_a_wrong_type_is_refused_by_the_parameters_name(name: str, parameter: str, wrong: Any) -> None:
    if wrong is None and (name, parameter) in NULLABLE:
        return
    with pytest.raises((ValueError, TypeError)) as error:
        getattr(qtui, name)(**{**RIGHT[name], parameter: wrong})
    text = str(error.value)
    assert re.search(rf"\b{parameter}\b", text) and "\n" not in text and len(text) > 20


@pytest.mark.parametrize("wrong", [None, 3, b"x"])
def test_a_tensors_name_is_text(tmp_path: Path, wrong: Any) -> None:
    np.save(tmp_path / "w.npy", np.zeros(3, np.float32))
    with pytest.raises(TypeError, match="name is the name of a tensor"):
        qtui.open_model(tmp_path / "w.npy").read(wrong)


def test_errors_of_input_share_a_base() -> None:
    with pytest.raises(qtui.QtuiError):
        qtui.open_model("no-such.gguf")
    with pytest.raises(qtui.QtuiError):
        qtui.bits("zz")


@pytest.mark.parametrize("shape", [(6,), (3, 50), (2, 3, 4)])
def test_figures_are_those_of_their_definition(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=shape)
    y = x + 0.1 * rng.normal(size=shape)
    stats, e = qtui.error_stats(x, y), y - x
    assert stats.count == x.size
    assert stats.rmse == pytest.approx(np.sqrt(np.mean(e * e)), rel=1e-5)
    assert stats.sqnr_db == pytest.approx(10 * np.log10(np.sum(x * x) / np.sum(e * e)), rel=1e-5)
    assert stats.max_abs_error == pytest.approx(np.abs(e).max(), rel=1e-5)
    assert stats.mean_error == pytest.approx(e.mean(), abs=1e-6)
    assert stats.cosine == pytest.approx((x * y).sum() / np.linalg.norm(x) / np.linalg.norm(y), rel=1e-6)


def test_memory_is_that_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    ours = qtui.memory("Qwen3-8B", format="Q4_K_M", context="32k", kv_type="q8_0", sequences=2, machine="RTX 4090")
    command = "mem Qwen3-8B -f Q4_K_M --ctx 32768 --kv-type q8_0 --seqs 2"
    theirs = json_of(command, capsys, "--machine", "RTX 4090")
    assert as_json(ours) == theirs


def test_several_models_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    ours = qtui.memory(["Qwen3-8B", "gemma-3-12b"], format="Q8_0", machine="H100")
    theirs = json_of("mem Qwen3-8B,gemma-3-12b -f Q8_0 --machine H100", capsys)
    assert as_json(ours) == theirs and len(ours["compared"]) == 1


@pytest.mark.parametrize(("value", "text"), [(0.1, "0.1"), ("1/3", "1/3"), (-2, "-2"), (np.float32(0.5), "0.5")])
def test_bits_are_those_of_the_command(value: Any, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert as_json(qtui.bits(value, "bfloat16")) == json_of("bits -f bfloat16", capsys, "--", text)


def test_formats_are_those_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    listed = json_of("formats", capsys)["formats"]
    ours = [(fmt.name, float(fmt.bits_per_weight), fmt.block_size, fmt.block_bytes) for fmt in qtui.formats()]
    assert ours == [(f["name"], f["bits_per_weight"], f["block_size"], f["block_bytes"]) for f in listed]


def test_a_file_is_listed_and_read(tmp_path: Path) -> None:
    x = np.random.default_rng(3).normal(size=(6, 64)).astype(np.float32)
    stored = qtui.quantize(x, "Q8_0")
    data = gguf_bytes([], [("blk.0.q", (64, 6), 8, 0)], stored.data.tobytes())
    model = qtui.open_model(save(tmp_path / "m.gguf", data))
    assert model.kind == "gguf"
    assert model.tensors == (qtui.TensorInfo("blk.0.q", (6, 64), "Q8_0", 6 * 68),)
    np.testing.assert_array_equal(model.read("blk.0.q"), stored.dequantize())
    with pytest.raises(qtui.QtuiError, match="did you mean blk.0.q"):
        model.read("blk.0.k")
    np.save(tmp_path / "w.npy", x)
    np.testing.assert_array_equal(qtui.open_model(tmp_path / "w.npy").read("w"), x)
