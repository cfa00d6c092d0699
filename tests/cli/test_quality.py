"""`qtui quality` from end to end on the small model in the package."""

import json
from pathlib import Path
from typing import Any

import pytest

from qtui.cli.main import run


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.setenv("NO_COLOR", "1")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["quality", "--windows", "2", *arguments]) == 0
    return capsys.readouterr().out


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(printed(capsys, "--json", *arguments))
    return answer


def test_a_table_a_curve_and_a_verdict_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys)
    assert "the best that any model can have" in text and "Δ ln PPL" in text and "a Llama 3 8B" in text
    assert "% of sums are right" in text and "int2:block=32,scale=fp16" in text
    assert max(map(len, text.splitlines())) <= 110


@pytest.mark.parametrize("width", [40, 60, 80, 160])
def test_every_width_is_kept(width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for arguments in (
        ["-f", "Q4_0,int3"],
        ["--sensitivity", "--by", "tensor"],
        ["--next", "1+1="],
        ["--super-weight"],
    ):
        assert max(map(len, printed(capsys, *arguments).splitlines())) <= width, arguments


def test_json_is_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(capsys, "-f", "Q4_0", "-f", "Q4_K")
    assert [row["format"] for row in answer["formats"]] == ["Q4_0", "Q4_K"]
    assert answer["windows"] == 2 and answer["baseline"]["tokens"] == 126
    assert answer["formats"][1]["fallbacks"][0]["format"] == "Q5_0"
    assert answer["formats"][0]["no_op"] is False


def test_a_gate_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quality", "--windows", "2", "-f", "int3", "--max-kl", "0.05"]) == 1
    assert run(["quality", "--windows", "2", "-f", "Q8_0", "--max-kl", "0.05"]) == 0
    capsys.readouterr()


def test_questions(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(capsys, "--tokens", "1+1")["tokens"]["pieces"] == ["\n", "1", "+", "1"]
    assert asked(capsys, "--next", "2+2=", "-f", "Q8_0")["next"]["top"][0]["piece"] == "4"
    generated = asked(capsys, "--generate", "2+2=", "-f", "Q8_0")["generated"]
    assert [item["text"] for item in generated] == ["4\n", "4\n"]
    assert asked(capsys, "--sensitivity")["sensitivity"]["parts"][0]["name"] == "token_embd"
    assert len(asked(capsys, "--super-weight")["super_weights"]) == 5


def test_a_question_stands_above_its_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quality", "--generate", "2+2=", "-f", "Q8_0"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows[2] == "2+2=" and rows[4].split() == ["format", "answer"]
    assert run(["quality", "--next", "2+2=", "-f", "Q8_0"]) == 0
    assert "next, %   as it is" in capsys.readouterr().out
    for option in ("--generate", "--next"):
        assert run(["quality", option, "2+2=", "-f", "Q8_0", "--plain"]) == 0
        assert "The prompt is '2+2='.\n" in capsys.readouterr().out


def test_views_are_asked_for_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--view", "next"], ["--show", "next"], ["--view", "next", "--next", "23+45="]):
        assert asked(capsys, *words, "-f", "Q8_0")["next"]["prompt"] == "23+45="
    assert run(["quality", "--view", "nothing"]) == 2
    assert "no view is called 'nothing'; take one of table, tokens" in capsys.readouterr().err


def test_models_are_listed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "hub" / "some").mkdir(parents=True)
    (tmp_path / "hub" / "some" / "broken.gguf").write_bytes(b"GGUF")
    assert run(["quality", "--models"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("tiny ") and "llama" in text and "a format" in text
    assert "broken.gguf" in text
    assert run(["quality", "--models", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["models"][0]["name"] == "tiny"


def test_mistakes_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quality", "-f", "Q4_9"]) == 2
    message = capsys.readouterr().err
    assert message.startswith("qtui quality: no format is called 'Q4_9'; did you mean") and message.count("\n") == 1
