"""A small HTTP client for tests, on Flask's test client: JSON in, JSON out, one bearer."""

from contextvars import Context
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

PREFIX = "/api/v1"


@dataclass(frozen=True)
class Client:
    """`client.get("/me")`, `client.post("/posts", {...}, key="k1")`; paths are under /api/v1, "//" begins others."""

    app: Flask
    token: str = ""
    language: str = ""

    def as_(self, token: str) -> "Client":
        return replace(self, token=token)

    def get(self, path: str, **named: Any) -> TestResponse:
        return self.send("GET", path, **named)

    def post(self, path: str, json: Any = None, **named: Any) -> TestResponse:
        return self.send("POST", path, json=json, **named)

    def put(self, path: str, json: Any = None, **named: Any) -> TestResponse:
        return self.send("PUT", path, json=json, **named)

    def patch(self, path: str, json: Any = None, **named: Any) -> TestResponse:
        return self.send("PATCH", path, json=json, **named)

    def delete(self, path: str, **named: Any) -> TestResponse:
        return self.send("DELETE", path, **named)

    def send(self, method: str, path: str, *, key: str | None = None, **named: Any) -> TestResponse:
        headers = dict(named.pop("headers", {}))
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.language:
            headers["Accept-Language"] = self.language
        if key is not None:
            headers["Idempotency-Key"] = key
        if named.get("json") is None:
            named.pop("json", None)
        url = path[1:] if path.startswith("//") else PREFIX + path
        talk = self.app.test_client(use_cookies=False)
        # In a context of its own: inside the test's app context Flask would share `g` and the session with the request.
        return Context().run(talk.open, url, method=method, headers=headers, **named)
