"""Rate limits: counted by class, told in headers, and Retry-After only where one has to wait."""

from flask import Flask

from app.core.config import settings
from app.core.guests import new_guest_token
from app.core.http.limits import PROFILES, limiter
from tests.client import Client


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
