"""`qtui formats`: every storage format with its exact cost."""

from __future__ import annotations

from typing import Any

from qtui.compute.formats import Format
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, Span, columns, crop, line
from qtui.scenario.formats import FormatsScenario, solve

__all__ = ["EPILOG", "SCENARIO", "json_object", "picture", "solve"]

SCENARIO = FormatsScenario
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


def json_object(result: tuple[Format, ...]) -> dict[str, Any]:
    """Name, family and cost of each format."""
    return {
        "formats": [
            {
                "name": fmt.name,
                "family": fmt.family,
                "bits_per_weight": float(fmt.bits_per_weight),
                "block_size": fmt.block_size,
                "block_bytes": fmt.block_bytes,
                "can_encode": fmt.can_encode,
                "description": fmt.description,
            }
            for fmt in result
        ]
    }


def picture(result: tuple[Format, ...], width: int, glyphs: Glyphs) -> Picture:
    """A table, one format a row."""
    head: list[Span | str] = [(name, "strong") for name in ("format", "bits/weight", "block", "family", "what it is")]
    rows: list[list[Span | str]] = [head]
    for fmt in result:
        bits = f"{float(fmt.bits_per_weight):g}"
        block = f"{fmt.block_bytes} B / {fmt.block_size}"
        rows.append([fmt.name, bits, block, (fmt.family, "dim"), fmt.description])
    table = columns(rows, "lrrll")
    return tuple(crop(row, width, glyphs.ellipsis) for row in table) + (line(),)
