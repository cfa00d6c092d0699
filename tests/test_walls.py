"""The walls between the rooms, proved at run time in a fresh interpreter."""

import subprocess
import sys

import pytest

LOADED = "import sys; print(' '.join(sorted(m for m in sys.modules if '.' not in m)))"


def loaded_by(code: str) -> set[str]:
    out = subprocess.run(
        [sys.executable, "-c", f"{code}\n{LOADED}"], capture_output=True, text=True, check=True, timeout=60
    )
    return set(out.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("package", ["compute", "models"])
def test_compute_and_models_never_import_a_screen_library(package: str) -> None:
    code = (
        f"import importlib, pkgutil, qtui.{package} as p\n"
        "for m in pkgutil.walk_packages(p.__path__, p.__name__ + '.'): importlib.import_module(m.name)"
    )
    assert not loaded_by(code) & {"textual", "rich"}


def test_format_costs_need_no_numpy() -> None:
    assert "numpy" not in loaded_by("from qtui.compute.formats import all_formats; all_formats()")


@pytest.mark.parametrize(
    "asked", ["DeepSeek-V3 -f Q4_K_M", "Qwen3-8B -f nf4 --vram 24GB", "80B -f int4:block=128", "Qwen3-8B -f fp8"]
)
def test_mem_starts_with_little(asked: str) -> None:
    code = f"from qtui.cli.main import run; assert run('mem {asked} --json'.split()) == 0"
    assert not loaded_by(code) & {"numpy", "textual", "rich"}


# What an answer about one model of the catalogue on this machine has no use for.
NOT_ASKED = """
    compute.floats.layout compute.ints.formats compute.mx.formats compute.smart.formats compute.codebooks.formats
    compute.memory.ffns.experts compute.memory.towers compute.memory.by_hand compute.memory.training
    scenario.memory.choices scenario.memory.asked scenario.memory.here scenario.memory.buy
    models.machine.list models.machine.named models.hub models.gguf models.config models.safetensors
    draw.glyphs draw.picture cli.plain cli.terminal cli.launch
"""
MODULES = 76  # of the package, its folders included


def test_mem_imports_what_the_question_needs() -> None:
    code = (
        "from qtui.cli.main import run; run('mem Qwen3-8B --vram 24GB --json'.split())\n"
        "import sys; print(' '.join(m for m in sys.modules if m.startswith('qtui')))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = out.stdout.splitlines()[-1].split()
    assert not {f"qtui.{name}" for name in NOT_ASKED.split()} & set(loaded)
    assert len(loaded) <= MODULES, loaded


def test_the_welcome_memory_and_bits_need_no_numpy() -> None:
    code = (
        "import qtui.tui.app, qtui.tui.panes.welcome.pane, qtui.tui.panes.memory.pane, qtui.tui.panes.bits.pane\n"
        "from qtui.scenario.welcome.scenario import WelcomeScenario\n"
        "from qtui.scenario.welcome.solve import solve\n"
        "solve(WelcomeScenario(machine='RTX 4090'))"
    )
    loaded = loaded_by(code)
    assert "textual" in loaded and "numpy" not in loaded
