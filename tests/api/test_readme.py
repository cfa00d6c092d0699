"""The session in the README, run line by line."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_session_in_the_readme_runs_as_it_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = re.search(r"```pycon\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert session is not None
    monkeypatch.chdir(tmp_path)
    test = doctest.DocTestParser().get_doctest(session[1], {}, "README", "README.md", 0)
    assert len(test.examples) > 15
    report: list[str] = []
    result = doctest.DocTestRunner().run(test, out=report.append)
    assert result.failed == 0, "".join(report)
