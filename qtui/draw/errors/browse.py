"""What the browse view says of a branch of names, or of a tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtui.draw.frame import title
from qtui.draw.glyphs import Glyphs
from qtui.draw.inspect import metadata_heading, metadata_table, quantized_text, shape_text, shortened, shortened_name
from qtui.draw.picture import Picture, Span, columns, fitted, line
from qtui.draw.safe import cell_count, cut, safe
from qtui.draw.units import decimal, short_count
from qtui.models.files.model_file import Tensor
from qtui.models.tensors.tree import Branch, largest_tensors

if TYPE_CHECKING:  # the readers of files
    from qtui.scenario.inspect import InspectResult

LARGEST = 40  # tensors that are listed
WIDE = 38  # cells from which on their names can be told apart
MANY = 10_000  # tensors of a branch that are looked through for them


def _some(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def branch_facts(branch: Branch, header: InspectResult, glyphs: Glyphs, cells: int, height: int) -> Picture:
    """How much of the file a branch holds, and in which types; for the whole file its metadata too.

    What `height` has to spare lists the largest tensors.
    """
    share = f", {100 * branch.nbytes / max(header.nbytes, 1):.1f} % of the file" if branch.path else ""
    rows = [
        line((shortened(branch.path or header.model.path, cells, glyphs), "strong")),
        line(f"{_some(branch.tensors, 'tensor')}, {decimal(branch.nbytes)}{share}"),
        *([] if branch.path else _whole(header, cells)),
        (),
    ]
    types: list[list[Span | str]] = [[("type", "dim"), ("tensors", "dim"), ("weights", "dim")]]
    types += [[(dtype, "label"), f"{count:,}", f"{weights:,}"] for dtype, (count, weights) in branch.dtypes.items()]
    rows += columns(types, "lrr")
    if not branch.path and header.metadata:
        heading = metadata_heading(len(header.metadata))
        rows += [(), heading, *metadata_table(header.metadata, cells, glyphs, items=0)]
    spare = min(height - len(rows) - 2, LARGEST)
    if spare < 3 or cells < WIDE or not 1 < branch.tensors <= MANY:
        return tuple(rows)
    return (*rows, (), title("The largest tensors", cells, glyphs), *_largest(branch, glyphs, cells, spare))


def _largest(branch: Branch, glyphs: Glyphs, cells: int, most: int) -> Picture:
    tensors = largest_tensors(branch, most)
    room = cells - 14 - max(cell_count(tensor.dtype) for tensor in tensors)
    table: list[list[Span | str]] = [
        [
            shortened_name(tensor.name, room, glyphs),
            (shape_text(tensor.shape, glyphs), "dim"),
            (tensor.dtype, "label"),
            (decimal(tensor.nbytes), "dim"),
        ]
        for tensor in tensors
    ]
    return fitted(table, "lllr", cells, (1,))


def _whole(header: InspectResult, cells: int) -> Picture:
    """How many weights the whole file holds, at how many bits, and what quantized it."""
    bits = f", {8 * header.nbytes / header.parameters:.2f} bits a weight" if header.parameters else ""
    counts = (f"{header.parameters:,} parameters{bits}", f"{short_count(header.parameters)} parameters{bits}")
    rows = [line(next((text for text in counts if len(text) <= cells), counts[-1]))]
    if header.quantized is not None:
        rows.append(line(quantized_text(header.quantized)))
    if header.file_type:
        rows.append(line("file type ", (header.file_type, "label")))
    return (*rows, *(line((text, "warn")) for text in header.model.notes))


def tensor_facts(tensor: Tensor, whole: int, glyphs: Glyphs, cells: int) -> Picture:
    """A tensor's name, shape, type and size, of `whole` bytes in the file."""
    share = 100 * tensor.nbytes / whole if whole else 0.0
    bits = 8 * tensor.nbytes / tensor.count if tensor.count else 0.0
    name = safe(tensor.name)
    first = cut(name, cells)
    names = filter(None, (first, cut(name[len(first) :], cells)))
    return (
        *(line((part, "strong")) for part in names),
        line(f"{shape_text(tensor.shape, glyphs)}  ", (tensor.dtype, "label"), f"  {bits:.4g} bits/weight"),
        line(f"{decimal(tensor.nbytes)}, {share:.2f} % of the file"),
    )
