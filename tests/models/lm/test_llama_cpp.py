"""The small model beside llama.cpp itself, where `llama-cpp-python` is installed (a development tool, no extra)."""

from typing import Any

import numpy as np
import pytest

from qtui.compute.lm.perplexity import statistics
from qtui.compute.lm.transformer import Transformer
from qtui.compute.lm.windows import log_probabilities, score
from qtui.models.lm.installed import TINY
from qtui.models.lm.load import load_model
from qtui.models.lm.tokenizers import load_tokenizer

llama_cpp: Any = pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
TEXT = "2+2=4\n13+45=58\nthe cat sees a dog\n7+8=15\n"


def test_ids_and_logits_are_llama_cpps() -> None:
    theirs = llama_cpp.Llama(
        str(TINY), n_ctx=128, n_threads=1, logits_all=True, verbose=False, type_k=0, type_v=0, flash_attn=False
    )
    model = load_model(str(TINY))
    ids = load_tokenizer(model).encode(TEXT)
    assert theirs.tokenize(TEXT.encode(), add_bos=True) == ids
    theirs.eval(ids)
    expected = np.array(theirs.scores[: len(ids)], np.float32)
    logits = Transformer(model.config, model.weights()).logits(np.array([ids], np.int64))[0]
    # The file holds 16-bit floats, and llama.cpp rounds what it multiplies by them to 16 bits as well.
    assert np.abs(logits - expected).max() < 2e-3 * np.abs(expected).max()
    right = np.array(ids[1:], np.int64)
    stats = statistics(score(log_probabilities(expected[:-1]), logits[:-1], right))
    assert stats.kld.value < 1e-6 and stats.ppl.value == pytest.approx(stats.ppl_base.value, rel=1e-3)
