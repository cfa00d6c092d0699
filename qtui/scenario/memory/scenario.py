"""The Memory pane's Scenario: a model, a format and a way to run it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qtui.compute.memory.serving import ENGINES
from qtui.error import whole_number
from qtui.scenario.base import Scenario, UserError, argument, option

MOST_TOKENS = 1 << 34


def tokens(text: str) -> int:
    """A number of tokens: 8192, 32k (×1024), 1m (×1024²); 0 for "max". Raises UserError."""
    folded = text.strip().lower().replace(",", "").replace("_", "")
    if folded == "max":
        return 0
    scale = {"k": 1024, "m": 1024 * 1024}.get(folded[-1:], 1)
    number = whole_number(folded if scale == 1 else folded[:-1])
    if not number:
        raise UserError(f"a context is a number of tokens such as 8192, 32k, 1m or max, not {text!r}")
    if number * scale > MOST_TOKENS:
        raise UserError(f"a context has at most {MOST_TOKENS:,} tokens, fewer than {text!r}")
    return number * scale


def amount(least: int, most: int) -> Callable[[str], int]:
    """A parser of whole numbers between `least` and `most`."""

    def parse(text: str) -> int:
        number = whole_number(text.strip())
        if number is None or not least <= number <= most:
            raise UserError(f"a whole number from {least} to {most} is needed, not {text!r}")
        return number

    return parse


def fraction(text: str) -> float:
    """A share above 0 and up to 1. Raises UserError."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        raise UserError(f"a share above 0 and up to 1 is needed, not {text!r}")
    return value


def shares_of(text: str) -> tuple[float, ...]:
    """Shares of cards: "3,1" gives 0.75 and 0.25. Raises UserError."""
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if not values or min(values) < 0 or not 0 < sum(values) < float("inf"):
        raise UserError(f"shares of cards are numbers such as 3,1, not {text!r}")
    return tuple(value / sum(values) for value in values)


def shares_text(text: str) -> str:
    """`text`, where it is empty or names shares. Raises UserError."""
    if text:
        shares_of(text)
    return text


VIEWS = ("plans", "grid", "terms", "cards", "speed", "here", "buy", "train", "compare")
# Views as they were called before: still understood.
_RENAMED = {"answers": "cards", "sum": "terms"}


def view_name(text: str) -> str:
    """A view by its name, or by the one that it had before."""
    return _RENAMED.get(text, text)


PURPOSES = ("", "chat", "code", "reasoning", "vision", "long", "speed")
SPLIT_MODES = ("layer", "row", "tensor", "none")
METHODS = ("full", "lora", "qlora")
OPTIMIZERS = ("adamw", "adamw-8bit", "sgd")
_OPTION_WORDS = ("imatrix", "pure", "asym", "sym")


