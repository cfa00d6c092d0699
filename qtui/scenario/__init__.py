"""Scenarios: everything a person chose on a pane, frozen and serialisable; and how each is solved."""
