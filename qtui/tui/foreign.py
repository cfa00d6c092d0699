"""Roles for any theme of Textual's, made from its colours so that each can be read on its background."""

from __future__ import annotations

from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from qtui.draw.roles import PALETTES, with_fill
from qtui.scenario.base import UserError

LEAST_CONTRAST = 4.5  # of text on its background (WCAG 2.1, 1.4.3)
STEPS = 64  # of lightness that are tried
FADED = 0.7  # of the background in bars that other series cross
APART = 0.08  # how far two series have to be from each other, of the way from black to white
_SERIES = ("primary", "warning", "accent", "success", "secondary", "error")
_FROM = {
    "label": "secondary",
    "good": "success",
    "warn": "warning",
    "bad": "error",
    "sign": "error",
    "exponent": "success",
    "mantissa": "primary",
    "key": "accent",
}


def foreign_names() -> tuple[str, ...]:
    """Textual's themes that have colours of their own."""
    return tuple(name for name, theme in BUILTIN_THEMES.items() if not theme.ansi)


def contrast(one: Color, other: Color) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG 2.1)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    parts = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized)
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def readable(colour: Color, background: Color) -> Color:
    """`colour`, made lighter or darker until it can be read on `background`."""
    end = max((Color(255, 255, 255), Color(0, 0, 0)), key=lambda extreme: contrast(extreme, background))
    for step in range(STEPS + 1):
        shade = colour.blend(end, step / STEPS)
        if contrast(shade, background) >= LEAST_CONTRAST:
            return shade
    return end


def backgrounds_of(theme: Theme) -> tuple[str, str, str]:
    """The theme's background, that of fields, and plain text, as `qtui.draw.roles.BACKGROUNDS` has them."""
    generated = theme.to_color_system().generate()
    background, surface = Color.parse(generated["background"]), Color.parse(generated["surface"])
    foreground = readable(readable(Color.parse(generated["foreground"]), background), surface)
    return background.hex6, surface.hex6, foreground.hex6


def theme_roles(name: str) -> dict[str, str]:
    """A Rich style for every role in the theme called `name`. Raises UserError where there is none."""
    if name not in foreign_names():
        raise UserError(f"this version of Textual has no theme {name!r}")
    return roles_of(BUILTIN_THEMES[name])


def roles_of(theme: Theme) -> dict[str, str]:
    """A Rich style for every role of `qtui.draw.roles`."""
    generated = theme.to_color_system().generate()
    background = Color.parse(generated["background"])
    foreground = readable(Color.parse(generated["foreground"]), background)

    def colour(name: str) -> Color:
        return readable(Color.parse(generated[name]), background)

    faint = readable(foreground.blend(background, 0.35), background).hex6
    roles = dict.fromkeys(PALETTES["dark"], "") | {"strong": "bold", "cursor": "reverse"}
    roles |= {"dim": faint, "axis": faint}
    roles |= {role: colour(name).hex6 for role, name in _FROM.items()}
    roles |= {role: f"bold {roles[role]}" for role in ("bad", "sign", "key")}
    series: list[Color] = []
    for name in _SERIES:
        series.append(_unlike(colour(name), series, background))
    roles |= {f"series{number}": shade.hex6 for number, shade in enumerate(series, start=1)}
    return with_fill(roles, series[0].blend(background, FADED).hex6)


def _unlike(colour: Color, others: list[Color], background: Color) -> Color:
    """`colour`, or one of another hue where it is much like one of the `others`."""
    for turn in range(12):
        hue, saturation, lightness = colour.hsl
        shade = readable(Color.from_hsl((hue + turn / 12) % 1, max(saturation, 0.35), lightness), background)
        first = readable(colour, background) if not turn else shade
        if all(_distance(first, other) >= APART for other in others):
            return first
    return colour


def _distance(one: Color, other: Color) -> float:
    return sum(abs(a - b) for a, b in zip(one.normalized, other.normalized, strict=True)) / 3
