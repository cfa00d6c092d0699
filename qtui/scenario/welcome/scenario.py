"""What the welcome is asked: for which machine, and where to look for model files."""

from __future__ import annotations

from dataclasses import dataclass

from qtui.scenario.base import Scenario, option

LARGE = "Qwen3-Coder-Next"  # 80B: the model that the essay begins with
FORMATS = ("native", "Q8_0", "Q6_K", "Q4_K_M", "IQ3_XXS", "IQ2_XXS")  # that it is shown in, from 16 bits to 2


@dataclass(frozen=True)
class WelcomeScenario(Scenario):
    """The machine to fit, and folders for model files beside the working folder and the usual caches."""

    command = "welcome"

    machine: str = option("", "pretend to have this machine: 'RTX 4090', 'M1 Max 32GB', ...")
    ram: str = option("", "pretend to have this much memory, all free: 64GB, 64GiB")
    vram: str = option("", "pretend to have a card with this much free memory: 24GB; 0 for none")
    folder: tuple[str, ...] = option(
        (), "look for model files here, and nowhere else (repeat it)", metavar="DIR", many=True
    )
    files: bool = option(True, "look for no model files")
