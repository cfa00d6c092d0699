"""Streams that are closed or full, files that are no files, and what must not be written beside the answer."""

from __future__ import annotations

import math
import os
import signal
import struct
import subprocess
import sys
import warnings
from dataclasses import fields
from pathlib import Path

import pytest

from qtui.cli import config
from qtui.cli.main import run
from qtui.compute.errors.moments import Moments
from qtui.models.files.imatrix import read_imatrix
from qtui.models.files.source import ModelFileError
from qtui.scenario.base import UserError
from qtui.scenario.errors.cache import SurveyCache, cache_directory
from qtui.tui.panes.registry import PANES, pane_class
from qtui.tui.session import Session, load_session
from tests.support.harness import ROOT, Terminal, homes
from tests.support.hostile import imatrix
from tests.support.made_files import safetensors_bytes, save

QTUI = f"{sys.executable} -m qtui"
DEEP = 100_000


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "qtui").mkdir()
    return homes(tmp_path)


def shell(command: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **env, "PYTHONPATH": str(ROOT)}
    return subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, timeout=60)


def write_weights(path: Path, values: list[float]) -> str:
    header = {"a.weight": {"dtype": "F32", "shape": [4, len(values) // 4], "data_offsets": [0, 4 * len(values)]}}
    return save(path, safetensors_bytes(header, struct.pack(f"<{len(values)}f", *values)))


@pytest.mark.parametrize(
    ("command", "status", "message"),
    [
        ("{} <&-", 2, "the app needs a terminal"),
        ("{} mem 8B --tui <&-", 2, "the app needs a terminal"),
        ("{} mem 8B <&-", 0, ""),
        ("{} mem 8B >&-", 1, ""),
        ("{} mem 8B 2>&-", 0, ""),
        ("{} mem nothing 2>&-", 2, ""),
        ("{} --nonsense 2>&-", 2, ""),
        ("{} <&- >&- 2>&-", 1, ""),
        ("{} mem 8B > /dev/full", 1, "the output could not be written: No space left on device"),
        ("{} plan {}/m.safetensors --out /dev/full", 2, "can't write /dev/full"),
        ("{} plan {}/m.safetensors --types --out /dev/stdout", 0, ""),
        ("{} quantize 1 2 --format int4 --out /dev/full", 1, "could not be written: No space"),
    ],
)
def test_closed_and_full(command: str, status: int, message: str, env: dict[str, str], tmp_path: Path) -> None:
    write_weights(tmp_path / "m.safetensors", [math.sin(i) for i in range(1024)])
    done = shell(command.replace("{}", QTUI, 1).replace("{}", str(tmp_path)), env)
    assert done.returncode == status and message in done.stderr, done.stderr
    assert len(done.stderr.splitlines()) <= 1 and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("streams", "term", "message"),
    [
        ("in out", "xterm", "the app draws on stderr, which is no terminal here"),
        ("out err", "xterm", "the app needs a terminal"),
        ("in out err", "dumb", "(TERM=dumb)"),
        ("in out err", "", "(TERM is not set)"),
    ],
)
def test_what_the_app_lacks_is_named(
    streams: str, term: str, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("in", "out", "err"):
        monkeypatch.setattr(getattr(sys, f"std{name}"), "isatty", lambda name=name: name in streams.split())
    monkeypatch.setenv("TERM", term)
    assert run([]) == 2
    assert message in capsys.readouterr().err


def put(path: Path, kind: str) -> None:
    """Something else in a file's place."""
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "large":
        path.write_text(" " * (2 << 20))
    elif kind == "bytes":
        path.write_bytes(b"\xff\xfe\x00")
    elif kind == "digits":
        path.write_text(f'{{"version":1,"pane":"mem","scenarios":{{"mem":{{"model":{"9" * 5000}}}}}}}')
    elif path.suffix == ".json":
        path.write_text('{"a":' * DEEP + "1" + "}" * DEEP if kind == "table" else "[" * DEEP)
    else:
        path.write_text("theme = " + ("{a=" if kind == "table" else "[") * DEEP)


KINDS = ["fifo", "folder", "device", "large", "bytes", "digits", "table", "list"]


@pytest.mark.parametrize("kind", KINDS)
def test_in_place_of_the_session(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "qtui").mkdir()
    path = tmp_path / "qtui" / "session.json"
    put(path, kind)
    trouble = load_session().trouble
    assert trouble.startswith("the last session can't be read") and len(trouble) < 400 and "\n" not in trouble
    assert not os.path.lexists(path) and os.path.lexists(f"{path}.damaged") and not load_session().trouble


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "digits"])
def test_in_place_of_the_configuration(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "qtui").mkdir()
    put(tmp_path / "qtui" / "config.toml", kind)
    assert config.load() == config.Config()
    message = capsys.readouterr().err
    assert "config.toml" in message and message.endswith("; going on without it\n")
    assert len(message) < 400 and message.count("\n") == 1


def test_a_mistake_in_the_configuration_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "qtui").mkdir()
    put(tmp_path / "qtui" / "config.toml", "digits")
    with pytest.raises(UserError, match="config.toml is not TOML") as caught:
        config.load()
    assert len(str(caught.value)) < 400 and "\n" not in str(caught.value)


