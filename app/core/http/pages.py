"""HTML doors: pages that anyone may open in a browser. No script, no inline style; forms carry a signed token.

A visitor without a guest cookie gets one; it is his guest token (core/guests), so what he does here is his later on.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, redirect, render_template, request
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.core import events_era
from app.core.caller import Caller
from app.core.config import settings
from app.core.db import begin_reading, in_transaction
from app.core.errors import Refused
from app.core.guests import guest_of, new_guest_token
from app.core.http.limits import limited
from app.core.http.request import caller_of_page, language
from app.core.observability import REFUSALS

COOKIE = "guest"
COOKIE_SECONDS = 180 * 24 * 3600
View = Callable[..., Any]
Then = Callable[[Any], Any]


class PageDoor:
    """The public pages of one room: `door = PageDoor("posts", __name__)` in its web.py.

    A view is called as view(caller, **path) and answers HTML from `page(...)` or `go(url)`; a form's fields are in
    `form()`. A POST runs in one transaction, as with Door; its `then` in a second one, with what the view answered.
    """

    def __init__(self, name: str, module: str) -> None:
        self.blueprint = Blueprint(f"{name}_web", module, template_folder="pages")

    def get(self, path: str, limit: str | None = None) -> Callable[[View], View]:
        return self._declare("GET", path, limit)

    def post(self, path: str, limit: str = "order", then: Then | None = None) -> Callable[[View], View]:
        return self._declare("POST", path, limit, then)

    def _declare(self, method: str, path: str, limit: str | None, then: Then | None = None) -> Callable[[View], View]:
        def declare(view: View) -> View:
            def enter(**values: Any) -> AnyResponse:
                return _enter(method, view, values, then)

            enter.__name__ = view.__name__
            entered = limited(limit)(enter) if limit else enter
            self.blueprint.add_url_rule(path, endpoint=view.__name__, view_func=entered, methods=[method])
            return view

        return declare


def _enter(method: str, view: View, values: dict[str, Any], then: Then | None) -> AnyResponse:
    token = request.cookies.get(COOKIE, "")
    if guest_of(token) is None:
        token = new_guest_token()
    g.guest_token = token
    asker: Caller = caller_of_page(token)
    try:
        answer = _answer(method, view, asker, values, then)
    except (Refused, ValidationError) as refusal:
        answer = _refusal_page(refusal)
    response = answer if isinstance(answer, AnyResponse) else Response(answer, mimetype="text/html")
    secure = request.is_secure
    response.set_cookie(COOKIE, token, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=secure)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _answer(method: str, view: View, asker: Caller, values: dict[str, Any], then: Then | None) -> str | AnyResponse:
    if method == "GET":
        begin_reading()
        found: str | AnyResponse = view(asker, **values)
        return found
    _check_form()
    events_era.ensure()
    first = in_transaction(lambda: view(asker, **values))
    done: str | AnyResponse = in_transaction(lambda: then(first)) if then else first
    return done


def _refusal_page(refusal: Refused | ValidationError) -> Response:
    """A refusal for people: what it says, and the way back to the page that it came from."""
    if isinstance(refusal, ValidationError):
        refusal = Refused(422, "invalid", "填写的内容有误,请返回检查", "Something in the form is not right.")
    came_from = urlsplit(request.referrer or "")
    is_another = request.method == "POST" or came_from.path != request.path
    back = request.referrer if came_from.netloc == request.host and is_another else None
    shown = page("refused.html", text=refusal.text(language()), back=back)
    REFUSALS.labels(refusal.code).inc()
    return Response(shown, status=refusal.status, mimetype="text/html")


def page(template: str, **values: Any) -> str:
    """Render a room's template inside the page shell, in the visitor's language."""
    tongue = language()
    return render_template(template, language=tongue, say=_Say(tongue), form_token=_form_token(), **values)


def go(url: str) -> AnyResponse:
    """See other: the browser goes on with a GET."""
    return redirect(url, code=303)


def form() -> dict[str, str]:
    """The fields of the form that was sent."""
    return request.form.to_dict()


class _Say:
    """say("中文", "English") in a template."""

    def __init__(self, tongue: str) -> None:
        self._english = tongue == "en"

    def __call__(self, zh: str, en: str) -> str:
        return en if self._english else zh


def _form_token() -> str:
    """A token that only a page of ours, opened by this visitor, holds (double submit, signed)."""
    return hmac.new(settings.secret_key.encode(), f"form:{g.guest_token}".encode(), hashlib.sha256).hexdigest()


def _check_form() -> None:
    sent = request.form.get("form_token", "")
    if not hmac.compare_digest(sent.encode(), _form_token().encode()):
        zh, en = "页面已过期,请刷新后重试", "This page is out of date: reload it and try again."
        raise Refused(403, "stale_form", zh, en)
