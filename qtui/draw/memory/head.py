"""What stands above every view of the Memory pane: the verdict, the bar with its legend, the next step."""

from __future__ import annotations

import re

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.text import GROUP_NAMES, beside_cards, lacking, next_texts, rate, short_format, where
from qtui.draw.picture import Line, Picture, Span, crop, line
from qtui.draw.picture import width as cells
from qtui.draw.safe import cell_count, safe
from qtui.draw.units import decimal, short_count, tokens_text, unit_of
from qtui.scenario.memory.result import MemoryResult

# Fill and role of each group in the bar: index into Glyphs.shades, neighbours told apart without colour.
FILLS = {
    "weights": (3, "series1"),
    "vision": (1, "series4"),
    "mtp": (0, "series4"),
    "draft": (0, "series5"),
    "kv": (2, "series2"),
    "state": (1, "series4"),
    "compute": (0, "series3"),
    "repack": (1, "axis"),
}
UNKNOWN = "speed not known"
# What the legend calls the groups, from the plainest to the shortest: the first that keeps it to one row.
_LEGENDS = (
    {"kv": "KV cache (memory of the conversation)", "compute": "buffers"},
    {"kv": "KV cache (conversation memory)", "compute": "buffers"},
    {"kv": "KV (conversation)", "compute": "buffers"},
    {"compute": "buffers"},
)


def headline(result: MemoryResult, width: int, glyphs: Glyphs, measure_key: str = "") -> Picture:
    """The verdict with what is taken of what there is, and the speed; under it what the verdict is about.

    `measure_key` measures the memory of this machine, where its speed is not known.
    """
    verdict, role = verdict_of(result, glyphs)
    taken, speed = _taken(result), _speed(result)
    placed = f"{taken} {where(result)}" if result.budget.gpu else taken  # what stays in RAM is not part of it
    fact_cells = len(speed or UNKNOWN) + 3 if speed or result.fits else 0
    if cell_count(verdict) + fact_cells + cell_count(placed) + 2 <= width:
        taken = placed
    spans: list[Span | str] = [(verdict, role)]
    room = width - cell_count(verdict) - cell_count(taken) - 2
    here = not result.scenario.machine and not result.machine.bandwidth
    fact: Span = (speed, "strong") if speed else (UNKNOWN, "dim")
    if here and not speed and measure_key and len(UNKNOWN) + len(measure_key) + 16 <= room:
        fact = (f"{UNKNOWN}: {measure_key} measures it", "dim")
    speed = fact[0] if speed or result.fits else ""
    if speed and len(speed) + 3 <= room:
        spans += ["   ", fact]
        room -= len(speed) + 3
    spans += [" " * (room + 2), (taken, "strong")]
    return (crop(line(*spans), width, glyphs.ellipsis), _about(result, width, glyphs))


