"""`--plain` of Quality: a sentence for each row, units in it, and no figure without its name."""

from dataclasses import replace
from pathlib import Path

import pytest

from qtui.draw.quality.spoken import MOST, spoken
from qtui.scenario.quality.scenario import QualityScenario
from qtui.scenario.quality.solve import solve

SHORT = QualityScenario(windows=2, context=64, format=("Q8_0", "Q4_K", "float8_e8m0fnu"))


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_a_sentence_for_the_model_the_text_and_each_format() -> None:
    model, passage, baseline, eight, four, lost, published = spoken(solve(SHORT))
    assert model == "qtui tiny, llama, 152.3 K weights, 305.4 kB, stored as float16"
    assert passage == "text: 2 windows of 64 tokens, 62 scored: sums and sentences of seed 77"
    assert baseline.startswith("as it is: perplexity 3.97") and "plus or minus" in baseline
    assert eight.startswith("Q8_0: 8.57 bits a weight, 163.1 kB, perplexity 3.") and " nats, " in eight
    assert eight.endswith("100 % of short and 100 % of long sums right")
    assert four.endswith("22 matrices fall back to Q5_0")
    assert lost == "float8_e8m0fnu: 8.07 bits a weight, 153.6 kB, its predictions are no numbers (NaN)"
    assert published.endswith("is in --json")


@pytest.mark.parametrize(
    ("view", "start"),
    [
        ("tokens", "'2' is token 4, which had 5."),
        ("next", "'4': as it is 99."),
        ("generate", "Q8_0: 4"),
        ("sensitivity", "rank 1, token_embd, alone in Q8_0: divergence 0.0"),
        ("super_weight", "blk.2.ffn_down.weight["),
        ("lesson", "What the model believes"),
    ],
)
def test_every_question_is_answered_in_sentences(view: str, start: str) -> None:
    asked = {view: "2+2="} if view in ("tokens", "next", "generate") else {"view": view}
    lines = spoken(solve(replace(SHORT, format=("Q8_0",), **asked)))  # type: ignore[arg-type]
    assert any(sentence.startswith(start) for sentence in lines), lines


def test_of_a_long_text_the_beginning_is_read_out() -> None:
    lines = spoken(solve(QualityScenario(tokens="2+2=4\n" * 100)))
    assert len(lines) == 1 + MOST + 1 and lines[-1] == f"and {601 - MOST} more tokens, which --json lists"
