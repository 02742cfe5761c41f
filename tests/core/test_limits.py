"""Rate limits: counted by class, told in headers, and Retry-After only where one has to wait."""

from typing import Any

import pytest
from flask import Flask

from app.core.config import settings
from app.core.guests import new_guest_token
from app.core.http import limits
from app.core.http.limits import PROFILES, ClockWindow, limiter
from tests.client import Client


@pytest.fixture(autouse=True)
def _stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second after a window began: no test here meets the end of one but by intent."""
    began = limits.now() // 60 * 60 + 1
    monkeypatch.setattr(limits, "now", lambda: began)


def test_a_fresh_guest_token_for_each_request_gives_no_fresh_limit(app: Flask, client: Client) -> None:
    settings.rate_limits = "production"
    limiter.reset()
    try:
        asked = [client.as_(new_guest_token()).get("/search/products?q=tea") for _ in range(125)]
    finally:
        limiter.reset()
        settings.rate_limits = "off"
    assert [answer.status_code for answer in asked].count(429) == 5


def test_the_sign_up_after_the_last_allowed_one_is_told_to_wait(app: Flask, client: Client) -> None:
    settings.rate_limits = "development"
    limiter.reset()
    try:
        allowed = int(PROFILES["development"]["signup"].split("/")[0])
        answers = [client.post("/accounts", {}) for _ in range(allowed + 1)]
        other_door = client.post("/sessions", {})
    finally:
        limiter.reset()
        settings.rate_limits = "off"
    assert {answer.status_code for answer in answers[:-1]} == {422}
    assert "Retry-After" not in answers[0].headers
    assert answers[0].headers["X-RateLimit-Limit"] == str(allowed)
    last = answers[-1]
    assert (last.status_code, last.json["code"]) == (429, "too_many")
    assert 0 < int(last.headers["Retry-After"]) <= 61
    assert other_door.status_code == 422, "each class of doors is counted by itself"


def test_a_request_that_spans_the_end_of_a_window_is_told_of_its_own(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_795_383_959]
    hit = ClockWindow.hit

    def slow(self: ClockWindow, *given: Any, **named: Any) -> bool:
        found = hit(self, *given, **named)
        now[0] += 1
        return found

    settings.rate_limits = "production"
    limiter.reset()
    monkeypatch.setattr(limits, "now", lambda: now[0])
    monkeypatch.setattr(ClockWindow, "hit", slow)
    try:
        answer = client.post("/accounts", {})
    finally:
        limiter.reset()
        settings.rate_limits = "off"
    told = {name: answer.headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")}
    assert told == {"Limit": "5", "Remaining": "4", "Reset": "1795383961"}, "a second later, as Flask-Limiter counts it"


def test_limits_of_a_minute_and_of_a_day_are_both_counted(app: Flask, client: Client) -> None:
    settings.rate_limits = "production"
    limiter.reset()
    try:
        answers = [client.post("/accounts", {}) for _ in range(6)]
    finally:
        limiter.reset()
        settings.rate_limits = "off"
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["4", "3", "2", "1", "0", "0"]
