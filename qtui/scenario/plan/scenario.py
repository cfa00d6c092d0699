"""A format for each tensor of a model file: the least error that fits a size, in words for llama-quantize."""

from __future__ import annotations

from dataclasses import dataclass

from qtui.scenario.base import Scenario, argument, option

# Types that ggml can write without an importance matrix, from two bits up.
CANDIDATES = (
    "Q2_K",
    "Q3_K",
    "IQ4_XS",
    "Q4_K",
    "Q5_K",
    "Q6_K",
    "Q8_0",
    "Q4_0",
    "Q4_1",
    "IQ4_NL",
    "MXFP4",
    "Q5_0",
    "Q5_1",
)
# Types that llama-quantize gives no matrix of a layer without one (`tensor_requires_imatrix` in llama-quant.cpp).
WEIGHED_ONLY = frozenset(("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS"))
SAMPLE = 1 << 16
DEFAULT_MIX = "Q4_K_M"


@dataclass(frozen=True)
class PlanScenario(Scenario):
    """The file, the room there is, and what is decided beforehand."""

    command = "plan"
    path: str = argument("", "a model file or directory, best in 16 or 32 bits", metavar="FILE")
    size: str = option("", "room for the weights, such as 6GB, 5.5GiB or 4.5bpw; else that of --fit, else of Q4_K_M")
    fit: str = option("", "fit this machine with this much context, such as 32k", metavar="CTX")
    imatrix: str = option("", "an importance matrix of llama-imatrix, to weigh errors and to quantize with")
    format: tuple[str, ...] = option(
        (), "a type to choose from; give it once for each", "--format", "-f", metavar="TYPE", many=True
    )
    set: tuple[str, ...] = option(
        (),
        "decide by hand: a name, a role or words of a name, and a type, such as ffn_down=Q6_K",
        metavar="NAME=TYPE",
        many=True,
    )
    sensitivity: str = option(
        "", "weigh by what the model minds: JSON of `qtui quality --sensitivity --by tensor`", metavar="FILE"
    )
    exact: bool = option(False, "measure every weight, not a sample of each tensor")
    sample: int = option(SAMPLE, "measure about this many weights of each tensor")
    out: str = option("", "write NAME=TYPE lines for --tensor-type-file to this file", metavar="FILE")
