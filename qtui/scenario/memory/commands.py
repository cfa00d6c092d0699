"""The command that runs a plan, for each program that can: llama.cpp, Ollama, vLLM, MLX.

Options are those of autumn 2026. llama-server without -np starts four slots that share the context, so the number
of sequences is always said. Ollama's settings are the server's. MLX and vLLM take checkpoints that are quantized.
"""

from __future__ import annotations

import re
import shlex

from qtui.compute.memory.mixes import MIXES
from qtui.models.catalogue.records import KnownModel
from qtui.models.published.quality import is_reference
from qtui.scenario.memory.case import MemoryCase

# Formats that the usual publishers of GGUF files all offer, and what each has more; ggml.org's own have few.
_USUAL = frozenset(("Q8_0", "Q6_K", "Q5_K_M", "Q5_K_S", "Q4_K_M", "Q4_K_S", "Q3_K_M", "Q3_K_S", "Q2_K"))
_OFFERED = {
    "bartowski": {*_USUAL, "Q3_K_L", "IQ4_XS", "IQ3_M", "IQ3_XXS", "IQ2_M"},
    "unsloth": {*_USUAL, "BF16", "IQ4_XS"},
    "mradermacher": {*_USUAL, "Q3_K_L", "IQ4_XS"},
    "ggml-org": {"Q8_0", "Q4_K_M", "MXFP4_MOE"},
}
# How checkpoints for vLLM are called after what their matrices are in.
_CHECKPOINTS = {"float8_e4m3fn": "FP8", "nvfp4": "NVFP4", "int4": "W4A16", "int8": "W8A16"}


def commands(case: MemoryCase, kind: str, layers: int, experts: int) -> tuple[tuple[str, str], ...]:
    """(program, command) for each program that can run the format so, with a cache of `kind`.

    `layers` are those on the GPU, `experts` the first layers whose experts stay in RAM.
    """
    if case.serving.engine == "vllm":
        return (("vLLM", _vllm(case)),)
    if case.serving.engine == "mlx":
        return (("MLX", _mlx(case)),)
    arch = case.model.arch
    gpu = case.budget.gpu or case.machine.unified
    full = arch is not None and layers >= arch.num_layers
    label = _label(case)
    listed = [("llama.cpp", _llama(case, kind, label, "99" if full and gpu else str(layers), experts))]
    alone = case.cached.draft is None and not case.scenario.mtp  # Ollama has no drafts
    if alone and not experts and (full or not gpu) and (name := _ollama_model(case, label)):
        serving = case.serving
        settings = f"OLLAMA_CONTEXT_LENGTH={serving.context // max(1, serving.sequences)}"
        settings += f" OLLAMA_FLASH_ATTENTION=1 OLLAMA_KV_CACHE_TYPE={kind}" if kind != "f16" else ""
        settings += f" OLLAMA_NUM_PARALLEL={serving.sequences}" if serving.sequences > 1 else ""
        listed.append(("Ollama", f"{settings} ollama serve & ollama run {name}"))
    return tuple(listed)


def _llama(case: MemoryCase, kind: str, label: str, layers: str, experts: int) -> str:
    serving, scenario = case.serving, case.scenario
    parts = ["llama-server", *_file(case, label), "-ngl", layers]
    parts += ["--n-cpu-moe", str(experts)] if experts else []
    parts += ["-sm", scenario.split_mode] if scenario.split_mode != "layer" else []
    parts += ["-ts", scenario.tensor_split] if scenario.tensor_split else []
    parts += ["-ctk", kind, "-ctv", kind] if kind != "f16" else []
    parts += ["-c", str(serving.context), "-fa", "on" if serving.flash else "off", "-np", str(serving.sequences)]
    parts += ["-kvu"] if serving.unified and serving.sequences > 1 else []
    parts += ["-ub", str(serving.ubatch)] if serving.ubatch != 512 else []
    parts += ["--swa-full"] if serving.swa_full else []
    parts += ["--embedding"] if "embedding" in case.model.name.lower() else []
    if case.cached.draft is not None:
        draft = case.cached.draft.model
        label = _label_of(scenario.draft.partition(":")[2] or case.spec, draft)
        own = draft.source if draft.gguf else f"{_plain(draft.name)}-{label}.gguf"
        parts += ["-md", shlex.quote(own), "-ngld", "99", "--spec-type", "draft-simple"]
    if scenario.mtp:
        parts += ["--spec-type", "draft-mtp", "--spec-draft-n-max", str(scenario.mtp)]
    return " ".join(parts)


