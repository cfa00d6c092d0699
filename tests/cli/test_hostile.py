"""Every command on files and words that try to command the terminal: the bytes that it sends are its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qtui.cli.main import run
from qtui.cli.output import comma_separated, write_json
from qtui.cli.progress import reporting
from qtui.scenario.progress import Progress
from tests.support.harness import ROOT
from tests.support.hostile import EVIL, SHORT, foreign, gguf, lesson, make

ON_FILES = [
    "mem",
    "mem --markdown",
    "mem --fits",
    "mem --json",
    "mem --plain",
    "inspect",
    "inspect --json",
    "errors",
    "errors --csv",
    "errors --json",
    "errors --plain",
    "errors --view browse",
    "plan",
    "plan --types",
    "plan --csv",
    "plan --json",
    "plan --plain",
    "quantize",
    "quantize --in",
]
WORDS = [
    [EVIL],
    ["-" + EVIL],
    ["mem", EVIL],
    ["mem", "8B", "--machine", EVIL],
    ["mem", "8B", "--arch", EVIL],
    ["mem", "8B", "-f", EVIL],
    ["mem", "--" + EVIL],
    ["mem", "Qwen3-8B," + EVIL],
    ["bits", EVIL],
    ["bits", "1", "--format", EVIL],
    ["bits", "1", "--format", "float:" + EVIL],
    ["quantize", EVIL],
    ["quantize", "1", "--format", EVIL],
    ["quantize", "1", "--out", f"/nowhere/{EVIL}"],
    ["errors", "--data", EVIL],
    ["errors", "-f", EVIL],
    ["quality", EVIL],
    ["quality", "--next", EVIL],
    ["quality", "--generate", EVIL, "--plain"],
    ["quality", "--zero", EVIL],
    ["tour", "--lesson", EVIL],
    ["tour", "--step", EVIL],
    ["tour", "--check", EVIL],
    ["lesson", "add", "/nowhere/lesson.toml", "--", EVIL],
    ["welcome", "--machine", EVIL],
    ["formats", EVIL],
    ["formats", "--family", EVIL],
    ["bits", "1", "--color", EVIL],
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return make(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("command", ON_FILES)
def test_files(command: str, files: dict[str, str], capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    statuses = []
    for kind, path in files.items():
        statuses.append(run([*command.split(), path]))
        out, err = capfdbinary.readouterr()
        assert not foreign(out) + foreign(err), kind
        assert (out == b"") == (statuses[-1] == 2) and len(err) < 1500 and err.count(b"\n") <= 1, (kind, err)
    assert set(statuses) <= {0, 1, 2} and statuses.count(2) < len(statuses)


def test_two_files_beside_each_other(files: dict[str, str], capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    for kind, path in files.items():
        for options in ([], ["--csv"], ["--plain"]):
            run(["errors", path, "--against", path, *options])
            out, err = capfdbinary.readouterr()
            assert not foreign(out) + foreign(err), kind


@pytest.mark.parametrize(
    "words", ["--list", "--check", "--step 1", "--list --json", "--step 1 --plain", "--check --json"]
)
def test_a_lesson(words: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = lesson(tmp_path)
    command = ["tour", *words.split()]
    run([*command[:2], path, *command[2:]] if words.startswith("--check") else [*command, "--lesson", path])
    out, err = capfdbinary.readouterr()
    assert not foreign(out) + foreign(err) and (out or err)


def test_names_in_this_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    name = EVIL.replace("\0", "").replace("/", "")[:60] + ".gguf"
    (tmp_path / name).write_bytes(gguf())
    monkeypatch.chdir(tmp_path)
    for options in ([], ["--json"], ["--plain"]):
        assert run(["welcome", "--machine", "laptop 16GB", *options]) == 0
        out, err = capfdbinary.readouterr()
        assert not foreign(out) + foreign(err) and b"PWNED" in out


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words[0] if words[0].isprintable() else "none")
def test_words(words: list[str], capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(words) in (0, 2)
    out, err = capfdbinary.readouterr()
    assert not foreign(out) + foreign(err) and len(err) < 1500


def test_further_places(files: dict[str, str], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    model = files["gguf"]
    for words in (
        ["errors", model, "--tensor", EVIL],
        ["errors", model, "--tensor", f"blk.0.{EVIL}.weight"],
        ["errors", model, "--tensor", f"blk.0.{EVIL}.weight", "--view", "browse"],
        ["quantize", model, "--tensor", f"blk.0.{EVIL}.weight", "--show", "table"],
        ["errors", model, "--group", "layer", "--color", "256"],
        ["errors", model, "--ascii"],
        ["plan", model, "--imatrix", files["imatrix"]],
        ["plan", model, "--imatrix", files["bad imatrix"]],
        ["plan", model, "--set", f"{EVIL}=Q8_0"],
        ["plan", model, "--out", f"{tmp_path}/none/{EVIL}"],
        ["quality", model],
        ["quality", files["config"]],
        ["quality", "--text", files["missing"]],
        ["quality", "--imatrix", files["imatrix"]],
        ["quality", "--tokens", EVIL],
        ["quality", "--generate", EVIL, "--length", "4"],
        ["quality", "--set", f"{EVIL}=Q4_0"],
        ["mem", f"{model},{files['safetensors']}"],
        ["mem", f"{model},{files['safetensors']}", "--markdown"],
    ):
        assert run(words) in (0, 2), words
        out, err = capfdbinary.readouterr()
        assert not foreign(out) + foreign(err), words
        assert out or err


def test_a_configuration_and_a_locale_without_utf_8(files: dict[str, str], tmp_path: Path) -> None:
    """What Python itself would write raw: where the locale is C, stdout takes lone bytes as they are."""
    settings = tmp_path / "qtui" / "config.toml"
    settings.parent.mkdir()
    settings.write_text('machine = "\\u001b]0;PWNED\\u0007"')
    env = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path)}
    for locale, utf8 in (("C", "0"), ("C", "1"), ("C.UTF-8", "0")):
        for words in (["mem", files["gguf"]], ["mem", files["several"], "--markdown"], ["inspect", files["gguf"]]):
            process = subprocess.run(
                [sys.executable, "-m", "qtui", *words],
                env=env | {"LC_ALL": locale, "PYTHONUTF8": utf8, "PYTHONCOERCECLOCALE": "0"},
                capture_output=True,
            )
            assert not foreign(process.stdout) + foreign(process.stderr), words
            assert process.returncode in (0, 2) and b"Traceback" not in process.stderr
            assert utf8 == "1" or locale != "C" or (process.stdout + process.stderr).isascii()


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_the_line_of_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qtui.cli.progress.FIRST", 0)
    monkeypatch.setattr("qtui.cli.progress.EVERY", 0)
    screen = Terminal()
    with reporting(Progress(), screen) as progress:
        progress.tick(1, 2, EVIL)
        progress.tick(1, 2, "漢" * 90)
    shown = screen.getvalue()
    assert "\\x1b]0;PWNED" in shown and not foreign(shown.encode())
    assert shown.count("漢") == (78 - len(" 50 %     0 s left  ")) // 2


def test_no_cell_is_a_formula() -> None:
    rows = [["=1+1", "+x", "-cmd|' /C calc'!A0", "@SUM(1)", "-1.5", -1.5, None, "\t=2", "a\nb", "ok"]]
    assert comma_separated(rows) == "'=1+1,'+x,'-cmd|' /C calc'!A0,'@SUM(1),-1.5,-1.5,,\\t=2,a\\nb,ok"


def test_json_is_printable_ascii(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_json({"name": f"{SHORT}\x7f漢"})
    assert capfdbinary.readouterr().out.decode("ascii").rstrip("\n").isprintable()
