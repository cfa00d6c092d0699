"""Ways to train the model of a case, each with what it takes on the case's machine."""

from __future__ import annotations

from qtui.compute.memory.training import TrainingSetup, training_sum
from qtui.scenario.base import UserError
from qtui.scenario.memory.asked import TrainingPlan
from qtui.scenario.memory.case import MemoryCase
from qtui.scenario.memory.scenario import METHODS


def solve_training(case: MemoryCase) -> tuple[TrainingPlan, ...]:
    """The way that the Scenario names, or all of them where it names none.

    Raises UserError where the model's layers aren't known.
    """
    arch, scenario = case.model.arch, case.scenario
    if arch is None and not scenario.train:
        return ()
    if arch is None:
        raise UserError("training can't be worked out without the model's layers; name a model or its --arch")
    cards = len(case.machine.gpus) if case.budget.gpu else 1
    share = case.budget.gpu // cards if case.budget.gpu else case.budget.ram
    plans = []
    for method in (scenario.train,) if scenario.train else METHODS:
        setup = TrainingSetup(
            method=method,
            tokens=case.serving.context,
            batch=scenario.batch,
            rank=scenario.rank,
            optimizer=scenario.optimizer,
            checkpointing=scenario.checkpointing,
            flash=scenario.flash,
        )
        held = training_sum(arch, setup)
        plans.append(TrainingPlan(setup, held, cards, -(-held.sharded // cards) + held.rest, share))
    return tuple(plans)
