"""Tokenizers from files: the arrays in a GGUF's metadata, or the tokenizer.json beside safetensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from qtui.compute.lm.tokenizer.pieces import ByteBpe, Pieces, SentencePieces, Unigram, words_apart
from qtui.compute.lm.tokenizer.splitting import GPT2, PATTERNS, WHOLE_WORDS, translated
from qtui.compute.lm.tokenizer.tokenizer import Tokenizer
from qtui.error import QtuiError
from qtui.models.files.model_file import ModelFile
from qtui.models.files.source import ModelFileError, quoted
from qtui.models.gguf.metadata import LazyArray
from qtui.models.lm.load import LanguageModel, beside, read_json

_MOST_TOKENS = 1 << 24
UNKNOWN, CONTROL, USER = 2, 3, 4  # of llama.cpp's token types
NORMAL = 1
# Phi 3's named tokens drop white space after them, but for these; its GGUF files don't say so (llama-vocab.cpp).
_PHI3, _PHI3_KEEPS = ("phi-3", "phi3"), frozenset(("<unk>", "<s>", "<|endoftext|>"))
_BOS_BY_DEFAULT = frozenset(("llama-bpe", "llama3", "llama-v3", "falcon3", "tekken", "pixtral"))
# What ends an answer beside the end-of-text token.
_ENDS = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>", "<|endoftext|>", "</s>", "<|eom_id|>")


def load_tokenizer(model: LanguageModel) -> Tokenizer:
    """The tokenizer of `model`. Raises ModelFileError where it has none, or one of a kind that isn't known."""
    if model.file.kind == "gguf":
        return tokenizer_of_gguf(model.file)
    path = beside(model.file.path, "tokenizer.json")
    if path is None:
        raise ModelFileError(f"{model.file.path} has no tokenizer.json beside it; download that too")
    settings = beside(model.file.path, "tokenizer_config.json")
    return tokenizer_of_json(read_json(path), path, read_json(settings) if settings else {})


def tokenizer_of_gguf(file: ModelFile) -> Tokenizer:
    """The tokenizer in the metadata of a GGUF. Raises ModelFileError."""
    meta = file.metadata
    tokens = [str(token) for token in _array(file, "tokens")]
    types = _numbers(file, "token_type", [NORMAL] * len(tokens))
    scores = _numbers(file, "scores", [0.0] * len(tokens))
    if len(types) != len(tokens) or len(scores) != len(tokens):
        raise ModelFileError(f"{file.path} is corrupt: its tokenizer's lists differ in length; download it again")
    kind, before = str(meta.get("tokenizer.ggml.model")), str(meta.get("tokenizer.ggml.pre", "default"))
    pieces = _pieces_of_gguf(file, kind, before, tokens, types, scores)
    sentences = kind == "llama"
    bos, eos, eot = (_id(meta, f"{name}_token_id", len(tokens)) for name in ("bos", "eos", "eot"))
    control = {token: i for i, token in enumerate(tokens) if types[i] == CONTROL}
    user = {token: i for i, token in enumerate(tokens) if types[i] == USER}
    is_phi3 = any(word in str(meta.get("general.name", "")).lower() for word in _PHI3)
    prefixed = bool(meta.get("tokenizer.ggml.add_space_prefix", sentences))
    return Tokenizer(
        tokens,
        pieces,
        user=user,
        control=control,
        bos=bos if bos is not None or not sentences else 1,
        ends=_end_tokens(control, eos, eot),
        add_bos=bool(meta.get("tokenizer.ggml.add_bos_token", sentences or before in _BOS_BY_DEFAULT)),
        prefix="each" if prefixed else "",
        strips_after=frozenset(control.keys() | user.keys()) - _PHI3_KEEPS if is_phi3 else frozenset(),
    )


def _pieces_of_gguf(
    file: ModelFile, kind: str, before: str, tokens: list[str], types: list[float], scores: list[float]
) -> Pieces:
    known = {token: i for i, token in enumerate(tokens)}
    unknown = _id(file.metadata, "unknown_token_id", len(tokens))
    if kind == "gpt2":
        if before not in PATTERNS:
            by = f"{file.path} cuts text into words by {quoted(before)}, which qtui does not know"
            raise ModelFileError(f"{by}; give the model as safetensors, whose tokenizer.json says how")
        ranks = {}
        for rank, merge in enumerate(_array(file, "merges")):
            left, _, right = str(merge)[1:].partition(" ")
            ranks[str(merge)[:1] + left, right] = rank
        return ByteBpe(known, ranks, PATTERNS[before], before in WHOLE_WORDS)
    if kind == "llama":

        def rank_of(left: str, right: str) -> float | None:
            token = known.get(left + right)
            return None if token is None else -scores[token]

        apart = words_apart(token for i, token in enumerate(tokens) if types[i] not in (CONTROL, USER))
        return SentencePieces(known, rank_of, 0 if unknown is None else unknown, apart)
    if kind == "t5":
        normal = {token: i for i, token in enumerate(tokens) if types[i] == NORMAL}
        return Unigram(normal, scores, unknown)
    raise ModelFileError(f"{file.path} has a tokenizer of the kind {quoted(kind)}, which qtui does not know")


