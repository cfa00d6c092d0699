"""The model and the text that a Scenario names, opened; and the formats that it asks for, tensor by tensor."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from qtui.compute.cache import Cache
from qtui.compute.formats import get_format
from qtui.compute.lm import language
from qtui.compute.lm.changes import KEEP, Assignment, StoredTensor, assign, per_token, quantizable, storing
from qtui.compute.lm.tokenizer.tokenizer import Tokenizer
from qtui.compute.lm.transformer import IDS, Numerics
from qtui.compute.lm.windows import cut_windows, scored
from qtui.compute.memory.mixes import MixShape
from qtui.error import whole_number
from qtui.models.files.imatrix import read_imatrix
from qtui.models.files.source import LocalSource, ModelFileError
from qtui.models.lm.installed import ALICE, ALICE_SOURCE, resolve
from qtui.models.lm.load import LanguageModel, load_model
from qtui.models.lm.tokenizers import load_tokenizer
from qtui.models.lm.weights import FileWeights
from qtui.models.machine.machine import parse_size
from qtui.models.tensors.names import find
from qtui.models.tensors.roles import split_name
from qtui.scenario.base import UserError, user_input
from qtui.scenario.quality.memory import LEAST, ReadingMemory, room, shared_out
from qtui.scenario.quality.result import Passage, ReadModel
from qtui.scenario.quality.scenario import CONTEXT, QualityScenario

F32 = NDArray[np.float32]
MOST_TEXT = 64 << 20
WINDOWS, TINY_WINDOWS = 4, 16
SEED = 77  # of the small model's text
LETTERS = 8  # that a token may have, before more of the text is looked at
AT_THE_CUT = 256  # tokens that may be others where a text is cut

_MODELS: Cache[OpenedModel] = Cache(2)


@dataclass(frozen=True)
class OpenedModel:
    """A model, its tokenizer, its tensors as they are stored, what the rules of named mixes ask about it, and the
    memory there is for running it."""

    language: LanguageModel
    tokenizer: Tokenizer
    stored: tuple[StoredTensor, ...]
    shape: MixShape
    memory: ReadingMemory

    @property
    def streamed(self) -> bool:
        """Whether its decoded weights are more than the memory there is for them."""
        return decoded_bytes(self.language) > self.memory.weights

    def encode(self, text: str, special: bool = False) -> list[int]:
        """Token ids of `text`, as `Tokenizer.encode`. Raises ModelFileError where the model has no such tokens."""
        ids = self.tokenizer.encode(text, special=special)
        most, vocabulary = max(ids, default=0), self.language.config.vocabulary
        if most >= vocabulary:
            raise ModelFileError(
                f"{self.language.file.path} knows {vocabulary:,} tokens, and its tokenizer finds number {most:,} in "
                "this text: it is another model's; get the model again, with its own tokenizer"
            )
        return ids

    def weights(self, memory: int) -> FileWeights:
        """The model's weights, `memory` bytes of them kept decoded."""
        model = self.language
        return FileWeights(model.tensors, memory, model.file.path, model.offset)

    def reading(self, tokens: int, cache: int = 0) -> OpenedModel:
        """The same with memory for reading `tokens` at once, and `cache` bytes of keys and values. Raises UserError
        where there is not enough."""
        return replace(self, memory=_memory(self.language, self.memory.limit, tokens, cache))


def _memory(model: LanguageModel, limit: int, tokens: int, cache: int = 0) -> ReadingMemory:
    largest = max((4 * tensor.count for tensor in model.tensors.values()), default=0)
    return shared_out(limit, model.config, tokens, decoded_bytes(model), largest, cache)


@dataclass(frozen=True)
class OpenedText:
    """Windows int64 (n, context) of a text; `floor` is the mean -ln p of the scored tokens where it is known."""

    passage: Passage
    windows: IDS
    floor: float | None

    def room(self, opened: OpenedModel) -> AbstractContextManager[F32]:
        """Room for the log-probabilities of all scored tokens, float32 (windows, scored, vocabulary)."""
        shape = len(self.windows), scored(self.passage.context), opened.language.config.vocabulary
        return room(shape, opened.memory)


def open_language_model(scenario: QualityScenario) -> OpenedModel:
    """The model. Raises UserError or ModelFileError."""
    with user_input():
        memory = parse_size(scenario.memory)
    if memory < LEAST:
        raise UserError(f"--memory takes {LEAST >> 20}MiB or more, not {scenario.memory}")
    path = resolve(scenario.model)
    model = load_model(path)
    return _MODELS.get((path, model.file.identity, model.config, memory), lambda: _opened(model, memory))


