"""What `--memory` bounds: decoded weights, a window's activations and logits, what is kept of the baseline."""

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qtui.compute.lm.changes import StoredTensor
from qtui.compute.lm.transformer import Transformer
from qtui.compute.lm.windows import log_probabilities, logits_of, read_in_step, score, scored, window_bytes
from qtui.models.lm.load import load_model
from qtui.scenario.base import UserError
from qtui.scenario.progress import Progress
from qtui.scenario.quality.measure import measure
from qtui.scenario.quality.memory import shared_out
from qtui.scenario.quality.opened import OpenedModel, OpenedText, decoded_bytes, open_language_model, read_model
from qtui.scenario.quality.result import Passage, QualityResult
from qtui.scenario.quality.scenario import QualityScenario
from tests.support import lm_models

MIB = 1 << 20


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> OpenedModel:
    """A model of 4 MB with a large vocabulary, and any tokenizer."""
    with pytest.MonkeyPatch.context() as patch:
        sizes = {
            "hidden_size": 128,
            "intermediate_size": 512,
            "num_hidden_layers": 12,
            "max_position_embeddings": 512,
        }
        patch.setitem(lm_models.CONFIGS, "large", {"model_type": "llama", "tie_word_embeddings": True, **sizes})
        patch.setattr(lm_models, "VOCABULARY", 4096)
        patch.setitem(lm_models._COMMON, "vocab_size", 4096)
        path = lm_models.save_checkpoint(tmp_path_factory.mktemp("large"), "large")
    opened = open_language_model(QualityScenario(memory="1GB"))
    language = load_model(path)
    stored = tuple(StoredTensor(t.name, None, t.shape, t.dtype, t.nbytes) for t in language.tensors.values())
    stored = tuple(replace(t, name=name) for t, name in zip(stored, language.tensors, strict=True))
    return replace(opened, language=language, stored=stored)


def measured(large: OpenedModel, limit: int, context: int, seed: int, windows: int = 2) -> tuple[QualityResult, int]:
    """The result, and the most bytes that were held at once beside what was there before."""
    opened = replace(large, memory=replace(large.memory, limit=limit)).reading(context)
    ids = np.random.default_rng(seed).integers(0, 4096, (windows, context))
    text = OpenedText(Passage("", context, windows, windows * scored(context)), ids, None)
    result = QualityResult(QualityScenario(model="large", format=("Q8_0", "Q4_0")), read_model(opened))
    tracemalloc.start()
    result = measure(result, opened, text, Progress(), lambda partial: None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return result, peak


def test_little_memory_is_kept_and_the_figures_are_the_same(
    large: OpenedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = []
    for limit in (1 << 30, 12 * MIB):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / str(limit)))
        result, peak = measured(large, limit, 64, 1)
        figures.append([row.statistics for row in result.formats])
    assert (
        result.model is not None
        and result.model.streamed
        and decoded_bytes(large.language) > 4 * MIB
        and peak < 12 * MIB
    )
    for ample, little in zip(*figures, strict=True):
        assert ample is not None and little is not None
        assert ample.kld.value == pytest.approx(little.kld.value, rel=1e-5)
        assert ample.ppl.value == pytest.approx(little.ppl.value, rel=1e-6)


def test_a_window_that_takes_more_than_there_is_is_refused(large: OpenedModel) -> None:
    with pytest.raises(UserError, match="512 tokens at once take 11 MB beside the weights, .* 11 MB for both"):
        shared_out(11_000_000, large.language.config, 512, 4 * MIB, MIB)
    # A conversation's keys and values count as well.
    with pytest.raises(UserError, match="take 1,015 MB"):
        shared_out(1_000_000_000, large.language.config, 512, 4 * MIB, MIB, cache=1_000_000_000)


@pytest.mark.parametrize("name", ["llama", "gemma2", "qwen3"])
@pytest.mark.parametrize(("tokens", "rows"), [(60, 60), (240, 16)])
def test_what_a_window_takes_is_known_before(name: str, tokens: int, rows: int, tmp_path: Path) -> None:
    language = load_model(lm_models.save_checkpoint(tmp_path, name))
    model = Transformer(language.config, language.weights())
    ids = np.random.default_rng(0).integers(0, lm_models.VOCABULARY, (1, tokens))

    def read() -> None:
        for _, states in read_in_step([(model, ids)], lambda part: None):
            for part, logits in logits_of(model, states[0], rows):
                score(log_probabilities(logits.copy()), logits, ids[0, part])

    read()  # what is made once is there
    tracemalloc.start()
    read()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < window_bytes(language.config, tokens, rows) < 4 * peak