def _array(file: ModelFile, name: str, default: list[Any] | None = None) -> list[Any]:
    value = file.metadata.get(f"tokenizer.ggml.{name}")
    if isinstance(value, LazyArray):
        return value.values()
    if default is None:
        raise ModelFileError(f"{file.path} has no tokenizer.ggml.{name}; convert the model again, with its tokenizer")
    return default


def _numbers(file: ModelFile, name: str, default: list[float]) -> list[float]:
    values = _array(file, name, default)
    if not all(map(_is_number, values)):
        raise ModelFileError(f"{file.path} is corrupt: tokenizer.ggml.{name} holds no numbers; download it again")
    return values


def _id(meta: Mapping[str, Any], name: str, count: int) -> int | None:
    value = meta.get(f"tokenizer.ggml.{name}")
    return value if type(value) is int and 0 <= value < count else None


def _end_tokens(known: Mapping[str, int], *named: int | None) -> frozenset[int]:
    ends = {known[name] for name in _ENDS if name in known}
    return frozenset(ends | {token for token in named if token is not None})


def tokenizer_of_json(data: Any, path: str, settings: Any) -> Tokenizer:
    """The tokenizer in a parsed tokenizer.json; `settings` is the tokenizer_config.json. Raises ModelFileError."""
    if problem := _problem(data):
        raise ModelFileError(f"{path} is no tokenizer that qtui can read: {problem}; download it again")
    settings = settings if isinstance(settings, dict) else {}
    model, added = data["model"], data.get("added_tokens") or []
    vocabulary = model["vocab"]
    if isinstance(vocabulary, list):
        vocabulary = {token: i for i, (token, _) in enumerate(vocabulary)}
    by_id = {i: token for token, i in vocabulary.items()} | {a["id"]: a["content"] for a in added}
    tokens = [by_id.get(i, "") for i in range(max(by_id) + 1)]
    known = {token: i for i, token in by_id.items()}
    form, prepends = _normal_form(data.get("normalizer"), path)
    pieces = _pieces_of_json(model, data.get("pre_tokenizer"), known, path)
    bos = _start_token(data.get("post_processor"), known)
    if bos is None and settings.get("add_bos_token"):
        bos = known.get(_content(settings.get("bos_token")))
    control = {a["content"]: a["id"] for a in added if a.get("special")}
    return Tokenizer(
        tokens,
        pieces,
        user={a["content"]: a["id"] for a in added if not a.get("special")},
        control=control,
        bos=bos,
        ends=_end_tokens(control, known.get(_content(settings.get("eos_token")))),
        add_bos=bos is not None,
        prefix="each" if prepends else _prefix(data.get("pre_tokenizer")),
        prefix_once=not prepends,
        strips_before=frozenset(a["content"] for a in added if a.get("lstrip")),
        strips_after=frozenset(a["content"] for a in added if a.get("rstrip")),
        form=form,
    )


def _problem(data: Any) -> str:
    """What is missing in a parsed tokenizer.json, or of a wrong type; empty where nothing is."""
    model = data.get("model") if isinstance(data, dict) else None
    if not isinstance(model, dict) or not isinstance(model.get("type"), str):
        return "it has no model of a type"
    vocabulary, merges, unknown = model.get("vocab"), model.get("merges"), model.get("unk_id")
    if isinstance(vocabulary, list):
        whole = all(_is_pair(entry) and isinstance(entry[0], str) and _is_number(entry[1]) for entry in vocabulary)
    else:
        whole = isinstance(vocabulary, dict) and all(map(_is_id, vocabulary.values())) and model["type"] != "Unigram"
    if not vocabulary or not whole:
        return "its vocabulary is no list of tokens"
    if model["type"] == "BPE" and not (isinstance(merges, list) and all(map(_is_merge, merges))):
        return "its merges are no list of pairs"
    if not isinstance(model.get("unk_token"), str | None) or not (unknown is None or _is_id(unknown)):
        return "its unknown token is none"
    added = data.get("added_tokens") or []
    if not isinstance(added, list) or not all(
        isinstance(token, dict) and _is_id(token.get("id")) and isinstance(token.get("content"), str)
        for token in added
    ):
        return "an added token lacks its id or its text"
    listed = {"normalizer": "normalizers", "pre_tokenizer": "pretokenizers", "post_processor": "processors"}
    return next(
        (f"its {name} is unknown" for name, steps in listed.items() if not _is_step(data.get(name), steps)), ""
    )


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 <= value < _MOST_TOKENS


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2


