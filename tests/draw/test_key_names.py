"""No drawing names a key: whoever draws is given the person's own keys, and what is printed names options."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import qtui.draw

FOLDER = Path(qtui.draw.__file__).parent
NAMED = re.compile(
    r"\b(Enter|Escape|Esc|Tab|Backspace|PgUp|PgDn|F[1-9]|Ctrl\+\w|[Pp]ress(es|ed)?)\b"
    r"|(?:^|[;:(,] |[\"'])[^\s-](?:: | (?=(?:finds|shows|opens|puts|takes|turns|goes|adds|closes|quits)\b))"
    r"|: [a-zA-Z]$"
    r"|\bwith [b-z]\b(?! \w)"
)  # fmt: skip


def texts_of(tree: ast.Module) -> set[str]:
    """Strings of a module that are not docstrings, with "{}" for what a formatted one puts in."""
    strings: set[str] = set()
    inside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside |= set(node.values)
            strings.add("".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inside.add(node.value)
    return strings | {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside
    }


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_no_string_names_a_key(path: Path) -> None:
    assert [text for text in texts_of(ast.parse(path.read_text())) if NAMED.search(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "x: all",
        "m finds a smaller model",
        "it fits: Enter takes it",
        "in place; ! puts one in",
        "open it with o",
        "all digits: x",
    ],
)
def test_what_would_name_one(text: str) -> None:
    assert NAMED.search(text)
