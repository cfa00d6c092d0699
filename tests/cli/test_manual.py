"""The manual page: from the same source as --help, complete, and plain roff."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qtui.cli.command import COMMANDS, load, parser_for
from qtui.words.load import glossary


@pytest.fixture(scope="module")
def page() -> str:
    done = subprocess.run(
        [sys.executable, "-m", "qtui", "--man"], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def test_every_command_and_option_is_in_it(page: str) -> None:
    plain = page.replace("\\-", "-").replace("\\e", "\\")
    for name in COMMANDS:
        section = plain.partition(f'.SH "QTUI {name.upper()}"')[2].partition(".SH ")[0]
        for action in parser_for(load(name))._actions:
            if action.help != argparse.SUPPRESS:
                assert all(flag in section for flag in action.option_strings), (name, action.option_strings)
                assert (action.help or "").replace("%%", "%") in section
        assert "examples:" in section
    assert all(term.name in plain for term in glossary().values())
    for flag in ("--version", "--completion", "--man", "--fresh", "--kiosk", "--color"):
        assert f"\n.B {flag}" in plain or f", {flag}" in plain


def test_no_line_is_a_request_by_accident(page: str) -> None:
    requests = {row.split()[0] for row in page.splitlines() if row.startswith((".", "'"))}
    assert requests <= {".TH", ".SH", ".B", ".br", ".TP", ".PP", ".nf", ".fi"}


@pytest.mark.skipif(shutil.which("man") is None, reason="there is no man here")
def test_man_reads_it(page: str, tmp_path: Path) -> None:
    (tmp_path / "qtui.1").write_text(page)
    done = subprocess.run(["man", "-l", str(tmp_path / "qtui.1")], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "--kv-type" in done.stdout and not done.stderr.strip()
