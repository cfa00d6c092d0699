"""Quality solved on the small model in the package and on made-up ones: figures, questions, mistakes."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qtui.compute.lm.language import END
from qtui.compute.lm.perplexity import Estimate, perplexity
from qtui.compute.lm.transformer import NotNumbersError
from qtui.error import QtuiError
from qtui.models.files.source import ModelFileError
from qtui.models.lm.installed import ALICE, TINY
from qtui.models.lm.load import load_model
from qtui.scenario.base import UserError
from qtui.scenario.progress import Cancelled, Progress
from qtui.scenario.quality.json import json_object
from qtui.scenario.quality.opened import identity, open_language_model, open_text
from qtui.scenario.quality.result import QualityResult
from qtui.scenario.quality.scenario import TINY_FORMATS, VIEWS, QualityScenario, asked, formats_of, view_called
from qtui.scenario.quality.solve import solve
from qtui.scenario.quality.verdict import verdict
from tests.support import lm_models

SHORT = QualityScenario(windows=2, context=64)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def table() -> QualityResult:
    return solve(QualityScenario())


def test_the_small_model_is_near_the_floor_and_knows_its_sums(table: QualityResult) -> None:
    base = table.baseline
    assert base is not None and base.floor is not None and base.sums is not None
    assert abs(base.nll.value - base.floor) < 0.02
    assert base.sums[0] >= 0.99 and base.sums[1] >= 0.99
    assert table.passage is not None and table.passage.scored == 16 * 63 == base.tokens
    assert TINY.stat().st_size < 2 << 20


def test_eight_bits_are_free_and_two_break(table: QualityResult) -> None:
    rows = {row.format: row for row in table.formats}
    eight, four = rows["Q8_0"].statistics, rows["Q4_0"].statistics
    two = rows["int2:block=32,scale=fp16"]
    assert eight is not None and four is not None and two.statistics is not None and two.sums is not None
    assert abs(eight.log_ratio.value) < 0.001 and eight.kld.value < 0.001
    assert 0.001 < four.kld.value < 0.05
    assert two.statistics.kld.value > 1 and two.sums[1] < 0.1
    assert rows["Q8_0"].bits_per_weight == pytest.approx(8.57, abs=0.05)
    assert rows["Q8_0"].fallbacks == () and not rows["Q8_0"].no_op
    assert any("sums are right" in sentence for sentence in table.verdict)


def test_every_row_of_the_small_model_has_fewer_bits_and_loses_more(table: QualityResult) -> None:
    losses = [row.statistics.kld.value for row in table.formats if row.statistics is not None]
    bits = [row.bits_per_weight for row in table.formats]
    assert losses == sorted(losses) and bits == sorted(bits, reverse=True) and len(losses) == len(bits)


def test_json_has_the_keys_that_scripts_rely_on(table: QualityResult) -> None:
    answer = json_object(table)
    json.dumps(answer)
    assert {"model", "family", "baseline", "windows", "formats", "seconds", "published"} <= answer.keys()
    assert {"format", "ppl", "ppl_error", "nll", "tokens"} <= answer["baseline"].keys()
    keys = "format bits_per_weight bytes ppl ppl_error dlnppl dlnppl_error kld_mean kld_median kld_p99 kld_max"
    assert {*keys.split(), "same_top", "delta_p_rms", "fallbacks", "no_op"} <= answer["formats"][0].keys()
    assert answer["published"][0]["source"] and answer["published"][0]["rows"][0]["format"]
    assert answer["baseline"]["format"] == "float16"
    assert answer["formats"][0]["dlnppl"] == pytest.approx(
        math.log(answer["formats"][0]["ppl"] / answer["baseline"]["ppl"]), abs=1e-5
    )


def test_a_second_time_nothing_is_measured() -> None:
    scenario = replace(SHORT, format=("Q4_0", "nf4"))
    first = solve(scenario)
    second = solve(scenario)
    assert first.cached == 0 and second.cached == 2
    for a, b in zip(first.formats, second.formats, strict=True):
        assert a.statistics is not None and b.statistics is not None
        assert a.statistics.kld.value == pytest.approx(b.statistics.kld.value, rel=1e-9)
    assert first.baseline is not None and second.baseline is not None
    assert first.baseline.ppl.value == pytest.approx(second.baseline.ppl.value, rel=1e-6)
    third = solve(replace(scenario, windows=3))
    assert third.cached == 0


def test_the_first_figure_of_a_format_comes_before_the_second_window() -> None:
    """Baseline and format in step at first; then the baseline goes a few windows ahead of the first format."""
    seen: list[QualityResult] = []
    result = solve(replace(SHORT, context=128, format=("Q4_0", "Q8_0"), windows=6), None, seen.append)
    windows = [(r.baseline.windows if r.baseline else 0, *(row.windows for row in r.formats)) for r in seen]
    assert windows[:4] == [(0, 0, 0), (1, 0, 0), (1, 1, 0), (5, 1, 0)]
    assert windows[4:7] == [(6, 1, 0), (6, 5, 0), (6, 6, 0)] and windows[-1] == (6, 6, 6)
    assert windows == sorted(windows) and result.formats[0].windows == 6
    alone = solve(replace(SHORT, context=128, format=("Q8_0",), windows=6, memory="1GB"))
    assert alone.cached == 1 and alone.formats[0].statistics == result.formats[1].statistics


def test_work_can_be_stopped() -> None:
    with pytest.raises(Cancelled):
        solve(replace(SHORT, format=("Q4_0",)), Progress(cancelled=lambda: True))


def test_the_format_of_the_file_says_nothing() -> None:
    result = solve(replace(SHORT, format=("F16", "Q8_0")))
    assert result.formats[0].no_op and not result.formats[1].no_op
    assert result.formats[0].statistics is not None
    assert result.formats[0].statistics.kld.value == pytest.approx(0, abs=1e-8)
    again = "The file is stored in F16 already: to store it so again shows nothing of the format."
    assert again in result.verdict and solve(replace(SHORT, format=("F16",))).verdict == (again,)


def test_rows_that_do_not_divide_are_told() -> None:
    row = solve(replace(SHORT, format=("Q4_K",))).formats[0]
    assert len(row.fallbacks) == 22 and {kind for _, kind in row.fallbacks} == {"Q5_0"}


def divergence(scenario: QualityScenario) -> float:
    stats = solve(scenario).formats[0].statistics
    assert stats is not None
    return stats.kld.value


def test_keys_activations_single_tensors_and_single_weights_change_the_model() -> None:
    keys = divergence(replace(SHORT, kv_type="int3:block=16/f32"))
    values = divergence(replace(SHORT, kv_type="f32/int3:block=16"))
    assert keys > 0 and values > 0 and keys != values
    assert 0 < divergence(replace(SHORT, activations="int8")) < 0.01
    assert 0 < divergence(replace(SHORT, activations="fp8")) < 0.05
    assert 0 < divergence(replace(SHORT, set=("ffn_down=int3",))) < divergence(replace(SHORT, format=("int3",)))
    assert divergence(replace(SHORT, format=("int3",), set=("token_embd=keep",))) < divergence(
        replace(SHORT, format=("int3",))
    )
    assert divergence(replace(SHORT, zero=("blk.0.attn_v[3,5]",))) > 0


def test_types_of_a_plan_are_measured(tmp_path: Path) -> None:
    types = tmp_path / "types.txt"
    types.write_text("^token_embd\\.weight$=q8_0\nffn_down=iq4_nl\nffn_.*=Q4_0\n")
    with_file = solve(replace(SHORT, types=str(types))).formats[0]
    roles = {"token_embd": "Q8_0", "ffn_down": "IQ4_NL", "ffn_gate": "Q4_0", "ffn_up": "Q4_0"}
    by_hand = tuple(f"{name}={kind}" for name, kind in roles.items())
    assert with_file.statistics == solve(replace(SHORT, set=by_hand)).formats[0].statistics
    kept = replace(SHORT, types=str(types), set=(*(f"{name}=keep" for name in roles), "attn_q=Q8_0"))
    assert solve(kept).formats[0].statistics == solve(replace(SHORT, set=("attn_q=Q8_0",))).formats[0].statistics
    for text, words in (("Q8_0\nnothing=Q8_0", "no line NAME=TYPE"), ("(=Q8_0", "pattern"), ("a=Q9", "no format")):
        types.write_text(text)
        with pytest.raises(UserError, match=words):
            solve(replace(SHORT, types=str(types)))


def test_a_text_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sums.txt"
    path.write_text("1+1=2\n" * 60)
    result = solve(replace(SHORT, text=str(path), format=("Q8_0",)))
    assert result.passage is not None and result.passage.source == str(path)
    assert result.baseline is not None and result.baseline.floor is None
    assert result.baseline.ppl.value < 3


def test_tokens_of_a_text() -> None:
    result = solve(QualityScenario(tokens="2+2=4"))
    outcome = result.tokens
    assert outcome is not None and outcome.pieces == (END, "2", "+", "2", "=", "4") and outcome.bos == outcome.ids[0]
    assert outcome.lengths == (len(END), 1, 1, 1, 1, 1)
    first, *chances = outcome.chances
    assert first is None and outcome.ppl == pytest.approx(perplexity([p for p in chances if p is not None]))
    assert chances[3] > 0.99 and chances[4] > 0.99 and outcome.expected[4:] == ("=", "4")
    least = outcome.surprises
    assert [one.base for one in least] == sorted(chances)[: len(least)]
    assert all(outcome.chances[one.at] == one.base for one in least)
    assert least[0].likelier[0].piece == outcome.expected[least[0].at]
    assert all(token.base > one.base for one in least for token in one.likelier)
    follow = solve(QualityScenario(next="2+2=4", format=("keep",))).next
    assert follow is not None and [step.base for step in follow.steps] == pytest.approx(chances, rel=1e-5)
    assert "the greatest surprise is '2'" in result.verdict[1]


def test_a_text_longer_than_the_context_is_only_cut() -> None:
    result = solve(QualityScenario(tokens="2+2=4\n" * 30)).tokens
    assert result is not None and len(result.ids) == 181 and result.chances == () and result.ppl is None


def test_what_may_follow_a_prompt() -> None:
    result = solve(QualityScenario(next="12+34=4", format=("Q4_0", "int2"))).next
    assert result is not None
    assert result.top[0].piece in ("6", "<unk>") and result.formats == ("Q4_0", "int2")
    six = next(token for token in result.top if token.piece == "6")
    assert six.base > 0.95 and six.formats[0] > 0.9 and six.formats[1] < 0.5
    assert result.kld[0] < result.kld[1]
    assert [step.piece for step in result.steps] == list("12+34=4")
    assert result.steps[-1].base > 0.95 and result.steps[0].base < 0.2


def test_of_a_format_that_is_not_done_it_is_not_said_that_it_goes_on_alike() -> None:
    seen: list[tuple[tuple[int, ...], tuple[str, ...]]] = []
    result = solve(
        QualityScenario(generate="57+25=", format=("Q8_0", "Q5_0", "int2"), length=4),
        watch=lambda part: seen.append((tuple(len(c.pieces) for c in part.continuations), part.verdict)),
    )
    said = dict(seen)
    assert said[(3,)] == said[(3, 2)] == () and said[(3, 3)] == ("Q8_0 goes on just as the model does.",)
    assert said[(3, 3, 3)] == ("Q8_0 and Q5_0 go on just as the model does.",)
    assert result.verdict == ("int2 parts from the model; Q8_0 and Q5_0 go on as it does.",)


def test_continuations_show_where_they_part() -> None:
    result = solve(QualityScenario(generate="57+25=", format=("Q8_0", "int2"), length=4))
    own, eight, two = result.continuations
    assert own.text == f"82{END}" == eight.text and eight.parts_at is None
    assert two.text != own.text and two.parts_at == two.closest == 0
    assert {token.piece for token in two.choice} >= {"8", two.pieces[0]} and own.choice == ()
    assert two.choice[0].id == max(two.choice, key=lambda token: token.formats[0]).id
    assert max(two.choice, key=lambda token: token.base).piece == "8"
    assert eight.choice[0].piece == own.pieces[eight.closest] and eight.choice[0].formats[0] > 0.9
    drawn = [
        solve(QualityScenario(generate="the", format=("keep",), temperature=1.0, seed=seed)) for seed in (1, 1, 2)
    ]
    texts = [outcome.continuations[0].text for outcome in drawn]
    assert texts[0] == texts[1] != texts[2]
    assert all(outcome.continuations[0].text == outcome.continuations[1].text for outcome in drawn)


@pytest.mark.parametrize("by", ["role", "layer", "tensor"])
def test_parts_are_ranked_by_what_they_cost(by: str) -> None:
    result = solve(replace(SHORT, sensitivity=True, by=by))
    values = [loss.statistics.kld.value for loss in result.losses]
    assert values == sorted(values, reverse=True) and values[0] > 0.01
    assert len(values) == {"role": 8, "layer": 4, "tensor": 22}[by]
    assert sum(loss.weights for loss in result.losses) == 152256 - 7 * 64
    assert all(0.3 < loss.error < 0.5 for loss in result.losses)  # of two bits
    if by == "layer":  # the same as changing that layer from the start
        whole = divergence(replace(SHORT, format=("keep",), set=(f"blk.2.={result.loss_format}",)))
        layer = next(loss for loss in result.losses if loss.name == "layer 2")
        assert layer.statistics.kld.value == pytest.approx(whole, rel=1e-4)


def test_parts_that_do_not_divide_get_the_fallback() -> None:
    wanted, given = (solve(replace(SHORT, sensitivity=True, format=(spec,))) for spec in ("Q4_K", "Q5_0"))
    assert wanted.losses == given.losses


def test_single_weights_are_tried() -> None:
    result = solve(replace(SHORT, super_weight=True))
    assert len(result.super_weights) == 5
    first, place = result.super_weights[0], result.weight_row
    assert place is not None and (place.row, place.column, place.columns) == (first.row, first.column, 192)
    assert len(place.weights) == len(place.usual) == len(place.inputs) == 192
    assert place.weights[place.at] == pytest.approx(abs(first.value))
    assert place.weights[place.at] * place.inputs[place.at] == pytest.approx(first.product, rel=1e-6)
    same = divergence(replace(SHORT, zero=(f"{first.tensor}[{first.row},{first.column}]",)))
    assert first.statistics.kld.value == pytest.approx(same, rel=1e-4)


def test_layers_are_read_again_where_memory_is_little(tmp_path: Path) -> None:
    # The made-up models have no tokenizer, so only the scenario's own arithmetic is looked at here.
    path = lm_models.save_checkpoint(tmp_path, "llama")
    with pytest.raises(QtuiError, match="tokenizer.json"):
        solve(QualityScenario(model=path))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": ("Q9",)}, "no format is called"),
        ({"context": 4}, "--context takes"),
        ({"windows": 99_999}, "--windows takes at most"),
        ({"context": 4096}, "made for 128 tokens"),
        ({"text": "/nowhere.txt"}, "no file"),
        ({"kv_type": "q9"}, "no format is called"),
        ({"kv_type": "f32/q4_k"}, "32 numbers, which Q4_K can't store"),
        ({"sensitivity": True, "format": ("Q9",)}, "no format is called"),
        ({"zero": ("blk.0.attn_v",)}, "is written like"),
        ({"zero": ("blk.9.attn_v[0,0]",)}, "no matrix called"),
        ({"zero": ("blk.0.attn_v[99,0]",)}, "32 rows and 64 columns"),
        ({"set": ("ffn_down",)}, "a name and a format"),
        ({"set": ("nothing_at_all=Q8_0",)}, "no matrix of the model"),
        ({"memory": "3"}, "no unit"),
        ({"memory": "1MB"}, "or more"),
        ({"tokens": "a", "next": "b"}, "ask one thing"),
        ({"view": "table", "next": "b", "lesson": "steps"}, "ask one thing"),
        ({"view": "generate", "next": "b"}, "ask one thing"),
        ({"generate": "a", "length": 0}, "--length takes"),
        ({"generate": "a", "length": 500}, "the model holds 128"),
        ({"temperature": -1.0}, "--temperature takes"),
        ({"format": ("mix:IQ2_XXS",)}, "importance matrix"),
        ({"model": "nowhere.gguf"}, "no file"),
    ],
)
def test_mistakes_are_told(change: dict[str, object], words: str) -> None:
    with pytest.raises(QtuiError, match=words):
        solve(replace(SHORT, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_its_question_with_the_usual_prompt(view: str) -> None:
    scenario = replace(SHORT, view=view, format=("Q8_0",))
    assert scenario.question == scenario.view_name == view
    result = solve(scenario)
    assert result.question == view and result.scenario.view == "table"
    assert result.scenario == asked(replace(scenario, view="table"), view)
    assert result.scenario.next == ("23+45=" if view == "next" else "")
    assert result.verdict or (result.lesson and result.lesson.sentence)  # each has its sentence


def test_views_have_the_names_that_people_know_them_by() -> None:
    names = {"talk": "generate", "super-weight": "super_weight", "Where": "sensitivity", "curve": "table"}
    assert {name: view_called(name) for name in names} == names
    with pytest.raises(QtuiError, match="no view is called 'nothing'"):
        view_called("nothing")


def test_a_thousand_weights_at_random_stand_beside_the_single_ones() -> None:
    result = solve(QualityScenario(super_weight=True, windows=2))
    assert result.random_weights is not None
    assert result.random_weights.count == 1000 and result.random_weights.tensor.endswith("ffn_down.weight")
    assert json_object(result)["random_weights"]["kld_mean"] >= 0
    assert any("at random" in sentence for sentence in result.verdict)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"next": "2+2=", "format": ("Q8_0",)}, "Every format still says '4' first"),
        ({"next": "2+2=", "format": ("Q8_0", "int3:block=32,scale=fp16")}, "The model says '4', int3 says '3'"),
        (
            {"generate": "5+2=", "format": ("Q8_0", "int3:block=32,scale=fp16")},
            "int3 parts from the model",
        ),
        ({"tokens": "hello world"}, "11 characters are 1 token, after the one that begins every text"),
        ({"tokens": "2+2=4"}, "5 characters are 5 tokens, 1 character each, after the one that begins every text"),
    ],
)
def test_every_question_has_a_sentence(change: dict[str, Any], words: str) -> None:
    assert words in solve(QualityScenario(**change)).verdict[0]


@pytest.mark.parametrize("kind", ["divergence", "perplexity", "steps", "noise"])
def test_a_lesson_has_its_curve(kind: str) -> None:
    lesson = solve(QualityScenario(lesson=kind)).lesson
    assert lesson is not None and lesson.plot is not None
    plot = lesson.plot
    assert all(len(curve) == len(plot.curves[0]) for curve in plot.curves)
    assert plot.low < plot.high and all(plot.bottom <= y <= plot.top for curve in plot.curves for y in curve)


def test_the_first_sentence_says_how_much_worse_the_model_gets(table: QualityResult) -> None:
    assert table.verdict[0] == "Q5_0 costs next to nothing, Q4_0 1.1 % perplexity; int2 breaks the model."
    rows = [row for row in table.formats if row.format in ("Q4_0", "int4")]
    assert verdict(replace(table, formats=tuple(rows)))[0] == "Q4_0 costs 1.1 % perplexity; 100 % of sums are right."
    larger = [replace(row, nbytes=row.nbytes + 10**6) for row in table.formats[:3]]
    assert verdict(replace(table, formats=tuple(larger)))[0] == (
        "Keep the file: Q5_0 costs next to nothing but is larger, Q4_0 1.1 % perplexity."
    )
    rows = [row for row in table.formats if row.format.startswith("int")]
    assert verdict(replace(table, formats=tuple(rows)))[0] == "int4 costs 35 % perplexity; int2 breaks the model."
    assert verdict(replace(table, formats=table.formats[:1]))[0].startswith("Q8_0 costs nothing")


def test_a_format_larger_than_the_file_is_no_advice() -> None:
    result = solve(replace(SHORT, format=("float32", "Q4_0")))
    assert not any("keep the file" in sentence for sentence in result.verdict)  # Q4_0 takes less
    result = solve(replace(SHORT, format=("float32",)))
    assert "float32 takes 99 % more room than the file as it is, so keep the file." in result.verdict


def test_little_memory_keeps_log_probabilities_in_a_file() -> None:
    for memory, kind in (("1GB", np.ndarray), ("64MiB", np.memmap)):
        scenario = QualityScenario(memory=memory, windows=1)
        opened = open_language_model(scenario)
        large = replace(opened.language.config, vocabulary=1 << 15)  # 63 rows of it: 8 MiB
        opened = replace(opened, language=replace(opened.language, config=large)).reading(128)
        with open_text(scenario, opened).room(opened) as base:
            assert type(base) is kind and base.shape == (1, 63, 1 << 15)


def test_a_format_that_leaves_no_numbers_is_a_problem_and_no_figure(tmp_path: Path) -> None:
    result = solve(replace(SHORT, format=("float8_e8m0fnu", "Q8_0")))  # scales: no negative numbers
    lost, fine = result.formats
    assert lost.statistics is None and "no numbers" in lost.problem and lost.windows == 2
    assert fine.statistics is not None and fine.problem == ""
    assert "float8_e8m0fnu can't be measured: its predictions are no numbers (NaN)." in result.verdict
    json.dumps(json_object(result), allow_nan=False)
    assert replace(result, scenario=replace(result.scenario, max_kl=9.0)).too_far
    assert solve(result.scenario).cached == 1
    for question in ({"next": "2+2="}, {"generate": "2+2="}, {"sensitivity": True}):
        with pytest.raises(NotNumbersError, match="in float8_e8m0fnu are no numbers"):
            solve(replace(result.scenario, **question))  # type: ignore[arg-type]


def tiny_with(path: Path, old: bytes, new: bytes, at: int = 0) -> str:
    """The small model's file with other bytes behind `old` and `at` more; its path."""
    raw = bytearray(TINY.read_bytes())
    start = raw.index(old) + len(old) + at
    raw[start : start + len(new)] = new
    path.write_bytes(raw)
    return str(path)


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    raw = bytearray(TINY.read_bytes())
    raw[-4096:] = b"\xff" * 4096  # NaN as float16
    (tmp_path / "damaged.gguf").write_bytes(raw)
    with pytest.raises(NotNumbersError, match=r"damaged\.gguf are no numbers"):
        solve(replace(SHORT, model=str(tmp_path / "damaged.gguf"), text=str(ALICE)))


