"""Tensor names as a tree: model, layers, 17, self_attn, ... with chains of single branches joined."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from qtui.models.files.model_file import Tensor, collecting_later


@dataclass(slots=True)
class Branch:
    """One level of names. `path` is the whole prefix, `label` what this level adds.

    `dtypes` has the number of tensors and of weights in each dtype.
    """

    path: str
    label: str
    children: dict[str, Branch | Tensor] = field(default_factory=dict)
    nbytes: int = 0
    tensors: int = 0
    dtypes: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class TreeRow:
    """One visible row: a branch, open or closed, or a tensor."""

    depth: int
    label: str
    item: Branch | Tensor
    is_open: bool = False


def largest_tensors(branch: Branch, count: int) -> list[Tensor]:
    """The tensors below `branch` that take most bytes, the largest first, equal ones in the tree's order."""
    waiting, leaves = list[Branch | Tensor]([branch]), list[Tensor]()
    while waiting:
        item = waiting.pop()
        if isinstance(item, Branch):
            waiting += reversed(item.children.values())
        else:
            leaves.append(item)
    return heapq.nlargest(count, leaves, key=lambda tensor: tensor.nbytes)


def build_tree(tensors: Iterable[Tensor]) -> Branch:
    """The tree of all names, in the order of `tensors` but for layers, which go by their numbers.

    A name of one word is a leaf of the root.
    """
    root = Branch("", "")
    with collecting_later():
        for tensor in tensors:
            _insert(root, tensor)
        _number(root)
    return root


def _number(root: Branch) -> None:
    """Bring branches that are all numbered into the order of their numbers: many files list 10 before 2."""
    waiting = [root]
    while waiting:
        branch = waiting.pop()
        inner = [child for child in branch.children.values() if isinstance(child, Branch)]
        if inner and all(word.isdecimal() and len(word) < 7 for word in branch.children):
            branch.children = dict(sorted(branch.children.items(), key=lambda item: int(item[0])))
        waiting += inner


def _insert(root: Branch, tensor: Tensor) -> None:
    words = tensor.name.split(".")
    nbytes, dtype, count = tensor.nbytes, tensor.dtype, tensor.count
    at = root
    _count(at, nbytes, dtype, count)
    for depth, word in enumerate(words[:-1]):
        child = at.children.get(word)
        if not isinstance(child, Branch):
            child = Branch(".".join(words[: depth + 1]), word)
            # A leaf and a branch may share a name: the branch is found by its words plus a dot.
            at.children[word if word not in at.children else f"{word}."] = child
        at = child
        _count(at, nbytes, dtype, count)
    at.children[f"={words[-1]}"] = tensor


def _count(branch: Branch, nbytes: int, dtype: str, count: int) -> None:
    branch.nbytes += nbytes
    branch.tensors += 1
    tensors, weights = branch.dtypes.get(dtype, (0, 0))
    branch.dtypes[dtype] = (tensors + 1, weights + count)


def _joined(branch: Branch, label: str) -> tuple[str, Branch | Tensor]:
    """Follow single branches: "model" with only "layers" inside becomes "model.layers"."""
    while len(branch.children) == 1:
        (only,) = branch.children.values()
        if isinstance(only, Tensor):
            return f"{label}.{only.name.rpartition('.')[2]}", only
        branch, label = only, f"{label}.{only.label}"
    return label, branch


def visible_rows(root: Branch, opened: frozenset[str]) -> list[TreeRow]:
    """The rows to show when the branches whose paths are in `opened` are open."""
    return list(_rows(root, opened, 0))


def _rows(branch: Branch, opened: frozenset[str], depth: int) -> Iterator[TreeRow]:
    for child in branch.children.values():
        if isinstance(child, Tensor):
            yield TreeRow(depth, child.name.rpartition(".")[2], child)
            continue
        label, item = _joined(child, child.label)
        if isinstance(item, Tensor):
            yield TreeRow(depth, label, item)
            continue
        is_open = item.path in opened
        yield TreeRow(depth, label, item, is_open)
        if is_open:
            yield from _rows(item, opened, depth + 1)


def branches_to(name: str) -> frozenset[str]:
    """Paths of the branches that must be open for the tensor `name` to be seen."""
    words = name.split(".")
    return frozenset(".".join(words[:depth]) for depth in range(1, len(words)))
