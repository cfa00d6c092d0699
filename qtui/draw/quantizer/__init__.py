"""Pictures of the Quantizer: one module a view, put together by `views.py`."""
