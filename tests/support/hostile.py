"""Files whose every text tries to command the terminal, and what of a program's output only qtui may have sent."""

from __future__ import annotations

import json
import os
import re
import struct
from pathlib import Path

from tests.support.made_files import array, gguf_bytes, safetensors_bytes, text

# A title, a colour, a cleared screen, a filled clipboard, 8-bit controls, turned writing, a lone byte, DEL, a wide
# character, marks. The numbers in the sequences are none of qtui's own.
EVIL = (
    "\x1b]0;PWNED\x07\x1b[97;105m\x1b[3J\x1b]52;c;UFdORUQ=\x07\x1bP1$r\x1b\\\x9b31m\x9d0;PWNED\x9c"
    "\u202e\u2066\u200d\ufeff\r\n\x08\x7f漢e\u0301\u0378\ue000\U000e0041"
)
SHORT = "\x1b]0;PWNED\x07\x1b[97;105m\x9b3J\u202e"  # for where there is little room
RAW = SHORT.encode() + b"\x9b\xff"  # no UTF-8

# What qtui and Textual send by themselves: cursor, erase, scroll, colours, modes, and questions about the terminal.
OWN = re.compile(
    rb"\x1b\[(?:\d+(?:;\d+)?H|[\d;]*[ABCDGK]|[\d;]*m|\?[\d;]+[hl]|\?\d+\$p|[<>=]?\d*u|\?u|>\d*[qm]|2J|H|\d+ q)"
    rb"|\x1b[78]|[\r\n\x08]|\x1b\]22;\w+\x07|\x1b\]52;c;(?!UFdORUQ)[A-Za-z0-9+/=]*\x07"
)


def foreign(output: bytes) -> list[str]:
    """What is in `output` that no picture holds and qtui does not send; empty where all is well."""
    rest = OWN.sub(b"", output).decode("utf-8", "surrogateescape")
    results = [
        repr(rest[max(0, m.start() - 12) : m.end() + 24]) for m in re.finditer(r"[^ -~\u00a0-\U0010ffff]", rest)
    ]
    results += [repr(c) for c in sorted(set(rest)) if not c.isprintable() and not c.isspace()]
    results += [repr(colour) for colour in (b"\x1b[97;105m", b"\x1b[105") if colour in output]
    return results


def _gguf_pairs(architecture: str | bytes = "llama") -> list[tuple[str, int, bytes]]:
    def number(value: int) -> bytes:
        return struct.pack("<I", value)

    return [
        ("general.architecture", 8, text(architecture)),
        ("general.name", 8, text(EVIL)),
        ("general.basename", 8, text(RAW)),
        ("general.size_label", 8, text(EVIL)),
        (f"key{EVIL}", 8, text(EVIL)),
        ("tokenizer.ggml.model", 8, text(EVIL)),
        ("tokenizer.ggml.tokens", 9, array(8, 3, text(EVIL) + text(RAW) + text("a"))),
        ("tokenizer.chat_template", 8, text(EVIL * 20)),
        ("llama.block_count", 4, number(1)),
        ("llama.context_length", 4, number(2048)),
        ("llama.embedding_length", 4, number(256)),
        ("llama.feed_forward_length", 4, number(512)),
        ("llama.attention.head_count", 4, number(4)),
        ("llama.attention.layer_norm_rms_epsilon", 6, struct.pack("<f", 1e-5)),
    ]


def gguf(**keys: tuple[int, bytes]) -> bytes:
    """A GGUF file; `keys` (dots as `__`) are metadata besides or instead."""
    given = {name.replace("__", "."): value for name, value in keys.items()}
    pairs = [pair for pair in _gguf_pairs() if pair[0] not in given] + [(k, *v) for k, v in given.items()]
    names = ["token_embd.weight", f"blk.0.{EVIL}.weight", f"blk.0.ffn_up{SHORT}.weight", f"{SHORT}.0.weight"]
    tensors = [(name, (256, 4), 0, 4096 * i) for i, name in enumerate(names)]
    noise = struct.pack("<4096f", *((i * 7919 % 1000 - 500) / 500 for i in range(4096)))
    return gguf_bytes(pairs, tensors, noise)


