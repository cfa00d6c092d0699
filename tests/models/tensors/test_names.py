"""Tensor names: patterns, layers, order and finding."""

import pytest

from qtui.models.files.model_file import Tensor
from qtui.models.tensors.names import find, grouped, layer_of, natural, pattern_of


@pytest.mark.parametrize(
    ("name", "pattern", "layer"),
    [
        ("blk.17.attn_q.weight", "blk.*.attn_q.weight", 17),
        ("model.layers.3.mlp.experts.12.w1", "model.layers.*.mlp.experts.*.w1", 3),
        ("lm_head.weight", "lm_head.weight", None),
        ("0.weight", "*.weight", 0),
        ("conv2d.weight", "conv2d.weight", None),
        ("h.9999999999", "h.*", None),
    ],
)
def test_patterns_and_layers(name: str, pattern: str, layer: int | None) -> None:
    assert (pattern_of(name), layer_of(name)) == (pattern, layer)


def test_natural_order() -> None:
    names = ["blk.10.a", "blk.2.b", "a", "blk.2.a", "1", "blk.²"]
    assert sorted(names, key=natural) == ["1", "a", "blk.2.a", "blk.2.b", "blk.10.a", "blk.²"]
    assert sorted(["layer 10", "layer 9", "outside"], key=natural) == ["layer 9", "layer 10", "outside"]
    assert sorted(["w" + "9" * 30, "w1"], key=natural) == ["w1", "w" + "9" * 30]


NAMES = ["token_embd.weight", "blk.0.attn_q.weight", "blk.0.attn_q_norm.weight", "blk.0.ffn_down.weight"]


@pytest.mark.parametrize(
    ("query", "result"),
    [
        ("ATTN Q", [1, 2]),
        ("attn_q", [1, 2]),
        ("norm", [2]),
        ("ffdw", [3]),
        ("", [0, 1, 2, 3]),
        ("zzz", []),
        ("down 0", [3]),
    ],
)
def test_find(query: str, result: list[int]) -> None:
    assert find(query, NAMES) == [NAMES[i] for i in result]


def test_whole_words_come_before_parts_of_words() -> None:
    assert find("q", ["blk.0.seq", "blk.0.q"]) == ["blk.0.q", "blk.0.seq"]


def test_grouping_keeps_different_dtypes_apart() -> None:
    tensors = [Tensor(f"blk.{i}.v", (32,), dtype, 0, 34, "m") for i, dtype in enumerate(["Q8_0", "F32", "Q8_0"])]
    assert [(g.pattern, len(g.tensors), g.nbytes) for g in grouped(tensors)] == [
        ("blk.*.v", 2, 68),
        ("blk.1.v", 1, 34),
    ]
