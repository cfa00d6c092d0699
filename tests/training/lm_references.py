"""Reference values for the tests of `qtui/compute/lm`, from transformers, tokenizers and sentencepiece.

    pip install torch transformers tokenizers sentencepiece && python -m tests.training.lm_references

Writes tests/data/lm_families.npz (logits of the models of tests/support/lm_models.py) and lm_tokenizers.json (small
vocabularies, and the ids of odd texts).
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import tokenizers
import torch
import transformers
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

from tests.support import lm_models

DATA = Path(__file__).resolve().parents[1] / "data"
ODD = (
    "Hello  world 1234 + 5.6!\n\n\tdef f(x): return x_y**2  # naïve café 你好 🙂 it's I'LL don't\r\n   end",
    " leading, trailing and   inner  spaces   ",
    "ΣΑΣ σας Ǆungla ǆ ʰ ª º ² ½ Ⅷ ١٢٣ é\u0301 \u00a0\u2003\u3000x\x1cy\x85z ß İ",
    "<s>[INST] <|im_start|>user\n12345678 CamelCaseWord HTTPServer's WE'VE we've 3.14/15\n\n\n",
    "",
)
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace("{1,3}", "")
TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# DeepSeek's three steps: digits, ideographs and kana by their ranges, the rest.
DEEPSEEK = (
    r"\p{N}{1,3}",
    "[一-龥\u3040-ゟ゠-ヿ]+",
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
)
# Texts around named tokens that drop white space beside them, and ideographs.
NAMED = (
    "<|user|>\n Hi there <|end|>\n<|assistant|> yes\t<mask> no<mask>",
    " <|user|>x",
    "x <|end|>  <|end|> y",
    "日本語カタカナ漢字abc 123４５ あ,b",
)
TEXT = [*ODD, *("the cat and the dog said Hello to 1234 worlds, don't they? I'LL see WE'VE seen " + w for w in ODD)]


def families() -> dict[str, np.ndarray]:
    """Logits of every made-up model by transformers."""
    results = {}
    for name in lm_models.CONFIGS:
        config = transformers.AutoConfig.for_model(**lm_models.config(name))
        config._attn_implementation = "eager"
        model = transformers.AutoModelForCausalLM.from_config(config).to(torch.float32).eval()
        state = {key: torch.from_numpy(lm_models.weight(key, s)) for key, s in lm_models.shapes(name).items()}
        missing, unexpected = model.load_state_dict(state, strict=False)
        assert not unexpected and set(missing) <= {"lm_head.weight"}, (name, missing, unexpected)
        model.tie_weights()
        with torch.no_grad():
            results[name] = model(torch.from_numpy(lm_models.ids())[None]).logits[0, ::3].numpy()
    return results


def byte_level(pattern: str | None, digits: bool = False, form: bool = False) -> Any:
    """A byte-level BPE like those of Llama 3 and Qwen (with a pattern) or of SmolLM (without)."""
    made = tokenizers.Tokenizer(models.BPE(ignore_merges=pattern == LLAMA3))
    steps = [pre_tokenizers.Digits(individual_digits=True)] if digits else []
    if pattern:
        steps += [pre_tokenizers.Split(tokenizers.Regex(pattern), "isolated")]
    steps += [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=pattern is None)]
    made.pre_tokenizer = pre_tokenizers.Sequence(steps)
    if form:
        made.normalizer = normalizers.NFC()
    made.decoder = decoders.ByteLevel()
    special = ["<s>", "<|im_start|>"]
    made.train_from_iterator(
        TEXT,
        trainers.BpeTrainer(
            vocab_size=420,
            special_tokens=special,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    if pattern == LLAMA3:
        made.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    return made


def deepseek() -> Any:
    """A byte-level BPE as DeepSeek's, whose expressions name characters beyond ASCII."""
    made = byte_level(None)
    steps = [pre_tokenizers.Split(tokenizers.Regex(pattern), "isolated") for pattern in DEEPSEEK]
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [*steps, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    made.train_from_iterator([*TEXT, *NAMED], trainers.BpeTrainer(vocab_size=460, show_progress=False))
    return made


def named(scheme: str) -> Any:
    """A BPE of characters as Phi 3's or Mistral's, with named tokens that drop white space beside them.

    `scheme` says how a space is put before the text: "prepend" (a normalizer), or Metaspace's "first" or "always".
    """
    made = tokenizers.Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    if scheme == "prepend":
        made.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    else:
        made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=False)
    special = ["<unk>", "<s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    made.train_from_iterator(
        [*TEXT, *NAMED], trainers.BpeTrainer(vocab_size=420, special_tokens=special[:2], show_progress=False)
    )
    data = json.loads(made.to_str())
    vocabulary = data["model"]["vocab"]
    vocabulary |= {word: len(vocabulary) + i for i, word in enumerate(special[2:])}
    made = tokenizers.Tokenizer.from_str(json.dumps(data))
    made.add_special_tokens(
        [
            tokenizers.AddedToken("<|user|>", rstrip=True, special=True, normalized=False),
            tokenizers.AddedToken("<|assistant|>", rstrip=True, special=True, normalized=False),
            tokenizers.AddedToken("<|end|>", special=True, normalized=False),
            tokenizers.AddedToken("<mask>", lstrip=True, special=True, normalized=False),
        ]
    )
    return made