def safetensors(dtype: str = "F32") -> bytes:
    """A safetensors file."""
    names = ["model.embed_tokens.weight", f"model.layers.0.{EVIL}.weight", f"model.layers.0.mlp{SHORT}.weight"]
    header = {
        name: {"dtype": dtype, "shape": [4, 256], "data_offsets": [4096 * i, 4096 * i + 4096]}
        for i, name in enumerate(names)
    }
    noise = struct.pack("<3072f", *((i * 7919 % 1000 - 500) / 500 for i in range(3072)))
    return safetensors_bytes({"__metadata__": {EVIL: EVIL}, **header}, noise)


CONFIG = {
    "model_type": "llama",
    "_name_or_path": EVIL,
    "architectures": [EVIL],
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 1000,
    "torch_dtype": "float32",
    EVIL: EVIL,
}


def imatrix(name: str = EVIL) -> bytes:
    """An importance matrix in the older form: one entry."""
    raw = name.encode()
    return struct.pack("<ii", 1, len(raw)) + raw + struct.pack("<ii", 1, 256) + struct.pack("<256f", *[1.0] * 256)


def make(folder: Path) -> dict[str, str]:
    """The files, by what they are for; their names are hostile, too."""
    base = os.path.join(os.fsencode(folder), b"f" + RAW)
    os.mkdir(base)
    made: dict[str, str] = {}

    def put(key: str, name: bytes, data: bytes) -> None:
        path = os.path.join(base, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        made[key] = os.fsdecode(path)

    put("gguf", b"m" + RAW + b".gguf", gguf())
    put("safetensors", b"s" + RAW + b".safetensors", safetensors())
    put("architecture", b"a" + RAW + b".gguf", gguf(general__architecture=(8, text(EVIL))))
    two = {"split__count": (4, struct.pack("<I", 2)), "split__tensors__count": (8, text(EVIL))}
    put(
        "split 2",
        b"x-00002-of-00002.gguf",
        gguf_bytes([("split.count", *two["split__count"]), ("split.no", 4, b"\1\0\0\0")], [], b""),
    )
    put("split", b"x-00001-of-00002.gguf", gguf(split__no=(4, bytes(4)), **two))
    put("count", b"y-00001-of-00001.gguf", gguf(split__count=(8, text(EVIL)), split__no=(8, text(EVIL))))
    put("dtype", b"d" + RAW + b".safetensors", safetensors(dtype=EVIL))
    put("config", b"c" + RAW + b"/config.json", json.dumps(CONFIG).encode())
    put("type", b"t" + RAW + b"/config.json", json.dumps(CONFIG | {"model_type": EVIL}).encode())
    put("stored", b"o" + RAW + b"/config.json", json.dumps(CONFIG | {"torch_dtype": EVIL}).encode())
    put("layers", b"l" + RAW + b"/config.json", json.dumps(CONFIG | {"num_hidden_layers": EVIL}).encode())
    put("index", b"i" + RAW + b"/model.safetensors.index.json", json.dumps({"weight_map": {EVIL: EVIL}}).encode())
    put("several", b"v/1" + RAW + b".gguf", b"GGUF")
    put("several", b"v/2" + RAW + b".gguf", b"GGUF")
    described = f"{{'descr': '{SHORT}', 'shape': (2,)}}".encode("latin-1", "replace").ljust(69) + b"\n"
    put("npy", b"n" + RAW + b".npy", b"\x93NUMPY\x01\x00\x46\x00" + described)
    put("text", b"w" + RAW + b".txt", EVIL.encode())
    put("imatrix", b"im" + RAW + b".dat", imatrix())
    put("bad imatrix", b"ib" + RAW + b".dat", imatrix().replace(struct.pack("<f", 1.0), struct.pack("<f", -1.0)))
    made["several"] = os.path.dirname(made["several"])
    made["missing"] = made["text"] + SHORT
    return made


def lesson(folder: Path) -> str:
    """A lesson whose every text commands the terminal."""
    path = folder / "lesson.toml"
    evil = '"' + "".join(f"\\U{ord(character):08x}" for character in EVIL) + '"'
    keys = ("text", "task", "success", "question", "why", "say", "notes", "unit")
    path.write_text(
        f"title = {evil}\nfurther = {evil}\n\n[[step]]\nid = 'a'\ntitle = {evil}\n"
        f"kind = 'predict'\nshow = 'bits 1.5'\ntruth = 'ulp'\nhints = [{evil}, {evil}]\nwords = [{evil}]\n"
        + "".join(f"{key} = {evil}\n" for key in keys),
        encoding="utf-8",
    )
    return str(path)
