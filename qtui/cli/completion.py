"""Completion scripts for shells, written from the same declarations as the parsers.

eval "$(qtui --completion bash)"                               in ~/.bashrc
eval "$(qtui --completion zsh)"                                in ~/.zshrc, after compinit
qtui --completion fish > ~/.config/fish/completions/qtui.fish
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from qtui.cli.command import EVERY, parser_of
from qtui.compute.formats import all_formats
from qtui.models.catalogue.records import Catalogue

FILES = ("FILE", "DIR", "PATH")  # metavars of what the shell itself completes
FORMATS = ("format", "formats")  # values that name a storage format


@dataclass(frozen=True)
class Completion:
    """One option, or (without flags) the arguments, of a command: what may follow it, and whether files may."""

    flags: tuple[str, ...]
    takes_value: bool
    words: tuple[str, ...]
    files: bool
    help: str


def choices(parser: argparse.ArgumentParser) -> list[Completion]:
    """What `parser` understands."""
    completions = []
    for action in parser._actions:
        if action.help == argparse.SUPPRESS:
            continue  # another spelling
        metavar = action.metavar if isinstance(action.metavar, str) else ""
        words = tuple(str(choice) for choice in action.choices or ()) or _names(action.dest, parser.prog)
        completions.append(
            Completion(
                flags=tuple(action.option_strings),
                takes_value=action.nargs != 0,
                words=words,
                files=any(name in metavar.upper() for name in FILES),
                help=(action.help or "").replace("%%", "%").splitlines()[0] if action.help else "",
            )
        )
    return completions


def _names(value: str, prog: str) -> tuple[str, ...]:
    """Names that a value can take and that no parser knows: formats, models of the catalogue."""
    if value in FORMATS:
        return tuple(fmt.name for fmt in all_formats())
    if value == "model" and prog == "qtui mem":
        return tuple(name.rpartition("/")[2] for name in Catalogue().ids)
    return ()


def script(shell: str, top: argparse.ArgumentParser) -> str:
    """The completion script of a shell; `top` is the parser of `qtui` without a subcommand."""
    commands = {name: choices(parser_of(name)) for name in EVERY}
    write: Callable[[dict[str, list[Completion]], list[Completion]], str] = _fish if shell == "fish" else _bash
    text = write(commands, choices(top))
    return f"autoload -Uz bashcompinit && bashcompinit\n{text}" if shell == "zsh" else text


def _bash(commands: dict[str, list[Completion]], top: list[Completion]) -> str:
    values, words = [], []
    for name, offered in commands.items():
        for choice in offered:
            if choice.flags and choice.takes_value:
                values.append(_bash_value(" | ".join(f'"{name} {flag}"' for flag in choice.flags), choice))
        flags = [choice.flags[-1] for choice in offered if choice.flags]
        flags += [word for choice in offered if not choice.flags for word in choice.words]
        files = any(choice.files for choice in offered if not choice.flags)
        words.append(f'        {name}) words="{" ".join(flags)}"{"; files=1" if files else ""} ;;')
    for choice in top:
        if choice.takes_value:
            values.append(_bash_value(" | ".join(f'"qtui {flag}"' for flag in choice.flags), choice))
    first = " ".join([*commands, *(flag for choice in top for flag in choice.flags if flag.startswith("--"))])
    lines = [
        "_qtui() {",
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=qtui words= files=",
        "    [ $COMP_CWORD -gt 1 ] && case ${COMP_WORDS[1]} in -*) ;; *) command=${COMP_WORDS[1]} ;; esac",
        '    case "$command $prev" in',
        *values,
        "    esac",
        "    case $command in",
        f'        qtui) words="{first}" ;;',
        *words,
        "    esac",
        '    COMPREPLY=($(compgen -W "$words" -- "$cur"))',
        '    [ -n "$files" ] && COMPREPLY+=($(compgen -f -- "$cur"))',
        "    return 0",
        "}",
        "complete -F _qtui qtui",
    ]
    return "\n".join(lines)


def _bash_value(case: str, choice: Completion) -> str:
    how = f'-W "{" ".join(choice.words)}"' if choice.words else "-f" if choice.files else "-W ''"
    return f'        {case}) COMPREPLY=($(compgen {how} -- "$cur")); return 0 ;;'


def _fish(commands: dict[str, list[Completion]], top: list[Completion]) -> str:
    lines = ["complete -c qtui -f"]
    lines += [f"complete -c qtui -n __fish_use_subcommand -a {name} -d {_quoted(EVERY[name])}" for name in commands]
    lines += [_fish_option("__fish_use_subcommand", choice) for choice in top if choice.flags]
    for name, offered in commands.items():
        where = _quoted(f"__fish_seen_subcommand_from {name}")
        for choice in offered:
            if choice.flags:
                lines.append(_fish_option(where, choice))
            elif choice.words or choice.files:
                offer = f" -a {_quoted(' '.join(choice.words))}" if choice.words else ""
                lines.append(f"complete -c qtui -n {where}{offer}{' -F' if choice.files else ''}")
    return "\n".join(lines)


def _fish_option(where: str, choice: Completion) -> str:
    names = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in choice.flags)
    value = ""
    if choice.takes_value:
        value = " -r -F" if choice.files and not choice.words else f" -x -a {_quoted(' '.join(choice.words))}"
    return f"complete -c qtui -n {where} {names}{value} -d {_quoted(choice.help)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
