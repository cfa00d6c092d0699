"""The whole sum for one model, format and way to run it."""

from __future__ import annotations

from collections.abc import Sequence

from qtui.compute.memory.architecture import Architecture, extras, mtp_tensors
from qtui.compute.memory.mixers.base import Mixer
from qtui.compute.memory.serving import Serving, Term
from qtui.compute.memory.sizes import stored_bytes
from qtui.compute.memory.tensors import gathered
from qtui.compute.memory.weights import StoredTensors, Weights, weigh_tensors

# Formats of which ggml's CPU backend makes a second copy, rearranged for its matrix kernels, on x86 with AVX2
# (`ggml_repack_get_optimal_repack_type` in ggml-cpu/repack.cpp); rows must come in eights.
REPACKED = frozenset(("Q4_0", "Q4_K", "IQ4_NL", "MXFP4"))
PART_NAMES = {
    "embedding": "embedding table",
    "attention": "attention",
    "ffn": "feed-forward",
    "experts": "experts",
    "shared": "shared experts",
    "router": "routers",
    "norms": "norms and biases",
    "output": "output head",
    "mtp": "draft module (MTP)",
    "vision": "vision tower",
    "other": "other",
    "all": "all weights",
}


def weight_terms(weights: Weights) -> list[tuple[str, Term]]:
    """The weights, a term for each part and format."""
    return [
        ("weights", Term(PART_NAMES[share.part], share.formula, share.bytes, weights.why)) for share in weights.shares
    ]


def group_kv(arch: Architecture, m: Mixer, serving: Serving) -> list[Term]:
    """The KV cache of the group of layers `m` of `arch`."""
    return m.cache(serving, alone=len(arch.mixers) == 1)


def kv_terms(arch: Architecture, serving: Serving) -> list[Term]:
    """The KV cache of `arch`, a term for each group of layers that has one."""
    return [term for m in arch.mixers for term in group_kv(arch, m, serving)]


def state_terms(arch: Architecture, serving: Serving) -> list[Term]:
    """The recurrent state of `arch`, a term for each group of layers that has one."""
    return [term for m in arch.mixers for term in m.states(arch.hidden_size, serving)]


def cache_terms(arch: Architecture, serving: Serving) -> list[tuple[str, Term]]:
    """The KV cache and the recurrent state, those of the draft module included, each term with its group."""
    terms = [("kv", term) for term in kv_terms(arch, serving)]
    terms += [("state", term) for term in state_terms(arch, serving)]
    if serving.rollback and arch.mtp is not None:
        drafts = [term for m in arch.mtp.mixers for term in group_kv(arch, m, serving)]
        terms += [("kv", term._replace(name=f"{term.name}, draft")) for term in drafts]
    return terms


def repack_term(stored: Sequence[StoredTensors]) -> Term | None:
    """The CPU backend's second copy of the weights that it rearranges; None where it makes none.

    Tensors that are looked up and not multiplied (the embedding table) are left as they are.
    """
    total, kinds = 0, set()
    for kind in REPACKED:
        for item in stored:
            rows = item.tensor.shape[-2] if len(item.tensor.shape) > 1 else 1
            if item.kind == kind and item.tensor.part not in ("embedding", "vision") and rows % 8 == 0:
                total += item.bytes
                kinds.add(kind)
    if not total:
        return None
    formula = f"the {', '.join(sorted(kinds))} matrices once more, rearranged for the CPU's kernels"
    why = "as on x86 with AVX2; the file's own pages stay mapped and can be dropped when memory is short"
    return Term("CPU's repacked copy", formula, total, why)


def outside(arch: Architecture, spec: str, dtype: str) -> list[tuple[str, int, int]]:
    """(name, parameters, bytes) of what the checkpoint has beside the text model: vision tower, MTP, ...

    A vision tower stays in 16 bits (llama.cpp's mmproj file); a draft module is stored like the rest.
    """
    rows = []
    for name, count in extras(arch).items():
        if name in ("duplicate_lm_head", "unused_kv_projections_of_sharing_layers"):
            size = 0
        elif name == "mtp":
            tensors = gathered((arch.num_layers, tensor) for tensor in mtp_tensors(arch))
            size = weigh_tensors(tensors, None, spec, dtype).bytes
        else:
            size = stored_bytes("bfloat16", (count,))
        rows.append((name, count, size))
    return rows
