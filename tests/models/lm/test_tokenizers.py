"""Tokenizers from files against the libraries that trained them, on odd texts."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from qtui.compute.lm.tokenizer.tokenizer import Tokenizer
from qtui.models.files.open import open_model
from qtui.models.files.source import ModelFileError
from qtui.models.lm.tokenizers import tokenizer_of_gguf, tokenizer_of_json
from tests.support import lm_models

DATA = json.loads((Path(__file__).resolve().parents[2] / "data" / "lm_tokenizers.json").read_text())
TEXTS = DATA["texts"]
SPECIAL = ("<s>", "<|im_start|>")


def plain(text: str) -> str:
    return re.sub("|".join(map(re.escape, SPECIAL)), "", text)


TEMPLATE = {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}]}


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every part of parsed JSON; of a long list or object only the first parts."""
    keys = list(node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ())
    inside = [place for key in (keys if len(keys) < 20 else keys[:2]) for place in places(node[key], (*path, key))]
    return [*([path] if path else []), *inside]


def gguf_tokenizer(folder: Path, pairs: list[Any]) -> Tokenizer:
    return tokenizer_of_gguf(open_model(lm_models.save_gguf(folder / "tokenizer.gguf", pairs, {})))


def bpe_pairs(name: str) -> list[Any]:
    """A trained tokenizer.json as llama.cpp's converter writes it into a GGUF."""
    model = DATA["json"][name]["file"]["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].__getitem__)
    merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
    return [
        lm_models.number("tokenizer.ggml.model", "gpt2"),
        lm_models.number("tokenizer.ggml.pre", name),
        lm_models.texts("tokenizer.ggml.tokens", tokens),
        lm_models.texts("tokenizer.ggml.merges", merges),
        lm_models.numbers("tokenizer.ggml.token_type", [3 if t in SPECIAL else 1 for t in tokens]),
        lm_models.number("tokenizer.ggml.bos_token_id", 0),
    ]


@pytest.mark.parametrize("name", DATA["json"])
def test_tokenizer_json_gives_the_ids_of_its_library(name: str) -> None:
    made = tokenizer_of_json(DATA["json"][name]["file"], "tokenizer.json", {})
    for text, ids in zip(TEXTS, DATA["json"][name]["ids"], strict=True):
        assert made.encode(plain(text)) == ids, text


@pytest.mark.parametrize("name", DATA["named"])
def test_named_tokens_and_ideographs_give_the_ids_of_their_library(name: str) -> None:
    """White space dropped beside named tokens, a space put before the text in three ways, ranges beyond ASCII."""
    stored = DATA["named"][name]
    made = tokenizer_of_json(stored["file"], "tokenizer.json", {})
    for text, ids in zip(stored["texts"], stored["ids"], strict=True):
        assert made.encode(text, special=True) == ids, text


def test_phi_3_drops_white_space_after_its_named_tokens(tmp_path: Path) -> None:
    """By the name of the model, as llama.cpp does; what follows a named token begins with a space, too."""
    tokens = ["<unk>", "<s>", "</s>", "▁", "a", "▁a", "<|end|>"]
    pairs = [
        lm_models.number("tokenizer.ggml.model", "llama"),
        lm_models.texts("tokenizer.ggml.tokens", tokens),
        lm_models.numbers("tokenizer.ggml.scores", [0.0, 0.0, 0.0, -2.0, -3.0, -1.0, 0.0]),
        lm_models.numbers("tokenizer.ggml.token_type", [2, 3, 3, 1, 1, 1, 3]),
        lm_models.number("tokenizer.ggml.unknown_token_id", 0),
    ]
    plain = gguf_tokenizer(tmp_path, pairs)
    assert plain.encode("a<|end|> a<s> a", special=True) == [1, 5, 6, 3, 5, 1, 3, 5]
    phi = gguf_tokenizer(tmp_path, [*pairs, lm_models.number("general.name", "Phi-3 Mini")])
    assert phi.encode("a<|end|> \n a<s> a", special=True) == [1, 5, 6, 5, 1, 3, 5]


@pytest.mark.parametrize("name", ["llama-bpe", "smollm", "tekken", "gpt-2"])  # the qwen2 one above has a normal form
def test_a_gguf_gives_the_ids_of_the_library(name: str, tmp_path: Path) -> None:
    made = gguf_tokenizer(tmp_path, bpe_pairs(name))
    for text, ids in zip(TEXTS, DATA["json"][name]["ids"], strict=True):
        result = made.encode(plain(text), begin=name == "llama-bpe")
        assert result == ids, text
        assert made.decode(result) == plain(text)


@pytest.mark.parametrize(("kind", "word"), [("bpe", "llama"), ("unigram", "t5")])
def test_sentence_pieces_give_the_ids_of_their_library(kind: str, word: str, tmp_path: Path) -> None:
    stored = DATA["pieces"][kind]
    made = gguf_tokenizer(
        tmp_path,
        [
            lm_models.number("tokenizer.ggml.model", word),
            lm_models.texts("tokenizer.ggml.tokens", stored["tokens"]),
            lm_models.numbers("tokenizer.ggml.scores", [float(score) for score in stored["scores"]]),
            lm_models.numbers("tokenizer.ggml.token_type", stored["types"]),
            lm_models.number("tokenizer.ggml.unknown_token_id", 0),
            lm_models.number("tokenizer.ggml.add_space_prefix", True),
        ],
    )
    for text, ids in zip(TEXTS, stored["ids"], strict=True):
        assert made.encode(text, begin=False) == ids, text
        if kind == "bpe" and text:
            assert made.decode(ids) == f" {text}"
    assert made.add_bos == (kind == "bpe")


@pytest.mark.parametrize("name", ["token_type", "scores"])
def test_lists_of_a_wrong_kind_are_the_files_fault(tmp_path: Path, name: str) -> None:
    pairs = [pair for pair in bpe_pairs("llama-bpe") if f"tokenizer.ggml.{name}" not in str(pair)]
    tokens = len(DATA["json"]["llama-bpe"]["file"]["model"]["vocab"])
    with pytest.raises(ModelFileError, match=f"{name} holds no numbers"):
        gguf_tokenizer(tmp_path, [*pairs, lm_models.texts(f"tokenizer.ggml.{name}", ["x"] * tokens)])


def test_control_tokens_are_found_only_when_asked_for(tmp_path: Path) -> None:
    made = gguf_tokenizer(tmp_path, bpe_pairs("llama-bpe"))
    assert made.bos == 0 and made.add_bos
    assert made.encode("<|im_start|>user", special=True)[:2] == [0, 1]
    assert 1 not in made.encode("<|im_start|>user")
    assert made.decode([0, *made.encode("dog", begin=False)]) == "dog"
    assert made.shown(1) == "<|im_start|>" and made.shown(10**6) == "#1000000"
    parts = [made.shown(token) for token in made.encode("ꙮ", begin=False)]
    assert "".join(parts) == "<0xEA><0x99><0xAE>"  # no word of the made-up tokenizer has it


def test_user_tokens_hold_literal_spaces_and_the_longest_is_found(tmp_path: Path) -> None:
    stored = DATA["pieces"]["bpe"]
    tokens, types = [*stored["tokens"], "  ", "    ", "<b>"], [*stored["types"], 4, 4, 4]
    made = gguf_tokenizer(
        tmp_path,
        [
            lm_models.number("tokenizer.ggml.model", "llama"),
            lm_models.texts("tokenizer.ggml.tokens", tokens),
            lm_models.numbers("tokenizer.ggml.scores", [*map(float, stored["scores"]), 0.0, 0.0, 0.0]),
            lm_models.numbers("tokenizer.ggml.token_type", types),
        ],
    )
    two, four, tag = range(len(tokens) - 3, len(tokens))
    result = made.encode("dog      dog<b>", begin=False)
    assert [token for token in result if token >= two] == [four, two, tag]
    assert made.decode(result) == " dog       dog<b>"  # a space begins the text, and what follows a special token


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": {"type": "WordPiece", "vocab": {"a": 0}}}, "WordPiece"),
        ({"normalizer": {"type": "Lowercase"}}, "changes text by 'Lowercase'"),
        ({"pre_tokenizer": {"type": "ByteLevel", "use_regex": True}, "model": {"type": "BPE"}}, "no tokenizer"),
    ],
)
def test_other_kinds_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelFileError, match=words):
        tokenizer_of_json({**DATA["json"]["gpt-2"]["file"], **change}, "tokenizer.json", {})


