"""Train the small model in the package, `qtui/models/lm/tiny.gguf`, on the language of `qtui/compute/lm/language.py`.

    pip install -e '.[train]' && python -m tests.training.train_tiny [--out FILE] [--steps 2000] [--seed 0]

A Llama of 152 thousand weights on one thread, in about ten minutes. The same seed gives the same file on the same
machine and PyTorch (2.14 on x86-64: the one in the package), and nearly the same figures elsewhere. Prints the loss
beside the language's entropy, and how many sums are right.
"""

from __future__ import annotations

import argparse
import math
import time
from itertools import islice
from pathlib import Path

import gguf
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from qtui.compute.lm import language

HIDDEN, LAYERS, HEADS, KV_HEADS, HEAD, FFN = 64, 3, 4, 2, 16, 192
CONTEXT, BATCH, RATE, WARM_UP = 128, 64, 4e-3, 100
BASE, EPSILON = 10_000.0, 1e-5
TRAINING_TOKENS = 6_000_000
DEFAULT = Path(__file__).resolve().parents[2] / "qtui" / "models" / "lm" / "tiny.gguf"


class Norm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(HIDDEN))

    def forward(self, x: Tensor) -> Tensor:
        return self.weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPSILON)


def turned(x: Tensor, angles: Tensor) -> Tensor:
    """Rotary positions on neighbouring pairs, as GGUF files of Llama have them."""
    even, odd = x[..., 0::2], x[..., 1::2]
    cos, sin = angles.cos(), angles.sin()
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attn_norm, self.ffn_norm = Norm(), Norm()
        self.attn_q = nn.Linear(HIDDEN, HEADS * HEAD, bias=False)
        self.attn_k = nn.Linear(HIDDEN, KV_HEADS * HEAD, bias=False)
        self.attn_v = nn.Linear(HIDDEN, KV_HEADS * HEAD, bias=False)
        self.attn_output = nn.Linear(HEADS * HEAD, HIDDEN, bias=False)
        self.ffn_gate = nn.Linear(HIDDEN, FFN, bias=False)
        self.ffn_up = nn.Linear(HIDDEN, FFN, bias=False)
        self.ffn_down = nn.Linear(FFN, HIDDEN, bias=False)

    def forward(self, x: Tensor, angles: Tensor) -> Tensor:
        n, t, _ = x.shape
        h = self.attn_norm(x)
        q = turned(self.attn_q(h).view(n, t, HEADS, HEAD).transpose(1, 2), angles)
        k = turned(self.attn_k(h).view(n, t, KV_HEADS, HEAD).transpose(1, 2), angles)
        v = self.attn_v(h).view(n, t, KV_HEADS, HEAD).transpose(1, 2)
        k, v = (a.repeat_interleave(HEADS // KV_HEADS, 1) for a in (k, v))
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.attn_output(mixed.transpose(1, 2).reshape(n, t, -1))
        h = self.ffn_norm(x)
        return x + self.ffn_down(functional.silu(self.ffn_gate(h)) * self.ffn_up(h))


class Model(nn.Module):
    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.token_embd = nn.Embedding(vocabulary, HIDDEN)
        self.blk = nn.ModuleList(Block() for _ in range(LAYERS))
        self.output_norm = Norm()
        for weight in self.parameters():
            if weight.dim() == 2:
                nn.init.normal_(weight, std=0.05)

    def forward(self, ids: Tensor) -> Tensor:
        frequencies = BASE ** (-torch.arange(0, HEAD, 2) / HEAD)
        angles = torch.arange(ids.shape[1])[:, None] * frequencies
        x = self.token_embd(ids)
        for block in self.blk:
            x = block(x, angles)
        return self.output_norm(x) @ self.token_embd.weight.T


def rate(step: int, steps: int) -> float:
    """Linear warm-up, then a cosine down to a fiftieth."""
    if step < WARM_UP:
        return RATE * (step + 1) / WARM_UP
    at = (step - WARM_UP) / max(steps - WARM_UP, 1)
    return RATE * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * at)))


def train(steps: int, seed: int) -> Model:
    """A trained model; prints how it goes."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    known = {token: i for i, token in enumerate(language.vocabulary())}
    stream = np.fromiter((known[t] for t in islice(language.tokens(1000 + seed), TRAINING_TOKENS)), np.int64)
    model = Model(len(known))
    print(f"{sum(p.numel() for p in model.parameters()):,} weights; entropy {language.entropy():.4f} nats a token")
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.01)
    rng = np.random.default_rng(seed)
    began = time.monotonic()
    for step in range(steps):
        starts = rng.integers(0, len(stream) - CONTEXT - 1, BATCH)
        batch = torch.from_numpy(np.stack([stream[s : s + CONTEXT + 1] for s in starts]))
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps)
        logits = model(batch[:, :-1])
        loss = functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 100 == 99 or step == steps - 1:
            print(f"step {step + 1:5} loss {loss.item():.4f} after {time.monotonic() - began:.0f} s", flush=True)
    return model


def sums_right(model: Model, digits: int, count: int = 200) -> float:
    """Share of sums that greedy decoding gets right."""
    names = language.vocabulary()
    known = {token: i for i, token in enumerate(names)}
    rng = np.random.default_rng(7)
    right = 0
    for _ in range(count):
        a, b = rng.integers(0 if digits == 1 else 10, 10**digits, 2)
        written = [known[c] for c in f"{END}{a}+{b}="]
        start = len(written)
        while len(written) < start + 4 and names[written[-1]] != END or len(written) == start:
            with torch.no_grad():
                written.append(int(model(torch.tensor([written]))[0, -1].argmax()))
        right += "".join(names[i] for i in written[start:]) == f"{a + b}{END}"
    return right / count


END = language.END


def write(model: Model, path: Path) -> None:
    """The model as a GGUF: matrices in float16, the tokenizer with it."""
    names = language.vocabulary()
    out = gguf.GGUFWriter(str(path), "llama")
    out.add_name("qtui tiny")
    out.add_license("MIT")
    out.add_description("sums and sentences; trained by tests/training/train_tiny.py")
    out.add_context_length(CONTEXT)
    out.add_embedding_length(HIDDEN)
    out.add_block_count(LAYERS)
    out.add_feed_forward_length(FFN)
    out.add_head_count(HEADS)
    out.add_head_count_kv(KV_HEADS)
    out.add_rope_dimension_count(HEAD)
    out.add_rope_freq_base(BASE)
    out.add_layer_norm_rms_eps(EPSILON)
    out.add_vocab_size(len(names))
    out.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    out.add_tokenizer_model("t5")
    out.add_token_list([name.replace(" ", "▁") for name in names])
    out.add_token_scores([-1.0] * len(names))
    kinds = gguf.TokenType
    out.add_token_types([kinds.UNKNOWN if name == language.UNKNOWN else kinds.NORMAL for name in names])
    out.add_bos_token_id(names.index(END))
    out.add_eos_token_id(names.index(END))
    out.add_unk_token_id(names.index(language.UNKNOWN))
    out.add_add_bos_token(True)
    out.add_add_eos_token(False)
    out.add_add_space_prefix(False)
    out.add_remove_extra_whitespaces(False)
    for name, weight in model.state_dict().items():
        values = weight.numpy()
        out.add_tensor(name, values.astype(np.float16 if values.ndim == 2 else np.float32))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=DEFAULT)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    model = train(args.steps, args.seed)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    write(model, args.out)
    print(f"one-digit sums right {sums_right(model, 1):.3f}, two-digit {sums_right(model, 2):.3f}")
    print(f"{args.out}: {args.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
