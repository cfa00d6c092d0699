"""Nothing is written to a terminal but through the functions that make it safe."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import qtui

PACKAGE = Path(qtui.__file__).parent

# Where bytes or texts leave, and why that is safe.
EXITS = {
    "cli/output.py": {"sys.stdout.write", "sys.stderr.write"},  # the gate
    "cli/pictures.py": {"console.print", "sys.stdout.write"},  # spans made safe one by one, then coloured
    "cli/progress.py": {"stream.write"},  # made safe, behind the erasing of the line
    "tui/terminal/driver.py": {"os.write"},  # what Textual writes, in a thread
    "tui/terminal/painted.py": {"self.driver.write"},  # rows of a class's picture, whose cells are printable
    "tui/terminal/signals.py": {"os.write"},  # what switches modes off, and the report, safe already
    "teach/server.py": {"os.write"},  # what a student has typed, to the student's qtui
    "teach/start.py": {"sys.stdout.write", "sys.stderr.write"},  # JSON and a safe line, to the qtui that started it
    "scenario/errors/worker.py": {"stream.write"},  # frames to the parent
    "scenario/errors/cache.py": {"os.write"},  # a file
}
WRITING = {"print", "write", "writelines", "writerow", "writerows", "log", "print_exc", "print_exception", "warn"}
STREAMS = ("sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__", "os", "console", "stream", "driver")


def name_of(node: ast.expr) -> str:
    return ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""


def writes(code: str) -> set[str]:
    """Calls in `code` that may reach a terminal."""
    result = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            name = name_of(node.func)
            owner, _, method = name.rpartition(".")
            if name == "print" or (
                method in WRITING and owner.removeprefix("self._").removeprefix("self.") in STREAMS
            ):
                result.add(name)
            result |= {f"{name}(file={name_of(k.value)})" for k in node.keywords if name_of(k.value) in STREAMS[:4]}
    return result


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_writes(path: Path) -> None:
    assert writes(path.read_text()) <= EXITS.get(str(path.relative_to(PACKAGE)), set())


def test_the_search_finds_them() -> None:
    calls = ["print(1)", "sys.stderr.write('')", "self._console.print(2)", "os.write(1, b'')", "f(file=sys.stdout)"]
    names = {"print", "sys.stderr.write", "self._console.print", "os.write", "f(file=sys.stdout)"}
    assert writes("\n".join([*calls, "file.write('')"])) == names
