"""The welcome as JSON."""

from __future__ import annotations

from typing import Any

from qtui.scenario.base import command_line
from qtui.scenario.welcome.result import WelcomeResult


def json_object(result: WelcomeResult) -> dict[str, Any]:
    """What fits, the large model in each format, and the files that are here."""
    plan = result.fit.plan if result.fit is not None else None
    return {
        "machine": result.machine.name,
        "room_bytes": result.room,
        "fits": None
        if result.fit is None or plan is None
        else {
            "model": result.fit.model,
            "parameters": result.fit.parameters,
            "format": plan.format,
            "kv_type": plan.kv_type,
            "context": plan.context,
            "total_bytes": plan.total_bytes,
            "tokens_per_second": [plan.speed.low, plan.speed.high] if plan.speed else None,
        },
        "fits_also": [
            {"model": row.model, "parameters": row.parameters, "format": row.plan.format} for row in result.also
        ],
        "large": {
            "model": result.large_name,
            "parameters": result.large_parameters,
            "formats": [
                {"format": size.format, "weights_bytes": size.bytes, "fits": size.fits, "split": size.split}
                for size in result.large
            ],
        },
        "memory": command_line(result.memory),
        "tour": {"step": result.tour_step, "steps": result.tour_steps},
        "files": [file._asdict() for file in result.files],
    }