def _is_merge(value: Any) -> bool:
    if isinstance(value, str):
        return " " in value
    return _is_pair(value) and all(isinstance(part, str) for part in value)


def _is_step(node: Any, list_name: str) -> bool:
    """Whether `node` is a step with its type, a sequence of steps, or nothing; the parts that are read are there."""
    if not node:
        return True
    if not isinstance(node, dict):
        return False
    if list_name in node:
        return isinstance(node[list_name], list) and all(_is_step(part, list_name) for part in node[list_name])
    if node.get("type") == "TemplateProcessing" and node.get("single"):
        return _is_template(node["single"])
    return isinstance(node.get("type"), str)


def _is_template(single: Any) -> bool:
    if not isinstance(single, list) or not isinstance(single[0], dict):
        return False
    token = single[0].get("SpecialToken")
    return "SpecialToken" not in single[0] or isinstance(token, dict) and isinstance(token.get("id"), str)


def _content(token: Any) -> str:
    return str(token.get("content") if isinstance(token, dict) else token)


def _parts(node: Any, list_name: str) -> list[Any]:
    """The steps of a normalizer, pre-tokenizer or post-processor, sequences laid out."""
    if not node:
        return []
    return [step for part in node[list_name] for step in _parts(part, list_name)] if list_name in node else [node]


def _normal_form(node: Any, path: str) -> tuple[Literal["", "NFC", "NFKC"], bool]:
    """The Unicode normal form, and whether a space is put before the text."""
    form: Literal["", "NFC", "NFKC"] = ""
    prefix = False
    for step in _parts(node, "normalizers"):
        kind = step["type"]
        if kind in ("NFC", "NFKC"):
            form = kind
        elif kind == "Prepend":
            prefix = True
        elif kind != "Replace" or step.get("pattern") != {"String": " "}:
            raise ModelFileError(f"{path} changes text by {quoted(kind)}, which qtui does not know")
    return form, prefix


def _prefix(before: Any) -> Literal["", "first", "each"]:
    """Where the pre-tokenizer puts a space before the text."""
    for step in _parts(before, "pretokenizers"):
        scheme = step.get("prepend_scheme", "always" if step.get("add_prefix_space") else "never")
        if scheme != "never":
            return "first" if scheme == "first" else "each"
    return ""


def _pieces_of_json(model: Any, before: Any, known: dict[str, int], path: str) -> Pieces:
    steps = _parts(before, "pretokenizers")
    unknown = known.get(model.get("unk_token") or "")
    if model["type"] == "Unigram":
        scores = [float(score) for _, score in model["vocab"]]
        names = {token: i for i, (token, _) in enumerate(model["vocab"]) if i != model.get("unk_id")}
        return Unigram(names, scores, model.get("unk_id"))
    if model["type"] != "BPE":
        raise ModelFileError(f"{path} is of the kind {quoted(model['type'])}, which qtui does not know")
    merges = [m.split(" ", 1) if isinstance(m, str) else m for m in model["merges"]]
    ranks = {(left, right): rank for rank, (left, right) in enumerate(merges)}
    if any(step["type"] == "ByteLevel" for step in steps):
        return ByteBpe(known, ranks, _patterns(steps, path), bool(model.get("ignore_merges")))

    def rank_of(left: str, right: str) -> float | None:
        return ranks.get((left, right))

    return SentencePieces(known, rank_of, unknown, words_apart(map("".join, ranks)))


def _patterns(steps: list[Any], path: str) -> tuple[str, ...]:
    """The expressions that cut text into words."""
    patterns: list[str] = []
    for step in steps:
        kind = step["type"]
        if kind == "Digits":
            patterns.append(r"\p{N}" if step.get("individual_digits") else r"\p{N}+")
        elif kind == "Split" and isinstance(pattern := _regex(step), str):
            try:
                translated(pattern)  # now, not when text comes
            except QtuiError as error:
                raise ModelFileError(f"{path} can't be used: {error}") from None
            patterns.append(pattern)
        elif kind == "ByteLevel":
            patterns += [GPT2] if step.get("use_regex", True) else []
        else:
            raise ModelFileError(f"{path} cuts text into words by {quoted(kind)}, which qtui does not know")
    return tuple(patterns)


def _regex(step: Mapping[str, Any]) -> Any:
    pattern = step.get("pattern")
    return pattern.get("Regex") if isinstance(pattern, dict) else None


def _start_token(node: Any, known: Mapping[str, int]) -> int | None:
    """The token that the post-processor puts before every text."""
    for step in _parts(node, "processors"):
        if step["type"] == "TemplateProcessing" and step.get("single") and "SpecialToken" in step["single"][0]:
            return known.get(step["single"][0]["SpecialToken"]["id"])
    return None
