"""Each pane as text and styles, in every depth of colour and in ASCII, against the agreed pictures."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.app import App

from qtui.tui.app import QtuiApp
from qtui.tui.host import Settings
from tests.support.harness import ROOT
from tests.support.pictures import agreed
from tests.support.screens import screen_strips

sys.path.insert(0, str(ROOT / "screenshots"))
from render import SCENES, offline, render, scenario_of  # noqa: E402

PANES = {
    "memory": "mem Qwen3-30B-A3B -f Q4_K_M -c 32k --machine 'RTX 4090' --ram 64GB",
    "bits": "bits 0.1 --format bfloat16",
    "quantizer": "quantize",
    "errors": "errors -f Q4_0 -f nf4",
}
LOOKS = {
    "truecolor": Settings(theme="dark"),
    "16": Settings(theme="ansi-dark"),
    "none": Settings(theme="none"),
    "ascii": Settings(theme="none", ascii=True),
}


def described(app: App[object]) -> str:
    """The screen: each row's text, and under it the styles other than plain, by column."""
    lines = []
    for strip in screen_strips(app):
        lines.append(f"|{strip.text.rstrip()}")
        column, runs = 0, []
        for segment in strip:
            text, style, _ = Segment(*segment)
            shown = str(style).split(" on ")[0] if style else ""
            if text.strip() or (style and style.reverse):
                runs.append((column, column + len(text), shown))
            column += len(text)
        merged: list[tuple[int, int, str]] = []
        for start, end, shown in runs:
            if merged and merged[-1][2] == shown:
                merged[-1] = (merged[-1][0], end, shown)
            else:
                merged.append((start, end, shown))
        lines += [f"    {start}-{end} {shown}" for start, end, shown in merged if shown]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("pane", PANES)
async def test_panes_look_as_they_did(pane: str, look: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if look in ("none", "ascii"):
        monkeypatch.setenv("NO_COLOR", "1")
    app = QtuiApp(scenario_of(PANES[pane]), LOOKS[look])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
        shown = described(app)
    assert agreed(f"shell-{pane}-{look}", shown)
    styles = [line.split(" ", 5)[-1] for line in shown.splitlines() if line.startswith("    ")]
    if look == "ascii":
        assert shown.isascii()
    if look in ("none", "ascii"):
        plain = {"bold", "dim", "not", "reverse", "underline", "italic", "default"}
        assert {word for style in styles for word in style.split()} <= plain


async def test_screenshots_render_without_the_network(tmp_path: Path) -> None:
    scene = next(scene for scene in SCENES if scene.name == "bits-80x24")
    svg = await render(scene)
    assert svg.startswith("<svg") and "@font-face" not in svg and "cdn" not in svg
    assert "monospace" in svg and "bfloat16" not in svg and "float8_e4m3fn" in svg
    assert offline(svg) == svg


def test_every_scene_is_a_command_line() -> None:
    for scene in SCENES:
        assert scenario_of(scene.line).command == scene.line.split()[0]
