"""The Plan pane: a format for each tensor, edited by hand, beside llama.cpp's mixes."""
