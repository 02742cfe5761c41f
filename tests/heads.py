"""What the head of a page tells: its title, canonical address and meta tags, read as a browser reads them."""

from html.parser import HTMLParser

HOSTILE = (
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}</title>",
    "🍵" * 100,
    "\u0627\u202e\u0629",
)
"""Titles that would break out of an attribute, an element, a template, a layout."""


def as_name(hostile: str) -> str:
    """As much of it as a nickname may hold."""
    return hostile.replace("\u202e", "")[:40].strip()


def head_of(text: str) -> dict[str, str]:
    """Contents by name or property; by "itemprop <name>" what is told that way; "title" and "canonical"."""
    reader = _Head()
    reader.feed(text.partition("</head>")[0])
    return reader.found


class _Head(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._in_title = tag == "title"
        if tag == "link" and given.get("rel") == "canonical":
            self.found["canonical"] = given["href"]
        for key, called in (("name", ""), ("property", ""), ("itemprop", "itemprop ")):
            if tag == "meta" and key in given:
                self.found[called + given[key]] = given["content"]

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.found["title"] = self.found.get("title", "") + data
