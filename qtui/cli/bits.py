"""`qtui bits`: what a number format really stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtui.cli.command import Command
from qtui.scenario.bits.json import json_object
from qtui.scenario.bits.plots import solve_all, with_plot
from qtui.scenario.bits.scenario import BitsScenario

if TYPE_CHECKING:
    from qtui.draw.glyphs import Glyphs
    from qtui.draw.picture import Picture
    from qtui.scenario.bits.result import BitsResult

EPILOG = """examples:
  qtui bits 0.1 --format bfloat16          every bit of it
  qtui bits 0.1 --all                      in every format, with the errors
  qtui bits 1/3 -f float8_e4m3fn --json
  qtui bits 0x3dcd -f bf16                 a code
  qtui bits 500 -f e4m3 --saturate         448 instead of NaN
  qtui bits 3 -f float:e=3,m=2,special=fn  a float of your own
  qtui bits --view codebook -f codebook:-1,-0.5,-0.2,0,0.2,0.5,1 --dist laplace
  qtui bits 0.5 --view density -f float32 --from -0.5 --to 0.5
  qtui bits 1 --view line --from 0 --to 4 --with float4_e2m1fn --with int4
"""


def picture(result: BitsResult, width: int, glyphs: Glyphs) -> Picture:
    """The view that was asked for."""
    from qtui.draw.bits.words import printed, printed_columns

    return printed(with_plot(result, printed_columns(result, width)), width, glyphs)


def sentence(result: BitsResult) -> str:
    """What the view shows."""
    from qtui.draw.bits.words import printed_columns
    from qtui.draw.bits.words import sentence as words

    return words(with_plot(result, printed_columns(result, 80)))


def spoken(result: BitsResult) -> list[str]:
    """The facts that the view shows."""
    from qtui.draw.bits.spoken import facts
    from qtui.draw.bits.words import printed_columns

    return facts(with_plot(result, printed_columns(result, 80)))


COMMAND = Command(
    scenario=BitsScenario,
    epilog=EPILOG,
    solve=solve_all,
    json_object=json_object,
    picture=picture,
    sentence=sentence,
    spoken=spoken,
)
