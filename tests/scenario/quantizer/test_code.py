"""The lines of the code view, run as the Python they are, give what is stored."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtui.compute.formats import all_formats
from qtui.scenario.quantizer.code.run import given_names
from qtui.scenario.quantizer.result import CODE_IMPORTS, QuantizerResult
from qtui.scenario.quantizer.scenario import QuantizerScenario
from qtui.scenario.quantizer.schemes import importance_of
from qtui.scenario.quantizer.solve import solve

NAMED = [fmt.name for fmt in all_formats() if fmt.can_encode]
STOCHASTIC = "bfloat16:round=stochastic"
MORE = [
    "int4:row,rule=torchao",
    "int8:row,rule=torchao,narrow",
    "int4:symnc,row",
    "int4:tinygemm,block=32",
    "int4:tinygemm,block=64,scale=fp16",
    "int4:asym,rule=torchao,block=32",
    "int1:asym",
    "int3:clip=99",
    "int3:asym,clip=99,block=32,scale=fp16",
    "int4:block=32,scale=e8m0",
    "int4:block=32,scale=e4m3",
    "int4:clip=mse",
    "int4:row,clip=kl",
    "int5:asym,clip=mse,block=16",
    "mx_fp4:scale=even",
    "mx_fp6_e2m3:scale=ceil",
    "mx_fp8_e5m2:scale=rceil",
    "nf4:block=32,scale=fp16",
    "codebook:values=-1/-0.4/0/0.5/2,block=32",
    "float:e=3,m=2,special=fn",
    "float8_e4m3fn:saturate",
    "bfloat16:round=toward-zero",
    "bfloat16:round=nearest-away",
    STOCHASTIC,
    "gptq:bits=3,block=32",
    "hadamard:bits=2",
    "fp8_e5m2:block=32,scale=e8m0",
]
TILED = ["fp8_e4m3:tensor", "fp8_e4m3:block=128x128", "fp8_e4m3:block=3x5"]
# Where qtui has to be called for what the lines are about, since it is a search or a method of its own.
SEARCHED = ("_K", "IQ", "TQ", "Q1_0", "Q2_0", "MXFP4", "NVFP4", "nvfp4", "hqq", "gptq", "awq", "hadamard", "side_")


def check(result: QuantizerResult) -> None:
    """Run the lines of every scheme, and compare with the code, the scale and the value on screen."""
    for scheme, spot in zip(result.schemes, result.spots, strict=True):
        stored, at = scheme.stored, result.at
        names: dict[str, Any] = given_names(stored, spot.group, at)
        names["importance"] = importance_of(result.scenario, stored.columns)
        exec(CODE_IMPORTS, names)
        with np.errstate(all="ignore"):
            for line in spot.code:
                exec(line.text, names)
                name = line.text.partition("=")[0].strip()
                if line.comment.endswith("= {}"):
                    np.testing.assert_equal(float(names[name]), line.values[-1])
        np.testing.assert_array_equal(np.float32(names["back"]), stored.y[at])
        if at not in stored.kept:
            assert names["code"] == stored.codes[at]
            if "scale" in names:
                np.testing.assert_equal(float(names["scale"]), spot.group.scale)


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from([*NAMED, *MORE]),
    st.sampled_from(["normal", "laplace", "student-t", "sparse", "outliers", "blockscale"]),
    st.sampled_from([1e-30, 1e-6, 0.02, 1.0, 300.0, 1e6]),
    st.integers(1, 300),
    st.integers(0, 1000),
    st.integers(0, 299),
    st.sampled_from([0, 0, 2]),
    st.sampled_from(["", "", "drawn"]),
)
def test_the_lines_run(
    name: str, dist: str, spread: float, size: int, seed: int, at: int, keep: int, importance: str
) -> None:
    if keep and spread > 1000:
        keep = 0  # float16 does not hold them
    asked = QuantizerScenario(
        dist=dist,
        spread=spread,
        size=size,
        seed=seed,
        at=at,
        keep=keep,
        importance=importance,
        format=(name,),
        view="code",
    )
    check(solve(asked))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([*NAMED, *MORE]),
    st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=40),
    st.integers(0, 39),
)
def test_the_lines_run_for_any_numbers(name: str, values: list[float], at: int) -> None:
    texts = tuple(repr(value) for value in values)
    check(solve(QuantizerScenario(values=texts, at=at, format=(name,), view="code")))


@pytest.mark.parametrize(
    "name", ["int4", "int4:block=32,scale=e4m3", "awq", "nf4:double", "nvfp4_two_level", "gptq", *TILED, STOCHASTIC]
)
@pytest.mark.parametrize("rows", [3, 600])
def test_the_lines_run_for_tensors(name: str, rows: int, tmp_path: Path) -> None:
    """Also where only a part of the tensor is taken apart, and the whole decides about its scale."""
    weights = np.random.default_rng(rows).normal(size=(rows, 128)).astype(np.float32)
    weights[-1, -1] = 9
    np.save(tmp_path / "w.npy", weights)
    for at in (5, 200):
        check(solve(QuantizerScenario(source=str(tmp_path / "w.npy"), format=(name,), at=at, view="code")))


@pytest.mark.parametrize("name", [*NAMED, *MORE])
def test_the_lines_run_for_what_is_no_number(name: str, tmp_path: Path) -> None:
    weights = np.random.default_rng(0).normal(size=(1, 256)).astype(np.float32)
    weights[0, [3, 40, 100]] = np.nan, np.inf, -np.inf
    np.save(tmp_path / "w.npy", weights)
    for at in (3, 40, 100, 101):
        check(solve(QuantizerScenario(source=str(tmp_path / "w.npy"), format=(name,), at=at, view="code")))


@pytest.mark.parametrize("name", [*NAMED, *MORE])
def test_the_algorithm_is_written_out_where_it_is_short(name: str) -> None:
    for at in (11, 77):
        result = solve(QuantizerScenario(dist="laplace", size=256, format=(name,), at=at, view="code"))
        called = any("quantize(row" in line.text for line in result.spots[0].code)
        searched = any(word in name for word in (*SEARCHED, "=e4m3", "=mse", "=kl", "stochastic", "128x128"))
        assert called == searched or "double" in name, name