@pytest.mark.parametrize("name", ["gpt-2", "qwen2"])
def test_a_part_of_a_wrong_type_is_the_files_fault_and_said_so(name: str) -> None:
    """Every part in turn is taken out, or made something else: it is read, or refused by name, and no defect."""
    file = {**DATA["json"][name]["file"], "post_processor": TEMPLATE}
    refused = 0
    for path in places(file):
        for wrong in (None, 3, "x", [], {}, [[]], {"a": 1}):
            damaged = inner = json.loads(json.dumps(file))
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = wrong
            try:
                tokenizer_of_json(damaged, "tokenizer.json", {"bos_token": wrong, "add_bos_token": True})
            except ModelFileError as error:
                assert str(error).startswith("tokenizer.json ")
                refused += 1
    assert refused > 100


def test_other_ways_to_cut_words_are_refused(tmp_path: Path) -> None:
    pairs = bpe_pairs("gpt-2")
    pairs[1] = lm_models.number("tokenizer.ggml.pre", "kimi-k2")
    with pytest.raises(ModelFileError, match="'kimi-k2', which qtui does not know"):
        gguf_tokenizer(tmp_path, pairs)
    file = json.loads(json.dumps(DATA["json"]["qwen2"]["file"]))
    file["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = r"[一-龥\P{L}]+"
    with pytest.raises(ModelFileError, match="can't be used here"):
        tokenizer_of_json(file, "tokenizer.json", {})


def test_a_gguf_of_deepseek_llm_cuts_as_its_name_says(tmp_path: Path) -> None:
    pairs = bpe_pairs("gpt-2")
    plain = gguf_tokenizer(tmp_path, pairs)
    pairs[1] = lm_models.number("tokenizer.ggml.pre", "deepseek-llm")
    made = gguf_tokenizer(tmp_path, pairs)
    text = "naïve 123, it's 漢字"
    assert made.decode(made.encode(text)) == text == plain.decode(plain.encode(text))
    apart = [
        token
        for part in ("na", "ï", "ve", " ", "123", ",", " it", "'", "s", " ", "漢字")
        for token in plain.encode(part)
    ]
    assert made.encode(text) == apart
