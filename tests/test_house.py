"""How the package is laid out: rooms, names, sizes, and who may import whom."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import qtui

PACKAGE = Path(qtui.__file__).parent
TESTS = Path(__file__).parent
TREES = {path: ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}
LONGEST = 320  # lines of a module

# What each room may import besides itself and the package's own small modules (error, paths).
BELOW = {
    "words": set(),
    "compute": set(),
    "models": {"compute"},
    "kiosk": set(),
    "scenario": {"compute", "models", "kiosk"},
    "api": {"compute", "models", "scenario"},
    "draw": {"compute", "models", "scenario", "words"},
    "teach": {"draw"},
    "tui": {"teach", "compute", "models", "scenario", "draw", "kiosk", "words"},
    "cli": {"teach", "compute", "models", "scenario", "draw", "kiosk", "tui", "words"},
}
PANES = ("memory", "bits", "quantizer", "errors", "plan", "quality")


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): tree for path, tree in TREES.items()}


def imports(module: str, tree: ast.Module, *, inner: bool = True) -> Iterator[str]:
    """Modules of the package that `module` imports, those for type checkers included; `inner` also in functions."""
    later = {
        node
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if node in later and not inner:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else node.module


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_no_import_circles() -> None:
    graph = {
        module: {name for name in imports(module, tree, inner=False) if name in MODULES}
        for module, tree in MODULES.items()
    }
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join((*way[way.index(module) :], module))
        if module not in done:
            for name in graph[module]:
                visit(name, (*way, module))
            done.add(module)

    for module in graph:
        visit(module, ())


@pytest.mark.parametrize("name", BELOW)
def test_rooms_import_only_downwards(name: str) -> None:
    for module, tree in MODULES.items():
        if room(module) == name:
            rooms = {room(other) for other in imports(module, tree)} & set(BELOW)
            assert rooms <= BELOW[name] | {name}, module


HEAVY = {"numpy", "textual", "rich"}
OF_ONE_PANE = re.compile(
    r"qtui\.(tui\.panes|(draw|scenario)\.(memory|bits|quantizer|errors|plan|quality|tour|welcome))\b"
)
INNER_IMPORTS = 43  # what only few keys and options need keeps no first frame waiting


def names_of(node: ast.Import | ast.ImportFrom) -> set[str]:
    """What an import statement imports; of the package, modules."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    whole = {f"{node.module}.{alias.name}" for alias in node.names}
    return whole & set(MODULES) or {node.module or ""}


@cache
def needs(module: str) -> frozenset[str]:
    """Which heavy libraries are imported with a module."""
    if module not in MODULES:
        return frozenset({module.split(".")[0]} & HEAVY)
    later = {
        inner
        for node in ast.walk(MODULES[module])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        or (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    nodes = (n for n in ast.walk(MODULES[module]) if isinstance(n, ast.Import | ast.ImportFrom) and n not in later)
    return frozenset().union(*(needs(name) for node in nodes for name in names_of(node) if name != module))


def test_few_imports_stand_inside_functions() -> None:
    """Apart from those that keep numpy, Textual and Rich, or another pane, from being imported for nothing."""
    inner = []
    for module, tree in MODULES.items():
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        nodes = {n for f in functions for n in ast.walk(f) if isinstance(n, ast.Import | ast.ImportFrom)}
        for node in nodes:
            light = {name for name in names_of(node) if not needs(name) - needs(module)}
            inner += [f"{module}:{node.lineno} {name}" for name in light if not OF_ONE_PANE.match(name)]
    assert len(inner) <= INNER_IMPORTS, "\n".join(sorted(inner))


def test_no_two_classes_of_one_name() -> None:
    where: dict[str, list[str]] = defaultdict(list)
    for module, tree in MODULES.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                where[node.name].append(module)
    assert {name: modules for name, modules in where.items() if len(modules) > 1} == {}


def test_a_pane_has_a_folder_and_its_files_no_prefix() -> None:
    for path in TREES:
        word = path.stem.split("_")[0]
        assert not ("_" in path.stem and word in PANES), path
    for room in ("scenario", "draw"):
        assert {path.name for path in (PACKAGE / room).iterdir()} >= set(PANES)


def test_the_files_that_a_package_names_exist() -> None:
    for path, tree in TREES.items():
        if path.name == "__init__.py":
            for name in re.findall(r"`([\w/]+(?:\.py|/))`", ast.get_docstring(tree) or ""):
                beside = any((folder / name).exists() for folder in (path.parent, PACKAGE, PACKAGE.parent))
                assert beside or any(path.parent.rglob(name)), f"{path} names {name}, which is not there"


def test_modules_are_short() -> None:
    lines = {module_of(path): len(path.read_text().splitlines()) for path in TREES}
    assert {module: count for module, count in lines.items() if count > LONGEST} == {}


VAGUE = {"found", "said", "told", "each"}
NAMED_SO = {
    "qtui.scenario.inspect": {"each"},  # the option --each
    "qtui.draw.inspect": {"each"},
}


@pytest.mark.parametrize("module", MODULES)
def test_names_say_what_a_value_is(module: str) -> None:
    names = {
        str(getattr(node, field)).lstrip("_")
        for node in ast.walk(MODULES[module])
        for field in ("id", "arg", "attr", "name")
        if isinstance(node, ast.Name | ast.arg | ast.Attribute | ast.FunctionDef | ast.ClassDef)
        and hasattr(node, field)
    }
    assert names & VAGUE <= NAMED_SO.get(module, set())


def test_no_test_imports_a_test() -> None:
    for path in TESTS.rglob("test_*.py"):
        assert not re.search(r"^(from|import) tests\.[\w.]*test_", path.read_text(), re.MULTILINE), path


# Textual's private names.


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def textuals_own(bases: list[type]) -> set[str]:
    """Private attributes and methods of Textual's classes among `bases`."""
    names: set[str] = set()
    for base in bases:
        if base.__module__.startswith("textual."):
            names |= {name for name in vars(base) if private(name)}
            names |= set(re.findall(r"self\.(_[a-z]\w*)", inspect.getsource(base)))
    return names


def used_by(node: ast.ClassDef) -> set[str]:
    """Private methods that a class has, and private attributes of `self` that it uses."""
    names = {item.name for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)}
    names |= {
        item.attr
        for item in ast.walk(node)
        if isinstance(item, ast.Attribute) and isinstance(item.value, ast.Name) and item.value.id == "self"
    }
    return {name for name in names if private(name)}


OUTSIDE = [name for name in MODULES if name.startswith("qtui.tui.") and not name.startswith("qtui.tui.terminal")]


@pytest.mark.parametrize("name", OUTSIDE)
def test_private_names_of_textual_are_for_the_terminal_room_only(name: str) -> None:
    module = importlib.import_module(name)
    for node in ast.walk(MODULES[name]):
        if isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith("textual._"), node.module
    for node in MODULES[name].body:
        if isinstance(node, ast.ClassDef):
            kind = getattr(module, node.name)
            assert not used_by(node) & textuals_own(kind.__mro__[1:]), node.name
