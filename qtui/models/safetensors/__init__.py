"""safetensors files: header, and the index over several shards."""
