"""The formats beside the baseline as a table, and the facts above it."""

from __future__ import annotations

from collections.abc import Sequence

from qtui.compute.lm.perplexity import KLD_SHARES
from qtui.draw.glyphs import Glyphs, plain
from qtui.draw.picture import Line, Picture, Span, crop, crop_at_word, fitted, line, width
from qtui.draw.safe import crop_text, wrapped
from qtui.draw.ticks import significant
from qtui.draw.units import decimal, short_count
from qtui.scenario.quality.result import FormatQuality, QualityResult

# Nats a token up to which a loss is called so; what is above them breaks the model.
LOSSES = ((0.005, "none", "good"), (0.1, "small", ""), (0.5, "large", "bad"))
_HEAD = ("format", "bits", "size", "loss", "perplexity", "ln PPL", "KL nats", "99 %", "same top", "rms p", "sums", "")
_ALIGN = "l.rlrr....rl"
_SUMS = 10
_SPARE = (9, 7, 4, 11, 2, 8, 5)  # columns that go first where room is short
_SPARE_WITH_SUMS = (8, 9, 7, 11, 2, 4, 5)  # where answers are counted, which token is first says little
_SOURCE = 24  # cells that are enough to tell a text by the beginning of its name
_NAME, _NARROW = 18, 100  # cells of a format's name in a window narrower than that


def facts(result: QualityResult, cells: int, glyphs: Glyphs) -> Picture:
    """The model, the text, and the baseline: what the formats are compared with."""
    model, passage, base = result.model, result.passage, result.baseline
    if model is None:
        return ()
    size = f"{short_count(model.parameters)} weights, {decimal(model.nbytes)}"
    rows: list[Line] = [
        _fitting(
            [
                line((model.name, "strong"), f"  {model.family}, {size}{stored}")
                for stored in (f", stored as {model.stored}", "")
            ],
            cells,
        )
    ]
    if model.streamed:
        rows.append(line(("larger than --memory: layers are decoded again for each pass", "warn")))
    if passage is not None:
        plural = "windows" if passage.windows > 1 else "window"
        scored = f"{passage.windows} {plural} of {passage.context} tokens, {passage.scored:,} scored"
        whole, short = (line(("text   ", "label"), text) for text in (f"{scored}: {passage.source}", scored))
        rows.append(whole if cells - width(short) >= _SOURCE else _fitting([whole, short], cells))
    if base is not None:
        pm = glyphs.plus_minus
        spans: list[Span | str] = [
            ("as it is ", "label"),
            f"perplexity {base.ppl.value:.3g} {pm} {base.ppl.error:.2g}",
        ]
        if passage is not None and base.windows < passage.windows:
            spans.append((f"  after {base.windows} of {passage.windows} windows", "dim"))
        best = f"{base.least_ppl:.3g}" if base.least_ppl is not None else ""
        named = "the best that any model can have: ", "the best there can be: ", "best: "
        asides = [f"   {name}{best}" for name in named] if best else [""]
        rows.append(_fitting([line(*spans, (aside, "dim")) for aside in asides], cells))
    return tuple(crop_at_word(row, cells, glyphs.ellipsis) for row in rows)


def _fitting(rows: Sequence[Line], cells: int) -> Line:
    """The first of `rows`, from the longest to the shortest, that fits; else the last."""
    return next((row for row in rows if width(row) <= cells), rows[-1])


def table(result: QualityResult, cells: int, glyphs: Glyphs, chosen: int = -1) -> Picture:
    """A row a format; the one at `chosen` is marked. Narrower tables go without the less important columns."""
    with_sums = any(row.sums is not None for row in result.formats)
    rows: list[list[Span | str]] = [[(name, "strong") for name in _head(glyphs)]]
    if result.model is not None and result.baseline is not None:
        model, base, pm = result.model, result.baseline, glyphs.plus_minus
        ppl = f"{significant(base.ppl.value)} {pm}{significant(base.ppl.error, 2)}"
        own = ("as it is", f"{model.bits_per_weight:.2f}", decimal(model.nbytes), "", ppl, *[""] * 5)
        rows.append([(text, "dim") for text in (*own, _sums(base.sums), model.stored)])
    windows = result.passage.windows if result.passage is not None else 0
    names = _names([row.format for row in result.formats], cells, glyphs)
    rows += [_row(row, names[row.format], windows, glyphs, at == chosen) for at, row in enumerate(result.formats)]
    kept = [i for i in range(len(_HEAD)) if with_sums or i != _SUMS]
    rows = [[row[i] for i in kept] for row in rows]
    spare = [kept.index(i) for i in (_SPARE_WITH_SUMS if with_sums else _SPARE) if i in kept]
    fitting = fitted(rows, "".join(_ALIGN[i] for i in kept), cells, spare)
    return tuple(crop(row, cells, glyphs.ellipsis) for row in fitting)


