"""The toy network: its graph, its values, and what each scheme makes of it."""

from __future__ import annotations

from collections.abc import Sequence

from qtui.compute.quantizer.network import Drift, Run
from qtui.draw.canvas import DOWN, LEFT, RIGHT, UP, Canvas
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, columns, crop, line
from qtui.draw.picture import width as row_width
from qtui.draw.quantizer.parts import LETTERS, percent, short
from qtui.draw.quantizer.words import per_scheme
from qtui.scenario.quantizer.result import QuantizerResult, Scheme

NODE = 9  # columns of a node: brackets and a value
MOST_ROWS = 9  # nodes of a layer that are drawn; of more, the first and the last
SLIDER = (-5.0, 5.0)


def picture(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """The slider, the graph, the outputs of the exact and the stored weights, and the selected node's weights."""
    drift = result.drift
    assert drift is not None
    layer, position = result.nodes[0].layer, result.nodes[0].position
    labels = [] if drift.kept else [scheme.stored.label for scheme in result.schemes]
    outputs = _outputs(drift, labels) if _has_outputs(result, height) else []
    details = _details(result, layer, position, drift, width)
    graph = _graph(drift.exact, layer, position, width, _graph_rows(result, height), glyphs)
    return (_slider(result.scenario.input, drift, width, glyphs), *graph, *outputs, *details)


def sentence(result: QuantizerResult) -> str:
    """What there is to see, and why."""
    drift = result.drift
    assert drift is not None

    def changed(index: int, _: Scheme) -> str:
        run, share = drift.stored[index], drift.shares[index]
        return f"{amount(run.output)} ({change(share, drift.flipped[index])})"

    network = "network" if not any(drift.shares) else "exact network"
    gives = f"The outputs of the {network} add up to" if len(drift.exact.nodes[-1]) > 1 else f"The {network} gives"
    exact = f"{gives} {amount(drift.exact.output)}"
    if drift.kept:
        stored = (
            "its weight is stored as it is"
            if drift.exact.net.parameters == 1
            else "its weights are stored as they are"
        )
        return f"{exact}: {stored}."
    if not any(drift.shares):
        return f"{exact}, exact and as stored."
    return f"{exact}; {per_scheme(result, changed)}."


def amount(value: float) -> str:
    """An output to three decimals, as in the essay; smaller ones to three digits."""
    return f"{value + 0.0:.3f}" if 0.01 <= abs(value) < 1e6 or value == 0 else short(value, 3)


def change(share: float, flipped: bool) -> str:
    """How the size of an output changed."""
    if share == 0:
        return "unchanged"
    if flipped:
        return f"changed its sign, {percent(share)} off"
    if share == float("inf"):
        return "no longer 0"
    return f"{'grew' if share > 0 else 'shrank'} by {percent(abs(share))}"


def node_spots(result: QuantizerResult, width: int, height: int) -> dict[tuple[int, int], tuple[int, int]]:
    """Left column and row in the picture of each node that is drawn, by layer and position."""
    assert result.drift is not None
    layers = result.drift.exact.net.layers
    left, _, tall = _columns(layers, width, _graph_rows(result, height))
    spots = _all_spots(layers, tall, result.nodes[0].layer, result.nodes[0].position)
    return {(k, i): (left[k], 1 + y) for k, places in enumerate(spots) for i, y in places.items()}


def _all_spots(layers: Sequence[int], tall: int, layer: int, position: int) -> list[dict[int, int]]:
    """The rows of all layers' nodes, node `position` of `layer` among them."""
    edge = int(_boxed(layers, tall))
    spots = [_spots(size, tall - 2 * edge, position if k == layer else None) for k, size in enumerate(layers)]
    return [{i: y + edge for i, y in places.items()} for places in spots]


def _boxed(layers: Sequence[int], tall: int) -> bool:
    """Whether each node has room for a box of three rows, and one between two."""
    return tall >= 4 * min(max(layers), MOST_ROWS) - 1


def _graph_rows(result: QuantizerResult, height: int) -> int:
    """Rows that the outputs and the details leave to the graph."""
    assert result.drift is not None
    rows = 1 if result.drift.kept else len(result.schemes) + 1
    return max(3, height - 2 - rows - (rows if _has_outputs(result, height) else 0))


def _has_outputs(result: QuantizerResult, height: int) -> bool:
    """Whether there is room for a table of the outputs, which the sentence has as well where schemes are few."""
    assert result.drift is not None
    graph = max(2 * max(result.drift.exact.net.layers) - 1, 3)
    return height >= min(16, 2 * len(result.schemes) + 4 + graph) or len(result.schemes) > 3


def _columns(layers: Sequence[int], width: int, height: int) -> tuple[list[int], int, int]:
    """Left column of each layer, the columns between two, and the rows of the graph."""
    nodes = min(max(layers), MOST_ROWS)
    tall = min(height, 8 * nodes - 5)
    if not _boxed(layers, tall):
        apart = min(max((height - 1) // max(nodes - 1, 1), 1), 4)  # rows from node to node
        tall = min(height, max(apart * (nodes - 1) + 1, 3))
    centred = 1 in layers and any(size > 1 and size % 2 for size in layers)
    tall -= centred and tall % 2 == 0 and tall > 3  # so that a single node is in the row of the middle one beside it
    gap = max((width - NODE * len(layers)) // max(len(layers) - 1, 1), 2)
    return [k * (NODE + gap) for k in range(len(layers))], gap, tall


def _slider(value: float, drift: Drift, width: int, glyphs: Glyphs) -> Line:
    net, (low, high) = drift.exact.net, SLIDER
    plural = "s" * (net.parameters != 1)
    size = f"  {'-'.join(str(n) for n in net.layers)}, {net.parameters} parameter{plural}"
    room = max(min(30, width - len(size) - 14), 10)  # 14 cells for the word and the value
    size += ", weights repeated" if drift.repeats and len(size) + room + 32 <= width else ""
    at = round((min(max(value, low), high) - low) / (high - low) * (room - 1))
    bar, rest = glyphs.horizontal * at, glyphs.horizontal * (room - 1 - at)
    head = line(("input ", "label"), f"{short(value)} ", (bar, "axis"), (glyphs.bullet, "cursor"), (rest, "axis"))
    return crop(line(*head, (size, "dim")), width, glyphs.ellipsis)


def _graph(run: Run, layer: int, position: int, width: int, height: int, glyphs: Glyphs) -> Picture:
    layers = run.net.layers
    left, gap, tall = _columns(layers, width, height)
    canvas, boxed = Canvas(width, tall, glyphs), _boxed(layers, tall)
    spots = _all_spots(layers, tall, layer, position)
    for k in range(len(layers) - 1):
        ends = left[k] + NODE, left[k + 1] - 1
        _bus(canvas, *ends, list(spots[k].values()), list(spots[k + 1].values()))
        if k in (layer - 1, layer):
            sides = [[places[position]] if j == layer else list(places.values()) for j, places in enumerate(spots)]
            _bus(canvas, *ends, sides[k], sides[k + 1], heavy=True)
        _weights(canvas, run, k, left, gap, spots)
    for k, places in enumerate(spots):
        for i, y in places.items():
            chosen = (k, i) == (layer, position)
            role, inner = "cursor" if chosen else "strong", NODE - 2 * boxed
            text = _fitted(float(run.nodes[k][i]), "{}" if boxed else "({})", inner).center(inner)
            canvas.put(left[k] + boxed, y, text, role)
            if boxed:
                canvas.box(left[k], y - 1, NODE, 3, "strong" if chosen else "axis")
        if len(places) < layers[k]:
            hidden = f"+{layers[k] - len(places)} more"
            canvas.put(left[k], min(tall - 1, tall // 2 + 1), hidden.center(NODE), "dim")
    return canvas.picture()


def _fitted(value: float, frame: str, room: int) -> str:
    """A node's value in its `frame`, with as many of three digits as there is room for."""
    texts = [frame.format(short(value, digits)) for digits in (3, 2, 1)]
    return next((text for text in texts if len(text) <= room), texts[-1][:room])


def _spots(size: int, tall: int, chosen: int | None = None) -> dict[int, int]:
    """Row of each node that is drawn, by its position in the layer; node `chosen` is among them."""
    fit = min(size, MOST_ROWS, tall)
    kept = list(range(size)) if fit >= size else [*range(fit - fit // 2), *range(size - fit // 2, size)]
    if chosen is not None and chosen not in kept:
        kept[fit - fit // 2 - 1] = chosen
    if len(kept) == 1:
        return {kept[0]: tall // 2}
    return {i: round(order * (tall - 1) / (len(kept) - 1)) for order, i in enumerate(kept)}


def _bus(
    canvas: Canvas, left: int, right: int, starts: Sequence[int], ends: Sequence[int], heavy: bool = False
) -> None:
    """Lines from every start row to every end row, sharing one upright: all nodes are connected.

    `heavy` ones, of the selected node, lie over the others.
    """
    role = "strong" if heavy else "axis"
    middle = (left + right) // 2
    top, bottom = min(*starts, *ends), max(*starts, *ends)
    for y in range(top, bottom + 1):
        directions = (UP if y > top else 0) | (DOWN if y < bottom else 0)
        directions |= (LEFT if y in starts else 0) | (RIGHT if y in ends else 0)
        canvas.wire(middle, y, directions, role, heavy)
    for y in starts:
        for x in range(left, middle):
            canvas.wire(x, y, LEFT | RIGHT, role, heavy)
    for y in ends:
        for x in range(middle + 1, right + 1):
            canvas.wire(x, y, LEFT | RIGHT, role, heavy)


def _weights(
    canvas: Canvas, run: Run, k: int, left: Sequence[int], gap: int, spots: Sequence[dict[int, int]]
) -> None:
    """Each edge's weight, where one side has a single node and there is room to write it."""
    room = gap // 2 - 2
    if room < 5 or 1 not in run.net.layers[k : k + 2]:
        return
    into_many = run.net.layers[k] == 1
    for i, y in spots[k + 1 if into_many else k].items():
        weight = float(run.net.weights[k][i, 0] if into_many else run.net.weights[k][0, i])
        texts = (short(weight, digits) for digits in (3, 2, 1))
        text = next((text for text in texts if len(text) <= room), "")
        start, stop = left[k] + NODE, left[k + 1] - 1
        start, stop = ((start + stop) // 2 + 1, stop) if into_many else (start, (start + stop) // 2)
        canvas.put(start + (stop - start - len(text)) // 2, y, text, "label")


def _outputs(drift: Drift, labels: Sequence[str]) -> list[Line]:
    """What comes out, exactly and with each scheme's weights."""
    several = len(drift.exact.nodes[-1]) > 1
    rows: list[list[Span | str]] = [
        [
            ("output" + (" (sum)" if several else ""), "label"),
            ("exact" if labels else "", "strong"),
            amount(drift.exact.output),
            "",
        ]
    ]
    for index, label in enumerate(labels):
        share = drift.shares[index]
        role = "good" if abs(share) < 0.02 else "warn" if abs(share) < 0.2 else "bad"
        role = "bad" if drift.flipped[index] else role
        name: Span = (f"{LETTERS[index]} {label}", SERIES[index])
        off = change(share, drift.flipped[index])
        rows.append(["", name, amount(drift.stored[index].output), (off, role)])
    return list(columns(rows, "llrr"))


def _details(result: QuantizerResult, layer: int, position: int, drift: Drift, width: int) -> list[Line]:
    """The selected node: its value and its edges' weights, exact and as each scheme stores them."""
    last = len(drift.exact.net.layers) - 1
    kind = "the input" if layer == 0 else "the output" if layer == last else f"layer {layer}"
    marks = [("", "")] if drift.kept else [("exact", ""), *zip(LETTERS, SERIES, strict=False)]
    rows: list[Line] = []
    for into, out in (("  weights in ", "  weights out "), ("  in ", "  out ")):
        rows = [line((f"node {position + 1} of {kind}", "strong"))]
        for (mark, role), node in zip(marks, result.nodes, strict=False):
            spans: list[Span | str] = [(mark.ljust(6) if mark else "", role), f"value {short(node.value, 4)}"]
            if node.entering:
                spans += [(into, "dim"), _listed(node.entering)]
            if node.leaving:
                spans += [(out, "dim"), _listed(node.leaving)]
            rows.append(line(*spans))
        if max(map(row_width, rows)) <= width:
            break
    return [crop(row, width) for row in rows]


def _listed(weights: Sequence[float]) -> str:
    return " ".join(short(w, 3) for w in weights)
