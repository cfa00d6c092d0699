"""A quantized file beside its original: what this very file lost, tensor by tensor."""
