"""The built site's HTML, each page read once: its elements with their attributes, and the places links may lead to."""

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit


class Element(NamedTuple):
    """A start tag, and for <style> the text in it."""

    name: str
    attributes: dict[str, str]
    line: int
    text: str = ""


class Markup(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str):
        """Read a page."""
        super().__init__()
        self.elements: list[Element] = []
        self.links: list[str] = []  # those of the page's own text, without the navigation around it
        self.depth = 0
        self.feed(text)
        self.anchors = {one.attributes.get("id") for one in self.elements} | {
            one.attributes.get("name") for one in self.elements if one.name == "a"
        }

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, self.getpos()[0]))
        self.depth += tag == "article"
        if self.depth and tag == "a":
            self.links.append(self.elements[-1].attributes.get("href", ""))

    def handle_endtag(self, tag: str) -> None:
        """Note where the page's own text ends."""
        self.depth -= tag == "article"

    def handle_data(self, data: str) -> None:
        """Keep the text of a <style>."""
        if self.elements and self.elements[-1].name == "style":
            self.elements[-1] = self.elements[-1]._replace(text=self.elements[-1].text + data)


@cache
def markup_of(page: Path) -> Markup:
    """A built page, read once in each process."""
    return Markup(page.read_text(encoding="utf-8"))


def target_of(link: str, page: Path, site: Path, address: str) -> tuple[Path, str] | None:
    """The file that a link on a page leads to, and the place in it; None for another host or another protocol.

    `address` is where the site is served. A folder stands for its index.html, as on the server.
    """
    parts = urlsplit(link)
    if parts.netloc and parts.netloc != urlsplit(address).hostname:
        return None
    if parts.scheme not in ("", "http", "https"):
        return None
    path = unquote(parts.path)
    prefix = urlsplit(address).path
    if path.startswith(prefix):
        file = site / path.removeprefix(prefix)
    elif path.startswith("/"):
        file = site.parent / "outside-of-the-site" / path.lstrip("/")
    else:
        file = page.parent / path if path else page
    file = file.resolve()
    return (file / "index.html" if file.is_dir() else file), unquote(parts.fragment)
