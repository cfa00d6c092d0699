"""Tensors of a model file: their names and roles, and their values as float32."""
