"""llama.cpp's named mixes (Q4_K_M and kin): which ggml type each tensor of a model gets.

The rules follow `llama_tensor_get_type` and its neighbours in llama.cpp's src/llama-quant.cpp (October 2026): a type
by the tensor's role and layer, then a fallback where the row length isn't a whole number of blocks. Names and layers
are those of the GGUF file. Equal layers ask the same again and again, so what a name alone decides is remembered.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from qtui.compute.ggml.formats import BY_NAME
from qtui.compute.memory.tensors import EqualTensors, WeightTensor

# Default type of each mix (`llama_ftype_get_default_type`). Those that only work with an importance matrix are marked
# by IMATRIX_ONLY; the quantizer refuses to make them without one.
MIXES = {
    "Q4_0": "Q4_0",
    "Q4_1": "Q4_1",
    "Q5_0": "Q5_0",
    "Q5_1": "Q5_1",
    "Q8_0": "Q8_0",
    "Q2_K": "Q2_K",
    "Q2_K_S": "Q2_K",
    "Q3_K_S": "Q3_K",
    "Q3_K_M": "Q3_K",
    "Q3_K_L": "Q3_K",
    "Q4_K_S": "Q4_K",
    "Q4_K_M": "Q4_K",
    "Q5_K_S": "Q5_K",
    "Q5_K_M": "Q5_K",
    "Q6_K": "Q6_K",
    "IQ1_S": "IQ1_S",
    "IQ1_M": "IQ1_M",
    "IQ2_XXS": "IQ2_XXS",
    "IQ2_XS": "IQ2_XS",
    "IQ2_S": "IQ2_XS",
    "IQ2_M": "IQ2_S",
    "IQ3_XXS": "IQ3_XXS",
    "IQ3_XS": "IQ3_S",
    "IQ3_S": "IQ3_S",
    "IQ3_M": "IQ3_S",
    "IQ4_NL": "IQ4_NL",
    "IQ4_XS": "IQ4_XS",
    "TQ1_0": "TQ1_0",
    "TQ2_0": "TQ2_0",
    "Q1_0": "Q1_0",
    "Q2_0": "Q2_0",
    "MXFP4_MOE": "MXFP4",
}
IMATRIX_ONLY = frozenset(("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M", "IQ3_XXS", "Q2_K_S"))
_LOW = frozenset(("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M"))
# Roles of which a mix stores some layers otherwise than the rest.
BY_LAYER = {
    **dict.fromkeys((*_LOW, "Q4_0", "Q5_0", "Q2_K_S", "IQ3_M", "IQ4_NL", "IQ4_XS"), ("down",)),
    **dict.fromkeys(("Q3_K_M", "Q4_K_S", "Q4_K_M", "Q5_K_M"), ("v", "down")),
    "IQ3_XS": ("up", "gate"),
}

FALLBACK = {
    **dict.fromkeys(("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ4_XS"), "IQ4_NL"),
    **dict.fromkeys(("Q2_0", "Q2_K", "Q3_K", "TQ1_0", "TQ2_0"), "Q4_0"),
    "Q4_K": "Q5_0",
    "Q5_K": "Q5_1",
    "Q6_K": "Q8_0",
}

# The type of fewest bits that a mix uses, where that is not its default type.
SMALLEST = {"IQ3_XXS": "IQ2_S", "IQ3_XS": "IQ3_XXS"}

# What llama.cpp never quantizes, by a part of the name: norms, routers, small convolutions, positions.
_KEPT = ("_norm.weight", "ffn_gate_inp.weight", "ssm_conv1d", "shortconv.conv.weight", "position_embd")


class MixShape(NamedTuple):
    """What the rules ask about a model."""

    layers: int
    group: int  # query heads per key-value head in layer 0; 0 where layer 0 has none
    experts: int
    tied: bool
    large: bool  # llama.cpp's "70B" type: 80 layers of a dense Llama or Qwen2


def least_bytes(mix: str, weights: int) -> int:
    """Bytes that so many weights take at least under `mix`; 0 for what is none."""
    if mix not in MIXES:
        return 0
    smallest = BY_NAME[SMALLEST.get(mix, MIXES[mix])]
    return weights * smallest.block_bytes // smallest.block_size


@lru_cache(maxsize=4096)
def stays_float32(tensor: WeightTensor) -> bool:
    """Whether llama.cpp stores `tensor` as float32 in every mix: vectors, norms, routers, biases."""
    name = tensor.name
    return len(tensor.shape) < 2 or not name.endswith("weight") or any(part in name for part in _KEPT)


@lru_cache(maxsize=4096)
def fitting(kind: str, columns: int) -> str:
    """The type that stores rows of `columns` weights when `kind` was wanted: itself, or llama.cpp's fallback."""
    if columns % BY_NAME[kind].block_size == 0:
        return kind
    other = FALLBACK.get(kind, "F16")
    return other if columns % BY_NAME[other].block_size == 0 else "F16"