def test_a_tokenizer_of_another_model_is_told(tmp_path: Path) -> None:
    few = tiny_with(tmp_path / "few.gguf", b"token_embd.weight", (10).to_bytes(8, "little"), at=12)
    for question in ({"text": str(ALICE)}, {"next": "2+2="}, {"tokens": "2+2="}):
        with pytest.raises(ModelFileError, match=r"knows 10 tokens, .* with its own tokenizer"):
            solve(replace(SHORT, model=few, **question))


def test_of_a_long_text_only_the_beginning_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"{i}+{i}={2 * i}\n" for i in range(1, 2000)) * 3
    path = tmp_path / "long.txt"
    path.write_text(text)
    scenario = replace(SHORT, text=str(path))
    opened = open_language_model(scenario)
    whole = opened.encode(text)[: 2 * 64]
    lengths = []
    encode = type(opened).encode
    monkeypatch.setattr(type(opened), "encode", lambda self, part: lengths.append(len(part)) or encode(self, part))
    windows = open_text(scenario, opened).windows
    assert windows.reshape(-1)[1:64].tolist() == whole[1:64] and max(lengths) < len(text)
    path.write_bytes(text.replace("\n", "\r\n").encode())
    assert open_text(scenario, opened).passage.source.endswith("long.txt, lines end with CR LF")


