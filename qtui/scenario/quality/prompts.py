"""What a model makes of a prompt: the tokens it is cut into, what may follow, and how each format goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qtui.compute.lm.answers import continued
from qtui.compute.lm.attention import cache_bytes
from qtui.compute.lm.perplexity import perplexity
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
    Surprise,
)
from qtui.scenario.quality.scenario import QualityScenario, formats_of

F32 = NDArray[np.float32]
TOP = 10
MOST_LENGTH = 4096
MOST_READ = 1024  # tokens of a text that are read, not only cut
SURPRISES = 4  # least likely tokens of a text, and
LIKELIER = 10  # likeliest ones in their places
CHOICE = 8  # likeliest tokens of either model where they part
OWN = "as it is"  # the model without any change


def cut(result: QualityResult, opened: OpenedModel, progress: Progress) -> QualityResult:
    """`result` with the tokens of a text that stands alone; of a short one, and a model that fits into memory, also
    how likely it held each."""
    tokenizer, shown = opened.tokenizer, opened.tokenizer.shown
    ids = opened.encode(result.scenario.tokens)
    lengths = tuple(len(tokenizer.raw(token)) for token in ids)
    begins = tokenizer.bos if tokenizer.add_bos else None
    tokens = CutTokens(tuple(ids), tuple(map(shown, ids)), lengths, begins)
    readable = 1 < len(ids) <= min(opened.language.config.context, MOST_READ)
    opened = opened.reading(len(ids)) if readable else opened
    if opened.streamed or not readable:
        return replace(result, tokens=tokens)
    model = Transformer(opened.language.config, opened.weights(opened.memory.weights), name=opened.language.file.path)
    read = np.array([ids], np.int64)
    chances: list[float | None] = [None]
    expected = [""]
    surprises: list[Surprise] = []

    def surprise(at: int, chance: float, own: F32) -> Surprise:
        likeliest = np.argsort(-own, kind="stable")[:LIKELIER].tolist()
        listed = (NextToken(i, shown(i), float(np.exp(own[i]))) for i in likeliest if i != ids[at])
        return Surprise(at, chance, tuple(token for token in listed if token.base > chance))

    for _, states in read_in_step([(model, read[:, :-1])], lambda part: progress.tick(part, 1, OWN)):
        for rows, logits in logits_of(model, states[0], opened.memory.rows):
            own, right = log_probabilities(logits), read[0, 1:][rows]
            given = np.exp(own[np.arange(len(right)), right].astype(np.float64))
            least = np.argsort(given, kind="stable")[:SURPRISES].tolist()
            surprises += (surprise(len(chances) + i, float(given[i]), own[i]) for i in least)
            surprises = sorted(surprises, key=lambda token: token.base)[:SURPRISES]
            chances += given.tolist()
            expected += map(shown, own.argmax(axis=1).tolist())
    ppl = perplexity([chance for chance in chances if chance is not None])
    tokens = replace(tokens, chances=tuple(chances), expected=tuple(expected), ppl=ppl, surprises=tuple(surprises))
    return replace(result, tokens=tokens, model=read_model(opened))


def _prompt(opened: OpenedModel, text: str, more: int = 0) -> list[int]:
    """The ids of a prompt, control tokens understood. Raises UserError for none, or more than the model can hold."""
    ids = opened.encode(text, special=True)
    context = opened.language.config.context
    if not ids:
        raise UserError("the prompt is empty; give a few words")
    if len(ids) + more > context:
        taken = "the prompt and its continuation take" if more else "the prompt takes"
        raise UserError(f"{taken} {len(ids) + more:,} tokens, and the model holds {context:,}")
    return ids


def next_tokens(result: QualityResult, opened: OpenedModel, progress: Progress) -> QualityResult:
    """`result` with what may follow the prompt, by the model and by every format."""
    scenario = result.scenario
    ids = np.array([_prompt(opened, scenario.next)], np.int64)
    opened = opened.reading(ids.shape[1])
    with room((ids.shape[1], opened.language.config.vocabulary), opened.memory) as base:
        return replace(result, next=_next(scenario, opened, ids, base, progress), model=read_model(opened))


def _next(scenario: QualityScenario, opened: OpenedModel, ids: IDS, base: F32, progress: Progress) -> NextTokens:
    """`base` float32 (tokens, vocabulary) is room for the model's own log-probabilities."""
    specs, memory = formats_of(scenario), opened.memory
    source = opened.weights(memory.source if specs else memory.weights)
    models = [Transformer(opened.language.config, source, name=opened.language.file.path)]
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
    likeliest = int(last[0].argmax())  # what the model says stands first, whatever a format makes of it
    ranked = sorted(chosen, key=lambda i: (i != likeliest, -max(float(chances[i]) for chances in last)))
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
    ids = _prompt(opened, scenario.generate, scenario.length)
    config = opened.language.config
    opened = opened.reading(len(ids), cache_bytes(config, len(ids) + scenario.length))
    result = replace(result, model=read_model(opened))
    specs = formats_of(scenario)
    source = opened.weights(opened.memory.source)
    total = scenario.length * (1 + len(specs))
    own = _Own(opened.memory.kept // (4 * config.vocabulary))
    for at, assignment in enumerate((None, *assignments(scenario, opened, specs))):
        name = OWN if assignment is None else assignment.spec
        progress.tick(at * scenario.length, total, name)
        model = None  # its weights go before the next one's come
        if assignment is None:
            path = opened.language.file.path
            model = Transformer(config, opened.weights(opened.memory.weights), name=path)
        else:
            model = changed_model(scenario, opened, assignment, source, opened.memory.weights)
        began, done = time.monotonic(), Continuation(name, "", (), None, 0.0)
        written: list[int] = []
        ends, draw = opened.tokenizer.ends, (scenario.temperature, scenario.seed)
        for token, logits in continued(model, ids, ends, scenario.length, *draw):
            written.append(token)
            progress.tick(at * scenario.length + len(written), total, name)
            if assignment is None:
                own.add(token, logits)
            elif done.parts_at is None:
                done = own.beside(done, token, logits, opened)
            pieces = tuple(map(opened.tokenizer.shown, written))
            text = opened.tokenizer.decode(written)
            done = replace(done, text=text, pieces=pieces, seconds=time.monotonic() - began)
            watch(replace(result, continuations=(*result.continuations, done)))
        result = replace(result, continuations=(*result.continuations, done))
    return result


class _Own:
    """How the model itself goes on: its tokens, and for the first `most` of them its logits."""

    def __init__(self, most: int) -> None:
        self.tokens: list[int] = []
        self._most = most
        self._logits: list[F32] = []
        self._least = 1.0  # chance of the model's own token, by the format that goes on now

    def add(self, token: int, logits: F32) -> None:
        """One more token, and the logits float32 (vocabulary,) that it was chosen by."""
        self.tokens.append(token)
        if len(self._logits) < self._most:
            self._logits.append(logits)

    def beside(self, done: Continuation, token: int, logits: F32, opened: OpenedModel) -> Continuation:
        """`done` of a format that has not parted and goes on with `token`, chosen by `logits`."""
        place = len(done.pieces)
        parts = self.tokens[place : place + 1] != [token]
        theirs = np.exp(log_probabilities(logits[None].copy())[0])
        chance = float(theirs[self.tokens[place]]) if place < len(self.tokens) else 0.0
        self._least = min(self._least, chance) if place else chance
        if not parts and chance > self._least:
            return done
        return replace(
            done,
            parts_at=place if parts else None,
            closest=place,
            choice=self._choice(place, token, theirs, opened),
        )

    def _choice(self, place: int, token: int, theirs: F32, opened: OpenedModel) -> tuple[NextToken, ...]:
        """The likeliest tokens at `place`, by the model and by a format that gives `theirs` float32 (vocabulary,)."""
        if place >= len(self._logits):
            return ()
        ours = np.exp(log_probabilities(self._logits[place][None].copy())[0])
        chosen = {token, self.tokens[place], *np.argsort(-ours)[:CHOICE].tolist(), *np.argsort(-theirs)[:2].tolist()}
        ranked = sorted(chosen, key=lambda i: -max(float(ours[i]), float(theirs[i])))[:CHOICE]
        return tuple(NextToken(i, opened.tokenizer.shown(i), float(ours[i]), (float(theirs[i]),)) for i in ranked)
