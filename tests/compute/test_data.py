"""Data for the Quantizer: typed numbers, and seeded draws that are the same everywhere."""

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtui.compute import data
from qtui.compute.distributions import DISTRIBUTIONS, NAMES, distribution

# CRC-32 of 4096 float32 drawn with seed 7, and the first two of them.
DRAWN = {
    "normal": (0x3D2D1331, (0.011558466590940952, -0.015565427951514721)),
    "laplace": (0x83AE949B, (0.004072039388120174, 0.022372251376509666)),
    "student-t": (0x1D4105F2, (0.00412346376106143, -0.010599842295050621)),
    "uniform": (0xAE3C8A64, (0.008666868321597576, 0.02751977927982807)),
    "bimodal": (0x19098C22, (-0.004868427757173777, 0.027847791090607643)),
    "sparse": (0xE6016179, (0.0, 0.0)),
    "outliers": (0xBD27571B, (0.011558466590940952, -0.015565427951514721)),
    "superweight": (0xA70C7893, (0.011558466590940952, -0.015565427951514721)),
    "blockscale": (0x2821ECA9, (0.0007122130482457578, -0.0009591152193024755)),
}


def test_the_table_covers_every_distribution() -> None:
    assert set(DRAWN) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_the_same_numbers_everywhere(name: str) -> None:
    drawn = data.draw(name, 4096, seed=7)
    checksum, first = DRAWN[name]
    assert drawn.dtype == np.float32
    assert tuple(float(v) for v in drawn[:2]) == first
    assert zlib.crc32(drawn.astype("<f4").tobytes()) == checksum


@pytest.mark.parametrize("name", ["normal", "laplace", "student-t", "uniform", "bimodal", "blockscale"])
def test_spread_is_the_standard_deviation(name: str) -> None:
    drawn = data.draw(name, 1 << 16, seed=3, spread=0.5).astype(np.float64)
    assert drawn.std() == pytest.approx(0.5, rel=0.06)
    assert abs(drawn.mean()) < 0.01


def test_each_distribution_has_its_character() -> None:
    def kurtosis(name: str) -> float:
        x = data.draw(name, 1 << 16, seed=5).astype(np.float64)
        return float(np.mean(x**4) / np.mean(x**2) ** 2)

    assert kurtosis("normal") == pytest.approx(3, abs=0.15)
    assert kurtosis("uniform") == pytest.approx(1.8, abs=0.05)
    assert kurtosis("laplace") == pytest.approx(6, abs=0.5)
    assert kurtosis("student-t") > 10
    assert kurtosis("bimodal") < 2
    assert np.mean(data.draw("sparse", 1 << 16) == 0) == pytest.approx(0.9, abs=0.01)
    blocks = data.draw("blockscale", 4096).reshape(-1, data.BLOCK).std(axis=1)
    assert blocks.max() / blocks.min() > 8


def test_strength_sets_the_outliers() -> None:
    assert np.count_nonzero(np.abs(data.draw("outliers", 4096, spread=1, strength=80)) == 80) == 4
    assert np.count_nonzero(data.draw("superweight", 4096, spread=1, strength=80) == 80) == 1
    assert np.abs(data.draw("normal", 4096, spread=1, strength=80)).max() < 6
    assert [d.name for d in DISTRIBUTIONS if d.uses_strength] == ["outliers", "superweight"]


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 300), st.integers(0, 2**32), st.sampled_from(NAMES))
def test_any_count_and_seed_can_be_drawn(count: int, seed: int, name: str) -> None:
    drawn = data.draw(name, count, seed=seed)
    assert drawn.shape == (count,) and np.all(np.isfinite(drawn))


@pytest.mark.parametrize(
    ("settings_", "says"),
    [
        ({"name": "gauss"}, "there are normal"),
        ({"count": 0}, "can draw 1 to"),
        ({"seed": -1}, "whole number"),
        ({"spread": 0.0}, "spread"),
        ({"spread": float("nan")}, "spread"),
        ({"strength": -1.0}, "strength"),
    ],
)
def test_what_cannot_be_drawn_says_why(settings_: dict[str, object], says: str) -> None:
    given_: dict = {"name": "normal", "count": 8} | settings_
    with pytest.raises(ValueError, match=says):
        data.draw(given_.pop("name"), given_.pop("count"), **given_)


def test_typed_numbers() -> None:
    assert data.parse_numbers(["-0.89, 0.16;0.08", "[1e-3 -2]"]).tolist() == pytest.approx(
        [-0.89, 0.16, 0.08, 1e-3, -2.0]
    )
    assert data.parse_numbers([str(v) for v in data.ESSAY]).tolist() == np.float32(data.ESSAY).tolist()


@pytest.mark.parametrize("text", ["", "1 two 3", "nan", "1e39", "1..2"])
def test_text_that_is_not_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        data.parse_numbers([text])


def test_an_outlier_is_appended_or_put_in_the_middle() -> None:
    x = np.float32([1, 2, 3])
    assert data.with_outlier(x, 10, append=True).tolist() == [1, 2, 3, 10]
    assert data.with_outlier(x, 10, append=False).tolist() == [1, 10, 3]
    assert x.tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match="finite"):
        data.with_outlier(x, 1e39, append=True)


def test_names_are_found_in_any_case() -> None:
    assert distribution(" Laplace ").title == "Laplace"
