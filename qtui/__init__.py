"""qtui: a terminal explorer of language-model quantization.

Scenario -> compute -> Result -> view. Start reading at `qtui/scenario/base.py`.
"""

__version__ = "0.1.0"
