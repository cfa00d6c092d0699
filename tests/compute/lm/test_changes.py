"""What stands between file and forward pass: llama-quantize's rules, changed weights, caches, activations."""

import numpy as np
import pytest
from numpy.typing import NDArray

from qtui.compute.data import draw
from qtui.compute.formats import get_format
from qtui.compute.lm.changes import (
    ChangedWeights,
    StoredTensor,
    assign,
    mix_called,
    per_token,
    requantized,
    storing,
)
from qtui.compute.lm.threads import THREADS
from qtui.compute.lm.transformer import LmWeights, PieceWork
from qtui.compute.memory.mixes import MixShape

SHAPE = MixShape(2, 3, 0, True, False)


def tensors(columns: int, kind: str = "F16") -> list[StoredTensor]:
    results = [StoredTensor("token_embd.weight", None, (64, columns), kind, 2 * 64 * columns)]
    for i in range(2):
        results.append(StoredTensor(f"blk.{i}.attn_norm.weight", i, (columns,), "F32", 4 * columns))
        for role in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_up", "ffn_down"):
            results.append(StoredTensor(f"blk.{i}.{role}.weight", i, (32, columns), kind, 2 * 32 * columns))
    return results


def spread(weights: LmWeights, name: str) -> NDArray[np.float32]:
    """A matrix put together from the pieces that are worked on."""
    result = np.empty(weights.shape(name), np.float32)

    def put(rows: slice, piece: NDArray[np.float32]) -> None:
        result[rows] = piece

    weights.spread(name, put)
    return result