def paced(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The speed first, then the verdict: what stands above the view of the speed."""
    speed: Span = (_speed(result) or UNKNOWN, "strong")
    verdict, taken = verdict_of(result, glyphs), _taken(result)
    room = width - len(speed[0]) - cell_count(verdict[0]) - cell_count(taken) - 3
    spans: list[Span | str] = [speed, "   ", verdict]
    spans += [" " * room, (taken, "strong")] if room >= 3 else []
    return (crop(line(*spans), width, glyphs.ellipsis), _about(result, width, glyphs))


def _speed(result: MemoryResult) -> str:
    return f"{rate(result.speed.low)} to {rate(result.speed.high)} tokens/s" if result.speed else ""


def _taken(result: MemoryResult) -> str:
    """What is taken of what there is, each in a unit that shows it: "72.9 of 25.2 GB", "609.1 MB of 25.2 GB"."""
    limit = result.budget.limit
    own, whole = unit_of(limit - result.spare), unit_of(limit)
    unit = f" {own.name}" if own != whole else ""
    return f"{own.of(limit - result.spare)}{unit} of {whole.of(limit)} {whole.name}"


def verdict_of(result: MemoryResult, glyphs: Glyphs) -> Span:
    """Whether it fits, in a few words with its mark."""
    doubt = "" if result.model.family_known or result.model.arch is None else f" {glyphs.approx} family not known"
    if result.fits:
        return f"{glyphs.yes} It fits.{doubt}", "good"
    if result.split:
        return f"{glyphs.half_top} Part of it stays in RAM.{doubt}", "warn"
    if result.spare >= 0:
        return f"{glyphs.no} The RAM is too small.{doubt}", "bad"
    both = lacking(result)
    short = f"{decimal(both)} too large for card and RAM" if both else f"{decimal(-result.spare)} too large"
    return f"{glyphs.no} {short}.{doubt}", "bad"


def _about(result: MemoryResult, width: int, glyphs: Glyphs) -> Line:
    """The model and how it is run, as many facts as there is room for."""
    name = result.model.name.rstrip("/").rpartition("/")[2]
    weights, serving = result.weights, result.serving
    facts = [
        f" in {short_format(result.spec)}",
        f"cache {result.scenario.kv_type}",
        f"{tokens_text(serving.context)} tokens",
    ]
    facts[0] = f" {result.format}" if result.spec in ("", "native") else facts[0]
    facts += [f"{serving.sequences} sequences"] if serving.sequences > 1 else []
    facts += [serving.engine] if serving.engine != "llama.cpp" else []
    kept = result.scenario.n_cpu_moe or result.scenario.override_tensor
    facts += [f"{'not all' if kept else 'all'} {where(result)}"] if result.fits and result.budget.gpu else []
    bits = 8 * weights.bytes / max(1, weights.parameters)
    facts.append(f"{short_count(weights.parameters)} parameters {glyphs.times} {bits:.3g} bits")
    text = facts[0]
    for fact in facts[1:]:
        longer = f"{text} {glyphs.dot} {fact}"
        text = longer if cell_count(safe(name)) + cell_count(safe(longer)) <= width else text
    return crop(line((name, "strong"), text), width, glyphs.ellipsis)


def groups(result: MemoryResult) -> list[tuple[str, int]]:
    """(group, bytes) of what there is, in the order of the bar."""
    return [(name, size) for name in FILLS if (size := result.bytes(name))]


def _placed(result: MemoryResult) -> list[tuple[str, int]]:
    """The same, of the weights only what counts against the limit: not what stays in RAM beside cards."""
    host = beside_cards(result)
    return [(name, size - host if name == "weights" else size) for name, size in groups(result)]


def bar(result: MemoryResult, width: int, glyphs: Glyphs, labelled: bool = False, most: int = 1) -> Picture:
    """The parts stacked against the limit, which `labelled` names above in GB and GiB.

    The whole width is the limit, the total or `most`, whichever is more bytes.
    """
    limit, placed = result.budget.limit, _placed(result)
    scale = max(limit, sum(size for _, size in placed), most)
    room = max(10, width - 2)
    edge = min(room - 1, limit * room // scale)
    spans: list[Span | str] = []
    done = before = 0
    for name, size in placed:
        done += size
        # A part that is there is seen: it takes one cell at least, as long as there are cells.
        taken = min(room - before, max(1, done * room // scale - before))
        shade, role = FILLS[name]
        spans.append((glyphs.shades[shade] * taken, role))
        before += taken
    role = "good" if result.fits else "bad"
    marked = _mark(line(*spans, " " * (room - before)), edge, glyphs.vertical, role)
    if not labelled:
        return (marked,)
    unit = unit_of(limit)
    label = f"limit {unit.of(limit, 2)} {unit.name} = {limit / unit.binary_bytes:,.2f} {unit.binary}"
    start = max(0, min(room - len(label), edge - len(label) // 2))
    return (line(" " * start, (label, role)), marked)


def legend(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """What each fill of the bar is, and what of the weights stays in RAM, in as many rows as it needs."""
    unit = unit_of(result.total)
    host = beside_cards(result)
    # What is little goes before a second row is taken: the sum names it.
    rests = [f" + {unit.of(host, 2)} in RAM", *[""] * (host < result.total // 10)] if host else [""]
    for rest, names in ((rest, names) for rest in rests for names in _LEGENDS):
        items = []
        for name, size in _placed(result):
            shade, role = FILLS[name]
            label, beside = names.get(name, GROUP_NAMES[name]), rest if name == "weights" else ""
            items.append(line((glyphs.shades[shade] * 2, role), f" {label} ", (unit.of(size, 2), "strong"), beside))
        rows = _flow(items, width - 5)
        if len(rows) == 1:
            break
    return (*rows[:-1], line(*rows[-1], (f"   {unit.name}", "dim"))) if rows else ()


def step(result: MemoryResult, width: int, glyphs: Glyphs, take_key: str, model_key: str) -> Picture:
    """The next step with its keys standing out; nothing where there is none."""
    texts = next_texts(result, take_key, model_key)
    if not texts:
        return ()
    text = next((text for text in texts if len(text) <= width), texts[-1])
    names = "|".join(re.escape(key) for key in (take_key, model_key) if key) or "$^"
    parts = re.split(rf"(?:(?<=[:;] )|^)({names})(?= takes| finds)", text)
    spans: list[Span | str] = [(part, "key") if i % 2 else part for i, part in enumerate(parts)]
    return (crop(line(*spans), width, glyphs.ellipsis),)


def _mark(row: Line, at: int, glyph: str, role: str) -> Line:
    """`row` with `glyph` in cell `at`."""
    spans: list[Span | str] = []
    x = 0
    for text, own in row:
        if x <= at < x + len(text):
            spans += [(text[: at - x], own), (glyph, role), (text[at - x + 1 :], own)]
        else:
            spans.append((text, own))
        x += len(text)
    return line(*spans)


def _flow(items: list[Line], width: int) -> list[Line]:
    """Items one after the other, on as many rows as they need."""
    rows: list[Line] = []
    for item in items:
        if rows and cells(rows[-1]) + 2 + cells(item) <= width:
            rows[-1] = line(*rows[-1], "  ", *item)
        else:
            rows.append(item)
    return rows
