"""One person's browser window: what it shows, what it complains of, whether everybody could use it."""

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Response

GRAVE = {"serious", "critical"}


class Window:
    """`window.open("/portal")`, then `window.page` as playwright has it; `window.look("posts")` at what it shows."""

    def __init__(self, page: Page, shots: Path, story: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._shots = shots
        self._story = story
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("response", self._notice)
        self._expected: set[int] = set()

    def open(self, path: str, status: int = 200) -> Page:
        """Open a page of the town, which must answer with `status`."""
        self._expected.add(status)
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"
        return self.page

    def look(self, name: str) -> None:
        """Keep a picture of the page; nothing may hang over its side, and axe-core find nothing serious."""
        self.page.screenshot(path=self._shots / f"{self._story}-{name}.png", full_page=True)
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name}: the page is {wide} px wider than the window"
        faults = _grave_faults(self.page)
        assert not faults, f"{name}: {faults}"

    def expect(self, status: int) -> None:
        """An answer with this status is part of the story."""
        self._expected.add(status)

    def _hear(self, message: ConsoleMessage) -> None:
        told_elsewhere = "Failed to load resource" in message.text
        if message.type in {"error", "warning"} and not told_elsewhere:
            self.complaints.append(f"console: {message.text}")

    def _notice(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            self.complaints.append(f"{response.status}: {response.url}")


def _grave_faults(page: Page) -> list[str]:
    found: dict[str, Any] = Axe().run(page).response
    return [
        f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}"
        for one in found["violations"]
        if one["impact"] in GRAVE
    ]
