"""Merging and the likeliest path against plain searches; text cut into words."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtui.compute.lm.tokenizer.pieces import ByteBpe, SentencePieces, Unigram, byte_alphabet, merged, words_apart
from qtui.compute.lm.tokenizer.splitting import GPT2, PATTERNS, members, split, translated
from qtui.error import QtuiError

PAIRS = st.lists(st.tuples(st.text("ab", min_size=1, max_size=3), st.text("ab", min_size=1, max_size=3)), max_size=12)


def slowly(text: str, ranks: dict[tuple[str, str], int]) -> list[str]:
    parts = list(text)
    while True:
        ranked = [(ranks[pair], i) for i, pair in enumerate(itertools.pairwise(parts)) if pair in ranks]
        if not ranked:
            return parts
        _, i = min(ranked)
        parts[i : i + 2] = [parts[i] + parts[i + 1]]


@given(st.text("ab", max_size=24), PAIRS)
def test_merging_is_the_plain_rule(text: str, pairs: list[tuple[str, str]]) -> None:
    ranks = {pair: rank for rank, pair in enumerate(dict.fromkeys(pairs))}
    assert merged(text, lambda a, b: ranks.get((a, b))) == slowly(text, ranks)


@given(st.text("abc", max_size=9))
def test_the_likeliest_path_is_the_best_of_all(text: str) -> None:
    tokens = ["<unk>", "a", "b", "ab", "ba", "aab", "bb"]
    scores = [0.0, -2.0, -2.5, -3.0, -4.0, -3.9, -5.5]
    made = Unigram({t: i for i, t in enumerate(tokens) if i}, scores, 0)

    def best(rest: str) -> float:
        if not rest:
            return 0.0
        options = [scores[i] + best(rest[len(t) :]) for i, t in enumerate(tokens) if i and rest.startswith(t)]
        return max([*options, -15.5 + best(rest[1:])])

    ids = made.ids(text)
    unknown = text.count("c")
    assert sum(scores[i] for i in ids if i) - 15.5 * unknown == pytest.approx(best(text))
    assert "".join(tokens[i] for i in ids if i) == text.replace("c", "")


def test_every_byte_has_a_character_of_its_own() -> None:
    letters = byte_alphabet()
    assert len(set(letters)) == 256 and letters[ord("a")] == "a" and letters[ord(" ")] == "Ġ"
    made = ByteBpe({letter: i for i, letter in enumerate(letters)}, {}, (GPT2,))
    text = "naïve 你 🙂\x00"
    assert made.ids(text) == list(text.encode())
    assert b"".join(made.raw(letters[i]) for i in made.ids(text)) == text.encode()


def test_a_character_that_is_no_token_becomes_its_bytes() -> None:
    known = {"<unk>": 0, "▁": 1, "a": 2, "<0xC3>": 3, "<0xA9>": 4}
    made = SentencePieces(known, lambda a, b: None, 0, True)
    assert made.ids(" aé") == [1, 2, 3, 4]
    assert made.ids("ñ") == [0]


def test_words_are_apart_unless_a_token_has_a_space_inside() -> None:
    assert words_apart(["▁the", "▁▁▁", "cat"])
    assert not words_apart(["▁the", "of▁the"])


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("gpt-2", "it's  12 x²\n\n y", ["it", "'s", " ", " 12", " x", "²", "\n\n", " y"]),
        ("smollm", "a 12", ["a", " ", "1", "2"]),
        ("llama-bpe", "a 1234\n\n b", ["a", " ", "123", "4", "\n\n", " b"]),
        ("qwen2", "(x) 12", ["(x", ")", " ", "1", "2"]),
        ("tekken", "HTTPServer x", ["HTTPServer", " x"]),
        ("gpt-4o", "we'll 12", ["we'll", " ", "12"]),
        ("deepseek-v3", "日本語かなabc 1234", ["日本語かな", "abc", " ", "123", "4"]),
        (
            "deepseek-llm",
            "naïve ab漢字 12! x  \n",
            ["na", "ï", "ve", " ab", "漢字", " ", "12", "!", " x", "  ", "\n"],
        ),
        ("deepseek-coder", "ab 漢字 12", ["ab", " ", "漢字", " ", "1", "2"]),
        ("default", "a$b 1234", ["a", "$", "b", " ", "123", "4"]),
    ],
)
def test_text_is_cut_as_the_name_says(name: str, text: str, words: list[str]) -> None:
    assert split(text, PATTERNS[name]) == words


@given(st.text())
def test_no_pattern_loses_anything(text: str) -> None:
    for patterns in PATTERNS.values():
        assert "".join(split(text, patterns)) == text


def test_categories_are_written_for_the_shadow() -> None:
    assert translated(r"\p{N}+[^\p{N}x]") == f"[{members('N')}]+[^{members('N')}x]"
    assert translated(r"\p{L}++|[a]?+") == f"[{members('L')}]+|[a]?"
    assert translated("[一-龥]+") == "[一-龥]+"  # no category: it is matched against the text
    assert translated(r"\P{N}+") == f"[^{members('N')}]+"
    for wrong in (r"\x{4e00}", r"[\P{L}x]", r"\p{Greek}", r"[一-龥]\p{Greek}"):
        with pytest.raises(QtuiError, match="here"):
            translated(wrong)


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        (r"[\p{Han}]+", "ab漢字か𠀀々c", ["ab", "漢字", "か", "𠀀々", "c"]),
        (r"[一-龥\p{N}]+|\p{L}+", "漢12½字ab", ["漢12½字", "ab"]),
        (r"[\u3040-\u309f\p{Lu}]+", "かXñÑ y", ["かX", "ñ", "Ñ", " y"]),
        (r"[^\p{Han}\s]+|\p{P}", "a!漢。 b", ["a!", "漢", "。", " ", "b"]),
        (r"\P{Han}", "漢a", ["漢", "a"]),
    ],
)
def test_scripts_and_ranges_beside_categories_are_matched_in_the_text_itself(
    pattern: str, text: str, words: list[str]
) -> None:
    assert split(text, (pattern,)) == words
