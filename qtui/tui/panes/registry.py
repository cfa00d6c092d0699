"""The panes by command name, imported on first visit."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtui.tui.pane import Pane

# command -> (key, title, where the class is)
PANES: dict[str, tuple[str, str, str]] = {
    "mem": ("1", "Memory", "qtui.tui.panes.memory:MemoryPane"),
    "bits": ("2", "Bits", "qtui.tui.panes.bits:BitsPane"),
    "quantize": ("3", "Quantizer", "qtui.tui.panes.quantizer:QuantizerPane"),
    "errors": ("4", "Errors", "qtui.tui.panes.errors:ErrorsPane"),
    "quality": ("5", "Quality", "qtui.tui.panes.quality:QualityPane"),
}

# Panes without a tab of their own: command -> (whose tab is marked, where the class is)
FURTHER: dict[str, tuple[str, str]] = {
    "plan": ("errors", "qtui.tui.panes.plan:PlanPane"),
    "tour": ("", "qtui.tui.panes.tour:TourPane"),
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
