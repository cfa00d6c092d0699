"""Themes: one of Textual's for each palette of the pictures, and the one that is in use."""

from __future__ import annotations

from rich.style import Style
from textual.app import App
from textual.theme import Theme

from qtui.draw.roles import BACKGROUNDS, PALETTES


def theme_for(palette: str) -> Theme:
    """The Textual theme, called "qtui-" and the palette's name, that goes with a palette of `qtui.draw.roles`."""
    background, field, foreground = BACKGROUNDS[palette]
    colour = {role: _colour(palette, role, foreground) for role in ("series1", "series2", "good", "warn", "bad")}
    return Theme(
        name=f"qtui-{palette}",
        dark=palette not in ("light", "ansi-light"),
        ansi=background.startswith("ansi_"),
        primary=colour["series1"],
        secondary=colour["series2"],
        accent=colour["series1"],
        success=colour["good"],
        warning=colour["warn"],
        error=colour["bad"],
        background=background,
        foreground=foreground,
        surface=field,
        panel=field,
        variables=_variables(palette),
    )


def _variables(palette: str) -> dict[str, str]:
    """What Textual's widgets take besides the theme's colours. The chosen thing is told by reverse video."""
    background, _, foreground = BACKGROUNDS[palette]
    accent = _colour(palette, "series1", foreground)
    return {
        "ansi-background": background,
        "ansi-foreground": foreground,
        "border": accent,
        "border-blurred": foreground,
        "block-cursor-foreground": foreground,
        "block-cursor-background": background,
        "block-cursor-text-style": "reverse",
        "input-cursor-foreground": foreground,
        "input-cursor-background": background,
        "input-cursor-text-style": "not reverse",
        "input-selection-foreground": foreground,
        "input-selection-background": background,
        "scrollbar": _colour(palette, "axis", foreground),
        "scrollbar-hover": accent,
        "scrollbar-active": accent,
        "scrollbar-background": background,
        "scrollbar-background-hover": background,
        "scrollbar-background-active": background,
        "scrollbar-corner-color": background,
    }


def _colour(palette: str, role: str, otherwise: str) -> str:
    """The colour of a role as Textual's CSS writes it."""
    colour = Style.parse(PALETTES[palette][role]).color
    if colour is None:
        return otherwise
    return colour.name if colour.triplet else f"ansi_{colour.name}"


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