def _head(glyphs: Glyphs) -> tuple[str, ...]:
    delta = "d" if glyphs.name == "ascii" else "Δ"
    changed = {5: f"{delta} {_HEAD[5]}", 9: f"{delta}p rms %", 8: "same top %", 10: "sums %"}
    return tuple(changed.get(i, name) for i, name in enumerate(_HEAD))


def _sums(sums: tuple[float, float] | None) -> str:
    return "" if sums is None else "/".join(f"{100 * share:.0f}" for share in sums)


def _names(formats: Sequence[str], cells: int, glyphs: Glyphs) -> dict[str, str]:
    """What each format is called: where there is little room, by its kind alone, unless two are of one kind."""
    names = {}
    kinds = [name.partition(":")[0] for name in formats]
    for name, kind in zip(formats, kinds, strict=True):
        long = len(name) > _NAME and cells < _NARROW
        short = kind if kinds.count(kind) == 1 else crop_text(name, _NAME, glyphs.ellipsis)
        names[name] = short if long else name
    return names


def _row(row: FormatQuality, shown: str, windows: int, glyphs: Glyphs, chosen: bool) -> list[Span | str]:
    name: Span = (shown, "cursor" if chosen else "dim" if row.no_op else "")
    head: list[Span | str] = [name, f"{row.bits_per_weight:.2f}", decimal(row.nbytes)]
    stats = row.statistics
    if stats is None:
        return [*head, ("unknown" if row.problem else "not yet", "dim"), *[""] * 7, (row.problem, "bad")]
    pm = glyphs.plus_minus
    p99 = stats.kld_quantiles[KLD_SHARES.index(0.99)]
    kl = max(stats.kld.value, 0.0)
    error = stats.ppl.error if stats.ppl.error > 1e-6 * stats.ppl.value else 0.0
    loss, role = next(((word, role) for most, word, role in LOSSES if kl <= most), ("broken", "bad"))
    role = "dim" if row.no_op else role
    return [
        *head,
        ("as it is" if row.no_op and not row.changed else loss, role),
        f"{significant(stats.ppl.value)} {pm}{significant(error, 2)}",
        f"{stats.log_ratio.value:+.4f} {pm}{stats.log_ratio.error:.4f}",
        (f"{kl:.4f}", role),
        f"{max(p99, 0.0):.3f}",
        f"{100 * stats.same_top.value:.1f}",
        f"{100 * stats.difference_rms.value:.2f}",
        _sums(row.sums),
        (note(row, windows), "warn" if row.no_op or row.fallbacks else "dim"),
    ]


def note(row: FormatQuality, windows: int) -> str:
    """What a person should know of a row: that it says nothing, that other types stood in, that more comes."""
    if row.no_op:
        share = 100 * row.already / max(row.already + row.changed, 1)
        return f"{share:.0f} % stored so already" if row.changed else "stored so already"
    if row.windows < windows:
        return f"{row.windows} of {windows} windows"
    kinds = sorted({kind for _, kind in row.fallbacks})
    return f"{len(row.fallbacks)} matrices fall back to {', '.join(kinds)}" if kinds else ""


def sentences(texts: tuple[str, ...], cells: int, glyphs: Glyphs, rows: int = 99) -> Picture:
    """The verdict, a sentence a paragraph; whole sentences, as many as fit `rows`."""
    written = [plain(text) if glyphs.name == "ascii" else text for text in texts]
    lines: list[Line] = []
    for at, sentence in enumerate(written):
        part = [line((row, "strong" if at == 0 else "")) for row in wrapped(sentence, cells)]
        if len(lines) + len(part) > rows:
            break
        lines += part
    return tuple(lines)
