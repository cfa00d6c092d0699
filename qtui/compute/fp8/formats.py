"""FP8 with scales, as vLLM, Transformer Engine, torchao and DeepSeek-V3 store weights.

    fp8_e4m3:tensor                       one scale for the tensor
    fp8_e4m3:row                          one for each row ("per channel")
    fp8_e4m3:block=128                    one for each 128 weights of a row, as for DeepSeek-V3's activations
    fp8_e4m3:block=128x128                one for each tile, as for its weights
    fp8_e5m2:row,scale=e8m0               scales that are powers of two (UE8M0, as in DeepSeek-V3.1)

"scale=" is also understood before what shares a scale, as in "fp8_e4m3:scale=block=128x128". Without any, fp8_e4m3
is the plain float. ROWSxCOLUMNS of a tile are 1 to 1024 each.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from qtui.compute.format import BLOCKS, Format, FormatError, FormatFamily, fraction, turned
from qtui.error import whole_number

if TYPE_CHECKING:
    from fractions import Fraction

SCALE_BYTES = {"fp32": 4, "e8m0": 1}
_ELEMENTS = {"fp8_e4m3": "float8_e4m3fn", "fp8_e5m2": "float8_e5m2"}
_MOST = 1024
EXAMPLE = "fp8_e4m3:block=128x128,scale=e8m0"


class TiledFormat(Format):
    """A format whose tiles of several rows share a scale; the scales stand before the codes."""

    @property
    def tile(self) -> tuple[int, int]:
        """Rows and columns of a tile."""
        options = dict(self.codec_options)
        return int(options["rows"]), int(options["columns"])

    @property
    def _scale_bytes(self) -> int:
        return SCALE_BYTES[str(dict(self.codec_options)["scale"])]

    @property
    def bits_per_weight(self) -> Fraction:
        """Those of a code and of its share of the scale."""
        return 8 + fraction(8 * self._scale_bytes, math.prod(self.tile))

    def nbytes(self, shape: tuple[int, ...]) -> int:
        """Bytes of a tensor of `shape`: a byte a weight, and a scale for each tile, cut ones included."""
        rows, columns = math.prod(shape[:-1]), shape[-1] if shape else 1
        high, wide = self.tile
        return rows * columns + -(-rows // high) * -(-columns // wide) * self._scale_bytes


def parse(spec: str) -> Format | None:
    """FP8 with scales; None where `spec` means something else. Raises FormatError for mistakes."""
    name, _, rest = spec.partition(":")
    words = [word.strip() for word in rest.split(",") if word.strip()]
    if not has_scales(name, words):
        return None
    shared, scale = "", "fp32"
    for word in words:
        value = word.removeprefix("scale=").removeprefix("u")
        if value in SCALE_BYTES:
            scale = value
        elif not shared and is_option(value):
            shared = value
        else:
            raise FormatError(f"{word!r} is no option of FP8 with scales: a full spec looks like {EXAMPLE}")
    return _storage(name, *_tile(shared or "tensor", spec), scale)


def has_scales(name: str, words: Iterable[str]) -> bool:
    """Whether a spec, its name and its options, is of FP8 with scales rather than of the plain float."""
    return name in _ELEMENTS and any(map(is_option, words))


def is_option(word: str) -> bool:
    """Whether an option says what shares a scale, or what the scale is."""
    return word in ("tensor", "row") or word.startswith(("block=", "scale="))


def _tile(shared: str, spec: str) -> tuple[int, int]:
    """Rows and columns that share a scale; 0 for all of them."""
    if shared in ("tensor", "row"):
        return (0 if shared == "tensor" else 1), 0
    rows, times, columns = shared.removeprefix("block=").partition("x")
    if not times:
        rows, columns = "1", rows
    tile = whole_number(rows) or 0, whole_number(columns) or 0
    if not all(1 <= size <= _MOST for size in tile):
        raise FormatError(f"{spec!r}: a tile is 1 to {_MOST} rows by as many columns, as in {EXAMPLE}")
    return tile


def _storage(name: str, rows: int, columns: int, scale: str) -> Format:
    shared = "tensor" if not rows else "row" if not columns else f"block={columns}"
    shared = f"block={rows}x{columns}" if rows > 1 else shared
    what = {"tensor": "the tensor", "row": "each row"}.get(shared, f"{rows or 1} by {columns} weights")
    kind = "a float32 scale" if scale == "fp32" else "a power of two"
    size = SCALE_BYTES[scale]
    by_block = rows == 1 and columns > 0
    return (TiledFormat if rows > 1 else Format)(
        f"{name}:{shared}" + (f",scale={scale}" if scale != "fp32" else ""),
        "fp8",
        columns if by_block else 1,
        columns + size if by_block else 1,
        f"{name.removeprefix('fp8_').upper()} floats under {kind} for {what}",
        "qtui.compute.fp8.codec:Fp8Codec",
        row_bytes_extra=size if shared == "row" else 0,
        tensor_bytes_extra=size if shared == "tensor" else 0,
        codec_options=(("element", _ELEMENTS[name]), ("rows", rows), ("columns", columns), ("scale", scale)),
        decoding="float",
        scale_from_range=True,
    )


def _with_block(fmt: Format, block: int) -> str:
    """The spec of `fmt` with a scale for every `block` weights of a row."""
    scale = str(dict(fmt.codec_options)["scale"])
    return _storage(fmt.name.partition(":")[0], 1, block, scale).name


def _turn(fmt: Format, what: str, by: int) -> str | None:
    """The spec of `fmt` with another block, another type of scales, or the other float."""
    options, name = dict(fmt.codec_options), fmt.name.partition(":")[0]
    rows, columns, scale = int(options["rows"]), int(options["columns"]), str(options["scale"])
    if what == "block":
        choices = (*BLOCKS, "128x128")
        present = "tensor" if not rows else "row" if not columns else str(columns)
        chosen = turned(choices, f"{rows}x{columns}" if rows > 1 else present, by)
        rows, columns = _tile(chosen if chosen in ("tensor", "row") else f"block={chosen}", fmt.name)
    elif what == "scale":
        scale = turned(tuple(SCALE_BYTES), scale, by)
    elif what == "rounding":
        name = turned(tuple(_ELEMENTS), name, by)
    else:
        return None
    return _storage(name, rows, columns, scale).name


FAMILY = FormatFamily(
    "fp8",
    "eight-bit floats with scales (fp8)",
    (
        _storage("fp8_e4m3", 0, 0, "fp32"),
        _storage("fp8_e4m3", 1, 0, "fp32"),
        _storage("fp8_e4m3", 128, 128, "fp32"),
        _storage("fp8_e4m3", 128, 128, "e8m0"),
    ),
    parse,
    _with_block,
    _turn,
)
