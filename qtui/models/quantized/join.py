"""`joined`: a model as its weights, whichever layout their codes, scales and zero points are stored in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.files.source import quoted
from qtui.models.quantized import across_rows, codebook, codes8, columnwise, fp4, kernel_order, rowwise, torchao
from qtui.models.quantized.checkpoint import Checkpoint

Find = Callable[[Checkpoint, Tensor], Tensor | None]

# How the names of codes end, and the layouts that may be meant; the first that fits names, dtypes and shapes counts.
LAYOUTS: tuple[tuple[str, tuple[Find, ...]], ...] = (
    (
        "weight",
        (
            codes8.find,
            codebook.find,
            fp4.find_modelopt,
            across_rows.find_modelopt,
            rowwise.find_mlx,
            fp4.find_mlx,
        ),
    ),
    ("qweight", (columnwise.find, kernel_order.find)),
    ("B", (kernel_order.find_marlin,)),
    ("weight_packed", (rowwise.find_packed, fp4.find_packed)),
    ("_blocks", (fp4.find_blocks,)),
    ("W_q", (across_rows.find_hqq,)),
    ("_weight_qdata", (torchao.find,)),
)
# What else stands beside a weight that was joined, and is no weight: scales of activations, records.
ASIDE = (
    *("input_scale", "output_scale", "input_global_scale", "input_zero_point", "k_scale", "v_scale", "q_scale"),
    *("pre_quant_scale", "weight_format", "comfy_quant", "scale_input", "weight_shape", "input_activation_scale"),
    *("nbits", "group_size", "axis", "shape", "packing", "channel_wise", "optimize", "round_zero", "compute_dtype"),
    *("quant_zero", "quant_scale", "offload_meta", "encoded_state_dict", "stores_quant_config", "view_as_float"),
    *("unpack_view_dtype", "scale_quant_params", "zero_quant_params", "_weight_act_pre_scale"),
    *("_weight_act_per_tensor_scale", "g_idx", "weight_g_idx"),
)
# What the config calls a quantizer, where the names of its tensors leave several possible.
METHODS = {
    "awq": "awq",
    "gptq": "gptq",
    "compressed-tensors": "compressed-tensors",
    "modelopt": "modelopt",
    "modelopt_fp4": "modelopt",
    "fp8": "fp8",
    "fbgemm_fp8": "fbgemm-fp8",
    "mxfp4": "mxfp4",
    "torchao": "torchao",
    "hqq": "hqq",
    "mlx": "mlx",
}
VARIANTS = ("checkpoint_format", "format", "version", "quant_algo")  # what settings call a layout
UNKNOWN = "in a layout that qtui can't decode"
PLAIN = ("F64", "F32", "F16", "BF16")


def joined(model: ModelFile) -> ModelFile:
    """`model` with what a quantizer stored for each weight joined to one tensor; itself where nothing was.

    Its `quantizer` says which one it was; its `notes` say what could not be joined.
    """
    if model.kind != "safetensors" or model.quantizer:
        return model
    checkpoint = Checkpoint(model)
    try:
        made = {tensor.name: whole for tensor in model.tensors if (whole := _whole(checkpoint, tensor))}
    finally:
        checkpoint.close()
    quantizer = METHODS.get(checkpoint.method, "")
    if not made:
        note = _undecoded(checkpoint, model.tensors)
        return replace(model, quantizer=quantizer, notes=(*model.notes, note)) if note else model
    hidden: set[str] = set()
    aside = {name.rpartition(".")[2] for name in checkpoint.by_name}.intersection(ASIDE)
    for name, whole in made.items():
        beside = _beside(checkpoint, name, whole, aside)
        made[name] = replace(whole, nbytes=whole.nbytes + sum(checkpoint.by_name[other].nbytes for other in beside))
        hidden |= beside | _parts(whole) - {name}
    tensors = tuple(made.get(tensor.name, tensor) for tensor in model.tensors if tensor.name not in hidden)
    kinds = Counter(whole.packing.quantizer for whole in made.values() if whole.packing is not None)
    note = _undecoded(checkpoint, tensors)
    return replace(
        model,
        tensors=tensors,
        quantizer=quantizer or kinds.most_common(1)[0][0],
        notes=(*model.notes, note) if note else model.notes,
    )


def _whole(checkpoint: Checkpoint, tensor: Tensor) -> Tensor | None:
    """The weight whose codes are `tensor`; None where it is none, or stays as it is."""
    if tensor.dtype in PLAIN and not tensor.name.endswith("W_q"):
        return None
    for ending, finders in LAYOUTS:
        if tensor.name.endswith(ending) and tensor.name[: -len(ending)][-1:] in ("", ".", *_WITHIN.get(ending, "")):
            for find in finders:
                whole = find(checkpoint, tensor)
                if whole is not None:
                    return whole
    return None


_WITHIN = {"_blocks": "abcdefghijklmnopqrstuvwxyz0123456789", "_weight_qdata": "."}


def _parts(whole: Tensor) -> set[str]:
    return {part.name for part in whole.packing.parts} if whole.packing is not None else set()


def _beside(checkpoint: Checkpoint, codes: str, whole: Tensor, aside: set[str]) -> set[str]:
    """Names of tensors that say something about a weight, with endings in `aside`, and are none of its parts."""
    stem = whole.name.removesuffix("weight")
    named = {f"{stem}{name}" for name in aside} & checkpoint.by_name.keys()
    return named - _parts(whole) - {codes}


def _undecoded(checkpoint: Checkpoint, tensors: tuple[Tensor, ...]) -> str:
    """One sentence about matrices of packed codes that no layout fits; nothing where there are none."""
    method = checkpoint.method
    packed = [
        tensor
        for tensor in tensors
        if tensor.packing is None and tensor.format is None and len(tensor.shape) > 1 and tensor.count > 4096
    ]
    if not packed or not (method or any(t.name.endswith(("qweight", "_packed", "_qdata")) for t in packed)):
        return ""
    named = f"{method}'s" if method else "a quantizer's"
    some = f"{len(packed):,} tensors hold" if len(packed) > 1 else "one tensor holds"
    layout = next((checkpoint.settings[key] for key in VARIANTS if isinstance(checkpoint.settings.get(key), str)), "")
    where = f"in the layout {quoted(layout)}, which qtui can't decode" if layout else UNKNOWN
    return f"{some} {named} codes {where}; they are listed as they are stored"
