"""The Quantizer's Scenario solved: the essay's numbers, files by the row and by the piece, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qtui.compute.data import draw
from qtui.compute.errors import error_stats
from qtui.compute.formats import Format, all_formats, get_format
from qtui.compute.quantizer.bytes import ledger, sources
from qtui.compute.quantizer.grid import code_use, levels
from qtui.compute.quantizer.stored import StoredWeights, store
from qtui.error import QtuiError
from qtui.models.files.source import ModelFileError
from qtui.scenario.base import UserError, command_line, from_json, to_json
from qtui.scenario.quantizer import data as quantize_data
from qtui.scenario.quantizer import schemes as quantize_schemes
from qtui.scenario.quantizer.cache import QuantizerCache
from qtui.scenario.quantizer.result import QuantizerResult
from qtui.scenario.quantizer.scenario import QuantizerScenario
from qtui.scenario.quantizer.solve import solve


def solved(**settings: object) -> QuantizerResult:
    return solve(QuantizerScenario(**settings))  # type: ignore[arg-type]


def test_the_essays_vector_two_ways() -> None:
    symmetric, asymmetric = solved().schemes
    assert symmetric.stored.codes.tolist() == [-7, 1, 1, -1, 1, -4]
    assert symmetric.stored.scale is not None and f"{symmetric.stored.scale[0]:.6f}" == "0.127143"
    assert f"{symmetric.stats.mean_rel_error:.1%}" == "18.0%"
    assert [f"{v:.4g}" for v in symmetric.stored.y] == ["-0.89", "0.1271", "0.1271", "-0.1271", "0.1271", "-0.5086"]
    assert asymmetric.stored.codes.tolist() == [-8, 7, 6, 3, 7, -3]
    assert asymmetric.stored.scale is not None and f"{asymmetric.stored.scale[0]:.4f}" == "0.0700"
    assert asymmetric.stored.zero_point is not None and asymmetric.stored.zero_point.tolist() == [5]
    assert f"{asymmetric.stats.mean_rel_error:.2%}" == "8.52%"
    assert [f"{v:.4g}" for v in asymmetric.stored.y] == ["-0.91", "0.14", "0.07", "-0.14", "0.14", "-0.56"]


def test_the_essays_outlier() -> None:
    symmetric, asymmetric = (item.stored for item in solved(outlier=10.0).schemes)
    assert asymmetric.scale is not None and f"{asymmetric.scale[0]:.3f}" == "0.726"
    assert asymmetric.zero_point is not None and asymmetric.zero_point.tolist() == [-7]
    assert asymmetric.codes.tolist() == [-8, -7, -7, -7, -7, -8, 7]
    assert np.count_nonzero(asymmetric.y[:6] == 0) == 4

    def mean(stored: StoredWeights, count: int) -> str:
        x, y = stored.x[:count].astype(float), stored.y[:count].astype(float)
        return f"{np.mean(np.abs(y - x) / np.abs(x)):.1%}"

    assert (mean(asymmetric, 7), mean(asymmetric, 6)) == ("64.9%", "75.5%")
    assert (mean(symmetric, 7), mean(symmetric, 6)) == ("80.1%", "93.4%")


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        ("int4:sym", "0.129"),
        ("int4:asym", "0.216"),
        ("float8_e4m3", "0.180"),
        ("float:e=2,m=1,special=ieee", "0.000"),
    ],
)
def test_the_essays_network(spec: str, shown: str) -> None:
    drift = solved(format=(spec,), view="net").drift
    assert drift is not None
    assert f"{drift.exact.output:.3f}" == "0.196"
    assert f"{abs(drift.stored[0].output):.3f}" == shown


def test_the_essays_story_of_one_outlier() -> None:
    rescue = solved(format=("int4:asym",), outlier=10.0, view="outlier").rescue
    assert rescue is not None and rescue.at.tolist() == [6] and rescue.x[6] == 10 and not rescue.made_up
    cases = {case.name: case for case in rescue.cases}
    assert f"{cases['without'].everything:.2%}" == "8.52%"
    assert cases["as it is"].collapsed == 4 and f"{cases['as it is'].others:.1%}" == "75.5%"
    assert cases["kept apart"].others < 0.2 < cases["as it is"].others


@pytest.mark.parametrize("settings", [{}, {"values": ("1",) * 17}, {"dist": "normal"}, {"outlier": 10.0}])
def test_an_outlier_never_has_a_block_for_itself(settings: dict[str, object]) -> None:
    rescue = solved(format=("int4",), view="outlier", **settings).rescue
    assert rescue is not None
    for case in rescue.cases:
        assert case.near.count > 0 and case.near.count + case.far.count == rescue.others == len(rescue.x) - 1
    in_blocks = next(case for case in rescue.cases if case.name.startswith("blocks"))
    assert in_blocks.far.count > 0


def test_an_outlier_takes_a_weights_place() -> None:
    result = solved(dist="normal", size=100, format=("Q4_0",), view="outlier")
    rescue, x = result.rescue, result.schemes[0].stored.x
    assert rescue is not None and rescue.made_up and rescue.at.tolist() == [50]
    assert rescue.x[50] == np.float32(10 * np.abs(x).max())
    assert np.array_equal(np.delete(rescue.x, 50), np.delete(x, 50))


def test_an_outlier_is_contained_by_blocks_and_by_a_side_table() -> None:
    rescue = solved(format=("int8",), dist="superweight", strength=2000.0, view="outlier").rescue
    assert rescue is not None
    cases = {case.name: case for case in rescue.cases}
    assert cases["as it is"].scale > 100 * cases["without"].scale
    assert cases["as it is"].collapsed > 3000 > 100 > cases["blocks of 32"].collapsed
    assert cases["kept apart"].others == pytest.approx(cases["without"].others, rel=0.1)
    assert cases["kept apart"].bits - cases["as it is"].bits == pytest.approx(32 / 4096)


def test_weights_kept_apart_come_back_as_float16() -> None:
    scheme = solved(values=("1", "2", "-700", "3"), format=("int4",), keep=1).schemes[0]
    assert scheme.stored.kept.tolist() == [2]
    assert scheme.stored.y[2] == -700 and scheme.stored.scale is not None
    assert scheme.stored.scale[0] == pytest.approx(3 / 7)
    with pytest.raises(QtuiError, match="65504"):
        solved(values=("1", "1e6"), format=("int4",), keep=1)


@pytest.mark.parametrize(
    "spec",
    [
        "int4",
        "int4:asym,block=32,scale=fp16",
        "Q4_0",
        "Q6_K",
        "NVFP4",
        "float8_e4m3fn",
        "int3:row",
        "nf4:double",
        "mx_fp4",
    ],
)
def test_the_ledger_adds_up_to_the_bytes(spec: str) -> None:
    scheme = solved(format=(spec,), dist="normal", size=256, keep=2).schemes[0]
    book = ledger(scheme.stored)
    assert sum(entry.nbytes for entry in book) == scheme.nbytes
    assert float(sum(entry.bits for entry in book)) == pytest.approx(scheme.bits_per_weight)
    bare = solved(format=(spec,), dist="normal", size=256).schemes[0]
    assert bare.nbytes == get_format(spec).nbytes((1, 256))


@pytest.mark.parametrize(
    "spec",
    [
        "int4",
        "int1",
        "int2:asym,block=32",
        "Q4_1",
        "Q3_K",
        "IQ4_XS",
        "TQ1_0",
        "MXFP4",
        "float4_e2m1fn",
        "nf4",
        "mx_int8",
    ],
)
def test_every_stored_value_lies_on_its_grid(spec: str) -> None:
    stored = solved(format=(spec,), dist="laplace", size=256).schemes[0].stored
    for at in range(256):
        grid = np.array([level.value for level in levels(stored, stored.group_of(at))])
        assert np.abs(grid - stored.y[at]).min() <= 1e-6 * np.abs(grid).max()


def test_short_lists_are_padded_and_it_is_said() -> None:
    result = solved(format=("Q4_0",))
    stored = result.schemes[0].stored
    assert (stored.padding, len(stored.y), stored.nbytes, stored.bits_per_weight) == (26, 6, 18, 4.5)
    assert "padded with zeros to 32" in result.notes[0]


def test_the_sweep_has_smaller_errors_for_smaller_blocks() -> None:
    sweep = solved(format=("int4", "Q4_0"), dist="normal", view="sweep").sweep
    assert [p.block for p in sweep[0].points] == [16, 32, 64, 128, 256, 512, 1024]
    errors = [p.stats.rmse for p in sweep[0].points]
    assert errors == sorted(errors)
    assert [p.bits for p in sweep[0].points] == [4 + 16 / p.block for p in sweep[0].points]
    assert sweep[1].fixed and [p.block for p in sweep[1].points] == [32]


def npy(folder: Path, array: np.ndarray) -> str:
    path = folder / "w.npy"
    np.save(path, array)
    return str(path)


def test_a_matrix_is_stored_row_by_row(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(3, 64)).astype(np.float32)
    result = solved(source=npy(tmp_path, x), format=("Q8_0",))
    stored = result.schemes[0].stored
    codec = get_format("Q8_0").codec
    assert stored.data.tobytes() == b"".join(codec.encode(x[i : i + 1]).data.tobytes() for i in range(3))
    assert (result.rows, result.columns, result.count) == (3, 64, 192)
    row = solved(source=npy(tmp_path, x), format=("Q8_0",), row=1).schemes[0].stored
    assert row.x.tolist() == x[1].tolist() and row.data.tobytes() == stored.data[1].tobytes()


class Collected:
    def __init__(self) -> None:
        self.stored, self.values, self.pieces = b"", b"", 0

    def begin(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def take(self, encoded, values) -> None:  # type: ignore[no-untyped-def]
        self.stored += (b"" if self.pieces else encoded.header.tobytes()) + encoded.data.tobytes()
        self.values += values.tobytes()
        self.pieces += 1


@pytest.mark.parametrize("shape", [(1, 1280), (9, 160)])
@pytest.mark.parametrize(
    "spec",
    ["Q4_0", "int4:row", "int8:asym", "float8_e4m3fn", "int4:clip=mse", "int1", "nf4:double", "nvfp4_two_level"],
)
def test_pieces_give_the_bytes_and_statistics_of_the_whole(
    shape: tuple[int, int], spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = (np.random.default_rng(1).normal(size=shape) * 0.02).astype(np.float32)
    scenario = QuantizerScenario(source=npy(tmp_path, x), format=(spec,))
    whole, pieces = Collected(), Collected()
    expected = solve(scenario, sink=whole).schemes[0]
    for module in (quantize_data, quantize_schemes):
        monkeypatch.setattr(module, "WHOLE", 256)
    monkeypatch.setattr(quantize_data, "CHUNK", 320)
    result = solve(scenario, sink=pieces).schemes[0]
    assert (pieces.stored, pieces.values, pieces.shape) == (whole.stored, whole.values, whole.shape)
    if spec in ("Q4_0", "float8_e4m3fn") or (shape[0] > 1 and spec != "nf4:double"):
        assert pieces.pieces > 1
    assert result.nbytes == expected.nbytes == len(whole.stored)
    assert result.stats.rmse == pytest.approx(expected.stats.rmse)
    assert solve(scenario).schemes[0].stats.rmse == pytest.approx(expected.stats.rmse)


def test_a_row_of_a_model_file(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    x = np.random.default_rng(2).normal(size=(4, 32)).astype(np.float32)
    path = str(tmp_path / "model.safetensors")
    save_file({"norm": np.ones(8, np.float32), "layer.weight": x}, path)
    result = solved(values=(path,), tensor="layer.weight", row=3, format=("Q4_0",))
    assert result.schemes[0].stored.x.tolist() == x[3].tolist() and "row 3" in result.title
    assert solved(values=(path,), format=("Q4_0",)).columns == 32
    with pytest.raises(QtuiError, match="no tensor called"):
        solved(values=(path,), tensor="layer.wieght")
    with pytest.raises(UserError, match="rows 0 to 3"):
        solved(values=(path,), tensor="layer.weight", row=4)


def test_an_importance_vector_must_fit(tmp_path: Path) -> None:
    weights = npy(tmp_path, np.ones(64, np.float32))
    assert solved(dist="normal", size=64, importance=weights, format=("Q4_0",)).count == 64
    with pytest.raises(UserError, match="one a column"):
        solved(dist="normal", size=32, importance=weights, format=("Q4_0",))
    with pytest.raises(UserError, match="negative"):
        solved(dist="normal", size=2, importance=npy(tmp_path, np.float32([1, -1])), format=("int4",))
    with pytest.raises(UserError, match="only zeros"):
        solved(dist="normal", size=2, importance=npy(tmp_path, np.float32([0, 0])), format=("int4",))


@pytest.mark.parametrize(("name", "codes"), [("IQ1_S", [-1, 0, 1]), ("IQ2_XS", [-43, -25, -8, 8, 25, 43])])
def test_the_grid_of_a_codebook_holds_its_levels_alone(name: str, codes: list[int]) -> None:
    stored = store(get_format(name), np.random.default_rng(2).normal(size=(1, 256)).astype(np.float32))
    assert [level.code for level in levels(stored, 0)] == codes
    use = code_use(stored)
    assert use is not None and use.codes.tolist() == codes and use.counts.sum() == 256


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"format": ("int4",) * 7}, "one to 6"),
        ({"format": ("Q9_Z",)}, "no format is called"),
        ({"values": ("1",), "dist": "normal"}, "not both"),
        ({"values": ("1",), "source": "w.npy"}, "not both"),
        ({"row": 1}, "name the file"),
        ({"keep": -1}, "keep 0 to"),
        ({"dist": "normal", "size": 0}, "can draw"),
        ({"view": "net", "net": "1"}, "not a network"),
    ],
)
def test_what_cannot_be_done_says_why(settings: dict[str, object], says: str) -> None:
    with pytest.raises(UserError, match=says):
        solved(**settings)
    with pytest.raises(ModelFileError, match="no file"):
        solved(values=("none.npy",))


def test_rows_that_do_not_fit_the_blocks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="multiple of 32"):
        solved(source=npy(tmp_path, np.zeros((2, 33), np.float32)), format=("Q4_0",))


def test_a_scenario_survives_json_and_the_command_line() -> None:
    scenario = QuantizerScenario(
        values=("-0.5", "2"), format=("Q4_0", "int4:asym,block=32"), outlier=-3.0, keep=2, view="bytes", at=1
    )
    assert from_json(QuantizerScenario, json.loads(json.dumps(to_json(scenario)))) == scenario
    assert command_line(QuantizerScenario()) == "qtui quantize"
    assert "--outlier=-3.0" in command_line(scenario)


@pytest.mark.parametrize("fmt", [fmt for fmt in all_formats() if fmt.can_encode], ids=lambda fmt: fmt.name)
def test_bytes_and_statistics_are_those_of_compute(fmt: Format) -> None:
    scheme = solved(dist="laplace", size=512, format=(fmt.name,)).schemes[0]
    x = draw("laplace", 512)[None]
    encoded = fmt.codec.encode(x)
    assert scheme.stored.data.tobytes() == encoded.data.tobytes()
    assert scheme.stored.header.tobytes() == encoded.header.tobytes()
    stats = error_stats(x, fmt.codec.decode(encoded))
    assert (scheme.stats.rmse, scheme.stats.max_abs_error) == (stats.rmse, stats.max_abs_error)
    assert scheme.nbytes == fmt.nbytes((1, 512)) == sum(entry.nbytes for entry in ledger(scheme.stored))


def test_a_cache_makes_nothing_twice_and_mixes_nothing_up() -> None:
    cache = QuantizerCache()
    first = QuantizerScenario(dist="normal", size=64, format=("int4",))
    other = QuantizerScenario(dist="normal", size=64, format=("int4",), seed=1)
    assert not cache.knows(first)
    made = solve(first, cache=cache).schemes[0]
    assert cache.knows(replace(first, at=5, view="bytes")) and not cache.knows(other)
    assert not cache.knows(replace(first, view="sweep"))
    assert solve(other, cache=cache).schemes[0].stored.x.tolist() != made.stored.x.tolist()
    assert solve(replace(first, at=7), cache=cache).schemes[0] is made
    assert solve(replace(first, keep=1), cache=cache).schemes[0] is not made


@pytest.mark.parametrize(
    ("spec", "at", "expected"),
    [
        ("Q8_0", 5, {0, 1, 7}),
        ("Q4_0", 37, {0, 1, 7}),  # weight 5 of its block: byte 5 of the nibbles
        ("Q4_0", 53, {0, 1, 7}),  # weight 21 shares that byte
        ("Q5_1", 0, {0, 1, 2, 3, 4, 8}),
        ("Q4_K", 33, {0, 1, 2, 3, 5, 9, 17}),  # d, dmin, the 6-bit scale and minimum of group 1, its nibble
        ("MXFP4", 16, {0, 1}),
        ("int4:asym,block=32,scale=fp16", 2, {0, 1, 2, 3, 5}),
        ("float16", 3, set()),
        ("int8:row", 3, set()),
    ],
)
def test_the_bytes_that_a_weight_comes_from(spec: str, at: int, expected: set[int]) -> None:
    stored = solved(dist="normal", size=512, seed=3, format=(spec,)).schemes[0].stored
    assert sources(stored, at) == expected


def test_a_tile_that_pictures_cut_is_told(tmp_path: Path) -> None:
    np.save(tmp_path / "w.npy", np.random.default_rng(0).normal(size=(256, 512)).astype(np.float32))
    messages = {}
    for name in ("fp8_e4m3:block=100x128", "fp8_e4m3:block=128x128", "Q4_0"):
        result = solved(source=str(tmp_path / "w.npy"), format=(name,))
        assert result.schemes[0].stored.rows == 128
        messages[name] = any("scales of several rows" in note for note in result.notes)
    assert list(messages.values()) == [True, False, False]
