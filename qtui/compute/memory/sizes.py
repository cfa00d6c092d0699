"""Bytes of tensors and of rows in a format, and how a format turned weights into bytes, as text."""

from __future__ import annotations

from math import prod

from qtui.compute.floats.names import stored_bits, usual_name
from qtui.compute.formats import FormatError, get_format

# Bytes per value of plain types, under the names that people and files use.
PLAIN = {
    name: stored_bits(usual_name(name)) // 8
    for name in (
        *("float64", "f64", "float32", "f32", "fp32"),
        *("float16", "f16", "fp16", "half", "bfloat16", "bf16"),
    )
}
BLOCK_FP8 = "FP8 128x128"  # DeepSeek's: a float32 scale for each tile of 128 rows and columns
TILE = 128


def stored_bytes(kind: str, shape: tuple[int, ...]) -> int:
    """Bytes of a tensor of `shape` in the format `kind`. Raises FormatError for a format that isn't known."""
    count = prod(shape)
    plain = PLAIN.get(kind.lower())
    if plain:
        return count * plain
    if kind == BLOCK_FP8:
        rows, columns = (shape[-2], shape[-1]) if len(shape) > 1 else (1, count)
        planes = count // (rows * columns) if count else 0
        return count + 4 * planes * -(-rows // TILE) * -(-columns // TILE)
    return get_format(kind).nbytes(shape)


def row_bytes(kind: str, count: int) -> int:
    """Bytes of `count` values in a row of the cache. Raises FormatError for a format that isn't known."""
    plain = PLAIN.get(kind.lower())
    return plain * count if plain else get_format(kind).row_bytes(count)


def rate_text(kind: str, count: int, size: int) -> str:
    """How `kind` turned `count` weights into `size` bytes, as text: exact where blocks came out whole."""
    plain = PLAIN.get(kind.lower())
    if plain and size == plain * count:
        return f"{plain} B ({kind})"
    if kind == BLOCK_FP8:
        return "1 B + 4 B for each 128×128 (FP8)"
    try:
        fmt = get_format(kind)
    except FormatError:
        return f"{8 * size / max(1, count):.4g} bits ({kind})"
    if size * fmt.block_size == count * fmt.block_bytes:
        rate = f"{fmt.block_bytes} B" if fmt.block_size == 1 else f"{fmt.block_bytes}/{fmt.block_size} B"
        return f"{rate} ({kind})"
    return f"{8 * size / count:.6g} bits ({kind})"
