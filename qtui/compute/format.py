"""What a storage format is: its exact cost, what it can do, and where its codec is. Free of numpy.

A `FormatFamily` gathers formats that work alike and says how their options are written. All families stand in
`qtui/compute/formats.py`.
"""

import importlib
from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from fractions import Fraction

    from qtui.compute.codec import Codec

# What a scale may be shared by, as options are turned: a tensor, a row, or a block of so many weights.
BLOCKS = ("tensor", "row", "2", "4", "8", "16", "32", "64", "128", "256", "512", "1024")


def fraction(above: int, below: int) -> "Fraction":
    """above / below, exactly; imported when it is asked for, since sizes are counted without."""
    from fractions import Fraction

    return Fraction(above, below)


class Format(NamedTuple):
    """A way to store weights.

    `block_bytes` bytes hold `block_size` weights, scales included. `row_bytes_extra` and `tensor_bytes_extra` are
    what a whole row or tensor stores once on top (a per-row or per-tensor scale).
    `codec_path` is "module:attribute" of a Codec, or of a class or function that `codec_options` make one with.

    What it can do: `can_encode` is False where only the decoder exists. `is_plain` formats store each weight by
    itself, as a float without a scale. `gguf_id` is the number of a type of GGUF files, whose bytes are ggml's.
    `decoding` is how a code becomes a value, where one short formula says it: "table" (its entry, times the scale),
    "float" (times the scale), "microscaling" (an element, times a power of two). `scale_is_power_of_two` holds for
    every scale. With `scale_from_range`, what a tensor shares follows from its least and greatest weight alone.
    """

    name: str
    family: str
    block_size: int
    block_bytes: int
    description: str
    codec_path: str
    row_bytes_extra: int = 0
    tensor_bytes_extra: int = 0
    can_encode: bool = True
    codec_options: tuple[tuple[str, str | int | float | bool], ...] = ()
    is_plain: bool = False
    gguf_id: int | None = None
    decoding: Literal["", "table", "float", "microscaling"] = ""
    scale_is_power_of_two: bool = False
    scale_from_range: bool = False

    @property
    def bits_per_weight(self) -> "Fraction":
        """Exact bits per weight inside a block; per-row and per-tensor extras come on top (see `bits_for`)."""
        return fraction(8 * self.block_bytes, self.block_size)

    @property
    def in_gguf(self) -> bool:
        """Whether GGUF files can hold it."""
        return self.gguf_id is not None

    @property
    def whole_blocks(self) -> bool:
        """Whether a row must be a whole number of blocks, as in ggml; other codecs store a short last block."""
        return self.in_gguf

    def row_bytes(self, columns: int) -> int:
        """Bytes of one row of `columns` weights; a short last block is stored whole."""
        return -(-columns // self.block_size) * self.block_bytes + self.row_bytes_extra

    def nbytes(self, shape: tuple[int, ...]) -> int:
        """Bytes of a tensor of `shape`, last axis contiguous, blocks along it."""
        return prod(shape[:-1]) * self.row_bytes(shape[-1] if shape else 1) + self.tensor_bytes_extra

    def bits_for(self, shape: tuple[int, ...]) -> float:
        """Bits per weight of a tensor of `shape`, extras included; 0 where it is empty."""
        count = prod(shape)
        return 8 * self.nbytes(shape) / count if count else 0.0

    @property
    def codec(self) -> "Codec":
        """The encoder and decoder, imported on first use."""
        module, _, attribute = self.codec_path.partition(":")
        target = getattr(importlib.import_module(module), attribute)
        options = dict(self.codec_options)
        codec: Codec = target(**options) if options or isinstance(target, type) else target
        return codec


class FormatError(ValueError):
    """A text that names no storage format that can be used. The message says what is wrong and what there is."""


class FormatFamily(NamedTuple):
    """Formats that work alike.

    `parse(spec)` reads options ("int4:asym,block=32") and returns None where `spec`, in lower case, means another
    family; it raises FormatError for a mistake. `with_block(format, block)` is the spec of `format` with a scale for
    every `block` weights, and `turn(format, what, by)` that with its "bits", "range", "block", "scale", "clip" or
    "rounding" turned by `by` steps; both return None where the format has no such choice.
    """

    name: str
    title: str
    formats: tuple[Format, ...]
    parse: Callable[[str], Format | None] = lambda spec: None
    with_block: Callable[[Format, int], str | None] = lambda fmt, block: None
    turn: Callable[[Format, str, int], str | None] = lambda fmt, what, by: None


def turned(options: Sequence[str], present: str, by: int) -> str:
    """The option `by` places after `present`, cyclically; the first where `present` is none of them."""
    at = options.index(present) if present in options else -1
    return options[(at + by) % len(options)]


def with_block_option(fmt: Format, block: int, present: object) -> str:
    """The spec of `fmt`, whose block is the option "block=" and now `present`, with blocks of `block` weights."""
    if block == present:
        return fmt.name
    name, _, options = fmt.name.partition(":")
    words = [word for word in options.split(",") if word and not word.startswith("block=")]
    return f"{name}:{','.join([*words, f'block={block}'])}"
