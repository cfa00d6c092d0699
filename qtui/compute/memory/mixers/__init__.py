"""Token mixers: attention of every kind, and the recurrent layers that replace it, one class each.

To add a mixer, write a class beside these (see `base.Mixer` for what it has to say) and list it in `kinds.py`.
"""
