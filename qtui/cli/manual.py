"""The manual page, written from the parsers, the subcommands' examples and the glossary: `qtui --man`, read by man.

qtui --man > ~/.local/share/man/man1/qtui.1
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from qtui import __version__
from qtui.cli.command import EVERY, parser_of
from qtui.words.load import glossary

EXIT = (
    ("0", "an answer was given; with --fits: all of it fits"),
    ("1", "no: with --fits something does not fit, with --max-kl a format loses more; or qtui itself failed"),
    ("2", "the question could not be understood; one line on stderr says why"),
    ("130, 141", "ended by Ctrl+C; the reader of a pipe has gone"),
)
FILES = (
    (
        "$XDG_CONFIG_HOME/qtui/config.toml",
        "what you prefer every time: theme, color, ascii, mouse, pane, machine, keys",
    ),
    ("$XDG_STATE_HOME/qtui/session.json", "where the app was left; --fresh starts anew"),
    ("$XDG_CACHE_HOME/qtui", "figures that took long to measure"),
)


def manual(top: argparse.ArgumentParser) -> str:
    """The page in roff; `top` is the parser of `qtui` without a subcommand."""
    rows = [
        f'.TH QTUI 1 "" "qtui {__version__}" "User Commands"',
        ".SH NAME",
        "qtui \\- a terminal explorer of language\\-model quantization",
        ".SH SYNOPSIS",
        ".B qtui",
        "[\\fIoptions\\fR]",
        ".br",
        ".B qtui",
        "\\fIcommand\\fR [\\fIarguments\\fR] [\\fIoptions\\fR]",
        ".SH DESCRIPTION",
        _text(top.description or ""),
        "Without a command it opens the app.",
        ".SH OPTIONS",
        *_options(top),
    ]
    for name in EVERY:
        parser = parser_of(name)
        rows += [f'.SH "QTUI {name.upper()}"', _text(parser.description or ""), *_options(parser)]
        rows += [".PP", ".nf", *(_text(row) for row in (parser.epilog or "").splitlines()), ".fi"]
    rows += ['.SH "EXIT STATUS"', *_pairs(EXIT), ".SH FILES", *_pairs(FILES)]
    rows += [".SH WORDS", *_pairs((term.name, f"{term.plain}. {term.text}") for term in glossary().values())]
    return "\n".join(rows)


def _options(parser: argparse.ArgumentParser) -> list[str]:
    """Arguments and options, those with one help together; --help of subcommands goes without saying."""
    pairs = []
    for action in parser._actions:
        if action.help == argparse.SUPPRESS:
            continue
        value = action.metavar or (
            f"{{{','.join(map(str, action.choices))}}}" if action.choices else action.dest.upper()
        )
        value = "" if action.nargs == 0 else f" {value}"
        head = ", ".join(f"{flag}{value}" for flag in action.option_strings) or value.strip()
        pairs.append((head, (action.help or "").replace("%%", "%")))
    return _pairs(pairs)


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Paragraphs with hanging tags."""
    return [row for head, text in pairs for row in (".TP", f".B {_text(head)}", _text(text))]


def _text(text: str) -> str:
    """`text` that roff prints as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text
