"""The command line: subcommands, Rich tables and JSON over the same Results as the app."""
