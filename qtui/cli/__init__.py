"""The command line: subcommands, Rich tables and JSON over the same Results as the app.

`main.py` finds the subcommand, one file each, whose parts `command.py` names; `options.py` and `config.py` have what
all share. Answers leave through `output.py`, `pictures.py`, `plain.py` and `progress.py`. `launch.py` opens the app,
in the terminal that `terminal.py` looks at; `completion.py` and `manual.py` are written from the parsers.
"""
