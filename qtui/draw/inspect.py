"""A model file's header as tables: totals, dtypes, metadata, tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from qtui.compute.memory.architecture import Architecture
from qtui.compute.memory.mixers.attention import Attention
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, columns, crop, line, pad
from qtui.draw.safe import cell_count, cut, cut_front, safe, wrapped
from qtui.draw.units import binary, decimal, percent, short_count
from qtui.models.gguf.metadata import ArrayHead

if TYPE_CHECKING:  # the readers of files
    from qtui.scenario.inspect import DtypeShare, InspectResult, QuantizedShare

_BAR = 20
_KINDS = {
    "gguf": "GGUF",
    "safetensors": "safetensors",
    "config": "config.json, no weights",
    "npy": "numpy array",
    "imatrix": "importance matrix of llama-imatrix",
}
_SHORT = 4  # items of an array beside other things
_LINES = 12  # of one metadata value, when the metadata is shown alone


class TensorRow(Protocol):
    """What a row of the tensor table needs to know."""

    @property
    def name(self) -> str: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> str: ...
    @property
    def nbytes(self) -> int: ...


def inspect_report(result: InspectResult, width: int, glyphs: Glyphs) -> Picture:
    """Totals, dtypes, metadata and tensors; or the metadata alone."""
    model = result.model
    rows = list(totals([*_facts(result), *_what_it_is(result, glyphs)], width, glyphs))
    rows += notes(result.doubts, width)
    if result.metadata:
        rows += [line(), metadata_heading(len(result.metadata))]
        if result.scenario.metadata:
            rows += metadata_table(result.metadata, width, glyphs, _LINES)
        else:
            rows += metadata_table(result.metadata, width, glyphs, items=_SHORT)
    if result.scenario.metadata or not model.tensors:
        return (*rows, line())
    rows += [line(), *dtype_table(result.dtypes, width, glyphs), line()]
    tensors = [(tensor.name, tensor, 1) for tensor in result.tensors]
    if not result.scenario.each:
        tensors = [(group.pattern, group.tensors[0], len(group.tensors)) for group in result.groups]
    rows += tensor_table(tensors, model.nbytes, width, glyphs, tree=result.scenario.sort == "file")
    return (*rows, line())


def _facts(result: InspectResult) -> list[tuple[str, str]]:
    model = result.model
    files = f", {len(model.paths)} files" if len(model.paths) > 1 else ""
    mix = f", {result.file_type}" if result.file_type else ""
    if model.kind == "gguf" and model.metadata.get("general.type") == "imatrix":
        mix = ", importance matrix of llama-imatrix"
    facts = [("file", model.path), ("kind", _KINDS[model.kind] + mix + files)]
    if result.parameters:
        described = "" if model.tensors else ", of the text model that it describes"
        facts.append(("parameters", f"{result.parameters:,} ({short_count(result.parameters)}){described}"))
    if model.tensors:
        facts.append(("tensors", f"{len(model.tensors):,}, {size_text(result.nbytes, result.parameters)}"))
    if result.quantized is not None:
        facts.append(("quantizer", quantized_text(result.quantized)))
    return facts


def quantized_text(quantized: QuantizedShare) -> str:
    """ "awq, 224 tensors of 6.48 B weights at 4.25 bits, scales included"."""
    if not quantized.count:
        return f"{quantized.quantizer}, in a layout that is listed as it is stored"
    bits = 8 * quantized.nbytes / quantized.count
    some = f"{quantized.tensors:,} tensor{'s' * (quantized.tensors != 1)}"
    return (
        f"{quantized.quantizer}, {some} of {short_count(quantized.count)} weights at {bits:.3g} bits, scales included"
    )


def _what_it_is(result: InspectResult, glyphs: Glyphs) -> list[tuple[str, str]]:
    """The architecture in a few words."""
    architecture = result.architecture
    rows = [] if architecture is None else [("layers", _layers(architecture.arch, glyphs))]
    if architecture is not None:
        context = f", {architecture.context:,} tokens of context" if architecture.context else ""
        rows.insert(0, ("model", f"{architecture.kind}, {architecture.arch.hidden_size:,} wide{context}"))
    return rows


def _layers(arch: Architecture, glyphs: Glyphs) -> str:
    """ "48: 36 gated deltanet, 12 attention 16/2 × 256; 48 with 10 of 512 experts"."""
    parts = []
    for mixer in arch.mixers:
        words = mixer.KIND.replace("_", " ")
        if isinstance(mixer, Attention):
            words += f" {mixer.heads}/{mixer.kv_heads} {glyphs.times} {mixer.head_dim}"
            words += f" window {mixer.span:,}" if mixer.span else ""
        parts.append(f"{mixer.layers} {words}")
    experts = [f"{f.layers} with {f.experts_per_token} of {f.experts} experts" for f in arch.ffns if f.experts]
    return "; ".join([f"{arch.num_layers}: {', '.join(parts)}", *experts])


def shape_text(shape: Sequence[int], glyphs: Glyphs) -> str:
    """ "4096 × 128"; a single value is "scalar"."""
    return f" {glyphs.times} ".join(map(str, shape)) or "scalar"


def totals(rows: Sequence[tuple[str, str]], width: int, glyphs: Glyphs) -> Picture:
    """Labels and values, one a row."""
    label = max(len(name) for name, _ in rows)
    room = max(width - label - 2, 12)
    lines = [line((f"{name:{label}}", "label"), "  ", shortened(text, room, glyphs)) for name, text in rows]
    return tuple(crop(row, width, glyphs.ellipsis) for row in lines)


def notes(texts: Sequence[str], width: int) -> Picture:
    """Sentences that a reader should know, wrapped."""
    rows: list[Line] = []
    for text in texts:
        for i, part in enumerate(wrapped(text, max(width - 6, 10))):
            rows.append(line(("note  " if i == 0 else "      ", "warn"), part))
    return tuple(rows)


def size_text(nbytes: int, parameters: int) -> str:
    """Bytes in both units, and bits a weight."""
    bits = f", {8 * nbytes / parameters:.2f} bits a weight" if parameters else ""
    return f"{decimal(nbytes)} ({binary(nbytes)}){bits}"


def dtype_table(dtypes: Sequence[DtypeShare], width: int, glyphs: Glyphs) -> Picture:
    """One dtype a row, with a bar for its share of the bytes."""
    whole = sum(dtype.nbytes for dtype in dtypes)
    rows: list[list[Span | str]] = [
        [(head, "strong") for head in ("dtype", "tensors", "parameters", "size", "share %")]
    ]
    bars: list[Span] = [("", "")]
    for dtype in dtypes:
        size = dtype.nbytes
        cells = round(_BAR * size / whole) if whole else 0
        bars.append((glyphs.lefts[-1] * cells, "series1"))
        rows.append([dtype.name, f"{dtype.tensors:,}", short_count(dtype.count), decimal(size), _share(size, whole)])
    table = columns(rows, "lrrr.")
    return tuple(crop(line(*row, "  ", bar), width, glyphs.ellipsis) for row, bar in zip(table, bars, strict=True))


def _share(part: int, whole: int) -> str:
    """A share of `whole` under a heading that has its unit."""
    return percent(part, whole).removesuffix(" %")


def metadata_heading(count: int) -> Line:
    """What stands above `count` keys."""
    return line((f"metadata, {count} {'key' if count == 1 else 'keys'}", "strong"))


def metadata_table(
    metadata: Mapping[str, Any], width: int, glyphs: Glyphs, lines: int = 1, items: int | None = None
) -> Picture:
    """Keys and values; a value takes up to `lines` rows, an array shows `items` of those that were read."""
    if not metadata:
        return ()
    label = min(max(cell_count(safe(key)) for key in metadata), max(width // 2, 12))
    rows: list[Line] = []
    for key, value in metadata.items():
        room = max(width - label - 2, 8)
        if isinstance(value, ArrayHead):
            value = array_text(value, items, glyphs)
        text = safe(value if isinstance(value, str) else value_text(value))
        parts = wrapped(text[: room * (lines + 1)], room) or [""]
        if len(parts) > lines or len(text) > room * (lines + 1):
            parts = parts[:lines]
            parts[-1] = cut(parts[-1], room - 1) + glyphs.ellipsis
        name = safe(key)
        if cell_count(name) > label:  # what tells keys of one family apart stands at their ends
            name = (
                cut(name, label // 2) + glyphs.ellipsis + cut_front(name, label - label // 2 - len(glyphs.ellipsis))
            )
        rows.append(line(*pad(line((name, "label")), label + 2), parts[0]))
        rows += [line(" " * (label + 2), part) for part in parts[1:]]
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)


def array_text(array: ArrayHead, items: int | None, glyphs: Glyphs) -> str:
    """ "1,000 of string: "a", "b", …": length and type, and `items` of what was read; none for 0."""
    text = f"{array.count:,} of {array.of}"
    if items == 0:
        return text
    shown = array.first[:items]
    words = [
        f'"{item}"' if isinstance(item, str) else f"{item:g}" if isinstance(item, float) else str(item)
        for item in shown
    ]
    more = f", {glyphs.ellipsis}" if array.count > len(shown) else ""
    return f"{text}: {', '.join(words)}{more}"


def value_text(value: Any) -> str:
    """A metadata value in one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {value_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(value_text(item) for item in value) + "]"
    return "null" if value is None else str(value)


def tensor_table(
    rows: Sequence[tuple[str, TensorRow, int]], whole: int, width: int, glyphs: Glyphs, tree: bool = True
) -> Picture:
    """Tensors: name, how they are stored, how many there are of them, their bytes and share of `whole`.

    With `tree`, neighbours that share all up to their layer's number stand below it, with the sum of the branch.
    Names give way where the screen is narrow, numbers never.
    """
    branches = [_branch(name) if tree else "" for name, _, _ in rows]
    counted = any(number > 1 for _, _, number in rows)
    heads = ("tensor", "shape", "dtype", *([""] if counted else []), "size", "share %")
    cells: list[list[Span | str]] = []
    for i, (name, tensor, number) in enumerate(rows):
        branch = branches[i]
        if branch and (i == 0 or branches[i - 1] != branch):
            cells.append(_branch_row(branch, _run(rows, branches, i), len(heads), whole))
        size = tensor.nbytes * number
        label = "  " + name[len(branch) :] if branch else name
        row: list[Span | str] = [safe(label), shape_text(tensor.shape, glyphs), tensor.dtype]
        times = [f"{glyphs.times}{number}" if number > 1 else ""] if counted else []
        cells.append([*row, *times, decimal(size), _share(size, whole)])
    head: list[Span | str] = [(text, "strong") for text in heads]
    room = max(width - _width_of([head, *cells]), 12)
    for row in cells:
        text, role = row[0] if isinstance(row[0], tuple) else (row[0], "")
        row[0] = (shortened(text, room, glyphs), role)
    align = "lll" + ("r" if counted else "") + "r."
    return tuple(crop(row, width, glyphs.ellipsis) for row in columns([head, *cells], align))


def _branch(name: str) -> str:
    """The name up to its layer: "blk.*." of "blk.*.attn_q.weight"; nothing where there is no number."""
    parts = name.split(".")
    for i, part in enumerate(parts[:-1]):
        if i and (part == "*" or part.isdigit()):
            return ".".join(parts[: i + 1]) + "."
    return ""


def _run(rows: Sequence[tuple[str, TensorRow, int]], branches: Sequence[str], start: int) -> int:
    """Bytes of the neighbours from `start` on that are in one branch."""
    total = 0
    for i in range(start, len(rows)):
        if branches[i] != branches[start]:
            break
        total += rows[i][1].nbytes * rows[i][2]
    return total


def _branch_row(branch: str, size: int, length: int, whole: int) -> list[Span | str]:
    fill: list[Span | str] = [""] * (length - 3)
    return [(safe(branch[:-1]), "label"), *fill, (decimal(size), "label"), (_share(size, whole), "label")]


def _width_of(rows: Sequence[Sequence[Span | str]]) -> int:
    """Cells that all columns but the first take, with the gaps between them."""
    texts = [[cell if isinstance(cell, str) else cell[0] for cell in row] for row in rows]
    return sum(2 + max(cell_count(row[i]) for row in texts) for i in range(1, len(rows[0])))


def shortened(text: str, room: int, glyphs: Glyphs) -> str:
    """`text` in at most `room` cells, its middle left out: the ends of a name or a path tell the most."""
    text = safe(text)
    if cell_count(text) <= room:
        return text
    tail = (room - 1) * 2 // 3
    return cut(text, room - 1 - tail) + glyphs.ellipsis + cut_front(text, tail)


def shortened_name(name: str, room: int, glyphs: Glyphs) -> str:
    """A tensor's name in at most `room` cells; its layer's number stays, so that names of one role differ.

    ".weight" goes first, since nearly all names end so.
    """
    name = safe(name)
    if cell_count(name) <= room:
        return name
    name = name.removesuffix(".weight")
    head, dot, tail = name.partition(".")
    while dot and not head.rpartition(".")[2].isdigit():
        part, dot, tail = tail.partition(".")
        head += f".{part}"
    start = f"{glyphs.ellipsis}.{head.rpartition('.')[2]}."
    if cell_count(name) <= room or not dot or cell_count(start) + 8 > room:
        return shortened(name, room, glyphs)
    left = room - cell_count(start)
    return start + (tail if cell_count(tail) <= left else glyphs.ellipsis + cut_front(tail, left - 1))
