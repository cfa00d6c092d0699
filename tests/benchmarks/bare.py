"""The smallest Textual app worth comparing with: a header, one text, a footer, and the least that each key can do."""

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.widgets import ContentSwitcher, Footer, Header, Static

BITS = 16
PAGES = 4


class Bare(App[None]):
    """Opens with a header, one text and a footer. The pages between which `f1` to `f4` switch come with the first."""

    BINDINGS = [
        Binding("right", "move(1)", "next"),
        Binding("left", "move(-1)", "previous"),
        Binding("space", "flip", "flip"),
        Binding("plus", "add(1)", "more"),
        Binding("minus", "add(-1)", "less"),
        *(Binding(f"f{page}", f"page({page})", f"page {page}", show=False) for page in range(1, PAGES + 1)),
    ]

    def compose(self) -> ComposeResult:
        yield Header()
        yield Static("number 0", id="text")
        yield Footer()

    def on_mount(self) -> None:
        self.number, self.at, self.bits = 0, 0, [0] * BITS

    def _say(self, text: str) -> None:
        self.query_one("#text", Static).update(text)

    def _bits(self) -> str:
        return " ".join(f"[reverse]{bit}[/]" if i == self.at else str(bit) for i, bit in enumerate(self.bits))

    def action_move(self, by: int) -> None:
        self.at = (self.at + by) % BITS
        self._say(self._bits())

    def action_flip(self) -> None:
        self.bits[self.at] ^= 1
        value = int("".join(map(str, self.bits)), 2)
        self._say(f"{self._bits()}\nis {value}, of {1 << BITS}")

    def action_add(self, by: int) -> None:
        self.number += by
        self._say(f"number {self.number}\nits square {self.number**2}")

    async def action_page(self, page: int) -> None:
        if not self.query(ContentSwitcher):
            pages = [Static(f"page {n}\n" + "words and numbers\n" * 30, id=f"page{n}") for n in range(1, PAGES + 1)]
            await self.mount(Container(ContentSwitcher(*pages, initial="page1")), before=self.query_one(Footer))
        self.query_one(ContentSwitcher).current = f"page{page}"


if __name__ == "__main__":
    Bare().run()
