"""A real Chromium for tests, driven by playwright. REQUIRE_CHROMIUM=1 makes a missing one a failure."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.window import Window
from tests.live import LiveTown
from tests.services import ROOT

SHOTS = Path(os.environ.get("SCREENSHOTS", ROOT / "screenshots"))
Open = Callable[..., Window]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        if os.environ.get("REQUIRE_CHROMIUM") == "1":
            pytest.fail("Chromium is required: install the package chromium")
        pytest.skip("NOT TESTED IN A BROWSER: install the package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def town(live: LiveTown) -> Iterator[LiveTown]:
    yield live.start()


@pytest.fixture
def opened(chromium: Browser, town: LiveTown, request: pytest.FixtureRequest) -> Iterator[Open]:
    """opened(phone=True, language="en"): another person's window on the town. At the end none may have complained."""
    SHOTS.mkdir(exist_ok=True)
    windows: list[Window] = []

    def open_window(*, phone: bool = False, language: str = "zh-CN") -> Window:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = chromium.new_context(
            base_url=town.url,
            viewport=size,
            locale=language,
            is_mobile=phone,
            has_touch=phone,
            timezone_id="Asia/Shanghai",
        )
        windows.append(Window(context.new_page(), SHOTS, request.node.name))
        return windows[-1]

    yield open_window
    for window in windows:
        complaints = window.complaints
        window.page.context.close()
        assert complaints == []
