"""The welcome."""

from qtui.tui.panes.welcome.pane import WelcomePane

__all__ = ["WelcomePane"]
