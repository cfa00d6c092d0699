"""Themes: a palette of the pictures or one of Textual's own, as Textual wants it, and the one that is in use."""

from __future__ import annotations

from typing import NamedTuple

from rich.style import Style
from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme

from qtui.draw.roles import BACKGROUNDS, PALETTES
from qtui.tui.foreign import backgrounds_of, foreign_names, roles_of


class ColourScheme(NamedTuple):
    """A style for every role, and what lies behind them."""

    name: str
    roles: dict[str, str]  # role -> Rich style
    background: str
    field: str  # the background of a field
    foreground: str
    is_dark: bool


def scheme_of(name: str) -> ColourScheme:
    """The scheme of a palette of `qtui.draw.roles`, or of one of Textual's themes. Raises KeyError."""
    if name in PALETTES:
        return ColourScheme(name, PALETTES[name], *BACKGROUNDS[name], name not in ("light", "ansi-light"))
    theme = BUILTIN_THEMES[name]
    return ColourScheme(name, roles_of(theme), *backgrounds_of(theme), theme.dark)


def theme_for(name: str) -> Theme:
    """The Textual theme, called "qtui-" and the scheme's name, that goes with a scheme."""
    scheme = scheme_of(name)
    colour = {role: _colour(scheme, role) for role in ("series1", "series2", "good", "warn", "bad")}
    return Theme(
        name=f"qtui-{name}",
        dark=scheme.is_dark,
        ansi=scheme.background.startswith("ansi_"),
        primary=colour["series1"],
        secondary=colour["series2"],
        accent=colour["series1"],
        success=colour["good"],
        warning=colour["warn"],
        error=colour["bad"],
        background=scheme.background,
        foreground=scheme.foreground,
        surface=scheme.field,
        panel=scheme.field,
        variables=_variables(scheme),
    )


def _variables(scheme: ColourScheme) -> dict[str, str]:
    """What Textual's widgets take besides the theme's colours. The chosen thing is told by reverse video."""
    background, foreground = scheme.background, scheme.foreground
    accent = _colour(scheme, "series1")
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
        "scrollbar": _colour(scheme, "axis"),
        "scrollbar-hover": accent,
        "scrollbar-active": accent,
        "scrollbar-background": background,
        "scrollbar-background-hover": background,
        "scrollbar-background-active": background,
        "scrollbar-corner-color": background,
    }


def _colour(scheme: ColourScheme, role: str) -> str:
    """The colour of a role as Textual's CSS writes it."""
    colour = Style.parse(scheme.roles[role]).color
    if colour is None:
        return scheme.foreground
    return colour.name if colour.triplet else f"ansi_{colour.name}"


THEMES = (("dark", ""), ("light", ""), ("safe", "for colour-blind eyes"))
TERMINAL = "terminal"  # the terminal's own colours on its own background


class Appearance:
    """Gives the app its theme, and another one when it is asked to."""

    def __init__(self, app: App[int], palette: str) -> None:
        self._app = app
        self._has_few_colours = palette.startswith("ansi-")
        self.use(palette)

    def use(self, palette: str) -> None:
        """Take a palette of `qtui.draw.roles`, or one of Textual's themes."""
        self.palette = palette
        self.styles = {role: Style.parse(style) for role, style in scheme_of(palette).roles.items()}
        theme = theme_for(palette)
        self._app.register_theme(theme)
        self._app.theme = theme.name

    @property
    def on_offer(self) -> tuple[tuple[str, str], ...]:
        """Names and words of the themes that the terminal's colours allow."""
        if self.palette == "none":
            return ()
        own = (*THEMES, (TERMINAL, "the terminal's own colours"))
        return own if self._has_few_colours else (*own, *((name, "theme of Textual") for name in foreign_names()))

    def change(self, name: str) -> None:
        """Take the theme `name` of those on offer, and redraw everything."""
        if name == TERMINAL:
            self.use("ansi")
        else:
            self.use(f"ansi-{name}" if self._has_few_colours else name)
        for widget in self._app.screen_stack[0].walk_children():
            widget.refresh()
