"""What the palette offers: views, actions, choices, formats, models, machines, words, steps of the tour, themes.

A provider takes the app and the pane on show, and gives offers. `PROVIDERS` is the list; its order breaks ties.
What an offer runs is given the app then: offers that are kept hold neither app nor pane.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from qtui.compute.cache import Cache
from qtui.compute.formats import all_formats
from qtui.draw.picture import Picture, line
from qtui.draw.safe import wrapped
from qtui.draw.units import short_count
from qtui.models.catalogue.records import models_listed
from qtui.models.machine.list import MACHINES
from qtui.scenario.tour.load import SHIPPED, load_lesson
from qtui.scenario.tour.scenario import TourScenario
from qtui.tui.commands import Offer
from qtui.tui.host import Host
from qtui.tui.keylist import keys_of
from qtui.tui.keymap import COMMON, Action
from qtui.tui.pane import Pane
from qtui.tui.panes.registry import FURTHER, PANES, title_of
from qtui.tui.panes.tour.keys import TO_PANES
from qtui.tui.widgets.dialog import ScrollingDialog
from qtui.tui.widgets.fields import Choice
from qtui.words.load import GlossaryTerm, glossary

AnyPane = Pane[Any, Any]
Provider = Callable[[Host, AnyPane | None], Iterable[Offer]]
NOT_IN_A_KIOSK = ("app.save", "app.suspend", "app.add_to_lesson")
# What people type besides what is called so here.
ALSO = {
    "Save the picture": "screenshot export image svg png",
    "Copy as command": "export share command line",
    "Copy the result": "export clipboard",
    "Open a file": "gguf safetensors load model",
    "Quit": "exit leave close",
    "Help": "keys shortcuts bindings",
    "Machine": "gpu cpu ram vram hardware",
    "What runs here": "what fits, does it fit, ollama",
    "Engine": "ollama",
    "Train": "fine-tune finetune lora",
    "Sequences at once": "batch parallel users",
    "Next block size": "group size",
    "Block": "group",
    "Live code": "python program",
    "SQNR": "snr decibel",
    "Weigh errors by a made-up importance matrix": "imatrix",
    "Talk": "chat generate",
    "Next token": "logits probabilities",
    "Table and curve": "quality formats cliff",
    "Tokens": "tokenizer",
    "Where it hurts": "sensitivity layers heat map",
    "Super weight": "outlier one weight",
    "Lessons": "KL divergence of two curves, perplexity, many steps, confidence intervals, benchmark noise",
    "float32": "fp32 single",
    "float16": "fp16 half",
    "bfloat16": "bf16 brain",
    "Theme: safe": "color colour-blind colorblind accessibility",
    "Tour": "learn start tutorial course",
    "Welcome": "start home doors",
}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def views(host: Host, pane: AnyPane | None) -> Iterator[Offer]:
    """Every view of every pane, those of the pane on show first; the tour and the welcome have none."""
    here = pane.scenario.command if pane is not None else ""
    for command in sorted((*PANES, *FURTHER), key=lambda name: name != here):
        if not keys_of(command).views:

            async def go(host: Host, command: str = command) -> None:
                await host.action_pane(command)

            yield Offer(title_of(command), "as it was left", go)
        for name, title in keys_of(command).views:

            async def run(host: Host, command: str = command, name: str = name) -> None:
                await host.action_pane(command)
                host.pane.action_view(name)

            yield Offer(title, f"view of {title_of(command)}", run, also=name.replace("_", " "))


def actions(host: Host, pane: AnyPane | None) -> Iterator[Offer]:
    """What the keys do: of the app, of the pane on show, and of the others."""
    here = pane.scenario.command if pane is not None else ""
    others = (name for name in (*PANES, *FURTHER) if name != here and keys_of(name).views)
    for command in ("", here, *others):
        for action in _actions_of(host, pane, command):
            words = action.help if action.help != action.title else ""
            where = title_of(command) if command not in ("", here) else ""
            what = "  ".join(filter(None, (host.keymap.text(action), words, f"in {where}" if where else "")))
            yield Offer(_capital(action.title), what, _runs(action, command))


def _actions_of(host: Host, pane: AnyPane | None, command: str) -> Iterator[Action]:
    if not command:
        listed: Iterable[Action] = (*host.actions, *COMMON)
    elif pane is not None and command == pane.scenario.command:
        # The tour names the ways to the panes, which are the app's.
        listed = [action for action in pane.actions if action not in (*COMMON, *TO_PANES)]
    else:
        listed = [action for action in keys_of(command).actions if not action.views]
    for action in listed:
        hidden = host.settings.kiosk and action.id in NOT_IN_A_KIOSK
        if not action.id.startswith("move.") and not hidden:
            yield action


def _runs(action: Action, command: str, view: str = "") -> Callable[[Host], Any]:
    async def run(host: Host) -> None:
        if command and (host.pane is None or host.pane.scenario.command != command):
            await host.action_pane(command)
        if view and host.pane.view != view:
            host.pane.action_view(view)
            if host.pane.view == view:  # else the pane has said what is missing
                host.pane.app.call_later(host.perform, action)  # once the view is on show
        else:
            await host.perform(action)

    return run


def view_actions(host: Host, pane: AnyPane | None) -> Iterator[Offer]:
    """What the keys do in one view only: of other panes, and of other views than that on show."""
    here = pane.actions if pane is not None else ()
    for command in (*PANES, *FURTHER):
        keys = keys_of(command)
        shown = here if pane is not None and command == pane.scenario.command else ()
        common: dict[Action, str] = {}  # to the first view that has it
        for view, listed in keys.view_actions.items():
            for action in listed:
                common.setdefault(action, action.views[0] if action.views else view)
        common |= {action: action.views[0] for action in keys.actions if action.views}
        for action, view in common.items():
            if action.id.startswith("move.") or action in shown:
                continue
            title = _capital(action.hint or action.title)
            words = action.help if action.help.lower() != title.lower() else ""
            where = f"in {title_of(command)}: {dict(keys.views)[view]}"
            yield Offer(
                title, "  ".join(filter(None, (host.keymap.text(action), words, where))), _runs(action, command, view)
            )


def choices(host: Host, pane: AnyPane | None) -> Iterator[Offer]:
    """What the fields of the pane on show can be set to."""
    for field in pane.query(Choice) if pane is not None else ():
        if not field.display or field.field_name in ("format", "machine"):
            continue
        for option, title in zip(field.options, field.titles, strict=True):

            async def run(host: Host, field: Choice = field, option: str = option) -> None:
                field.choose(option)

            yield Offer(f"{_capital(field.label or field.field_name)}: {title}", "choice", run)


def formats(host: Host, pane: AnyPane | None) -> Iterator[Offer]:
    """The formats that the pane on show can take; others open in the Quantizer."""
    here = pane.formats_on_offer() if pane is not None else []
    taken = {name for name, _ in here}
    others = [(fmt.name, fmt.description) for fmt in all_formats() if fmt.can_encode and fmt.name not in taken]
    for name, words in (*here, *others):

        async def run(host: Host, name: str = name, leaves: bool = name not in taken) -> None:
            if leaves:
                await host.action_pane("quantize")
            host.pane.use_format(name)

        yield Offer(name, f"format  {words}" + ("" if name in taken else "  in Quantizer"), run)


def models(host: Host, pane: AnyPane | None) -> Iterator[Offer]:
    """The catalogue's models: they open in Memory."""
    for model in models_listed():

        async def run(host: Host, name: str = model.name) -> None:
            await host.action_pane("mem")
            host.pane.change(model=(name,), arch="", hub=False)

        yield Offer(model.name.rpartition("/")[2], f"model of {short_count(model.parameters)} parameters", run)