def _opened(model: LanguageModel, memory: int) -> OpenedModel:
    c = model.config
    stored = tuple(
        StoredTensor(name, split_name(name)[0], t.shape, t.format or t.dtype, t.nbytes)
        for name, t in model.tensors.items()
    )
    tied = "output.weight" not in model.tensors
    shape = MixShape(len(c.layers), c.heads // c.kv_heads, 0, tied, len(c.layers) == 80)
    return OpenedModel(model, load_tokenizer(model), stored, shape, _memory(model, memory, 1))


def decoded_bytes(model: LanguageModel) -> int:
    """What all weights take in float32."""
    return 4 * sum(tensor.count for tensor in model.tensors.values())


def read_model(opened: OpenedModel) -> ReadModel:
    """What a person wants to know of the model before anything is measured."""
    model = opened.language
    by_format: dict[str, int] = {}
    for tensor in quantizable(opened.stored):
        by_format[tensor.format] = by_format.get(tensor.format, 0) + tensor.count
    name = model.file.metadata.get("general.name")
    parameters, nbytes = sum(t.count for t in opened.stored), sum(t.nbytes for t in opened.stored)
    return ReadModel(
        path=model.file.path,
        name=name if isinstance(name, str) else os.path.basename(os.path.normpath(model.file.path)),
        family=model.family.name,
        stored=max(by_format, key=lambda kind: by_format[kind], default=""),
        parameters=parameters,
        nbytes=nbytes,
        bits_per_weight=8 * nbytes / parameters,
        memory=decoded_bytes(model),
        streamed=opened.streamed,
        limit=opened.memory.limit,
        window=opened.memory.window,
    )


def open_text(scenario: QualityScenario, opened: OpenedModel) -> OpenedText:
    """The text, cut into windows. Raises UserError where it is too short or can't be read."""
    tokenizer, trained = opened.tokenizer, opened.language.config.context
    context = scenario.context or min(CONTEXT, trained)
    if context > trained:
        raise UserError(f"{opened.language.file.path} was made for {trained:,} tokens of context, not {context:,}")
    count = scenario.windows or (TINY_WINDOWS if scenario.is_tiny else WINDOWS)
    truth: list[float] | None = None
    if scenario.text:
        source, text = scenario.text, _read(scenario.text)
        source += ", lines end with CR LF" if "\r\n" in text else ""
    elif scenario.is_tiny:
        pieces = list(islice(language.tokens(SEED), count * context - 1))
        source, text = f"sums and sentences of seed {SEED}", "".join(pieces)
        truth = [0.0, *language.true_nll(pieces)]  # BOS is given
    else:
        source, text = ALICE_SOURCE, ALICE.read_text(encoding="utf-8")
    ids = _beginning(opened, text, count * context)
    if len(ids) < context:
        count_text = f"the text has {len(ids)} token{'s' * (len(ids) != 1)}, and a window takes {context}"
        raise UserError(f"{count_text}; give a longer text, or shorter windows with --context")
    windows = cut_windows(ids, context, tokenizer.bos if tokenizer.add_bos else None)[:count]
    if scored(context) * len(windows) < 2:
        raise UserError("at least two tokens must be scored; read a longer context or more windows")
    floor = None
    if truth is not None:
        by_window = np.array(truth[: windows.size]).reshape(len(windows), context)
        floor = float(by_window[:, context // 2 + 1 :].mean())
    passage = Passage(source, context, len(windows), scored(context) * len(windows))
    return OpenedText(passage, windows, floor)


def _beginning(opened: OpenedModel, text: str, count: int) -> list[int]:
    """At least the first `count` token ids of `text`, where it has as many: of a book a few pages are read."""
    length = LETTERS * count
    while length < len(text):
        ids = opened.encode(text[:length])
        if len(ids) >= count + AT_THE_CUT:
            return ids
        length *= 4
    return opened.encode(text)


def _read(path: str) -> str:
    with LocalSource(os.path.expanduser(path)) as source:
        if source.size > MOST_TEXT:
            raise UserError(f"{path} has {source.size:,} bytes, and {MOST_TEXT:,} is the most; give a shorter text")
        raw = source.read(0, source.size)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text; save it as UTF-8") from None


def assignments(scenario: QualityScenario, opened: OpenedModel, specs: tuple[str, ...]) -> tuple[Assignment, ...]:
    """The formats of all tensors for each of `specs`. Raises UserError for a tensor or format that does not exist."""
    with user_input():
        by_hand = _by_hand(scenario, opened)
        return tuple(
            assign(spec, opened.stored, opened.shape, by_hand, imatrix=bool(scenario.imatrix)) for spec in specs
        )


def _by_hand(scenario: QualityScenario, opened: OpenedModel) -> dict[str, str]:
    names = [tensor.name for tensor in quantizable(opened.stored)]
    kinds = _from_file(scenario.types, names) if scenario.types else {}
    for decision in scenario.set:
        words, sign, kind = decision.partition("=")
        if not sign or not words.strip() or not kind.strip():
            raise UserError(f"a decision is a name and a format such as ffn_down=Q6_K, not {decision!r}")
        kind = KEEP if kind.strip().lower() == KEEP else get_format(kind).name
        role = [name for name in names if split_name(name)[1] == words]
        matched = [words] if words in names else role or find(words, names)
        if not matched:
            raise UserError(f"no matrix of the model matches {words!r}; try ffn_down or blk.0.attn_q.weight")
        kinds |= dict.fromkeys(matched, kind)
    return kinds


def _from_file(path: str, names: list[str]) -> dict[str, str]:
    """The formats of a file for llama-quantize's --tensor-type-file: the first pattern that matches a name counts."""
    lines = [line.rpartition("=") for line in _read(path).split()]
    try:
        patterns = [(re.compile(pattern), get_format(kind).name) for pattern, sign, kind in lines if sign]
    except re.error as error:
        raise UserError(f"{path} has a pattern that is none ({error}); write it with `qtui plan --out`") from None
    kinds = ((name, next((kind for pattern, kind in patterns if pattern.search(name.lower())), "")) for name in names)
    formats = {name: kind for name, kind in kinds if kind}
    if not formats:
        raise UserError(f"{path} has no line NAME=TYPE for a matrix of this model; write it with `qtui plan --out`")
    return formats


def numerics(scenario: QualityScenario, opened: OpenedModel) -> Numerics:
    """What happens to activations and to cached keys and values.

    Raises UserError for unknown formats, and those that don't divide a token's keys.
    """
    keys, _, values = scenario.kv_type.partition("/")
    columns = opened.language.config.kv_heads * opened.language.config.head_dim
    with user_input():
        chosen = Numerics(per_token(scenario.activations), storing(keys), storing(values or keys))
    for spec, change in ((keys, chosen.keys), (values or keys, chosen.values)):
        fmt = get_format(spec) if change is not None else None
        if fmt is not None and (not fmt.can_encode or (fmt.whole_blocks and columns % fmt.block_size)):
            raise UserError(f"a token's keys or values are {columns} numbers, which {fmt.name} can't store")
    return chosen


def zeroed(scenario: QualityScenario, opened: OpenedModel) -> dict[str, list[tuple[int, int]]]:
    """The single weights that are set to 0, by tensor. Raises UserError for places that there aren't."""
    shapes = {tensor.name: tensor.shape for tensor in opened.stored}
    places: dict[str, list[tuple[int, int]]] = {}
    for place in scenario.zero:
        name, bracket, rest = place.rstrip("]").partition("[")
        row, column = (whole_number(part.strip()) for part in f"{rest},".split(",")[:2])
        if not bracket or rest.count(",") != 1 or row is None or column is None:
            raise UserError(f"a weight is written like blk.11.ffn_down[507,1229], not {place!r}")
        tensor = next((n for n in (name, f"{name}.weight") if len(shapes.get(n, ())) == 2), None)
        if tensor is None:
            raise UserError(f"the model has no matrix called {name!r}; see `qtui inspect`")
        at = (row, column)
        if at[0] >= shapes[tensor][0] or at[1] >= shapes[tensor][1]:
            raise UserError(f"{tensor} has {shapes[tensor][0]} rows and {shapes[tensor][1]} columns, not {place!r}")
        places.setdefault(tensor, []).append(at)
    return places


def importance(scenario: QualityScenario) -> Mapping[str, F32]:
    """The importance matrix, by tensor; empty where none is given."""
    if not scenario.imatrix:
        return {}
    return {name: values for name, values in read_imatrix(scenario.imatrix).items() if values.ndim == 1}


def identity(opened: OpenedModel, windows: IDS, scenario: QualityScenario) -> str:
    """What figures belong to: the file and its config.json, the tokens, and everything between but the format."""
    parts = [
        opened.language.file.identity,
        repr(opened.language.config),
        scenario.kv_type,
        scenario.activations,
        scenario.imatrix,
    ]
    parts += [repr(sorted(_by_hand(scenario, opened).items())), *sorted(scenario.zero), str(windows.shape)]
    if scenario.imatrix:
        with LocalSource(os.path.expanduser(scenario.imatrix)) as source:
            parts.append(source.identity)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass") + windows.tobytes()).hexdigest()
