"""The tour's pane: a step's text, the pane that proves it, and its goal or question."""

from qtui.tui.panes.tour.pane import TourPane

__all__ = ["TourPane"]
