"""Bytes of a model's weights: as published, in one format throughout, or in one of llama.cpp's mixes."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from qtui.compute.formats import get_format
from qtui.compute.memory.architecture import Architecture, spread, text_tensors
from qtui.compute.memory.mixes import MIXES, MixShape, choose_all, fitting, stays_float32
from qtui.compute.memory.recipes import MixLike, Rates, recipe_of
from qtui.compute.memory.sizes import BLOCK_FP8, PLAIN, rate_text, stored_bytes
from qtui.compute.memory.tensors import PARTS, EqualTensors, WeightTensor, gathered
from qtui.error import QtuiError

Chosen = tuple[EqualTensors, str]
_SAME = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}


class StoredTensors(NamedTuple):
    """Equal tensors as they are stored: one in each of `layers` (None outside the layers), `kind` the format's name,
    `bytes` of all of them.
    """

    layers: tuple[int | None, ...]
    tensor: WeightTensor
    kind: str
    bytes: int

    @property
    def size(self) -> int:
        """Number of values of all of them."""
        return len(self.layers) * self.tensor.size


class WeightShare(NamedTuple):
    """The tensors of one part in one format: how many weights they hold and what they take."""

    part: str
    kind: str
    size: int
    bytes: int
    formula: str


class Weights(NamedTuple):
    """What the weights take. `why` says why the figure is an estimate; it is empty where the figure is exact.

    `also` is a sentence on other files of the same name.
    """

    label: str
    stored: tuple[StoredTensors, ...]
    why: str = ""
    also: str = ""

    @property
    def bytes(self) -> int:
        """Bytes of all of them."""
        return sum(item.bytes for item in self.stored)

    @property
    def parameters(self) -> int:
        """Weights of all of them."""
        return sum(item.size for item in self.stored)

    @property
    def shares(self) -> tuple[WeightShare, ...]:
        """The tensors gathered by part and format, in the order of PARTS."""
        alike: dict[tuple[str, str], list[StoredTensors]] = {}
        for item in self.stored:
            alike.setdefault((item.tensor.part, item.kind), []).append(item)
        order = {part: i for i, part in enumerate(PARTS)}
        shares = [_share(part, kind, items) for (part, kind), items in alike.items()]
        return tuple(sorted(shares, key=lambda share: (order[share.part], -share.bytes)))


def _share(part: str, kind: str, items: Sequence[StoredTensors]) -> WeightShare:
    """Tensors of one part and format, counted shape by shape where they have few."""
    count, size = sum(item.size for item in items), sum(item.bytes for item in items)
    shapes: dict[tuple[int, ...], int] = {}
    for item in items:
        shapes[item.tensor.shape] = shapes.get(item.tensor.shape, 0) + len(item.layers)
    counted = f"{count:,}"
    if len(shapes) <= 3 and max(map(len, shapes)) > 1:
        parts = [" × ".join(f"{n:,}" for n in (number, *shape) if n > 1) or "1" for shape, number in shapes.items()]
        counted = parts[0] if len(parts) == 1 else f"({' + '.join(parts)})"
    return WeightShare(part, kind, count, size, f"{counted} × {rate_text(kind, count, size)}")


def store(chosen: Iterable[Chosen]) -> tuple[StoredTensors, ...]:
    """Tensors with the bytes that they take in their formats."""
    return tuple(
        StoredTensors(group.layers, group.tensor, kind, len(group.layers) * stored_bytes(kind, group.tensor.shape))
        for group, kind in chosen
    )


def shape_of(arch: Architecture) -> MixShape:
    """What the rules of the mixes ask about the model `arch`."""
    first = next((arch.mixers[number] for number in spread(arch.mixers)), None)
    group = first.query_group if first is not None else 0
    if group is None:
        group = next((m.query_group for m in arch.mixers if m.query_group), 0)
    large = arch.num_layers == 80 and not arch.experts and first is not None and first.KIND == "attention"
    return MixShape(arch.num_layers, group, arch.experts, arch.tie_word_embeddings, large)


def native_kind(dtype: str, tensor: WeightTensor) -> str:
    """The format in which a checkpoint of `dtype` ("bfloat16", "mxfp4 experts / bfloat16") stores `tensor`."""
    special, _, plain = dtype.partition(" experts / ")
    if not plain:
        special, plain = "", dtype
    matrix = len(tensor.shape) >= 2 and tensor.name.endswith("weight")
    if special and tensor.part == "experts" and matrix:
        return {"mxfp4": "MXFP4", "float4": "MXFP4", "int4": "Q4_0"}[special]
    if plain == "float8_e4m3fn":
        inside = tensor.part in ("attention", "ffn", "experts", "shared") and matrix
        return BLOCK_FP8 if inside else "bfloat16"
    return plain


def format_and_options(spec: str, dtype: str) -> tuple[str, frozenset[str]]:
    """The format that `spec` names for a checkpoint of `dtype`, and its options: "Q4_0:pure,imatrix".

    The name is "native", one of the mixes, or a format of the registry as it was typed. "bf16" of a bfloat16
    checkpoint is that checkpoint. Raises QtuiError for an option that a mix doesn't have.
    """
    name, _, rest = spec.strip().partition(":")
    folded = name.lower()
    if folded in ("", "native") or (_SAME.get(folded, folded) == dtype and not rest):
        return "native", frozenset()
    options = frozenset(part for part in rest.lower().split(",") if part)
    if name.upper() in MIXES:
        extra = options - {"imatrix", "pure", "mxfp4"}
        if extra:
            unknown = ", ".join(sorted(extra))
            raise QtuiError(f"{name.upper()} has no option {unknown}; it takes imatrix, pure and mxfp4 (experts)")
        return name.upper(), options
    if folded in PLAIN and options <= {"gguf"}:
        return folded.upper() if options or folded == "f16" else _SAME.get(folded, folded), options
    return spec.strip(), frozenset()


def weigh(arch: Architecture, spec: str, dtype: str) -> Weights:
    """The weights of the text model `arch` in the format `spec`, its checkpoint being stored as `dtype`.

    Raises QtuiError for a format that isn't known.
    """
    return weigh_tensors(gathered(text_tensors(arch)), shape_of(arch), spec, dtype)


def weigh_tensors(groups: Sequence[EqualTensors], shape: MixShape | None, spec: str, dtype: str) -> Weights:
    """The tensors `groups` in the format `spec`. Raises QtuiError as `weigh`.

    Without a `shape` of the model a mix stores every matrix in its main format.
    """
    recipe = recipe_of(spec)
    if isinstance(recipe, Rates):
        return Weights(recipe.label, _at_rates(groups, recipe), recipe.why)
    if recipe is not None:
        return _with_ends(recipe, weigh_tensors(groups, shape, recipe.base, dtype))
    name, options = format_and_options(spec, dtype)
    if name == "native":
        native = store((group, native_kind(dtype, group.tensor)) for group in groups)
        return Weights(f"{dtype} (native)", native, _native_doubt(dtype))
    if name in MIXES and "pure" not in options and shape:
        chosen = choose_all(name, shape, groups, "imatrix" in options)
        label = ":".join((name, *([",".join(sorted(options))] if options else [])))
        if "mxfp4" in options:
            return Weights(label, store(_with_mxfp4_experts(chosen)))
        return Weights(label, store(chosen), also=_other_files(name, dtype, chosen))
    return Weights(spec.strip(), store(uniform(groups, name)))


def _with_mxfp4_experts(chosen: Iterable[Chosen]) -> list[Chosen]:
    def is_expert(tensor: WeightTensor) -> bool:
        return tensor.part == "experts" and len(tensor.shape) == 3

    return [(group, "MXFP4" if is_expert(group.tensor) else kind) for group, kind in chosen]


def _other_files(name: str, dtype: str, chosen: Sequence[Chosen]) -> str:
    """Where a checkpoint has MXFP4 experts (gpt-oss), some publishers quantize them again and some keep them."""
    if not dtype.startswith("mxfp4 experts") or name == "MXFP4_MOE":
        return ""
    kept = sum(item.bytes for item in store(_with_mxfp4_experts(chosen)))
    return (
        f"here the experts are quantized again; files that keep them in MXFP4 take {kept / 1e9:.1f} GB ({name}:mxfp4)"
    )


def _at_rates(groups: Iterable[EqualTensors], rates: Rates) -> tuple[StoredTensors, ...]:
    """Tensors at the bits of a recipe, vectors and routers in 16."""
    stored = []
    for tensor, layers, _ in groups:
        bits = {"embedding": rates.embedding, "output": rates.head}.get(tensor.part, rates.matrices)
        bits = 16 if stays_float32(tensor) else bits
        kind = "bfloat16" if bits == 16 else rates.label
        stored.append(StoredTensors(layers, tensor, kind, len(layers) * round(tensor.size * bits / 8)))
    return tuple(stored)


def _with_ends(recipe: MixLike, mixed: Weights) -> Weights:
    """The weights of a mix, with other ends."""
    ends = ("token_embd.weight", "output.weight")
    stored = tuple(
        item._replace(kind=recipe.ends, bytes=len(item.layers) * stored_bytes(recipe.ends, item.tensor.shape))
        if recipe.ends and item.tensor.name in ends
        else item
        for item in mixed.stored
    )
    return Weights(recipe.label, stored, recipe.why)


def uniform(groups: Iterable[EqualTensors], name: str) -> list[Chosen]:
    """Every matrix in the format `name`; vectors and routers in float32 with ggml's types, else in bfloat16.

    A plain type stores everything; one of ggml's falls back where a row isn't a whole number of blocks.
    """
    name = MIXES.get(name, name)
    if name.lower() in PLAIN and name != name.upper():
        return [(group, name) for group in groups]
    fmt = get_format(name)
    if fmt.in_gguf:
        return [
            (group, "F32" if stays_float32(group.tensor) else fitting(fmt.name, group.tensor.shape[-1]))
            for group in groups
        ]
    return [(group, "bfloat16" if stays_float32(group.tensor) else fmt.name) for group in groups]


def _native_doubt(dtype: str) -> str:
    if dtype.startswith(("int4", "float4")):
        return "how the checkpoint packs its experts and their scales is assumed, not read from a file"
    if dtype == "float8_e4m3fn":
        return "which matrices the checkpoint keeps in 16 bits is assumed, not read from a file"
    return ""
