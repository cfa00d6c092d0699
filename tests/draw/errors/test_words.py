"""The words beside a picture of errors: every view has a headline and a sentence that the figures bear out."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from qtui.draw.errors.words import headline, sentence
from qtui.draw.glyphs import UNICODE
from qtui.draw.picture import text, width
from qtui.scenario.errors.scenario import VIEWS, ErrorsScenario
from qtui.scenario.errors.solve import solve
from qtui.scenario.progress import Progress

NUMBERS = ErrorsScenario(data="student-t", count=4096, format=("Q4_0", "Q8_0"))


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_its_words(view: str, tmp_path: Path) -> None:
    path = tmp_path / "small.safetensors"
    values = np.random.default_rng(1).standard_t(4, (64, 256)).astype(np.float32)
    save_file({"model.embed_tokens.weight": values, "model.layers.0.mlp.up_proj.weight": values[:32]}, path)
    for tensor in ("", "model.embed_tokens.weight"):
        result = solve(ErrorsScenario(path=str(path), view=view, tensor=tensor), Progress())
        words = sentence(result, UNICODE)
        assert words.endswith(".") and 20 < len(words) <= 156, words
        assert 0 < width(headline(result, 40, UNICODE)) <= 40


def test_weights_that_a_format_destroys_come_first(tmp_path: Path) -> None:
    values = np.random.default_rng(1).standard_normal((64, 256)).astype(np.float32)
    good, bad = values, values.copy()
    bad[3, 5] = np.nan
    save_file({"blk.0.ffn_up.weight": good, "blk.0.ffn_down.weight": bad}, tmp_path / "m.safetensors")
    scenario = ErrorsScenario(path=str(tmp_path / "m.safetensors"), view="survey", format=("Q8_0", "int8"))
    words = sentence(solve(scenario, Progress()), UNICODE)
    assert words.startswith("blk.0.ffn_down.weight in ") and " of 16,384 weights are NaN or infinite. " in words


def test_the_comparison_is_that_of_the_figures() -> None:
    result = solve(NUMBERS, Progress())
    best = result.comparison
    assert best is not None and (best.least, best.most) == (1, 0)
    q4, q8 = result.totals
    assert f"{best.reach:.3g} times as far" in sentence(result, UNICODE)
    assert f"Q4_0 {100 * q4.relative_rmse:.2g} %" in text([headline(result, 80, UNICODE)])


def test_words_for_what_loses_nothing_and_for_what_can_not_be_stored() -> None:
    exact = solve(replace(NUMBERS, format=("float32",)), Progress())
    assert "loses nothing" in sentence(exact, UNICODE) and "none" in text([headline(exact, 80, UNICODE)])
    alone = solve(replace(NUMBERS, format=("Q8_0",)), Progress())
    assert alone.comparison is not None and math.isnan(alone.comparison.reach)
    assert "of zero." in sentence(alone, UNICODE)
    nowhere = replace(exact, comparison=None)
    assert "None of these" in sentence(nowhere, UNICODE)
    for view in ("errors", "survey"):
        begun = replace(nowhere, totals=(), scenario=replace(NUMBERS, view=view))
        assert "measured so far" in sentence(begun, UNICODE)
        assert "Nothing is measured yet" in sentence(replace(begun, measured=0), UNICODE)


def test_weights_that_are_all_the_same_or_no_numbers(tmp_path: Path) -> None:
    nan = np.linspace(-1, 1, 512, dtype=np.float32)
    nan[7] = np.nan
    arrays = {"same": np.full(512, 0.5, np.float32), "zeros": np.zeros(512, np.float32), "nan": nan}
    save_file(arrays, tmp_path / "m.safetensors")

    def shown(tensor: str, view: str) -> tuple[str, str]:
        scenario = ErrorsScenario(path=str(tmp_path / "m.safetensors"), tensor=tensor, view=view, format=("Q8_0",))
        result = solve(scenario, Progress())
        return text([headline(result, 60, UNICODE)]), sentence(result, UNICODE)

    first, words = shown("same", "browse")
    assert first == "every weight is 0.5000" and words.startswith("All weights are the same, 0.5000: ")
    assert shown("nan", "browse")[1].startswith("1 of 512 weights are NaN or infinite: ")
    first, words = shown("zeros", "errors")
    assert first.split() == ["typical", "error", "Q8_0", "none"] and words.startswith("All numbers are zero")
