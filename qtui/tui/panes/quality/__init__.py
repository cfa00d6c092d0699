"""The Quality pane: what a language model loses, measured while one watches."""
