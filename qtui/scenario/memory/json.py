"""The JSON object of a Memory Result; its keys are stable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtui.models.machine.machine import Machine
from qtui.scenario.memory.result import GROUPS, BuyResult, HereResult, MemoryResult, Plan

if TYPE_CHECKING:
    from qtui.scenario.memory.asked import TrainingPlan

PLANS = ("best quality", "balanced", "fastest", "longest context")


def json_object(result: MemoryResult) -> dict[str, Any]:
    """The stable keys; `compared` holds the same for further models and formats."""
    values = _one(result)
    if not result.others:
        values["plans"] = [plan_object(plan) for name in PLANS for plan in result.plans if plan.name == name]
    if result.training:
        values["training"] = training_object(result.training[0])
    if result.others:
        values["compared"] = [_one(other) for other in result.others]
    return values


def plan_object(plan: Plan) -> dict[str, Any]:
    """One named plan. `command` is the first of `commands`."""
    quality, speed = plan.quality, plan.speed
    return {
        "name": plan.name,
        "format": plan.format,
        "kv_type": plan.kv_type,
        "context": plan.context,
        "gpu_layers": plan.gpu_layers,
        "cpu_moe_layers": plan.cpu_moe_layers,
        "bits_per_weight": plan.bits_per_weight,
        "kld_mean": quality.kld_mean if quality else None,
        "same_top": quality.same_top if quality else None,
        "quality_source": f"{quality.model}: {quality.source}".lstrip(": ") if quality else "no measurement",
        "kv_kld_mean": plan.cache.kld_mean if plan.cache else None,
        "tokens_per_second": {"low": speed.low, "high": speed.high, "basis": speed.basis} if speed else None,
        "prompt_tokens_per_second": list(plan.prompt[:2]) if plan.prompt else None,
        "fits": plan.fits,
        "total_bytes": plan.total_bytes,
        "gives_up": list(plan.gives_up),
        "reasons": [{"kind": reason.kind, "value": reason.value} for reason in plan.reasons],
        "command": plan.commands[0][1] if plan.commands else "",
        "commands": dict(plan.commands),
    }


def training_object(plan: TrainingPlan) -> dict[str, Any]:
    """What training takes; `per_device_bytes` where weights, gradients and states are divided among `devices`."""
    setup = plan.setup
    return {
        "method": setup.method,
        "optimizer": setup.optimizer,
        "sequence_length": setup.tokens,
        "batch": setup.batch,
        "rank": setup.rank if setup.method != "full" else None,
        "checkpointing": setup.checkpointing,
        "trained_parameters": plan.sum.trained,
        "total_bytes": plan.sum.total,
        "devices": plan.cards,
        "per_device_bytes": plan.per_card,
        "available_bytes": plan.available,
        "fits": plan.fits,
        "exact": False,
        "terms": [
            {"name": term.name, "group": group, "formula": term.formula, "bytes": term.bytes, "estimate": term.why}
            for group, term in plan.sum.terms
        ],
    }


def here_object(result: HereResult) -> list[dict[str, Any]]:
    """The models that run, the best first."""
    return [
        {
            "model": row.model,
            "parameters": row.parameters,
            "released": row.released,
            "licence": row.licence,
            "kinds": list(row.kinds),
            "plan": plan_object(row.plan),
        }
        for row in result.rows
    ]


def buy_object(result: BuyResult) -> list[dict[str, Any]]:
    """Machines and cards on which the model runs, the smallest first."""
    return [
        {"machine": row.machine, "kind": row.kind, "memory_bytes": row.memory, "plan": plan_object(row.plan)}
        for row in result.rows
    ]


def machines_object() -> dict[str, Any]:
    """The machines that can be pretended."""
    from qtui.models.machine.list import MACHINES  # asked for by few

    return {"machines": [{"name": machine.name, **_machine(machine)} for machine in MACHINES]}


def _one(result: MemoryResult) -> dict[str, Any]:
    return {**_question(result), **_sums(result), **_answers(result), **_details(result)}


def _question(result: MemoryResult) -> dict[str, Any]:
    return {
        "model": result.model.name,
        "source": result.model.source,
        "parameters": result.weights.parameters,
        "total_parameters": result.model.parameters,
        "format": result.format.partition(" (")[0],
        "native": result.format.endswith(")"),
        "weights_bytes": result.bytes("weights"),
        "bits_per_weight": result.bits_per_weight,
        "context": result.serving.context,
        "sequences": result.serving.sequences,
        "per_sequence_context": result.per_sequence_context,
        "kv_type": result.scenario.kv_type,
        "engine": result.serving.engine,
    }


def _sums(result: MemoryResult) -> dict[str, Any]:
    return {
        "kv_cache_bytes": result.bytes("kv"),
        "state_bytes": result.bytes("state"),
        "compute_bytes": result.bytes("compute"),
        "file_bytes": result.file_bytes,
        "repack_bytes": result.repacked.bytes if result.repacked else 0,
        "total_bytes": result.total,
    }


def _answers(result: MemoryResult) -> dict[str, Any]:
    speed, offload, capacity = result.speed, result.offload, result.capacity
    return {
        "available_bytes": result.budget.limit,
        "fits": result.fits,
        "spare_bytes": result.spare,
        "gpu_bytes": result.need.gpu if result.budget.gpu else None,
        "max_context": result.max_context,
        "model_context": result.model.context,
        "offload": offload._asdict() if offload else None,
        "devices": [
            {
                "name": device.name,
                "layers": device.layers,
                "weights_bytes": device.weights,
                "kv_cache_bytes": device.kv_cache,
                "compute_bytes": device.compute,
                "total_bytes": device.total,
                "available_bytes": device.available,
            }
            for device in result.devices
        ],
        "capacity": {
            "kv_tokens": capacity.tokens,
            "users": [{"context": context, "users": users} for context, users in capacity.users],
        }
        if capacity
        else None,
        "tokens_per_second": [speed.low, speed.high] if speed else None,
        "tokens_per_second_full": list(speed.full) if speed else None,
        "speed_basis": speed.basis if speed else None,
        "prompt_tokens_per_second": list(result.prompt[:2]) if result.prompt else None,
        "measured_speeds": [
            {"tokens_per_second": row.tokens_per_second, "device": row.device, "source": row.source, "note": row.note}
            for row in result.measured
        ],
    }


def _details(result: MemoryResult) -> dict[str, Any]:
    return {
        "machine": result.machine.name,
        "memory": _machine(result.machine),
        "exact": result.exact,
        "family_known": result.model.family_known,
        "terms": [
            {"name": term.name, "group": group, "formula": term.formula, "bytes": term.bytes, "estimate": term.why}
            for wanted in GROUPS
            for group, term in result.terms
            if group == wanted
        ],
        "extras": [{"name": name, "parameters": count, "bytes": size} for name, count, size in result.extras],
        "notes": list(result.notes),
    }


def _machine(machine: Machine) -> dict[str, Any]:
    return {
        "ram_total": machine.ram_total,
        "ram_available": machine.ram_available,
        "ram_limit": machine.ram_limit,
        "unified": machine.unified,
        "gpus": [{"name": gpu.name, "total": gpu.total, "free": gpu.free} for gpu in machine.gpus],
        "bandwidth": machine.bandwidth,
    }