def sentence_pieces(kind: str) -> Any:
    """A small SentencePiece model, "bpe" or "unigram"."""
    with tempfile.TemporaryDirectory() as folder:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter([" ".join(t.split()) for t in TEXT if t]),
            model_prefix=f"{folder}/m",
            model_type=kind,
            vocab_size=480 if kind == "bpe" else 100,
            byte_fallback=kind == "bpe",
            normalization_rule_name="identity",
            remove_extra_whitespaces=False,
            character_coverage=0.98,
        )
        return sentencepiece.SentencePieceProcessor(model_file=f"{folder}/m.model")


def tokenizer_data() -> dict[str, Any]:
    """Vocabularies and ids of the odd texts."""
    answer: dict[str, Any] = {"texts": ODD, "json": {}, "pieces": {}}
    kinds = {
        "llama-bpe": byte_level(LLAMA3),
        "qwen2": byte_level(QWEN2, form=True),
        "smollm": byte_level(None, digits=True),
        "tekken": byte_level(TEKKEN),
        "gpt-2": byte_level(None),
    }
    for name, made in kinds.items():
        ids = [made.encode(text.replace("<s>", "").replace("<|im_start|>", "")).ids for text in ODD]
        answer["json"][name] = {"file": json.loads(made.to_str()), "ids": ids}
    answer["named"] = {}
    for name, made in {"deepseek": deepseek(), **{s: named(s) for s in ("prepend", "first", "always")}}.items():
        texts = [*NAMED, *(t for t in ODD if "<s>" not in t)]
        answer["named"][name] = {
            "file": json.loads(made.to_str()),
            "texts": texts,
            "ids": [made.encode(text).ids for text in texts],
        }
    for kind in ("bpe", "unigram"):
        sp = sentence_pieces(kind)
        size = range(sp.get_piece_size())
        types = [2 if sp.is_unknown(i) else 3 if sp.is_control(i) else 6 if sp.is_byte(i) else 1 for i in size]
        answer["pieces"][kind] = {
            "tokens": [sp.id_to_piece(i) for i in size],
            "scores": [sp.get_score(i) for i in size],
            "types": types,
            "ids": [sp.encode(text) for text in ODD],
        }
    return answer


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    np.savez_compressed(DATA / "lm_families.npz", **{k: v.astype(np.float32) for k, v in families().items()})
    (DATA / "lm_tokenizers.json").write_text(json.dumps(tokenizer_data(), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