def test_sentences_keep_to_their_errors_and_shares(table: QualityResult) -> None:
    row = table.formats[2]
    assert row.statistics is not None

    def verdict_on(log_ratio: float, error: float, same: float = 0.5) -> str:
        stats = replace(row.statistics, log_ratio=Estimate(log_ratio, error), same_top=Estimate(same, 0.01))  # type: ignore[type-var]
        rows = (replace(row, statistics=stats, sums=None), table.formats[0])
        return " ".join(verdict(replace(table, formats=rows)))

    assert "Q4_0 0.0087 nats a token." in verdict_on(0.01, 0.008)  # within two standard errors of nothing
    assert "Q4_0 costs 0.0087 nats a token, but no perplexity that can be told from noise (±0.8 %)" in verdict_on(
        0.01, 0.008
    )
    assert "Q8_0 costs nothing that can be told" in " ".join(verdict(replace(table, formats=table.formats[:1])))
    assert "Q4_0 1 % perplexity." in verdict_on(0.01, 0.004)
    assert "Q4_0 has 4.9 % less perplexity" in verdict_on(-0.05, 0.001)
    for share, words in ((0.2, "one in five"), (0.36, "one in three"), (0.4, "40 % of the"), (0.55, "55 % of the")):
        assert words in verdict_on(0.2, 0.01, 1 - share)


