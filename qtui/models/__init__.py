"""Where real numbers come from: the model catalogue, readers of model files, and this machine."""
