"""The small model's training: a few steps learn, and what is written is read back. Needs the extra `train`."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is the extra `train`")

from qtui.compute.lm.transformer import Transformer  # noqa: E402
from qtui.models.lm.installed import TINY  # noqa: E402
from qtui.models.lm.load import load_model  # noqa: E402
from qtui.models.lm.tokenizers import load_tokenizer  # noqa: E402
from tests.training import train_tiny  # noqa: E402


def logits_here(path: Path, text: str) -> np.ndarray[Any, Any]:
    found = load_model(str(path))
    ids = load_tokenizer(found).encode(text)
    return Transformer(found.config, found.weights()).logits(np.array([ids]))[0]


def test_what_was_trained_is_what_runs(tmp_path: Path) -> None:
    model = train_tiny.train(steps=60, seed=3)
    train_tiny.write(model, tmp_path / "new.gguf")
    names = train_tiny.language.vocabulary()
    text = "12+34=46\nthe cats near the dog sleep\n"
    ids = load_tokenizer(load_model(str(tmp_path / "new.gguf"))).encode(text)
    assert "".join(names[i] for i in ids) == f"\n{text}"
    with torch.no_grad():
        # The file has the matrices in float16, so the model gets them as well.
        for weight in model.parameters():
            if weight.dim() == 2:
                weight.copy_(weight.half().float())
        theirs = model(torch.tensor([ids]))[0].numpy()
    assert np.abs(logits_here(tmp_path / "new.gguf", text) - theirs).max() < 1e-4


def test_a_few_steps_learn_most_of_the_language() -> None:
    model = train_tiny.train(steps=150, seed=0)
    known = {token: i for i, token in enumerate(train_tiny.language.vocabulary())}
    stream = [known[t] for t, _ in zip(train_tiny.language.tokens(5), range(128 * 8), strict=False)]
    ids = torch.tensor(stream).view(8, 128)
    with torch.no_grad():
        loss = torch.nn.functional.cross_entropy(model(ids)[:, :-1].flatten(0, 1), ids[:, 1:].flatten()).item()
    assert loss < train_tiny.language.entropy() + 0.5


def test_the_shipped_file_has_the_shape_that_the_script_makes() -> None:
    shipped = load_model(str(TINY))
    assert (shipped.config.hidden, len(shipped.config.layers)) == (train_tiny.HIDDEN, train_tiny.LAYERS)
    assert shipped.config.context == train_tiny.CONTEXT and shipped.config.vocabulary == len(
        train_tiny.language.vocabulary()
    )