def machines(host: Host, pane: AnyPane | None) -> Iterator[Offer]:
    """Machines to pretend: they open in Memory."""
    for name in ("", *(machine.name for machine in MACHINES)):

        async def run(host: Host, name: str = name) -> None:
            await host.action_pane("mem")
            host.pane.change(machine=name, ram="", vram="")

        yield Offer(name or "This machine", "machine", run)


class WordScreen(ScrollingDialog):
    """One term of the glossary."""

    def __init__(self, term: GlossaryTerm) -> None:
        super().__init__()
        self._term = term

    def picture(self, width: int) -> Picture:
        """The term, its plain word, and what it means."""
        rows = (line((text, "")) for text in wrapped(self._term.text, width))
        return (line((self._term.name, "strong"), f"  {self._term.plain}"), (), *rows)


def terms(host: Host, pane: AnyPane | None) -> Iterator[Offer]:
    """Words of the glossary."""
    for term in glossary().values():

        async def run(host: Host, term: GlossaryTerm = term) -> None:
            host.show_dialog(WordScreen(term))

        yield Offer(_capital(term.name), f"word: {term.plain}", run)


def steps(host: Host, pane: AnyPane | None) -> Iterator[Offer]:
    """Steps of the tour."""
    for number, step in enumerate(load_lesson("").steps, start=1):

        async def run(host: Host, number: int = number) -> None:
            await host.open_pane(replace(TourScenario(), step=number))

        yield Offer(step.title, f"step {number} of the tour", run, f"step {number}")


def lessons(host: Host, pane: AnyPane | None) -> Iterator[Offer]:
    """The lessons of the package, from their first step."""
    for name in filter(None, SHIPPED):

        async def run(host: Host, name: str = name) -> None:
            await host.open_pane(replace(TourScenario(), lesson=name))

        yield Offer(f"Lesson: {name}", load_lesson(name).title, run)


def themes(host: Host, pane: AnyPane | None) -> Iterator[Offer]:
    """Themes that the terminal's colours allow."""
    for name, words in host.appearance.on_offer:

        async def run(host: Host, name: str = name) -> None:
            host.appearance.change(name)

        yield Offer(f"Theme: {name}", words or "theme", run)


def _standing(host: Host, pane: AnyPane | None) -> Hashable:
    """Of what never changes."""
    return ()


def _by_keys(host: Host, pane: AnyPane | None) -> Hashable:
    """Of what follows from the actions on show and their keys."""
    here = (pane.scenario.command, pane.actions) if pane is not None else ()
    return host.keymap, host.actions, host.settings.kiosk, here


# In their order, each with what its offers depend on; None where they are made anew.
PROVIDERS: tuple[tuple[Provider, Callable[[Host, AnyPane | None], Hashable] | None], ...] = (
    (views, _by_keys),
    (actions, _by_keys),
    (formats, None),
    (choices, None),
    (steps, _standing),
    (lessons, _standing),
    (themes, None),
    (terms, _standing),
    (models, _standing),
    (machines, _standing),
    (view_actions, _by_keys),
)
_MADE: Cache[tuple[Offer, ...]] = Cache(32)


def all_offers(host: Host, pane: AnyPane | None) -> list[Offer]:
    """Everything, with `pane` on show."""
    offers: list[Offer] = []
    for provider, depends_on in PROVIDERS:

        def make(provider: Provider = provider) -> tuple[Offer, ...]:
            return tuple(map(_also, provider(host, pane)))

        offers += make() if depends_on is None else _MADE.get((provider, depends_on(host, pane)), make)
    return offers


def _also(offer: Offer) -> Offer:
    """The offer with what else people call it."""
    return offer._replace(also=f"{offer.also} {ALSO[offer.title]}".strip()) if offer.title in ALSO else offer