def more_bits(i: int, n: int) -> bool:
    """The layers that the _M mixes store with more bits: the first and last eighth and every third between."""
    return i < n // 8 or i >= 7 * n // 8 or (i - n // 8) % 3 == 2


@lru_cache(maxsize=4096)
def role_of(tensor: WeightTensor) -> str:
    """What the rules see in a tensor: output, embedding, v, k, q, o, up, gate, down or other; kept as float32."""
    name = tensor.name
    if stays_float32(tensor):
        return "kept"
    if name == "output.weight":
        return "output"
    if name in ("token_embd.weight", "per_layer_token_embd.weight"):
        return "embedding"
    for part, role in _ROLES:
        if part in name:
            return role
    return "other"


_ROLES = (
    # A fused query-key-value matrix, and MLA's fused up-projection, count as values.
    ("attn_qkv.weight", "v"),
    ("attn_kv_b.weight", "v"),
    ("attn_v.weight", "v"),
    ("attn_k.weight", "k"),
    ("attn_q.weight", "q"),
    ("attn_output.weight", "o"),
    ("ffn_up", "up"),
    ("ffn_gate", "gate"),
    ("ffn_down", "down"),
)


class MixChooser:
    """Chooses types for the tensors of one model, of which `values` are in the "v" role."""

    def __init__(self, mix: str, shape: MixShape, values: int, imatrix: bool) -> None:
        self.mix = mix
        self.kind = MIXES[mix]
        self.shape = shape
        self.values = values
        self.imatrix = imatrix or mix in IMATRIX_ONLY

    def choose(self, tensor: WeightTensor, role: str) -> str:
        """The ggml type of `tensor`, whose role is none that the mix has in `BY_LAYER`."""
        if role == "kept":
            return "F32"
        kind = self.kind
        if role == "output" or (role == "embedding" and self.shape.tied):
            kind = self._head(kind, tensor.shape[-1])
        elif self.mix == "MXFP4_MOE":
            kind = "MXFP4" if len(tensor.shape) == 3 else "Q8_0"
        elif role == "embedding":
            kind = self._embedding(kind)
        else:
            kind = self.rule(role)(0, 0)
        return fitting(kind, tensor.shape[-1])

    def rule(self, role: str) -> Callable[[int, int], str]:
        """What gives a tensor its type, where its rows are whole blocks: by its number in the file among those of
        `role`, and by its layer.
        """
        if self.mix in _LOW:
            return partial(self._low, role)
        return {"v": self._value, "down": self._down}.get(role) or partial(self._usual, role)

    def _head(self, kind: str, columns: int) -> str:
        if self.mix == "MXFP4_MOE" or columns % BY_NAME[kind].block_size:
            return "Q8_0"
        if self.mix in _LOW or self.mix == "IQ3_XXS":
            return "Q5_K"
        return kind if kind == "Q8_0" else "Q6_K"

    def _embedding(self, kind: str) -> str:
        if self.mix in ("IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS"):
            return "Q2_K"
        if self.mix in ("IQ2_S", "IQ2_M", "IQ3_XXS"):
            return "IQ3_S"
        return "Q4_K" if self.mix in ("TQ1_0", "TQ2_0", "Q2_0") else kind

    def _low(self, role: str, i: int, layer: int) -> str:
        """The mixes of one and two bits."""
        kind, shape, better = self.kind, self.shape, "IQ3_S" if self.mix in ("IQ2_S", "IQ2_M") else "Q2_K"
        if role == "v":
            return "Q4_K" if shape.group >= 4 or shape.experts >= 4 else better
        if role == "k" and shape.experts == 8:
            return "Q4_K"
        if role == "down":
            return better if i < shape.layers // 8 else kind
        if role == "o":
            if shape.experts == 8:
                return "Q5_K"
            if self.mix in ("IQ1_S", "IQ1_M"):
                return "IQ2_XXS"
            return "IQ3_S" if self.mix in ("IQ2_S", "IQ2_M") else kind
        return kind

    def _usual(self, role: str, i: int, layer: int) -> str:
        kind = self.kind
        if role in ("k", "q"):
            if role == "k" and self.shape.experts == 8:
                return "Q8_0"
            return {"IQ3_XS": "IQ3_XXS", "IQ3_XXS": "IQ2_S"}.get(self.mix, kind)
        if role == "o":
            return self._output()
        middle = self.shape.layers // 8 <= layer < 7 * self.shape.layers // 8
        return "IQ3_XXS" if role in ("up", "gate") and self.mix == "IQ3_XS" and middle else kind

    def _value(self, i: int, layer: int) -> str:
        mix, kind, wide = self.mix, self.kind, self.shape.group >= 4
        if mix == "Q2_K":
            kind = "Q4_K" if wide else "Q3_K"
        elif mix == "IQ3_XXS":
            kind = "Q4_K" if wide else "IQ3_XXS" if self.imatrix else "IQ3_S"
        elif (mix in ("Q2_K_S", "IQ3_XS", "IQ3_S") and wide) or mix == "IQ3_M":
            kind = "Q4_K"
        elif mix == "Q3_K_M":
            kind = "Q5_K" if i < 2 else "Q4_K"
        elif mix == "Q3_K_L" or (mix in ("IQ4_NL", "IQ4_XS") and wide):
            kind = "Q5_K"
        elif mix in ("Q4_K_M", "Q5_K_M") and more_bits(i, self.values):
            kind = "Q6_K"
        elif mix == "Q4_K_S" and i < 4:
            kind = "Q5_K"
        if self.shape.large and kind in ("Q3_K", "Q4_K"):
            kind = "Q5_K"
        return "Q8_0" if self.shape.experts == 8 else kind

    def _output(self) -> str:
        mix, kind = self.mix, self.kind
        if self.shape.experts == 8:
            eight = ("Q2_K", "IQ3_XS", "IQ3_XXS", "Q3_K_S", "Q3_K_M", "IQ4_NL", "Q4_K_S", "Q4_K_M", "IQ3_S", "IQ3_M")
            return "Q5_K" if mix in eight or mix == "IQ4_XS" else kind
        chosen = {"Q2_K": "Q3_K", "IQ3_XXS": "IQ3_S", "Q3_K_M": "Q4_K", "Q3_K_L": "Q5_K", "IQ3_M": "Q4_K"}
        return chosen.get(mix, kind)

    def _down(self, i: int, layer: int) -> str:
        # Experts are looked up by their layer, dense layers counted; both are the layer where all have one.
        mix, kind, n = self.mix, self.kind, self.shape.layers
        i = layer if self.shape.experts > 1 else i
        early = i < n // 8
        if mix == "Q2_K":
            return "Q3_K"
        if mix == "Q3_K_M":
            return "Q5_K" if i < n // 16 else "Q4_K"
        if mix == "Q3_K_L":
            return "Q5_K"
        if mix == "IQ3_XXS" and not self.imatrix:
            return "Q4_K" if early else "Q3_K"
        if mix == "Q2_K_S" and early:
            return "Q4_K"
        if mix == "IQ3_M" and (early or (self.shape.experts == 8 and more_bits(i, n))):
            return "Q4_K"
        if mix in ("Q4_K_M", "Q5_K_M") and more_bits(i, n):
            return "Q6_K"
        if early and (mix == "Q4_K_S" or (mix in ("IQ4_NL", "IQ4_XS") and not self.imatrix)):
            return "Q5_K"
        if early and self.imatrix and mix in ("Q4_0", "Q5_0"):
            return "Q4_1" if mix == "Q4_0" else "Q5_1"
        return kind


