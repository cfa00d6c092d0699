"""`qtui quantize`: numbers in a storage format, what is stored, what comes back, and what was lost."""

from __future__ import annotations

from qtui.cli.command import Command
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.scenario.base import UserError, check_written
from qtui.scenario.progress import Progress
from qtui.scenario.quantizer import solve as quantizer
from qtui.scenario.quantizer.json import json_object
from qtui.scenario.quantizer.result import QuantizerResult
from qtui.scenario.quantizer.scenario import QuantizerScenario

EPILOG = """examples:
  qtui quantize                                     six numbers at 4 bits, two ways
  qtui quantize 0.1 -0.2 0.7 --format int4 --view table
  qtui quantize --dist outliers --format Q4_0 --format Q4_K
  qtui quantize --dist superweight --format int8 --view outlier
  qtui quantize --in w.npy --format Q4_K --out-bytes w.q4k --out back.npy
  qtui quantize model.safetensors --tensor NAME --row 3 --format nf4"""


def solve(scenario: QuantizerScenario, progress: Progress) -> QuantizerResult:
    """The Result; the files that `scenario` asks for are written on the way."""
    if not (scenario.out or scenario.out_bytes):
        return quantizer.solve(scenario, progress)
    if len(scenario.format) != 1:
        raise UserError("files are written in one format; name it with a single --format")
    if scenario.out_bytes and scenario.keep:
        raise UserError("a format's bytes have no place for weights kept apart; leave out --keep or --out-bytes")
    for path in (scenario.out, scenario.out_bytes):
        check_written(path, scenario.source, scenario.importance, *scenario.values)
    from qtui.scenario.quantizer.files import FileSink

    with FileSink(scenario.out, scenario.out_bytes) as sink:
        return quantizer.solve(scenario, progress, sink)


def picture(result: QuantizerResult, width: int, glyphs: Glyphs) -> Picture:
    """The error that matters, the scoreboard, the view that was asked for and its sentence, and remarks."""
    from qtui.draw.quantizer.page import page
    from qtui.draw.quantizer.views import sampling
    from qtui.scenario.quantizer.sampling import with_samples

    return page(with_samples(result, sampling(result, width)), width, glyphs)


def sentence(result: QuantizerResult) -> str:
    """What the view shows."""
    from qtui.draw.quantizer.views import sampling, view_of
    from qtui.scenario.quantizer.sampling import with_samples

    return view_of(result.scenario.view_name).sentence(with_samples(result, sampling(result, 80)))


def spoken(result: QuantizerResult) -> list[str]:
    """The error that matters, and the facts of each scheme and of the view."""
    from qtui.draw.quantizer.spoken import facts

    return facts(result)


COMMAND = Command(
    scenario=QuantizerScenario,
    epilog=EPILOG,
    solve=solve,
    json_object=json_object,
    picture=picture,
    sentence=sentence,
    spoken=spoken,
)
