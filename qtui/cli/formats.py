"""`qtui formats`: every storage format with its exact cost."""

from __future__ import annotations

import itertools
import textwrap

from qtui.cli.command import Command
from qtui.compute.formats import Format, family_of
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, Span, columns, crop, line
from qtui.scenario.formats import FormatsResult, FormatsScenario, json_object, solve

EPILOG = """examples:
  qtui formats                   every format
  qtui formats q4                those with q4 in their name
  qtui formats --family ggml --json
  qtui formats int3:block=64,scale=fp16

options follow a colon, in any order:
  int4:asym,block=32,scale=fp16,clip=mse    sym|asym, tensor|row|block=8..1024, scale=fp32|fp16|e8m0|e4m3,
                                            clip=absmax|mse|99.9, rule=essay|torchao
  float8_e4m3fn:saturate,round=up           float:e=4,m=3,bias=7,special=fn is one of your own
  mx_fp4:scale=rceil                        floor, ceil, even, rceil
  nf4:double,block=128                      codebook:values=-1/-0.4/0/0.4/1,block=64 is one of your own
  gptq:bits=3,block=128                     hqq, gptq, awq, hadamard:rotate=256, side_table:kept=2"""

LONG_NAME = 21  # longer ones stand in a row of their own


def picture(result: FormatsResult, width: int, glyphs: Glyphs) -> Picture:
    """A table, one format a row, under the name of its family; a long description goes on in the row below."""
    short = max((len(fmt.name) for fmt in result.formats if len(fmt.name) <= LONG_NAME), default=0)
    before = max(short, len("format")) + len("   bits/w          block  ")
    room = max(width - before, 24)
    rows: list[list[Span | str]] = [[(name, "strong") for name in ("format", "bits/w", "block", "what it is")]]
    for family, formats in itertools.groupby(result.formats, key=family_of):
        rows += [[], [(family.title, "dim")]]
        for fmt in formats:
            first, *rest = textwrap.wrap(_described(fmt), room, break_on_hyphens=False)
            costs = [f"{float(fmt.bits_per_weight):g}", f"{fmt.block_bytes} B / {fmt.block_size}", first]
            rows += [[fmt.name, *costs]] if len(fmt.name) <= LONG_NAME else [[fmt.name], ["", *costs]]
            rows += [["", "", "", more] for more in rest]
    return tuple(crop(row, width, glyphs.ellipsis) for row in _aligned(rows)) + (line(),)


def _described(fmt: Format) -> str:
    return fmt.description if fmt.can_encode else f"{fmt.description} (decoded, not encoded)"


def _aligned(rows: list[list[Span | str]]) -> Picture:
    """The columns of the full rows; a row of one cell, a heading or a long name, may run across them."""
    table = iter(columns([row for row in rows if len(row) > 1], "lrrl"))
    return tuple(next(table) if len(row) > 1 else line(*row) for row in rows)


COMMAND = Command(
    scenario=FormatsScenario,
    epilog=EPILOG,
    solve=solve,
    json_object=json_object,
    picture=picture,
)
