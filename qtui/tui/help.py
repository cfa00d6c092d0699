"""The help: every key of the present pane and of the app, and what the pane's words mean."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from qtui.draw.picture import Line, Picture, line
from qtui.tui.host import host_of
from qtui.tui.keymap import COMMON, Action, Actions, Keymap, grouped
from qtui.tui.pane import Pane
from qtui.tui.widgets.dialog import ScrollingDialog

Rows = tuple[tuple[str, str], ...]  # keys or words, and what they mean

_SCORES: Rows = (
    ("RMSE", "root of the mean squared error, in the unit of the weights"),
    ("SQNR", "signal to quantization noise in decibels: 6 dB more is half the error"),
)

WORDS: dict[str, Rows] = {
    "mem": (
        ("parameter", "one of the model's numbers; a weight is the same"),
        ("bits", "what a weight takes in a format, with its share of the scales"),
        ("native", "the weights as they were published"),
        ("Q4_K_M ...", "llama.cpp's mixes: the number is about the bits, more for the tensors that suffer most"),
        ("context", "the text that the model sees at once, in tokens; a token is a short word or a part of one"),
        ("KV cache", "what the model keeps of the tokens it has read: doubles with the context, but not in windows"),
        ("state", "the same for layers that keep a fixed amount, however long the text"),
        ("compute buffer", "room for the numbers in flight while a batch of tokens runs"),
        ("GB, GiB", "1,000,000,000 bytes; 1,073,741,824 bytes"),
    ),
    "bits": (
        ("sign", "one bit: plus or minus"),
        ("exponent", "how large the number is, as a power of two"),
        ("mantissa", "the digits of the number between that power of two and the next"),
        ("bias", "taken off the exponent's bits, so that small numbers have an exponent, too"),
        ("subnormal", "below the smallest normal number: steps stay equal, and digits run out"),
        ("ulp", "the step from a value to the next one that can be stored"),
        ("NaN", "not a number, such as 0/0"),
    ),
    "quantize": (
        ("code", "the small whole number that is stored in a weight's place"),
        ("scale", "what a code is multiplied by to get the weight back; a block shares one"),
        ("zero point", "the code that stands for 0 where the range is not symmetric"),
        ("bits/w", "bits per weight: the code's, and a share of every scale"),
        ("mean err", "the mean error, each as a share of its weight"),
        *_SCORES,
        ("max err", "the largest error"),
        ("to 0", "weights that come back as 0"),
        ("outlier", "a weight far larger than its neighbours"),
    ),
    "errors": (
        ("tensor", "a table of weights, one of the model's matrices"),
        *_SCORES,
        ("mean error", "with its sign: a bias, where it is not near 0"),
        ("cosine", "1 where the direction of all weights together is kept"),
        ("clipped", "weights beyond the values that their block can store"),
    ),
    "quality": (
        ("perplexity", "among how many tokens the model is like guessing, on average; less is better"),
        ("nats", "what logarithms to the base e count in; 0.01 nats a token are 1 % perplexity"),
        ("Δ ln PPL", "the change of perplexity's logarithm, paired token by token: its error is small"),
        ("KL", "divergence: how far all the probabilities move, not that of the right token alone"),
        ("99 %", "the divergence that one token in a hundred exceeds"),
        ("same top", "how often the likeliest next token stays the same"),
        ("Δp rms", "how far the right token's probability moves, root of the mean square"),
        ("window", "a piece of the text, read on its own; its second half is scored"),
        ("falls back", "rows that the format does not divide are stored in another, as llama-quantize does"),
        ("super weight", "a single weight without which the model says nonsense"),
    ),
    "plan": (
        ("type", "the format of one tensor; a plan gives each its own"),
        ("mix", "a plan that llama.cpp comes with, such as Q4_K_M"),
        ("SQNR", _SCORES[1][1]),
        ("importance", "how strongly text that was really run through the model uses each column of weights"),
    ),
}


# Keys of fields and of text, which no action stands for.
FIELDS: Rows = (
    ("Tab  Shift+Tab", "next, previous control; the strip of panes is one of them"),
    ("left right", "change a choice; Enter lists its values"),
    ("F1 F2 F3 F4 F5", "go to a pane, also while typing"),
)


def key_rows(actions: Iterable[Action], keymap: Keymap) -> Rows:
    """Keys and what they do; actions with the same words share a row."""
    groups = grouped(actions, lambda action: action.help or action.title)
    return tuple((keymap.texts(group), words) for group, words in groups)


class HelpScreen(ScrollingDialog):
    """Lists keys until any closing key."""

    def __init__(self, pane: Pane[Any, Any], actions: Actions) -> None:
        """`actions` are the app's."""
        super().__init__()
        self._pane = pane
        self._actions = actions

    def _parts(self) -> Iterator[tuple[str, Rows]]:
        """Headings with their rows: the view on show, the pane, its other views, the whole app, the words."""
        pane, keymap = self._pane, host_of(self).keymap
        titles = dict(pane.VIEWS)
        here = pane.VIEW_ACTIONS.get(pane.view, ())
        yield f"{pane.title or 'Pane'}: {titles.get(pane.view, '')}".removesuffix(": "), key_rows(here, keymap)
        yield (pane.title or "Pane") if here else "", key_rows(pane.ACTIONS, keymap)
        others: dict[Actions, list[str]] = {}
        for name, title in pane.VIEWS:
            others.setdefault(pane.VIEW_ACTIONS.get(name, ()), []).append(title)
        for actions, names in others.items():
            if actions != here:
                yield ", ".join(names), key_rows(actions, keymap)
        yield "Everywhere", (*key_rows((*COMMON, *self._actions), keymap), *FIELDS)
        yield "Words", WORDS.get(pane.scenario.command, ())

    def picture(self, width: int) -> Picture:
        """The pane's keys, those of the whole app, and the words."""
        rows: list[Line] = []
        for heading, keys in self._parts():
            if not keys:
                continue
            if heading:
                rows += [*([()] if rows else []), line((heading, "strong"))]
            wide = max((len(key) for key, _ in keys), default=0)
            for key, what in keys:
                first, *rest = textwrap.wrap(what, max(width - wide - 4, 20)) or [""]
                rows.append(line("  ", (key.ljust(wide), "key"), f"  {first}"))
                rows += [line(" " * (wide + 4), more) for more in rest]
        return tuple(rows)