class Given:
    """Weights that are all here; pieces are eight rows."""

    def __init__(self, **values: NDArray[np.float32]) -> None:
        self.values = values

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def shape(self, name: str) -> tuple[int, ...]:
        return self.values[name].shape

    def get(self, name: str) -> NDArray[np.float32]:
        return self.values[name]

    def rows(self, name: str, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        return self.values[name][ids]

    def spread(self, name: str, work: PieceWork, few: bool = False) -> None:
        pieces = [slice(start, start + 8) for start in range(0, len(self.values[name]), 8)]
        THREADS.spread(lambda rows: work(rows, self.values[name][rows]), pieces)


def test_a_format_is_for_every_matrix_and_no_vector() -> None:
    result = assign("q4_0", tensors(256), SHAPE)
    assert len(result.formats) == 13 and set(result.formats.values()) == {"Q4_0"}
    assert not any("norm" in name for name in result.formats)
    assert result.nbytes == (64 + 12 * 32) * 256 * 18 // 32 + 2 * 4 * 256
    assert result.weights == (64 + 12 * 32) * 256 + 512
    assert not result.no_op and result.fallbacks == ()


def test_rows_that_do_not_divide_get_the_fallback() -> None:
    result = assign("Q4_K", tensors(96), SHAPE)
    assert set(result.formats.values()) == {"Q5_0"}
    assert ("blk.0.attn_q.weight", "Q5_0") in result.fallbacks and len(result.fallbacks) == 13
    assert assign("NVFP4", tensors(96), SHAPE).formats == {}  # they fall back to F16, which they are
    assert set(assign("NVFP4", tensors(64), SHAPE).formats.values()) == {"NVFP4"}
    assert set(assign("int4:block=64", tensors(96), SHAPE).formats.values()) == {get_format("int4:block=64").name}


def test_what_is_stored_so_already_is_left_alone() -> None:
    stored = [t if t.format != "Q4_1" or t.layer is not None else t for t in tensors(64, "Q4_1")]
    result = assign("Q4_1", stored, SHAPE)
    assert result.formats == {} and result.no_op and result.changed == 0
    assert result.already == (64 + 12 * 32) * 64
    assert not assign("Q4_0", stored, SHAPE).no_op


def test_mixes_follow_the_rules_of_llama_quantize() -> None:
    result = assign("Q4_K_M", tensors(256), SHAPE)
    assert result.formats["token_embd.weight"] == "Q6_K"  # tied: it is the head
    assert result.formats["blk.0.attn_q.weight"] == "Q4_K"
    assert "Q6_K" in {result.formats[f"blk.{i}.attn_v.weight"] for i in range(2)}
    assert mix_called("Q4_0") is None and mix_called("mix:Q4_0") == "Q4_0" and mix_called("Q3_K_L") == "Q3_K_L"
    assert assign("mix:Q4_0", tensors(256), SHAPE).formats["token_embd.weight"] == "Q6_K"
    with pytest.raises(ValueError, match="importance matrix"):
        assign("mix:IQ2_XXS", tensors(256), SHAPE)
    assert assign("mix:IQ2_XXS", tensors(256), SHAPE, imatrix=True).formats
    narrow = assign("Q4_K_M", tensors(96), SHAPE, {"blk.0.ffn_up.weight": "Q8_0"})
    assert ("token_embd.weight", "Q8_0") in narrow.fallbacks and ("blk.0.attn_q.weight", "Q5_0") in narrow.fallbacks
    assert len(narrow.fallbacks) == 12 and narrow.formats["blk.0.ffn_up.weight"] == "Q8_0"
    assert result.fallbacks == ()


def test_single_tensors_are_decided_by_hand() -> None:
    by_hand = {"token_embd.weight": "keep", "blk.1.ffn_down.weight": "Q8_0"}
    result = assign("Q4_0", tensors(64), SHAPE, by_hand)
    assert "token_embd.weight" not in result.formats
    assert result.formats["blk.1.ffn_down.weight"] == "Q8_0"
    assert assign("keep", tensors(64), SHAPE).formats == {}
    with pytest.raises(ValueError, match="no format is called"):
        assign("Q9_9", tensors(64), SHAPE)


@pytest.mark.parametrize("spec", ["Q4_0", "Q4_K", "int4", "int4:row", "nf4", "mxfp4", "fp8_e4m3:block=16x16"])
def test_changed_weights_are_what_the_codec_gives(spec: str) -> None:
    fmt = get_format(spec)
    x = draw("normal", 40 * 256, seed=3).reshape(40, 256)
    whole = fmt.codec.decode(fmt.codec.encode(x))
    np.testing.assert_array_equal(requantized(x, fmt), whole)
    changed = ChangedWeights(Given(w=x, other=x), {"w": fmt.name}, memory=1 << 20)
    with THREADS.raised(2):
        np.testing.assert_array_equal(spread(changed, "w"), whole)
    np.testing.assert_array_equal(spread(changed, "w"), whole)
    np.testing.assert_array_equal(changed.get("w"), whole)
    assert changed.get("w") is changed.get("w")
    assert changed.get("other") is x
    np.testing.assert_array_equal(spread(changed, "other"), x)
    little = ChangedWeights(Given(w=x), {"w": fmt.name}, memory=0)
    np.testing.assert_array_equal(spread(little, "w"), whole)
    np.testing.assert_array_equal(little.get("w"), whole)
    ids = np.array([5, 1, 5, 39])
    np.testing.assert_array_equal(little.rows("w", ids), whole[ids])


def test_single_weights_are_set_to_0_after_the_format() -> None:
    x = draw("normal", 8 * 64, seed=3).reshape(8, 64)
    changed = ChangedWeights(Given(w=x), {}, 1 << 20, zeroed={"w": [(2, 5), (7, 0)]})
    expected = x.copy()
    expected[2, 5] = expected[7, 0] = 0
    np.testing.assert_array_equal(changed.get("w"), expected)
    np.testing.assert_array_equal(changed.rows("w", np.array([2, 7])), expected[[2, 7]])
    np.testing.assert_array_equal(spread(changed, "w"), expected)
    assert x[2, 5] != 0


def test_importance_changes_what_is_stored() -> None:
    x = draw("normal", 8 * 256, seed=3).reshape(8, 256)
    weights = np.ones(256, np.float32)
    weights[:8] = 1000
    plain = ChangedWeights(Given(w=x), {"w": "Q4_K"}, 1 << 20).get("w")
    weighed = ChangedWeights(Given(w=x), {"w": "Q4_K"}, 1 << 20, {"w": weights}).get("w")
    assert np.abs(weighed - x)[:, :8].mean() < np.abs(plain - x)[:, :8].mean()


def test_cached_rows_are_stored_in_a_format() -> None:
    x = draw("normal", 4 * 64, seed=1).reshape(4, 64)
    change = storing("q8_0")
    assert change is not None
    np.testing.assert_array_equal(change(x), requantized(x, get_format("Q8_0")))
    assert storing("") is None and storing("f32") is None
    with pytest.raises(ValueError, match="no format"):
        storing("q8_9")


def test_activations_have_a_scale_for_each_token() -> None:
    x = np.array([[1.0, -0.5, 0.004], [127.0, 1.4, 0.0], [0.0, 0.0, 0.0]], np.float32)
    int8, fp8 = per_token("int8"), per_token("fp8")
    assert int8 is not None and fp8 is not None and per_token("") is None
    np.testing.assert_allclose(int8(x), [[1, -64 / 127, 1 / 127], [127, 1, 0], [0, 0, 0]], rtol=1e-6)
    assert np.abs(fp8(x)[0] / x[0] - 1).max() < 1 / 16
    with pytest.raises(ValueError, match="int8 or fp8"):
        per_token("int9")
