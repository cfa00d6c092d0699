"""Where real numbers come from: model files, the catalogue, language models, this machine, published measurements.

`files/` opens what is at a path; `gguf/`, `safetensors/`, `config/` and `hub/` read each kind, `quantized/` joins
what other quantizers stored, and `tensors/` gives values. `catalogue/` knows models by name, `lm/` makes one ready
to run, `machine/` says what there is to run it on, `published/` what others measured.
"""
