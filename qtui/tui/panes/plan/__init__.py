"""The Plan pane: a format for each tensor, edited by hand, beside llama.cpp's mixes. Reached from Errors by `p`."""

from qtui.tui.panes.plan.pane import PlanPane

__all__ = ["PlanPane"]
