"""A browser without script for tests: cookies, pages, and the forms that stand on them."""

import re
from contextvars import Context
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pyotp
from flask import Flask
from werkzeug.test import TestResponse

from app.core import clock
from app.core.caller import GUEST, Ref
from app.core.guests import guest_of
from tests.make import MadePerson


@dataclass
class Form:
    """A form as it stands on a page: where it goes, and what its fields hold."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class Browser:
    """`Browser(app).open("/sign-in").send("/sign-in", username=..., password=...).follow()`."""

    def __init__(self, app: Flask, language: str = "zh-CN", address: str = "127.0.0.1") -> None:
        self.client = app.test_client()
        self.client.environ_base["REMOTE_ADDR"] = address
        self._headers = {"Accept-Language": language, "Accept": "text/html"}
        self.path = ""
        self.answer = TestResponse.__new__(TestResponse)

    def open(self, path: str) -> "Browser":
        """Open a page of ours."""
        self.path = path
        return self._take("GET", path)

    def send(self, ending: str = "", **fields: Any) -> "Browser":
        """Send the first form whose address ends with `ending`: its fields as they stand, but for `fields`."""
        form = next(one for one in self.forms if one.method == "post" and one.action.endswith(ending))
        return self.post(form.action, **{**form.fields, **fields})

    def post(self, path: str, **fields: Any) -> "Browser":
        """Send these fields, and no others, as a form of the page that is open."""
        return self._take("POST", path, data=fields, headers={"Referer": f"http://localhost{self.path}"})

    def follow(self) -> "Browser":
        """Go where the last answer says. Fails for an answer that goes nowhere."""
        assert self.answer.status_code == 303, self.text
        return self.open(self.answer.headers["Location"])

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def text(self) -> str:
        return self.answer.text

    @property
    def forms(self) -> list[Form]:
        """Those of the page itself, then those of the shell around it (language, sign out)."""
        reader = _Forms()
        reader.feed(self.text)
        return [*reader.found, *reader.around]

    @property
    def guest(self) -> Ref:
        """The guest that this browser is."""
        cookie = self.client.get_cookie("guest")
        found = guest_of(cookie.value) if cookie else None
        assert found is not None
        return Ref(GUEST, found)

    def _take(self, method: str, path: str, headers: dict[str, str] | None = None, **named: Any) -> "Browser":
        sent = {**self._headers, **(headers or {})}
        # In a context of its own: inside the test's app context Flask would share `g` with the request. Read to its
        # end, as a browser does: a sheet takes a turn while it is written.
        opened = {"method": method, "headers": sent, "buffered": True, **named}
        self.answer = Context().run(self.client.open, path, **opened)
        return self


def signed_in(app: Flask, person: MadePerson, following: str = "/portal", language: str = "zh-CN") -> Browser:
    """A browser that has just sent this person's password, on the way to `following`."""
    browser = Browser(app, language).open(f"/sign-in?next={following}")
    return browser.send("/sign-in", username=person.username, password=person.password)


def with_second_factor(app: Flask, person: MadePerson, language: str = "zh-CN") -> tuple[Browser, pyotp.TOTP]:
    """A browser of somebody who has just set up his second factor, and what makes its codes."""
    browser = signed_in(app, person, "/second-factor", language).follow()
    secret = re.search(r'<code id="secret">(\w+)</code>', browser.text)
    assert secret is not None
    totp = pyotp.TOTP(secret[1])
    return browser.send("/second-factor", password=person.password, code=totp.at(clock.now())), totp


class _Forms(HTMLParser):
    """Collects forms: inputs, chosen options, texts. Buttons and unticked boxes send nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.around: list[Form] = []
        self._forms = self.around
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "main":
            self._forms = self.found
        elif tag == "form":
            self._forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif self._forms and tag == "input" and "name" in given:
            self._input(given)
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and self._select and ("selected" in given or self._select not in self._forms[-1].fields):
            self._forms[-1].fields[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area = given.get("name", "")
            self._forms[-1].fields[self._area] = ""

    def _input(self, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        is_sent = kind not in {"file", "submit", "image"} and (kind not in {"checkbox", "radio"} or "checked" in given)
        if is_sent:
            self._forms[-1].fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""
        elif tag == "main":
            self._forms = self.around

    def handle_data(self, data: str) -> None:
        if self._area:
            self._forms[-1].fields[self._area] += data
