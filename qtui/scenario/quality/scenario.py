"""What a person chose about a model's quality: the model, the text, the formats, and what is asked of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from qtui.scenario.base import Scenario, UserError, argument, option, whole

TINY = "tiny"
LEAST_CONTEXT, MOST_CONTEXT = 8, 1 << 17
MOST_WINDOWS = 10_000
CONTEXT = 512  # llama-perplexity's
BY = ("role", "layer", "tensor")
LESSONS = ("divergence", "perplexity", "steps", "noise")
QUESTIONS = ("tokens", "next", "generate", "sensitivity", "super_weight", "lesson")
VIEWS = ("table", *QUESTIONS)
TINY_PROMPT, PROMPT = "23+45=", "The capital of France is"
TINY_TEXT = "the small cats near the dog sleep\n25+17=42\nthis fox chases the birds\n8+7=15\n"
TEXT = "Alice was beginning to get very tired of sitting by her sister on the bank, and of having nothing to do."
USUAL = frozenset((TINY_PROMPT, PROMPT, TINY_TEXT, TEXT))  # what nobody typed
_ALSO_CALLED = {"curve": "table", "talk": "generate", "where": "sensitivity", "lessons": "lesson"}


def view_called(text: str) -> str:
    """A view by its name, in the words of the option or of the app. Raises UserError."""
    name = text.lower().replace("-", "_").replace(" ", "_")
    name = _ALSO_CALLED.get(name, name)
    if name not in VIEWS:
        raise UserError(f"no view is called {text!r}; take one of {', '.join(VIEWS)}")
    return name


@dataclass(frozen=True)
class QualityScenario(Scenario):
    """The model, what it reads, what stands between its file and the forward pass, and the question."""

    command = "quality"
    model: str = argument(
        "", "a model file, or a name of --models; else the small one in the package", metavar="FILE"
    )
    text: str = option("", "a text file to read; else a passage in the package", metavar="FILE")
    windows: int = option(0, "how many windows of the text to read; 0 for 4, and 16 of the small model", type=whole)
    context: int = option(
        0, "tokens in a window; 0 for 512, or what the model was made for", type=whole, also=("--ctx",)
    )
    format: tuple[str, ...] = option(
        (),
        "a format or one of llama-quantize's mixes; give it once for each",
        "--format",
        "-f",
        metavar="FORMAT",
        many=True,
    )
    set: tuple[str, ...] = option(
        (), "a format for some tensors: ffn_down=Q6_K, token_embd=keep", metavar="NAME=FORMAT", many=True
    )
    types: str = option(
        "",
        "formats for single tensors: a file of NAME=TYPE lines, as `qtui plan --out` writes it",
        "--tensor-types",
        metavar="FILE",
    )
    imatrix: str = option("", "an importance matrix of llama-imatrix to quantize with", metavar="FILE")
    kv_type: str = option(
        "", "how cached keys and values are stored: q8_0, or q8_0/q4_0", metavar="K/V", also=("--cache",)
    )
    activations: str = option("", "8 bits with a scale a token: int8 or fp8", choices=("", "int8", "fp8"))
    zero: tuple[str, ...] = option(
        (), "set one weight to 0: blk.11.ffn_down[507,1229]", metavar="TENSOR[ROW,COLUMN]", many=True
    )
    view: str = option(
        VIEWS[0],
        "what to show, with the usual prompt: " + ", ".join(VIEWS),
        type=view_called,
        metavar="VIEW",
        also=("--show",),
    )
    tokens: str = option("", "show how a text is cut into tokens", metavar="TEXT")
    next: str = option("", "show what may follow a prompt", metavar="PROMPT")
    generate: str = option("", "let the model and each format continue a prompt", metavar="PROMPT")
    length: int = option(40, "tokens to generate", type=whole)
    temperature: float = option(0.0, "0 takes the likeliest token, above draws with --seed")
    seed: int = option(0, "the seed of what is drawn", type=whole)
    sensitivity: bool = option(False, "one tensor, role or layer at a time in few bits")
    by: str = option("role", "what --sensitivity takes at a time", choices=BY)
    super_weight: bool = option(False, "find the one weight that the model can't do without")
    lesson: str = option("", "a measure of quality to play with", choices=("", *LESSONS))
    shift: float = option(1.5, "of the lesson's second bell, in standard deviations")
    width: float = option(1.0, "of the lesson's second bell")
    chance: float = option(0.9229, "the lesson's probability of the right token, or of a step that succeeds")
    steps: int = option(100, "of the lesson's task", type=whole)
    memory: str = option(
        "2GB",
        "memory for decoded weights, activations, logits and cached keys; larger models are read layer by layer",
        metavar="SIZE",
    )
    max_kl: float = option(0.0, "exit with 1 where a format's mean divergence is above this")

    @property
    def is_tiny(self) -> bool:
        """Whether the model is the small one in the package."""
        return self.model in ("", TINY)

    @property
    def question(self) -> str:
        """What is asked: one of VIEWS."""
        return next((name for name in QUESTIONS if getattr(self, name)), self.view)

    @property
    def view_name(self) -> str:
        """The question, which is all that the pane shows at a time."""
        return self.question


def asked(scenario: QualityScenario, view: str, prompt: str = "") -> QualityScenario:
    """The same with the question that `view` shows, and no other; `prompt` is what it is asked about."""
    answers: dict[str, Any] = {name: getattr(QualityScenario(), name) for name in ("view", *QUESTIONS)}
    if view == "tokens":
        answers[view] = prompt or (TINY_TEXT if scenario.is_tiny else TEXT)
    elif view in ("next", "generate"):
        answers[view] = prompt or (TINY_PROMPT if scenario.is_tiny else PROMPT)
    elif view == "lesson":
        answers[view] = scenario.lesson or LESSONS[0]
    elif view != "table":
        answers[view] = True
    return replace(scenario, **answers)


DEFAULT_FORMATS = ("Q8_0", "Q5_0", "Q4_0", "nf4", "mxfp4", "int3:asym,block=32,scale=fp16")
# Blocks, then one scale for a whole tensor, then blocks of fewer bits: each row has fewer bits and loses more.
TINY_FORMATS = ("Q8_0", "Q5_0", "Q4_0", "int4", "int3:block=32,scale=fp16", "int2:block=32,scale=fp16")


def formats_of(scenario: QualityScenario) -> tuple[str, ...]:
    """What is measured: the formats named, else a few from 8 bits to 2; only the other changes where there are any.

    "keep" stands for the weights as they are.
    """
    named = tuple(dict.fromkeys(spec for text in scenario.format for spec in _specs(text)))
    if named:
        return named
    if scenario.kv_type or scenario.activations or scenario.zero or scenario.set or scenario.types:
        return ("keep",)
    return TINY_FORMATS if scenario.is_tiny else DEFAULT_FORMATS


def _specs(text: str) -> list[str]:
    """The formats in a text, with spaces or commas between; behind a colon commas part a format's own options."""
    specs: list[str] = []
    for word in text.split():
        for at, part in enumerate(filter(None, word.split(","))):
            if at and ":" in specs[-1] and ":" not in part:
                specs[-1] += f",{part}"
            else:
                specs.append(part)
    return specs


