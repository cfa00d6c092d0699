"""What is pressed to count bytes: by the tests of them, in this process, and by `tests/benchmarks/sweep_wire.py`."""

from __future__ import annotations

from dataclasses import dataclass

MOVE, FOCUS, VALUE, SWITCH = 600, 3000, 6000, 20000
MEMORY = "mem Qwen3-8B --machine 'RTX 4090' --ram 64GB"  # not this machine, which differs from day to day
Costs = list[tuple[int, str]]


@dataclass(frozen=True)
class Keys:
    """Keys to count one by one in a state of the app: a command line, then keys that lead there."""

    group: str
    limit: int
    command: str
    there: str
    keys: str


# Where every key is one that changes a value, or moves a cursor; a key twice is there and back.
SWEEPS = (
    Keys("bits: cursor, inspect", MOVE, "bits 0.1", "", "right " * 32 + "shift+left shift+right"),
    Keys("bits: cursor, all formats", MOVE, "bits 0.1 --view all", "", "down " * 24 + "up " * 24),
    # Where the cursor leaves the close-up, that moves on as well.
    Keys("bits: cursor, line", 3 * MOVE, "bits 0.1 --view line", "", "right " * 12 + "shift+right left home end"),
    Keys("bits: cursor, density", MOVE, "bits 0.1 --view density", "", "right " * 12 + "shift+right left home"),
    Keys("bits: cursor, sine", MOVE, "bits 0.1 --view sine", "", "right " * 12 + "shift+right left home"),
    Keys("bits: mark, sine", MOVE, "bits 0.1 --view sine", "", "down " * 8 + "up up"),
    Keys("bits: cursor, formats", MOVE, "bits 0.1 --view formats", "", "down " * 24 + "up " * 24),
    Keys("bits: cursor, design", MOVE, "bits 0.1 --view design", "", "down " * 6 + "up " * 3),
    Keys("bits: step", VALUE, "bits 0.1", "", "up up down down shift+up shift+down * / + - pageup pagedown m m"),
    Keys("bits: special values, ends", VALUE, "bits 0.1", "", "n " * 14 + "N " * 3 + "home end x x"),
    Keys("bits: format, rounding", VALUE, "bits 0.1", "", "] " * 12 + "[ " * 4 + "r r r R o o"),
    Keys("bits: zoom, line", VALUE, "bits 0.1 --view line", "", "+ + + - - - 0 up down"),
    Keys("bits: zoom, density", VALUE, "bits 0.1 --view density", "", "+ + + - - - 0 L L P P ] ] ["),
    Keys("bits: zoom, sine", VALUE, "bits 0.1 --view sine", "", "+ + - - down space space"),
    Keys("bits: change a design", VALUE, "bits 0.1 --view design", "", "right left " + "down right left " * 4),
    Keys("bits: switch the view", SWITCH, "bits 0.1", "", "a l d w f e i l a w e d f i"),
    Keys("errors: zoom", VALUE, "errors", "", "+ " * 8 + "- " * 9),
    Keys("errors: zoom, linear", VALUE, "errors --counts linear", "", "+ " * 8 + "- " * 9),
    Keys("errors: zoom, stacked", VALUE, "errors --layout stacked", "", "+ " * 5 + "- " * 6),
    Keys("errors: zoom, steps", VALUE, "errors --unit steps", "", "+ " * 5 + "- " * 6),
    Keys("errors: counts, unit, layout, even", VALUE, "errors", "", "l l w w i i h h w l i h l i w h"),
    Keys("errors: cursor", MOVE, "errors", "", "right left shift+left shift+right home end 0"),
    Keys("errors: cursor, stacked", MOVE, "errors --layout stacked", "", "right left shift+left home end 0"),
    Keys(
        "memory: format, context",
        VALUE,
        MEMORY,
        "",
        "down " * 9 + "up " * 4 + "right " * 6 + "left " * 3,
    ),
    Keys("memory: flash attention", VALUE, MEMORY, "", "w w n"),
    Keys("quantizer: schemes", VALUE, "quantize", "", "- + - - + b b B a a c c T R i x x k K k F X"),
    Keys("quantizer: numbers", VALUE, "quantize", "", "d d d D z z Z p P n n o > < o r"),
    Keys("quantizer: cursor", MOVE, "quantize", "", "right right left end home shift+right"),
    Keys("quantizer: switch the view", SWITCH, "quantize", "", "v " * 11 + "V V"),
    *(
        # In each of its views: the bits, the block, the numbers, the outlier, the cursor.
        Keys(f"quantizer: view {view + 1}", VALUE, "quantize", "v " * view, "- + b a d o n right left shift+right")
        for view in range(1, 11)
    ),
    *(
        Keys(f"memory: {view}", VALUE, f"{MEMORY} --view {view}", "", "down down right right left up w w")
        for view in ("terms", "answers")
    ),
    *(
        Keys(f"move the focus, {name}", FOCUS, command, "", "tab " * count + "shift+tab " * count)
        for name, command, count in (
            ("memory", MEMORY, 9),
            ("bits", "bits 0.1", 6),
            ("quantizer", "quantize", 8),
            ("errors", "errors", 9),
        )
    ),
    Keys(
        "switch the pane",
        SWITCH,
        MEMORY,
        "f2 f3 f4 f1",
        "f2 f1 f3 f1 f4 f2 f3 f2 f4 f3 f4 f1",
    ),
    Keys("switch the pane, first visits", SWITCH, MEMORY, "", "f2 f3 f4"),
)