@dataclass(frozen=True)
class MemoryScenario(Scenario):
    """What to estimate, and for which machine."""

    command = "mem"

    model: tuple[str, ...] = argument(
        ("Qwen3-Coder-Next",),
        "a model of the catalogue (any telling part of its name), a GGUF or safetensors file, a directory, a "
        "config.json, or a count such as 8B; several, parted by commas, are compared",
        many=True,
    )
    format: str = option(
        "native",
        "native, Q4_K_M, Q8_0, bf16, nf4, ...; several, parted by commas, are compared",
        "--format",
        "-f",
        also=("--quant",),
    )
    ctx: int = option(
        8192,
        "context in tokens: 8192, 32k, 1m, max; llama.cpp shares it among sequences, vLLM and MLX give it to each",
        "--ctx",
        "-c",
        type=tokens,
        also=("--context",),
    )
    kv_type: str = option(
        "f16", "format of the KV cache: f16, q8_0, ...; keys and values apart as in q8_0/q4_0", also=("--cache",)
    )
    seqs: int = option(1, "sequences at once", "--seqs", "-n", type=amount(1, 4096), also=("--sequences", "-np"))
    unified: bool = option(False, "one cache for all sequences (llama.cpp's --kv-unified)")
    engine: str = option("llama.cpp", "what runs it", choices=ENGINES)
    flash: bool = option(True, "without flash attention")
    ubatch: int = option(512, "tokens in flight at once", "--ubatch", "-ub", type=amount(1, 1 << 20))
    swa_full: bool = option(False, "keep every token in layers with a sliding window (llama.cpp's --swa-full)")
    repack: bool = option(False, "count the second copy that the CPU backend makes of 4-bit weights")
    mtp: int = option(0, "draft this many tokens with the model's own MTP module", type=amount(0, 64))
    vision: bool = option(False, "load the vision tower too")
    draft: str = option("", "load a draft model, too, its cache in f16: Qwen3-0.6B, or with a format Qwen3-0.6B:Q8_0")
    n_cpu_moe: int = option(
        0, "keep the experts of so many first layers in RAM", "--n-cpu-moe", "-ncmoe", type=amount(0, 1000)
    )
    override_tensor: tuple[str, ...] = option(
        (),
        "keep tensors elsewhere by their names, as in ffn_.*_exps=CPU",
        "--override-tensor",
        "-ot",
        many=True,
    )
    split_mode: str = option(
        "layer", "how llama.cpp divides a model among cards", "--split-mode", "-sm", choices=SPLIT_MODES
    )
    tensor_split: str = option(
        "", "shares of the cards in llama.cpp, as in 3,1", "--tensor-split", "-ts", type=shares_text
    )
    gpu_memory_utilization: float = option(0.9, "share of each card that vLLM takes", type=fraction)
    tensor_parallel: int = option(
        0, "cards that vLLM divides each layer among (0: all)", "--tensor-parallel-size", "-tp", type=amount(0, 1024)
    )
    pipeline_parallel: int = option(
        1, "groups of cards that vLLM deals layers to", "--pipeline-parallel-size", "-pp", type=amount(1, 1024)
    )
    machine: str = option(
        "", "pretend to have this machine: 'RTX 4090', '3x RTX 3080', 'M1 Max 32GB', ...", also=("--gpu",)
    )
    ram: str = option("", "pretend to have this much memory, all free: 64GB, 64GiB", also=("--memory",))
    vram: str = option("", "pretend to have a card with this much free memory: 24GB; 24GB,16GB for two; 0 for none")
    measure: bool = option(False, "measure this machine's memory bandwidth (about a second) for tokens per second")
    hub: bool = option(False, "look the model up on the Hugging Face Hub: headers only, over the network")
    arch: str = option("", "a model by its numbers: layers=32,hidden=4096,heads=32,kv=8,ffn=14336,vocab=128256")

    train: str = option("", "what training takes as well: all weights, or adapters", choices=("", *METHODS))
    batch: int = option(1, "with --train: sequences of --ctx tokens on each device", type=amount(1, 1 << 16))
    rank: int = option(16, "with --train lora or qlora: rank of the adapters", type=amount(1, 1 << 14))
    optimizer: str = option("adamw", "with --train: the optimizer", choices=OPTIMIZERS)
    checkpointing: bool = option(True, "with --train: keep all activations instead of computing them anew")

    here: bool = option(False, "list the models of the catalogue that run, each with its best plan")
    buy: bool = option(False, "list the smallest machines, and cards for this one, on which the model runs")
    find: str = option("", "with --here: words that a model's name, kind, format or release has, as in 'qwen vision'")
    purpose: str = option("", "with --here: what it is for", "--for", choices=PURPOSES)
    min_context: int = option(0, "with --here: the least context", type=tokens)
    min_speed: int = option(0, "with --here or --buy: the least tokens per second", type=amount(0, 100000))

    view: str = option(
        VIEWS[0], "what the app shows under the bar", "--view", choices=VIEWS, type=view_name, also=("--show",)
    )

    @property
    def formats(self) -> list[str]:
        """The formats that `format` lists. A part that can only be an option belongs to the format before it."""
        listed: list[str] = []
        for part in self.format.split(","):
            if listed and ":" in listed[-1] and ("=" in part or part.strip().lower() in _OPTION_WORDS):
                listed[-1] += f",{part}"
            else:
                listed.append(part.strip())
        return [spec for spec in listed if spec] or ["native"]

    def compared(self, row: int) -> dict[str, Any]:
        """What to change to ask for the `row`th alone of the models and formats that are compared."""
        joined = " ".join(self.model)
        names = [part.strip() for part in joined.split(",") if part.strip()] if "," in joined else list(self.model)
        model, spec = divmod(row, len(self.formats))
        changes = {"model": (names[model],)} if len(names) > 1 else {}
        return {"format": self.formats[spec], **changes}
