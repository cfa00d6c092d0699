"""What the words on the panes mean, for the help: by the command of the pane."""

from __future__ import annotations

from qtui.tui.pane import Hints

_SCORES: Hints = (
    ("RMSE", "root of the mean squared error, in the unit of the weights"),
    ("SQNR", "signal to quantization noise in decibels: 6 dB more is half the error"),
)

WORDS: dict[str, Hints] = {
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
