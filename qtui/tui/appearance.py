"""The theme in use: what the roles of the pictures look like, in the number of colours that the terminal has."""

from __future__ import annotations

from rich.style import Style
from textual.app import App

from qtui.draw.roles import PALETTES
from qtui.tui.themes import theme_for

THEMES = (("dark", ""), ("light", ""), ("safe", "for colour-blind eyes"))


class Appearance:
    """Gives the app its theme, and another one when it is asked to."""

    def __init__(self, app: App[int], palette: str) -> None:
        self._app = app
        self.use(palette)

    def use(self, palette: str) -> None:
        """Take a palette of `qtui.draw.roles`."""
        self.palette = palette
        self.styles = {role: Style.parse(style) for role, style in PALETTES[palette].items()}
        theme = theme_for(palette)
        self._app.register_theme(theme)
        self._app.theme = theme.name

    @property
    def on_offer(self) -> tuple[tuple[str, str], ...]:
        """Names and words of the themes that the terminal's colours allow."""
        return THEMES if self.palette != "none" else ()

    def change(self, name: str) -> None:
        """Take the theme `name` of those on offer, and draw everything anew."""
        few = self.palette.startswith("ansi")
        self.use(f"ansi-{name}" if few else name)
        for widget in self._app.screen_stack[0].walk_children():
            widget.refresh()
