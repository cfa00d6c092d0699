"""The tree of tensor names: joined branches, leaves beside branches, rows that open and close."""

from __future__ import annotations

from qtui.models.files.model_file import Tensor
from qtui.models.tensors.tree import Branch, branches_to, build_tree, visible_rows


def tensors(*names: str) -> list[Tensor]:
    return [Tensor(name, (2, 4), "F32", 0, 32, "m") for name in names]


def labels(root: Branch, *opened: str) -> list[str]:
    return [f"{row.depth} {row.label}" for row in visible_rows(root, frozenset(opened))]


def test_single_branches_are_joined_and_the_rest_opens() -> None:
    root = build_tree(
        tensors("model.layers.0.q.weight", "model.layers.0.k.weight", "model.layers.1.q.weight", "head")
    )
    assert root.tensors == 4 and root.nbytes == 128
    assert labels(root) == ["0 model.layers", "0 head"]
    assert labels(root, "model.layers") == ["0 model.layers", "1 0", "1 1.q.weight", "0 head"]
    opened = branches_to("model.layers.0.k.weight")
    assert labels(root, *opened) == [
        "0 model.layers", "1 0", "2 q.weight", "2 k.weight", "1 1.q.weight", "0 head",
    ]  # fmt: skip


def test_layers_go_by_their_numbers() -> None:
    root = build_tree(tensors(*(f"blk.{layer}.{part}" for layer in (0, 10, 11, 2) for part in "ab"), "b", "a"))
    assert labels(root, "blk") == ["0 blk", "1 0", "1 2", "1 10", "1 11", "0 b", "0 a"]
    assert build_tree(tensors(".".join(["0"] * 5000), "1.2")).tensors == 2


def test_a_name_may_be_a_leaf_and_a_branch() -> None:
    root = build_tree(tensors("a", "a.b", "a.c"))
    assert labels(root) == ["0 a", "0 a"] and labels(root, "a") == ["0 a", "0 a", "1 b", "1 c"]


def test_strange_names_do_no_harm() -> None:
    root = build_tree(tensors("", ".", "..", "x.", ".x"))
    assert root.tensors == 5
    everything = frozenset(row.item.path for row in visible_rows(root, frozenset()) if isinstance(row.item, Branch))
    assert visible_rows(root, everything)
