"""The shared computation module: formats, quantizers, error statistics, memory arithmetic. No screen, no files."""
