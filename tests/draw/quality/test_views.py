"""Pictures of quality from made-up results: ranks, notes, bars, maps."""

from dataclasses import replace

import numpy as np

from qtui.compute.lm.perplexity import Statistics, statistics, token_scores
from qtui.draw.glyphs import ASCII, UNICODE
from qtui.draw.picture import text
from qtui.draw.quality.prompts import choices, every_bar, paired_bars, steps_table, token_table, token_text
from qtui.draw.quality.table import facts, note
from qtui.draw.quality.weak import charts, heat_map, ranking, row_profiles
from qtui.scenario.quality.result import (
    Continuation,
    CutTokens,
    FormatQuality,
    Loss,
    NextToken,
    NextTokens,
    Passage,
    PromptStep,
    QualityResult,
    ReadModel,
    WeightRow,
)
from qtui.scenario.quality.scenario import QualityScenario
from qtui.scenario.quality.weak import ranked

ROW = FormatQuality("Q4_K", 4.5, 100, (("a", "Q5_0"), ("b", "Q5_0")), 10, False, 0, 10, 3)


def stats(shift: float, count: int = 100) -> Statistics:
    logits = np.random.default_rng(1).standard_normal((count, 9))
    base = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    noise = np.random.default_rng(2).standard_normal((count, 9))
    return statistics(token_scores(base, logits + shift * noise, np.arange(count) % 9))


def test_notes_say_what_a_row_is_worth() -> None:
    assert note(ROW, 3) == "2 matrices fall back to Q5_0"
    assert note(ROW, 4) == "3 of 4 windows"
    assert note(replace(ROW, no_op=True, already=9, changed=0), 3) == "stored so already"
    assert note(replace(ROW, no_op=True, already=3, changed=1), 3) == "75 % stored so already"


def test_a_text_has_the_beginning_of_its_name_where_there_is_room_for_one() -> None:
    passage = Passage("Lewis Carroll, Alice's Adventures in Wonderland (1865), chapters I to III", 512, 4, 1020)
    model = ReadModel("a.gguf", "a", "llama", "Q4_1", 100, 100, 8.0, 100, False, 100, 100)
    read = QualityResult(QualityScenario(), model=model, passage=passage)
    shown = [text(facts(read, cells, UNICODE)).splitlines()[-1] for cells in (60, 80, 200)]
    assert shown[0].endswith("1,020 scored") and "Alice's" in shown[1] and shown[2].endswith("to III")


def test_what_noise_cannot_tell_apart_shares_a_rank() -> None:
    losses = [Loss(str(shift), 10, stats(shift)) for shift in (2.0, 1.0, 0.99, 0.1)]
    assert [(loss.name, loss.rank) for loss in ranked(losses)] == [("2.0", 1), ("1.0", 2), ("0.99", 2), ("0.1", 4)]


def test_a_heat_map_has_a_row_a_role_and_a_column_a_layer() -> None:
    losses = [Loss(f"blk.{i}.{role}", 10, stats(0.1 * (i + 1))) for i in range(3) for role in ("attn_q", "ffn_up")]
    rows = text(heat_map([*losses, Loss("token_embd", 10, stats(1.0))], 40, UNICODE)).splitlines()
    assert rows[1].startswith("attn_q") and rows[2].startswith("ffn_up") and rows[1].endswith("███")
    assert text(heat_map(losses, 40, ASCII)).isascii()
    assert "--by tensor" in text(heat_map([Loss("ffn_up", 10, stats(1.0))], 40, UNICODE))


def test_a_ranking_has_bars_where_there_is_room_and_fewer_columns_where_there_is_not() -> None:
    losses = [Loss("ffn_up", 10, stats(1.0), 0.4), Loss("attn_q", 10, stats(0.5), 0.2)]
    wide = text(ranking(losses, 110, UNICODE)).splitlines()
    assert wide[1].endswith("█" * 20) and wide[1].count("█") > 2 * wide[2].count("█") > 0 and "moved %" in wide[0]
    narrow = text(ranking(losses, 40, UNICODE)).splitlines()
    assert "moved" not in narrow[0] and "KL nats" in narrow[0] and max(map(len, narrow)) <= 40
    drawn = text(charts(losses, 60, 20, UNICODE))
    assert "million weights" in drawn and "% of their size" in drawn
    assert "% of their size" not in text(charts(losses, 60, 4, UNICODE))