def _file(case: MemoryCase, label: str) -> list[str]:
    """The model's file: its own, one that a publisher offers, or one called as it is usual."""
    model = case.model
    if model.gguf and case.spec == "native":
        return ["-m", shlex.quote(model.source)]
    if _is_offered(model.gguf_files, label):
        file = ["-hf", model.gguf_files if label == "MXFP4_MOE" else f"{model.gguf_files}:{label}"]
        # A repository's projector is fetched and loaded with its model.
        return [*file, "--no-mmproj"] if model.arch and model.arch.vision and not case.scenario.vision else file
    return ["-m", shlex.quote(f"{_plain(model.name)}-{label}.gguf")]


def _ollama_model(case: MemoryCase, label: str) -> str:
    """What Ollama calls it: the Hub's repository and format, empty where there is none that it could fetch."""
    if label == "MXFP4_MOE":
        name, _, size = case.model.name.rpartition("/")[2].lower().rpartition("-")
        return f"{name}:{size}" if name == "gpt-oss" else ""
    if case.model.gguf and case.spec == "native":
        return ""
    return f"hf.co/{case.model.gguf_files}:{label}" if _is_offered(case.model.gguf_files, label) else ""


def _is_offered(repository: str, label: str) -> bool:
    """Whether `repository` has files of the format, as far as its publisher's habits say."""
    return bool(repository) and label in _OFFERED.get(repository.partition("/")[0], _USUAL)


def _plain(name: str) -> str:
    """The last part of a model's name as a file's: nothing in it that a shell or a file system minds."""
    return re.sub(r"[^\w.+-]", "_", name.rpartition("/")[2])


def _label(case: MemoryCase) -> str:
    """How files of the format are called."""
    return _label_of(case.spec, case.model)


def _label_of(spec: str, model: KnownModel) -> str:
    if is_reference(spec, model.dtype) and spec.lower() in ("native", ""):
        return {"bfloat16": "BF16", "float16": "F16", "float32": "F32"}.get(model.dtype, model.dtype)
    label = spec.partition(":")[0]
    return label.upper() if label.upper() in MIXES else label


def _mlx(case: MemoryCase) -> str:
    """A checkpoint is converted once; MLX's cache grows with the conversation, so no context is set."""
    name = shlex.quote(case.model.name)
    if is_reference(case.spec, case.model.dtype):
        return f"mlx_lm.server --model {name}"
    bits = re.sub(r"\D", "", case.spec.partition(":")[0])
    out = f"{_plain(case.model.name)}-{bits}bit"
    made = f"mlx_lm.convert --hf-path {name} -q --q-bits {bits} --q-group-size 64 --mlx-path {out}"
    return f"{made} && mlx_lm.server --model {out}"


def _vllm(case: MemoryCase) -> str:
    """Weights in FP8 are made on loading where there is room for the whole; other formats are checkpoints."""
    scenario = case.scenario
    kind = case.spec.partition(":")[0]
    own = is_reference(case.spec, case.model.dtype)
    made = kind == "float8_e4m3fn" and case.at("native").need().fits(case.budget)
    name = case.model.name if own or made else f"{_plain(case.model.name)}-{_CHECKPOINTS.get(kind, kind)}"
    parts = ["vllm", "serve", shlex.quote(name), "--max-model-len", str(case.serving.context)]
    parts += ["--quantization", "fp8"] if made and not own else []
    parts += ["--gpu-memory-utilization", f"{scenario.gpu_memory_utilization:g}"]
    parts += ["--max-num-seqs", str(case.serving.sequences)]
    groups = scenario.pipeline_parallel
    cards = scenario.tensor_parallel or len(case.machine.gpus) // groups
    parts += ["--tensor-parallel-size", str(cards)] if cards > 1 else []
    parts += ["--pipeline-parallel-size", str(groups)] if groups > 1 else []
    return " ".join(parts)