def test_the_app_says_so_and_goes_on(env: dict[str, str], tmp_path: Path) -> None:
    put(tmp_path / "qtui" / "session.json", "list")
    with Terminal([sys.executable, "-m", "qtui", "mem", "--tui"], env=env) as terminal:
        terminal.wait_for("the last session can't be read")
        assert terminal.leave("q") == 0


VALUES = [["a", [1]], [[[[]]]], {"a": 1}, [1, 2], None, math.inf, 7, "x", True]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_session_of_wrong_values_is_left_out(value: object) -> None:
    for command in PANES:
        kind = pane_class(command).SCENARIO
        for item in fields(kind):
            scenario = Session(scenarios={command: {item.name: value}}).scenario(kind)
            if scenario is not None and item.default is not None:
                kept = getattr(scenario, item.name)
                assert type(kept) is type(item.default)
                assert not isinstance(kept, tuple) or all(isinstance(text, str) for text in kept)


def test_damaged_lines_of_a_survey_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache_directory().mkdir(parents=True)
    cache = SurveyCache("x")
    moments = ",".join("1" for _ in fields(Moments))
    good = f'{{"t":"a","f":"Q4_0","w":"","m":[{moments}],"s":[1,1,1,1,1],"k":"eNoDAAAAAAE=","i":null}}'
    bad = [good.replace("[1,1", f"[1,{wrong}", 1) for wrong in ("Infinity", "-Infinity", "NaN", '"x"', "null", "[1]")]
    bad += [good.replace('"s":[1', f'"s":[{wrong}') for wrong in ("Infinity", "NaN", "1e999", "null")]
    bad += [good.replace("null", f"[{wrong},1]") for wrong in ("Infinity", "NaN")]
    bad += ["[" * DEEP, "{}", "[]", "1", '{"t":1e999,"f":Infinity,"w":[],"m":1,"s":2,"k":3}', "\x00" * 99]
    cache._path.write_text("\n".join([*bad, good]))
    assert len(list(cache.read())) == 1


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, -1.0, 3e38])
def test_nothing_is_warned_of(value: float, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Weights and importances that overflow, in every command that reads them."""
    matrix = imatrix("a.weight").replace(struct.pack("<f", 1.0), struct.pack("<f", value))
    importance = save(tmp_path / "i.dat", matrix)
    model = write_weights(tmp_path / "m.safetensors", [value if i % 7 == 3 else math.sin(i) for i in range(1024)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for words in (
            ["errors", model, "-f", "Q4_K", "-f", "Q4_0", "-f", "int4", "-f", "fp8", "-f", "nf4", "-f", "mx_fp4"],
            ["errors", model, "--view", "browse", "--tensor", "a.weight"],
            ["plan", model, "--imatrix", importance],
            ["plan", model],
            ["quantize", model, "--format", "Q4_K", "--format", "gptq:bits=4,block=64"],
            ["quantize", model, "--show", "outlier"],
            ["quantize", model, "--show", "network"],
            ["quantize", repr(value), "1", "2", "--format", "int4", "--show", "table"],
        ):
            assert run(words) in (0, 2)
            out, err = capfd.readouterr()
            assert "Warning" not in out + err and (out or err)
    try:
        read_imatrix(importance)
    except ModelFileError as error:
        assert "not finite and positive" in str(error)


def test_a_long_word_makes_no_long_message(capfd: pytest.CaptureFixture[str]) -> None:
    long = "x" * 9000
    for words in (["mem", long], ["bits", long], ["bits", "1", "-f", long], ["mem", "8B", "--" + long], [long]):
        assert run(words) == 2
        message = capfd.readouterr().err
        assert 20 < len(message) < 800 and message.count("\n") == 1


def test_the_line_of_progress_goes_with_the_process(env: dict[str, str]) -> None:
    code = (
        "import sys, time; from qtui.cli import progress as line; from qtui.scenario.progress import Progress\n"
        "line.FIRST = 0\n"
        "with line.reporting(Progress(), sys.stderr) as progress:\n"
        "    while True: time.sleep(0.05); progress.tick(1, 2, 'measuring')\n"
    )
    with Terminal([sys.executable, "-c", code], env=env) as terminal:
        terminal.wait_for("measuring")
        terminal.kill(signal.SIGTERM)
        assert terminal.wait_end() == 128 + signal.SIGTERM
        assert terminal.text().strip() == ""


def test_a_picture_that_could_not_be_written_is_not_left_half(env: dict[str, str], tmp_path: Path) -> None:
    limited = "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
    code = f"{limited} runpy.run_module('qtui', run_name='__main__')"
    with Terminal([sys.executable, "-c", code], env=env, cwd=tmp_path) as terminal:
        terminal.wait_for("1 Memory")
        terminal.settle()
        terminal.press("s")
        terminal.wait_for("could not save")
        assert terminal.leave("q") == 0
    assert not list(tmp_path.glob("*svg*"))