def check(scenario: QualityScenario) -> None:
    """Raise UserError for values that can't be used together, or are out of range."""
    if scenario.context and not LEAST_CONTEXT <= scenario.context <= MOST_CONTEXT:
        raise UserError(f"--context takes {LEAST_CONTEXT} to {MOST_CONTEXT:,} tokens, not {scenario.context}")
    if scenario.windows > MOST_WINDOWS:
        raise UserError(f"--windows takes at most {MOST_WINDOWS:,}, not {scenario.windows:,}")
    if not 0 <= scenario.temperature <= 10:
        raise UserError(f"--temperature takes 0 to 10, not {scenario.temperature:g}")
    if not scenario.max_kl >= 0:
        raise UserError(f"--max-kl takes a divergence from 0 up, not {scenario.max_kl:g}")
    questions = {name for name in QUESTIONS if getattr(scenario, name)} | ({scenario.view} - {"table"})
    if len(questions) > 1:
        raise UserError("ask one thing: --tokens, --next, --generate, --sensitivity, --super-weight or --lesson")
    if not (-10 <= scenario.shift <= 10 and 0.05 <= scenario.width <= 20):
        raise UserError("--shift takes -10 to 10, and --width 0.05 to 20")
    if not 0 < scenario.chance <= 1:
        raise UserError(f"--chance takes a probability above 0, up to 1, not {scenario.chance:g}")
    if len(formats_of(scenario)) > 64:
        raise UserError("at most 64 formats can be measured at once")