def test_a_super_weight_stands_out_of_its_row() -> None:
    weights = [0.1] * 60
    weights[20] = 1.0
    place = WeightRow("blk.0.ffn_down.weight", 7, 205, 3, 600, 20, tuple(weights), (0.1,) * 60, (0.5,) * 60)
    rows = text(row_profiles(place, 60, 30, UNICODE)).splitlines()
    assert "Its row, 7" in rows[0] and rows[1] == " " * 20 + "█" and "▲ column 205" in rows[-1]
    assert sum("▲" in row for row in rows) == 1 and len(rows) == 30
    assert text(row_profiles(place, 60, 30, ASCII)).isascii()


def test_what_parts_from_the_model_comes_first() -> None:
    choice = (NextToken(1, "a", 0.6, (0.4,)), NextToken(2, "b", 0.4, (0.6,)))
    same = Continuation("Q8_0", "a", ("a",), None, 0.0, 0, choice)
    parted = Continuation("int2:block=32", "b", ("b",), 1, 0.0, 1, choice)
    rows = text(choices((same, parted), 80, 5, UNICODE)).splitlines()
    assert rows[0].startswith("int2  parts after 1 token  ") and rows[0].endswith("Q8_0  comes nearest at its start")
    assert len(rows) == 5 and rows[1].startswith("a") and "40.00 %" in rows[2]
    alone = text(choices((same, parted), 50, 5, UNICODE)).splitlines()
    assert alone[0] == "int2  parts after 1 token" and len(alone) == 5
    assert choices((same, parted), 80, 4, UNICODE) == () == choices((replace(same, choice=()),), 80, 20, UNICODE)


def test_tokens_have_their_chances_and_what_was_likelier() -> None:
    cut = CutTokens((1, 4, 5), ("\n", "a", " b"), (1, 1, 2), 1, (None, 0.5, 0.01), ("", "a", " c"), 14.1)
    rows = text(token_table(cut, 100, 10, UNICODE)).splitlines()
    assert rows[2].split() == ["2", "a", "4", "1", "50.00", "█" * 20]
    assert rows[3].split()[-1] == "␣c" and "1.00" in rows[3]
    assert "50.00" in text(token_table(cut, 40, 10, UNICODE))


def test_bars_are_as_long_as_chances() -> None:
    result = NextTokens("x", "", ("Q4_0",), (NextToken(1, " a", 0.5, (0.25,)),), (0.1,), ())
    rows = text(paired_bars(result, 0, 50, UNICODE)).splitlines()
    assert rows[1].count("█") == 19 and rows[2].count("▒") == 10 and "█" not in rows[2]  # no pair merges
    assert "KL 0.1000" in rows[0] and token_text(" a") == "␣a" and token_text("\n") == "\\n"


def test_every_format_has_its_bar_for_as_many_tokens_as_there_is_room() -> None:
    tokens = tuple(NextToken(at, name, 0.5, (0.25, 0.0)) for at, name in enumerate("abc"))
    result = NextTokens("x", "", ("Q4_0", "int3:block=32"), tokens, (0.1, 0.2), ())
    rows = text(every_bar(result, 0, 50, 8, UNICODE)).splitlines()
    assert [row[:8].strip() for row in rows] == ["a  as it", "Q4_0", "int3", "", "b  as it", "Q4_0", "int3"]
    assert rows[0].count("█") == 2 * rows[1].count("▒") > 0 == rows[2].count("▒")


def test_each_token_of_a_prompt_has_a_row() -> None:
    steps = (PromptStep("2", 0.05, "two", (0.01,)), PromptStep("+", 0.99, "+", (0.0,)))
    result = NextTokens("2+", "", ("Q4_0",), (), (0.1,), steps)
    assert [row.split() for row in text(steps_table(result, 60, UNICODE)).splitlines()[1:]] == [
        ["2", "5.00", "two", "0.0100"],
        ["+", "99.00", "+", "0.0000"],
    ]
    assert steps_table(replace(result, steps=()), 60, UNICODE) == ()


def test_tokens_are_listed_in_columns() -> None:
    cut = CutTokens((4, 5, 700), ("a", " b", "ü"), (1, 2, 2), None)
    assert [row.split() for row in text(token_table(cut, 80, 3, UNICODE)).splitlines()] == [
        ["token", "id", "bytes", "token", "id", "bytes"],
        ["1", "a", "4", "1", "3", "ü", "700", "2"],
        ["2", "␣b", "5", "2"],
    ]
    assert "700" not in text(token_table(cut, 20, 3, UNICODE))