def test_formats_in_one_text_and_their_options() -> None:
    def of(*texts: str) -> tuple[str, ...]:
        return formats_of(QualityScenario(format=texts))

    assert of("Q8_0, int3:asym,block=32,scale=fp16, Q4_0") == ("Q8_0", "int3:asym,block=32,scale=fp16", "Q4_0")
    assert of("Q8_0,int4:row", "mix:Q4_0,mix:Q5_0") == ("Q8_0", "int4:row", "mix:Q4_0", "mix:Q5_0")
    assert of(", ".join(TINY_FORMATS)) == TINY_FORMATS == of("") == of(" , ")


def test_types_that_stand_in_are_told() -> None:
    words = "Rows are no whole blocks of Q4_K: most matrices are stored in Q5_0 instead."
    assert words in solve(replace(SHORT, format=("Q4_K",))).verdict
    assert not any("no whole blocks" in sentence for sentence in solve(replace(SHORT, format=("Q8_0",))).verdict)


def test_another_configuration_is_another_model(tmp_path: Path) -> None:
    path = Path(lm_models.save_checkpoint(tmp_path, "qwen3"))
    model = load_model(str(path))
    settings = path.parent / "config.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "rope_theta": 123.0}))
    changed = load_model(str(path))
    assert changed.file.identity == model.file.identity
    opened = open_language_model(SHORT)
    windows = open_text(SHORT, opened).windows
    figures = {identity(replace(opened, language=one), windows, SHORT) for one in (model, changed)}
    assert len(figures) == 2
