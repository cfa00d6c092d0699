"""Pictures of quality from made-up results: ranks, notes, bars, maps."""

from dataclasses import replace

import numpy as np

from qtui.compute.lm.perplexity import Statistics, statistics, token_scores
from qtui.draw.glyphs import ASCII, UNICODE
from qtui.draw.picture import text
from qtui.draw.quality.prompts import every_bar, paired_bars, steps_table, token_table, token_text
from qtui.draw.quality.table import note
from qtui.draw.quality.weak import heat_map
from qtui.scenario.quality.result import CutTokens, FormatQuality, Loss, NextToken, NextTokens, PromptStep
from qtui.scenario.quality.weak import ranked

ROW = FormatQuality("Q4_K", 4.5, 100, (("a", "Q5_0"), ("b", "Q5_0")), False, 0, 10, 3)


def stats(shift: float, count: int = 100) -> Statistics:
    logits = np.random.default_rng(1).standard_normal((count, 9))
    base = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    noise = np.random.default_rng(2).standard_normal((count, 9))
    return statistics(token_scores(base, logits + shift * noise, np.arange(count) % 9))


def test_notes_say_what_a_row_is_worth() -> None:
    assert note(ROW, 3) == "2 matrices fall back to Q5_0"
    assert note(ROW, 4) == "3 of 4 windows"
    assert note(replace(ROW, no_op=True), 3) == "stored so already"


def test_what_noise_cannot_tell_apart_shares_a_rank() -> None:
    losses = [Loss(str(shift), 10, stats(shift)) for shift in (2.0, 1.0, 0.99, 0.1)]
    assert [(loss.name, loss.rank) for loss in ranked(losses)] == [("2.0", 1), ("1.0", 2), ("0.99", 2), ("0.1", 4)]


def test_a_heat_map_has_a_row_a_role_and_a_column_a_layer() -> None:
    losses = [Loss(f"blk.{i}.{role}", 10, stats(0.1 * (i + 1))) for i in range(3) for role in ("attn_q", "ffn_up")]
    rows = text(heat_map([*losses, Loss("token_embd", 10, stats(1.0))], 40, UNICODE)).splitlines()
    assert rows[1].startswith("attn_q") and rows[2].startswith("ffn_up") and rows[1].endswith("███")
    assert text(heat_map(losses, 40, ASCII)).isascii()
    assert "--by tensor" in text(heat_map([Loss("ffn_up", 10, stats(1.0))], 40, UNICODE))


def test_bars_are_as_long_as_chances() -> None:
    found = NextTokens("x", "", ("Q4_0",), (NextToken(1, " a", 0.5, (0.25,)),), (0.1,), ())
    rows = text(paired_bars(found, 0, 50, UNICODE)).splitlines()
    assert rows[1].count("█") == 2 * rows[2].count("█") == 19 or rows[1].count("█") // rows[2].count("█") == 2
    assert "KL 0.1000" in rows[0] and token_text(" a") == "␣a" and token_text("\n") == "\\n"


def test_every_format_has_its_bar_for_as_many_tokens_as_there_is_room() -> None:
    tokens = tuple(NextToken(at, name, 0.5, (0.25, 0.0)) for at, name in enumerate("abc"))
    found = NextTokens("x", "", ("Q4_0", "int3:block=32"), tokens, (0.1, 0.2), ())
    rows = text(every_bar(found, 0, 50, 8, UNICODE)).splitlines()
    assert [row[:8].strip() for row in rows] == ["a  as it", "Q4_0", "int3", "", "b  as it", "Q4_0", "int3"]
    assert rows[0].count("█") == 2 * rows[1].count("█") > 0 == rows[2].count("█")


def test_each_token_of_a_prompt_has_a_row() -> None:
    steps = (PromptStep("2", 0.05, "two", (0.01,)), PromptStep("+", 0.99, "+", (0.0,)))
    found = NextTokens("2+", "", ("Q4_0",), (), (0.1,), steps)
    assert [row.split() for row in text(steps_table(found, 60, UNICODE)).splitlines()[1:]] == [
        ["2", "5.00", "two", "0.0100"],
        ["+", "99.00", "+", "0.0000"],
    ]
    assert steps_table(replace(found, steps=()), 60, UNICODE) == ()


def test_tokens_are_listed_in_columns() -> None:
    cut = CutTokens((4, 5, 700), ("a", " b", "ü"), None)
    assert [row.split() for row in text(token_table(cut, 80, 3, UNICODE)).splitlines()] == [
        ["token", "id", "bytes", "token", "id", "bytes"],
        ["1", "a", "4", "1", "3", "ü", "700", "2"],
        ["2", "␣b", "5", "2"],
    ]
    assert "700" not in text(token_table(cut, 20, 3, UNICODE))
