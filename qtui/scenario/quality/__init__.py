"""The Quality pane: what a language model loses when its weights, activations or cache are quantized."""
