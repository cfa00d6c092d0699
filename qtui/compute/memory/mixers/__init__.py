"""Token mixers: attention of every kind, and the recurrent layers that replace it, one class each.

To add a mixer, write a class in one of these modules (see `base.Mixer` for what it has to say) and list it at the
module's end.
"""
