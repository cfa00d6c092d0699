"""The shared computation module: formats, quantizers, error statistics, memory arithmetic. No screen, no files.

`formats.py` finds a storage format by name, `format.py` says what one is and `codec.py` what its codec does. Each
family has a folder: `floats/` `ints/` `ggml/` `fp8/` `mx/` `codebooks/`, and `smart/` for methods such as GPTQ. What
is worked out of them: `errors/` (statistics), `quantizer/` (a few weights, taken apart), `memory/` (bytes of a
model) and `plan.py` (a format for each tensor). `lm/` is a transformer and the measures of its quality. `data.py`
makes numbers to quantize.
"""