def choose_all(
    mix: str, shape: MixShape, groups: Sequence[EqualTensors], imatrix: bool = False
) -> list[tuple[EqualTensors, str]]:
    """(tensors, ggml type) under `mix`, by the first place in the file: a group that gets several types is parted."""
    of_role: dict[str, list[EqualTensors]] = {}
    for group in groups:
        of_role.setdefault(role_of(group.tensor), []).append(group)
    values = sum(len(group.layers) for group in of_role.get("v", ()))
    chooser = MixChooser(mix, shape, values, imatrix)
    by_layer = BY_LAYER.get(mix, ())
    chosen: list[tuple[EqualTensors, str]] = []
    for role, alike in of_role.items():
        if role in by_layer:
            chosen += _parted(chooser, role, alike)
        else:
            chosen += [(group, chooser.choose(group.tensor, role)) for group in alike]
    return sorted(chosen, key=lambda pair: pair[0].places[0])


def _parted(chooser: MixChooser, role: str, groups: Sequence[EqualTensors]) -> list[tuple[EqualTensors, str]]:
    """The tensors of one role, all of them in `groups`, parted by the type that their layer gets."""
    numbers = {place: number for number, place in enumerate(sorted(at for group in groups for at in group.places))}
    rule = chooser.rule(role)
    parted: list[tuple[EqualTensors, str]] = []
    for group in groups:
        parts: dict[str, list[tuple[int | None, int]]] = {}
        for layer, place in zip(group.layers, group.places, strict=True):
            kind = fitting(rule(numbers[place], layer or 0), group.tensor.shape[-1])
            parts.setdefault(kind, []).append((layer, place))
        for kind, alike in parts.items():
            layers, places = zip(*alike, strict=True)
            parted.append((EqualTensors(group.tensor, layers, places), kind))
    return parted
