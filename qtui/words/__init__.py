"""The words that screens explain themselves with, kept as data: the glossary, and a card for each view of each pane.

`glossary.toml` has the terms of art; `cards/PANE.toml` has a table for each view: what is shown, exactly three terms
of the glossary, and one thing to try. Keys stand there as `{pane.action}`, since a person may bind others.
"""
