"""Drawings and panes read Results: they call nothing that computes."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import qtui

ROOT = Path(qtui.__file__).parent
DRAWN = [path for room in ("bits", "quantizer") for path in sorted((ROOT / "draw" / room).glob("*.py"))]
PANES = [path for room in ("bits", "quantizer") for path in sorted((ROOT / "tui/panes" / room).glob("*.py"))]
# What writes numbers as text, and the exact logarithm that round ticks start from.
WRITES = ("qtui.compute.floats.text", "qtui.compute.floats.real")


def imported(path: Path) -> list[tuple[str, str]]:
    """Module and name of everything that a file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [
        (node.module or "", alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    return names + [
        (alias.name, "") for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    ]


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_drawing_takes_values_and_types_only(path: Path) -> None:
    for module, name in imported(path):
        assert not module.startswith("qtui.models")
        if module.startswith("qtui.scenario"):
            assert module.endswith(".result") or name == "VIEWS", f"{module} is no Result"
        if module.startswith("qtui.compute") and module not in WRITES:
            thing = getattr(importlib.import_module(module), name)
            assert not inspect.isfunction(inspect.unwrap(thing) if callable(thing) else thing), f"{name} computes"


@pytest.mark.parametrize("path", PANES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_pane_has_no_arrays(path: Path) -> None:
    assert not [module for module, _ in imported(path) if module.partition(".")[0] == "numpy"]
