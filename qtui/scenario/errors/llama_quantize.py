"""What llama-quantize does with a tensor of a file: whether it quantizes it, and in which type."""

from __future__ import annotations

from qtui.compute.formats import Format, get_format
from qtui.compute.memory import mixes
from qtui.compute.memory.tensors import WeightTensor
from qtui.models.files.model_file import Tensor
from qtui.models.tensors.roles import gguf_name, is_known, split_name


def as_named(tensor: Tensor) -> WeightTensor:
    """A tensor as the rules of llama.cpp's mixes see it.

    Stacked experts have no ".weight" at the end of their name in some checkpoints; the converter adds it.
    """
    name = gguf_name(tensor.name)
    _, role, kind = split_name(tensor.name)
    if not kind and len(tensor.shape) > 1 and is_known(role):
        name += ".weight"
    return WeightTensor(name, tensor.shape, "other")


def left_alone(tensor: Tensor) -> bool:
    """Whether llama-quantize leaves the tensor as it is. Beyond the rules of the mixes: BERT's token types."""
    named = as_named(tensor)
    return mixes.kept(named) or named.name == "token_types.weight"


def stand_in(fmt: Format, tensor: Tensor) -> Format:
    """The type that llama-quantize stores the tensor in when asked for `fmt`: another where rows don't divide."""
    columns = tensor.shape[-1] if tensor.shape else 1
    if not fmt.whole_blocks or columns % fmt.block_size == 0 or left_alone(tensor):
        return fmt
    return get_format(mixes.fitting(fmt.name, columns))
