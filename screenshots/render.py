"""Renders the pictures of the README from the real app: python screenshots/render.py [--out DIR] [NAME ...]

A scene is the command line of a state, keys to press in it, a size and a theme. The SVGs need no font from the
network.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import os
import re
import shlex
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from qtui.cli.command import load, parser_for  # noqa: E402
from qtui.scenario.base import Scenario, from_namespace  # noqa: E402
from qtui.tui.app import QtuiApp  # noqa: E402
from qtui.tui.host import Settings  # noqa: E402

FONTS = "'DejaVu Sans Mono', 'Menlo', 'Consolas', 'Liberation Mono', monospace"
SPACE = "\xa0"  # what Rich writes for a blank
WIDE, SMALL = (120, 36), (80, 24)


class Scene(NamedTuple):
    """What to render."""

    name: str
    line: str
    size: tuple[int, int] = WIDE
    theme: str = "dark"
    keys: tuple[str, ...] = ()
    ascii: bool = False


CARD = "--machine 'RTX 4090' --ram 64GB"
SCENES = (
    Scene("memory", f"mem Qwen3-30B-A3B -f Q4_K_M -c 32k {CARD}"),
    Scene("memory-light", f"mem Qwen3-30B-A3B -f Q4_K_M -c 32k {CARD}", theme="light"),
    Scene("welcome", f"welcome {CARD}"),
    Scene("tour", "tour --step 22", size=(80, 24), keys=("4", "enter")),
    Scene("tour-present", "tour --present --step 23", size=(80, 24)),
    Scene("tour-blocks", "tour --step 23", size=(80, 24)),
    Scene("bits", "bits 0.1 --format bfloat16"),
    Scene("bits-own", "bits 2.3 --view codebook", size=(100, 30)),
    Scene("bits-line", "bits 1.3 --format float8_e4m3fn --view line"),
    Scene("quantizer", "quantize", size=(160, 48)),
    Scene("quantizer-heavy", "quantize --dist outliers --format Q4_0 --format Q4_K"),
    Scene("errors", "errors -f Q4_0 -f Q4_K -f Q8_0"),
    Scene("quality", "quality"),
    Scene("plans", f"mem Qwen3-32B -c 32k {CARD} --view plans"),
    Scene("errors-safe", "errors -f Q4_0 -f nf4 -f mx_fp4", theme="safe"),
    Scene("memory-80x24", f"mem gpt-oss-20b {CARD}", size=SMALL),
    Scene("bits-80x24", "bits 0.1 --format float8_e4m3fn", size=SMALL),
    Scene("quantizer-80x24", "quantize", size=SMALL, theme="none"),
    Scene("errors-80x24", "errors", size=SMALL, theme="ansi-dark", ascii=True),
    Scene("commands", "bits 0.1", size=SMALL, keys=("ctrl+p", *"stair")),
    Scene("explain", "quantize --view blocks --dist outliers --format Q4_0", size=SMALL, keys=("e",)),
)


def scenario_of(line: str) -> Scenario:
    """The Scenario of a command line without "qtui"."""
    command, *words = shlex.split(line)
    return from_namespace(load(command).scenario, parser_for(load(command)).parse_args(words))


async def render(scene: Scene) -> str:
    """The SVG of a scene."""
    app = QtuiApp(scenario_of(scene.line), Settings(theme=scene.theme, ascii=scene.ascii))
    async with app.run_test(size=scene.size) as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete()
        for key in scene.keys:
            await pilot.press(key)
        await pilot.pause()
        svg = app.export_screenshot(title=f"qtui {scene.line}")
    return offline(svg)


def offline(svg: str) -> str:
    """`svg` with fonts that are there already, instead of Rich's link to one on the web."""
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.S)
    svg = re.sub(r"font-family:[^;}]*", f"font-family: {FONTS}", svg)
    return re.sub(r'(<text [^>]*?)x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"([^>]*>)([^<]*)</text>', _words, svg)


def _words(found: re.Match[str]) -> str:
    """A text as one element for each run of words: some renderers drop outer spaces or ignore `textLength`."""
    head, x, y, length, tail, text = found.groups()
    plain = html.unescape(text)
    cell = float(length) / len(plain) if plain else 0.0
    return "".join(
        f'{head}x="{float(x) + run.start() * cell:g}" y="{y}" textLength="{len(run[0]) * cell:g}"{tail}'
        f"{html.escape(run[0]).replace(SPACE, '&#160;')}</text>"
        for run in re.finditer(f"[^{SPACE}]+(?:{SPACE}[^{SPACE}]+)*", plain)
    )


def main() -> None:
    """Render all scenes, or those named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(scene.name for scene in SCENES))
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to (this one)")
    args = parser.parse_args()
    unknown = set(args.names) - {scene.name for scene in SCENES}
    if unknown:
        parser.error(f"there is no scene {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder:
        for variable in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
            os.environ[variable] = folder  # as on a first day: no step of the tour is done
        for scene in SCENES:
            if not args.names or scene.name in args.names:
                path = args.out / f"{scene.name}.svg"
                path.write_text(asyncio.run(render(scene)), encoding="utf-8")
                print(path)


if __name__ == "__main__":
    main()
