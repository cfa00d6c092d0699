"""The smallest Textual app worth comparing with: a header, one text, a footer."""

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Footer, Header, Static


class Bare(App[None]):
    BINDINGS = [Binding("right", "step(1)", "next"), Binding("left", "step(-1)", "previous")]

    def compose(self) -> ComposeResult:
        yield Header()
        yield Static("number 0", id="text")
        yield Footer()

    def on_mount(self) -> None:
        self.number = 0

    def action_step(self, by: int) -> None:
        self.number += by
        self.query_one("#text", Static).update(f"number {self.number}")


if __name__ == "__main__":
    Bare().run()
