"""Windows as llama-perplexity cuts them, scores in little memory, threads that come back."""

import numpy as np
import pytest

from qtui.compute.lm.perplexity import statistics, token_scores
from qtui.compute.lm.threads import MOST, THREADS, free_cores
from qtui.compute.lm.windows import cut_windows, log_probabilities, score, scored, targets


def test_windows_are_whole_and_begin_with_bos() -> None:
    result = cut_windows(list(range(100, 125)), 8, bos=1)
    assert result.tolist() == [[1, *range(101, 108)], [1, *range(109, 116)], [1, *range(117, 124)]]
    assert cut_windows(list(range(8)), 8).tolist() == [list(range(8))]
    with pytest.raises(ValueError, match="7 tokens make no window of 8"):
        cut_windows(list(range(7)), 8)


@pytest.mark.parametrize(("context", "count"), [(512, 255), (256, 127), (8, 3), (9, 4)])
def test_the_second_half_is_scored(context: int, count: int) -> None:
    window = np.arange(context)
    assert scored(context) == count == len(targets(window))
    assert targets(window).tolist() == list(range(context // 2 + 1, context))


def test_scores_are_those_of_the_whole_at_once() -> None:
    rng = np.random.default_rng(1)
    logits, other = rng.standard_normal((2, 100, 37)).astype(np.float32) * 4
    right = rng.integers(0, 37, 100)
    base = log_probabilities(logits.copy())
    np.testing.assert_allclose(np.exp(base.astype(np.float64)).sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(base - base[:, :1], logits - logits[:, :1], atol=1e-5)
    ours, whole = score(base, other, right), token_scores(base, other, right)
    assert statistics(ours) == statistics(whole)


def test_threads_come_back() -> None:
    with THREADS.raised(2), THREADS.raised(3):
        product = np.ones((64, 64), np.float32) @ np.ones((64, 64), np.float32)
    assert product[0, 0] == 64 and 1 <= free_cores() <= MOST


def test_pieces_are_worked_on_in_as_many_threads_as_there_are() -> None:
    for count in (1, 3):
        done: list[int] = []
        with THREADS.raised(count):
            THREADS.spread(done.append, range(20))
        assert sorted(done) == list(range(20))
    with THREADS.raised(2), pytest.raises(ZeroDivisionError):
        THREADS.spread(lambda piece: 1 // piece, (1, 0, 2))


def test_work_may_spread_work_of_its_own() -> None:
    done: list[tuple[int, int]] = []
    with THREADS.raised(3):
        THREADS.spread(lambda a: THREADS.spread(lambda b: done.append((a, b)), range(5)), range(7))
    assert sorted(done) == [(a, b) for a in range(7) for b in range(5)]


def test_rows_are_cut_for_threads_products_and_memory() -> None:
    for shape in ((49152, 576), (192, 576), (576, 1536), (1, 7), (5, 1 << 22), (100_000, 1)):
        for memory in (None, 1 << 20):
            with THREADS.raised(2):
                pieces = THREADS.row_pieces(*shape, memory)
            assert [at for rows in pieces for at in range(shape[0])[rows]] == list(range(shape[0]))
            most = max(rows.stop - rows.start for rows in pieces)
            assert most == 1 or memory is None or 2 * 4 * most * shape[1] <= memory
    with THREADS.raised(2):
        assert len(THREADS.row_pieces(192, 576)) == 2 and len(THREADS.row_pieces(576, 1)) == 1
