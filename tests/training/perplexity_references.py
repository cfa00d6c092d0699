"""Write tests/data/llama_perplexity.npz: the statistics of llama-perplexity on given logits, with twelve digits.

`python -m tests.training.perplexity_references LLAMA_CPP` takes a source tree of llama.cpp, cuts the functions that
score tokens out of tools/perplexity/perplexity.cpp and compiles them (g++) around a reader of logits. Only the digits
printed are changed. The stored file was made with llama.cpp 0c1e570 (2026-10-01).
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

TARGET = Path(__file__).parents[1] / "data" / "llama_perplexity.npz"
TOKENS, VOCABULARY = 120, 48  # the tool gives no statistics of less than 100 tokens
NOISE = {"near": 0.05, "far": 1.0}
INCLUDES = "algorithm cmath cstdint cstdio cstring fstream iostream mutex ostream string thread utility vector"
MAIN = """
int main(int, char ** argv) {
    std::ifstream in(argv[1], std::ios::binary);
    std::ofstream out(argv[2], std::ios::binary);
    int size[2];
    in.read((char *) size, sizeof(size));
    const int n_vocab = size[0], n_token = size[1], nv = 2*((n_vocab + 1)/2) + 4;
    std::vector<float> base(size_t(n_vocab)*n_token), other(base.size());
    std::vector<int> tokens(n_token + 1);
    in.read((char *) base.data(), base.size()*sizeof(float));
    in.read((char *) other.data(), other.size()*sizeof(float));
    in.read((char *) tokens.data(), tokens.size()*sizeof(int));
    std::vector<std::thread> workers;
    std::vector<float> logit(n_token), prob(n_token), kld_values(n_token), p_diff_values(n_token);
    double nll = 0, nll2 = 0;
    process_logits(n_vocab, base.data(), tokens.data(), n_token, workers, nll, nll2, logit.data(), prob.data());
    nll /= n_token;
    nll2 = nll2/n_token - nll*nll;
    printf("%.12f %.12f\\n", exp(nll), exp(nll)*sqrt(nll2/(n_token - 1)));
    std::vector<uint16_t> log_probs(size_t(n_token)*nv);
    process_logits(out, n_vocab, base.data(), tokens.data(), n_token, workers, log_probs, nll, nll2);
    kl_divergence_result kld;
    process_logits(n_vocab, other.data(), tokens.data(), n_token, workers, log_probs, kld, kld_values.data(),
                   p_diff_values.data());
"""


def source(tree: Path) -> str:
    """The program: the tool's functions, `MAIN`, and what the tool prints at its end."""
    text = (tree / "tools" / "perplexity" / "perplexity.cpp").read_text()
    functions = text[text.index("struct results_log_softmax") : text.index("static results_perplexity perplexity_v2")]
    rest = text[text.index("static void kl_divergence(") :]
    sums = rest[rest.index("auto mean_and_uncertainty") : rest.index("kl_divergence_result kld;")]
    prints = rest[rest.index("std::sort(kld_values") : rest.index("\n}\n")]
    prints = re.sub(r"%\s*\d+\.\d+(lf|f)", r"%.12\1", prints)
    includes = "\n".join(f"#include <{name}>" for name in INCLUDES.split())
    return f"{includes}\n#define LOG printf\n{functions}{MAIN}{sums}{prints}\n}}\n"


def main(tree: Path) -> None:
    rng = np.random.default_rng(16)
    spread = rng.uniform(0.5, 4, (TOKENS, 1))
    base = (rng.standard_normal((TOKENS, VOCABULARY)) * spread).astype(np.float16)
    target = rng.integers(0, VOCABULARY, TOKENS)
    likely = rng.random(TOKENS) < 0.6
    target[likely] = base[likely].argmax(axis=1)
    data: dict[str, Any] = {"base_logits": base, "target": target.astype(np.int16)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "kld.cpp").write_text(source(tree))
        subprocess.run(["g++", "-O1", "-std=c++17", "-pthread", "kld.cpp", "-o", "kld"], cwd=folder, check=True)
        for case, noise in NOISE.items():
            other = (base.astype(np.float32) + noise * rng.standard_normal(base.shape)).astype(np.float16)
            tokens = np.concatenate([[0], target]).astype(np.int32)
            logits = base.astype(np.float32).tobytes() + other.astype(np.float32).tobytes()
            size = np.array([VOCABULARY, TOKENS], np.int32).tobytes()
            (folder / "in").write_bytes(size + logits + tokens.tobytes())
            ran = subprocess.run(["./kld", "in", "out"], cwd=folder, check=True, capture_output=True, text=True)
            figures = [float(word) for word in re.findall(r"-?\d+\.\d{6,}", ran.stdout)]
            codes = np.fromfile(folder / "out", np.uint16).reshape(TOKENS, -1)
            data["base_codes"] = codes[:, 4 : 4 + VOCABULARY]
            data["base_scale_min"] = np.ascontiguousarray(codes[:, :4]).view(np.float32)
            data["base_ppl"] = np.array(figures[:2])
            data |= {f"{case}_logits": other, f"{case}_figures": np.array(figures[2:])}
    np.savez_compressed(TARGET, **data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
