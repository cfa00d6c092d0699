"""What a model makes of a prompt: the tokens it is cut into, what may follow, and how each format goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qtui.compute.lm.answers import continued
from qtui.compute.lm.attention import cache_bytes
from qtui.compute.lm.transformer import IDS, Transformer
from qtui.compute.lm.windows import log_probabilities, logits_of, read_in_step
from qtui.scenario.base import UserError
from qtui.scenario.progress import Progress
from qtui.scenario.quality.measure import changed_model
from qtui.scenario.quality.memory import room
from qtui.scenario.quality.opened import OpenedModel, assignments, read_model
from qtui.scenario.quality.result import (
    Continuation,
    CutTokens,
    NextToken,
    NextTokens,
    PromptStep,
    QualityResult,
)
from qtui.scenario.quality.scenario import QualityScenario, formats_of

F32 = NDArray[np.float32]
TOP = 10
MOST_LENGTH = 4096
OWN = "as it is"  # the model without any change


def cut(opened: OpenedModel, text: str) -> CutTokens:
    """The tokens of a text that stands alone."""
    tokenizer = opened.tokenizer
    ids = tokenizer.encode(text)
    return CutTokens(tuple(ids), tuple(map(tokenizer.shown, ids)), tokenizer.bos if tokenizer.add_bos else None)


def _prompt(scenario: QualityScenario, opened: OpenedModel, text: str, more: int = 0) -> list[int]:
    """The ids of a prompt, control tokens understood. Raises UserError for none, or more than the model can hold."""
    ids = opened.tokenizer.encode(text, special=True)
    context = opened.language.config.context
    if not ids:
        raise UserError("the prompt is empty; give a few words")
    if len(ids) + more > context:
        raise UserError(
            f"the prompt and its continuation take {len(ids) + more:,} tokens, and the model holds {context:,}"
        )
    return ids


def next_tokens(result: QualityResult, opened: OpenedModel, progress: Progress) -> QualityResult:
    """`result` with what may follow the prompt, by the model and by every format."""
    scenario = result.scenario
    ids = np.array([_prompt(scenario, opened, scenario.next)], np.int64)
    opened = opened.reading(ids.shape[1])
    with room((ids.shape[1], opened.language.config.vocabulary), opened.memory) as base:
        return replace(result, next=_next(scenario, opened, ids, base, progress), model=read_model(opened))


def _next(scenario: QualityScenario, opened: OpenedModel, ids: IDS, base: F32, progress: Progress) -> NextTokens:
    """`base` float32 (tokens, vocabulary) is room for the model's own log-probabilities."""
    specs, memory = formats_of(scenario), opened.memory
    source = opened.weights(memory.source if specs else memory.weights)
    models = [Transformer(opened.language.config, source)]
    models += [changed_model(scenario, opened, a, source, 0) for a in assignments(scenario, opened, specs)]
    last: list[NDArray[np.float64]] = []  # of each model, the chances of what may follow
    divergences: list[list[float]] = []
    note = ", ".join(("the model as it is", *specs))
    for at, states in read_in_step([(model, ids) for model in models], lambda part: progress.tick(part, 1, note)):
        kld: list[float] = []
        for rows, logits in logits_of(models[at], states[0], memory.rows):
            own = log_probabilities(logits)
            if at == 0:
                base[rows] = own
            else:
                kld += np.maximum((np.exp(base[rows]) * (base[rows] - own)).sum(axis=1), 0).tolist()
        last.append(np.exp(own[-1].astype(np.float64)))
        divergences.append(kld)
    chosen = {int(i) for chances in last for i in np.argsort(-chances, kind="stable")[:TOP]}
    ranked = sorted(chosen, key=lambda i: -max(float(chances[i]) for chances in last))
    shown = opened.tokenizer.shown
    top = tuple(
        NextToken(i, shown(i), float(last[0][i]), tuple(float(chances[i]) for chances in last[1:])) for i in ranked
    )
    steps = tuple(
        PromptStep(
            shown(int(ids[0, at + 1])),
            float(np.exp(base[at, ids[0, at + 1]])),
            shown(int(base[at].argmax())),
            tuple(kld[at] for kld in divergences[1:]),
        )
        for at in range(ids.shape[1] - 1)
    )
    begins = "" if opened.tokenizer.add_bos else shown(int(ids[0, 0]))
    return NextTokens(scenario.next, begins, specs, top, tuple(kld[-1] for kld in divergences[1:]), steps)


def continuations(
    result: QualityResult, opened: OpenedModel, progress: Progress, watch: Callable[[QualityResult], None]
) -> QualityResult:
    """`result` with the prompt continued by the model and by every format, from the same seed."""
    scenario = result.scenario
    if not 1 <= scenario.length <= MOST_LENGTH:
        raise UserError(f"--length takes 1 to {MOST_LENGTH:,} tokens, not {scenario.length}")
    ids = _prompt(scenario, opened, scenario.generate, scenario.length)
    config = opened.language.config
    opened = opened.reading(len(ids), cache_bytes(config, len(ids) + scenario.length))
    result = replace(result, model=read_model(opened))
    specs = formats_of(scenario)
    source = opened.weights(opened.memory.source)
    total = scenario.length * (1 + len(specs))
    own: tuple[int, ...] = ()
    for at, assignment in enumerate((None, *assignments(scenario, opened, specs))):
        name = OWN if assignment is None else assignment.spec
        progress.tick(at * scenario.length, total, name)
        model = None  # its weights go before the next one's come
        if assignment is None:
            model = Transformer(config, opened.weights(opened.memory.weights))
        else:
            model = changed_model(scenario, opened, assignment, source, opened.memory.weights)
        began, written = time.monotonic(), list[int]()
        for token in continued(
            model, ids, opened.tokenizer.ends, scenario.length, scenario.temperature, scenario.seed
        ):
            written.append(token)
            progress.tick(at * scenario.length + len(written), total, name)
            done = _continuation(opened, name, written, own, time.monotonic() - began)
            watch(replace(result, continuations=(*result.continuations, done)))
        own = own if at else tuple(written)
        continuation = _continuation(opened, name, written, own, time.monotonic() - began)
        result = replace(result, continuations=(*result.continuations, continuation))
    return result


def _continuation(
    opened: OpenedModel, name: str, written: list[int], own: tuple[int, ...], seconds: float
) -> Continuation:
    tokenizer = opened.tokenizer
    parts_at = None
    if own and tuple(written) != own[: len(written)]:
        parts_at = next(i for i, token in enumerate(written) if i >= len(own) or token != own[i])
    return Continuation(name, tokenizer.decode(written), tuple(map(tokenizer.shown, written)), parts_at, seconds)
