"""What deletes asks first: in a <details> that opens the question, or on a page of its own."""

import re
from pathlib import Path

APP = Path(__file__).parents[2] / "app"
DELETES = re.compile(r'action="([^"]*/(?:removal|deletion|revocation|clearance))[^"]*"')
PAGES = {"authoring_delete.html"}
"""Each of them is the question."""
EASILY_BACK = {
    "{{ base }}/goods/removal",
    "/portal/posts/{{ post.id }}/tags/{{ tag.id }}/removal",
    "/admin/prohibited-words/{{ one.id }}/removal",
}
"""Put there again by the form beside it."""
SAYS_WHY = {"/admin/people/{{ person.id }}/second-factor/removal"}
"""Asks for its reason."""


def test_no_press_deletes_at_once_what_cannot_be_brought_back() -> None:
    found = []
    for file in sorted(APP.rglob("pages/*.html")):
        text = file.read_text()
        for deletes in DELETES.finditer(text):
            before = text[: deletes.start()]
            is_asked = before.count("<details") > before.count("</details>")
            if not is_asked and file.name not in PAGES and deletes[1] not in EASILY_BACK | SAYS_WHY:
                found.append(f"{file.name}: {deletes[1]}")
    assert found == []


def test_the_question_stands_before_the_button_that_sends() -> None:
    parts = (APP / "core/pages/parts.html").read_text()
    ask = parts[parts.index("macro ask(") :].partition("endmacro")[0]
    assert ask.index("<summary") < ask.index("<form") < ask.index("{{ question }}") < ask.index("<button")
