"""Language models from files: families, weights and tokenizers for the transformer of `qtui/compute/lm`."""
