"""`qtui inspect`: what is inside a model file, from its header alone."""

from __future__ import annotations

from qtui.cli.command import Command
from qtui.draw.inspect import inspect_report
from qtui.scenario.base import Scenario, UserError
from qtui.scenario.inspect import InspectScenario, json_object, solve

EPILOG = """examples:
  qtui inspect model.gguf                      totals, metadata, tensors by layer pattern
  qtui inspect model.gguf --find "attn v"      only these tensors
  qtui inspect ./model-directory --sort size --each
  qtui inspect model.safetensors --json
  qtui inspect --hub org/repo:file.gguf        headers of a repository (pip install 'qtui[hub]')"""


def app_scenario(scenario: InspectScenario) -> Scenario:
    """The Errors pane browsing the same file. Raises UserError for a repository, whose weights are not here."""
    from qtui.scenario.errors.scenario import ErrorsScenario

    if scenario.hub or not scenario.file:
        raise UserError("the app browses files of this machine; give one, as in `qtui inspect model.gguf --tui`")
    return ErrorsScenario(path=scenario.file, view="browse")


COMMAND = Command(
    scenario=InspectScenario,
    epilog=EPILOG,
    solve=solve,
    json_object=json_object,
    picture=inspect_report,
    app_scenario=app_scenario,
)
