"""What tests of the app share: the screen as text."""

from textual.app import App


def screen_text(app: App[object]) -> str:
    """The screen's characters, a line a row, trailing spaces removed.

    The one place that touches Textual's compositor; `test_shell.py` fails first when that moves.
    """
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(s.text for s in strip).rstrip() for strip in strips[:height])
