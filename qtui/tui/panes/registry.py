"""The panes by command name, imported on first visit."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtui.tui.pane import Pane

# command -> (key, title, where the class is)
PANES: dict[str, tuple[str, str, str]] = {
    "mem": ("1", "Memory", "qtui.tui.panes.memory.pane:MemoryPane"),
    "bits": ("2", "Bits", "qtui.tui.panes.bits.pane:BitsPane"),
    "quantize": ("3", "Quantizer", "qtui.tui.panes.quantizer.pane:QuantizerPane"),
    "errors": ("4", "Errors", "qtui.tui.panes.errors.pane:ErrorsPane"),
    "quality": ("5", "Quality", "qtui.tui.panes.quality.pane:QualityPane"),
}

# Panes without a tab of their own: command -> (whose tab is marked, where the class is)
FURTHER: dict[str, tuple[str, str]] = {
    "plan": ("errors", "qtui.tui.panes.plan.pane:PlanPane"),
    "tour": ("", "qtui.tui.panes.tour.pane:TourPane"),
    "welcome": ("", "qtui.tui.panes.welcome.pane:WelcomePane"),  # before all tabs
}


def tab_of(command: str) -> str:
    """The pane whose tab stands for `command`."""
    return FURTHER[command][0] if command in FURTHER else command


def pane_class(command: str) -> type[Pane[Any, Any]]:
    """The class of the pane that shows `command`."""
    where = FURTHER[command][1] if command in FURTHER else PANES[command][2]
    module, _, name = where.partition(":")
    pane: type[Pane[Any, Any]] = getattr(importlib.import_module(module), name)
    return pane


def title_of(command: str) -> str:
    """The title of the pane that shows `command`."""
    return PANES[command][1] if command in PANES else command.capitalize()


def keys_module(command: str) -> str:
    """The module that says what the keys of the pane of `command` do, without loading the pane."""
    where = FURTHER[command][1] if command in FURTHER else PANES[command][2]
    return f"{where.partition(':')[0].rpartition('.')[0]}.keys"
