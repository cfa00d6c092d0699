"""Completion in real shells; and every example of every `--help` works."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from qtui.cli.command import COMMANDS, load
from tests.support.harness import ROOT
from tests.support.monkey import write_model

ENV = os.environ | {"PYTHONPATH": str(ROOT)}


def script(shell: str) -> str:
    command = [sys.executable, "-m", "qtui", "--completion", shell]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=ENV).stdout


LINES = [
    (["qtui", "m"], {"mem"}),
    (["qtui", "--comp"], {"--completion"}),
    (["qtui", "--theme", ""], {"auto", "dark", "light", "safe"}),
    (["qtui", "mem", "--js"], {"--json"}),
    (["qtui", "mem", "--format", "Q4_K"], {"Q4_K"}),
    (["qtui", "mem", "gpt-oss-2"], {"gpt-oss-20b"}),
    (["qtui", "formats", "--color", "t"], {"truecolor"}),
]


@pytest.mark.parametrize(("words", "expected"), LINES, ids=[" ".join(words) for words, _ in LINES])
def test_bash_completes(words: list[str], expected: set[str], tmp_path: Path) -> None:
    (tmp_path / "qtui.bash").write_text(script("bash"))
    array = " ".join(shlex.quote(word) for word in words)
    code = f"source qtui.bash; COMP_WORDS=({array}); COMP_CWORD={len(words) - 1}; _qtui"
    code += "; printf '%s\\n' \"${COMPREPLY[@]}\""
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stderr == "" and expected <= set(done.stdout.split())
    assert all(result.startswith(words[-1]) for result in done.stdout.split())


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_read_it(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not on this machine")
    (tmp_path / "script").write_text(script(shell))
    test = {
        "zsh": "autoload -Uz compinit && compinit -D && source ./script && whence _qtui >/dev/null && echo _qtui",
        "fish": "source ./script; complete -C 'qtui mem --js'",
    }[shell]
    done = subprocess.run([shell, "-c", test], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stderr == "" and ("--json" in done.stdout or "_qtui" in done.stdout)


def examples() -> list[str]:
    """The command lines of every EPILOG, without what is said beside them."""
    lines = [line.strip() for name in COMMANDS for line in load(name).epilog.splitlines()]
    return [re.split(r"\s{2,}|\s&&\s|\s>\s", line)[0] for line in lines if line.startswith("qtui ")]


def test_every_command_has_examples() -> None:
    for name in COMMANDS:
        assert f"qtui {name}" in load(name).epilog, name


@pytest.mark.parametrize("line", examples())
def test_examples_work(line: str, tmp_path: Path) -> None:
    if any(word in line for word in (".gguf", "--hub", "smollm2")):
        pytest.skip("it needs a GGUF file, a package, or the network")
    (tmp_path / "model-directory").mkdir()
    for folder in (tmp_path, tmp_path / "model-directory"):
        write_model(folder / "model.safetensors", seed=1)
    numpy.save(tmp_path / "w.npy", numpy.linspace(-1, 1, 512, dtype=numpy.float32).reshape(2, 256))
    command = [sys.executable, "-m", *shlex.split(line.replace("NAME", "w"))]
    done = subprocess.run(command, capture_output=True, text=True, env=ENV, cwd=tmp_path, timeout=120)
    # `--fits` answers by its status: 0 for yes, 1 for no.
    assert done.returncode in ((0, 1) if "--fits" in line else (0,)), done.stderr
    assert done.stdout and not done.stderr
