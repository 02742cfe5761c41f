"""HTML doors: pages in a browser. No script but /docs, no inline style; forms carry a signed token (core/http/browser).

Public pages stand in a room's web.py, those of creators and merchants in its portal.py, those of moderators in its
admin.py. The last ones ask for a second factor.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from flask import Blueprint, Response, g, redirect, render_template, request
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.wrappers import Response as AnyResponse

from app.core import events_era
from app.core.auth import SECOND_FACTOR
from app.core.caller import Caller, Ref
from app.core.clock import in_china
from app.core.config import settings
from app.core.db import begin_reading, in_transaction
from app.core.errors import Refused, forbidden, refusal_of
from app.core.http import browser, menu
from app.core.http.door import ADMIN, ANYONE, MODERATOR, PERSON, allowed
from app.core.http.limits import limited
from app.core.http.problems import shows_in_browsers
from app.core.http.request import language
from app.core.money import price, yuan
from app.core.observability import REFUSALS
from app.core.outside import Calls, Late, Wanted, in_time
from app.core.texts import in_language

View = Callable[..., Any]
Then = Callable[[Any], Any]
Before = Callable[[Caller], Any]
SIGN_IN, SECOND_STEP = "/sign-in", "/second-factor"
"""Where people sign in and prove a second time who they are; both pages belong to accounts."""
LONGEST_ADDRESS = 2000
"""Of a page to come back to; from a longer one people start anew."""
log = structlog.get_logger("http")


@dataclass(frozen=True)
class Way:
    """How one page is declared; see PageDoor.post."""

    method: str
    who: str
    then: Then | None = None
    before: Before | None = None
    calls: Calls | None = None


@dataclass(frozen=True)
class ForNobody:
    """A page for a visitor of whom nothing is known, after which nothing is known either: it leaves no cookie. It is
    rendered with is_anonymous=True, since without one no form of it would be taken."""

    page: str


@dataclass(frozen=True)
class Leaving:
    """What a GET answers that leaves something behind, as that somebody looked: written in a transaction of its own."""

    page: str | AnyResponse
    behind: Callable[[], object]


class PageDoor:
    """The pages of one room: `door = PageDoor("posts", __name__)` in its web.py, with `who=PERSON` in its portal.py and
    `who=MODERATOR` in its admin.py; a page may ask for more than its door (`who=ADMIN`).

    A view is called as view(caller, **path) and answers HTML from `page(...)` or `go(url)`; what was sent it reads in
    core/http/forms. A POST runs in one transaction, as with Door; its `then` in a second one, with what the view
    answered. A GET only reads; what it leaves behind (a view, a click) it answers as `Leaving`. `before`: slow work of
    the processor, done once before that transaction opens; the view gets its answer as `prepared`. `calls`: a call to
    the outside after it, for a view that answers Wanted with where the browser goes on, answered or not (core/outside).
    """

    def __init__(self, name: str, module: str, *, who: str = ANYONE) -> None:
        file = module.rpartition(".")[2]
        self.blueprint = Blueprint(f"{name}_{file}", module, template_folder="pages")
        self._who = who

    def get(self, path: str, *, limit: str | None = None, who: str | None = None) -> Callable[[View], View]:
        return self._declare(path, Way("GET", who or self._who), limit)

    def post(
        self,
        path: str,
        *,
        limit: str = "order",
        who: str | None = None,
        then: Then | None = None,
        before: Before | None = None,
        calls: Calls | None = None,
    ) -> Callable[[View], View]:
        return self._declare(path, Way("POST", who or self._who, then, before, calls), limit)

    def _declare(self, path: str, way: Way, limit: str | None) -> Callable[[View], View]:
        def declare(view: View) -> View:
            def enter(**values: Any) -> AnyResponse:
                return _enter(way, view, values)

            enter.__name__ = view.__name__
            entered = limited(limit)(enter) if limit else enter

            def come(**values: Any) -> AnyResponse:
                browser.visitor()  # before the limit, which is a person's own
                return entered(**values)

            self.blueprint.add_url_rule(path, endpoint=view.__name__, view_func=come, methods=[way.method])
            return view

        return declare


def _enter(way: Way, view: View, values: dict[str, Any]) -> AnyResponse:
    asker: Caller = g.caller
    try:
        answer = _elsewhere(way, asker) or _answer(way, view, allowed(way.who, asker), values)
    except (Refused, ValidationError) as refusal:
        answer = _refusal_page(refusal)
    except IntegrityError as error:
        found = refusal_of(error)
        if found is None:
            raise
        answer = _refusal_page(found)
    if isinstance(answer, ForNobody):
        response: AnyResponse = Response(answer.page, mimetype="text/html")
    else:
        response = answer if isinstance(answer, AnyResponse) else Response(answer, mimetype="text/html")
        browser.remember(response)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _elsewhere(way: Way, asker: Caller) -> AnyResponse | None:
    """Where this visitor must go first, None if nowhere: to sign in, or to prove a second time who he is."""
    if way.who in {PERSON, MODERATOR, ADMIN} and asker.person_id is None:
        return go(f"{SIGN_IN}?next={quote(_wanted(), safe='')}")
    if way.who in {MODERATOR, ADMIN} and not asker.has(SECOND_FACTOR):
        if not (asker.has(MODERATOR) or asker.has(ADMIN)):
            raise forbidden()
        return go(f"{SECOND_STEP}?next={quote(_wanted(), safe='')}")
    return None


def _wanted() -> str:
    """The page to come back to: this one, or the one whose form was sent."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    return came_from() or "/portal"


def _answer(way: Way, view: View, asker: Caller, values: dict[str, Any]) -> str | AnyResponse | ForNobody:
    if way.method == "GET":
        begin_reading()
        return _read(view(asker, **values))
    browser.check_form()
    events_era.ensure()
    named = {**values, "prepared": way.before(asker)} if way.before else values
    then, first = way.then, in_transaction(lambda: view(asker, **named))
    if way.calls and isinstance(first, Wanted):
        return _called(way.calls, first)
    done: str | AnyResponse = in_transaction(lambda: then(first)) if then else first
    return done


def _called(calls: Calls, waiting: Wanted) -> str | AnyResponse:
    """What waits for an answer from outside goes on in any case: what comes later, the worker records."""
    with suppress(Late):
        answer = in_time(calls.ask, waiting.id)
        in_transaction(lambda: calls.record(waiting.id, answer))
    onward: str | AnyResponse = waiting.value
    return onward


def _read(found: "str | AnyResponse | ForNobody | Leaving") -> str | AnyResponse | ForNobody:
    """A page that was read; if what it leaves behind cannot be written now, it is shown without."""
    if not isinstance(found, Leaving):
        return found
    try:
        events_era.ensure()
        in_transaction(found.behind)
    except (DBAPIError, PoolTimeout) as error:
        log.warning("page_left_nothing", path=request.path, error=type(error).__name__)
    return found.page


def _refusal_page(refusal: Refused | ValidationError) -> Response:
    """A refusal for people: what it says, field by field, and the way back to the page that it came from."""
    if isinstance(refusal, ValidationError):
        zh, en = "填写的内容有误，请返回检查", "Something in the form is not right."
        refusal = Refused(422, "invalid", zh, en, errors=refusal.messages_dict)
    faults = in_language(refusal.errors, language())
    back = came_from()
    is_another = request.method == "POST" or back != request.path
    shown = page("refused.html", text=refusal.text(language()), faults=faults, back=back if is_another else None)
    REFUSALS.labels(refusal.code).inc()
    response = Response(shown, status=refusal.status, mimetype="text/html")
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


@shows_in_browsers
def problem_page(status: int, text: str) -> Response:
    """What a browser sees of an address that is not there, or of a failure. Asks nobody who is looking."""
    g.caller, g.form_owner = Caller(), ""
    shown = page("refused.html", text=text, faults={}, back=None, is_anonymous=True)
    return Response(shown, status=status, mimetype="text/html")


def page(template: str, **values: Any) -> str:
    """Render a room's template inside the page shell, in the visitor's language.

    Every template has `say(zh, en)`, `language`, `form_token`, `caller`, `here`, this page's address, `site`, where
    this server is for others, `price(amount)`, `yuan(amount)`, `in_china(moment)`, `menu(name)`, the entries that he
    sees (of a shop's menu `menu("shop", shop.id)`), and `both()`, who sits at this browser.
    """
    tongue, caller = language(), g.caller
    always = {"language": tongue, "say": _Say(tongue), "form_token": browser.form_token(), "caller": caller}
    places = {"here": _wanted(), "site": site(), "price": price, "yuan": yuan, "in_china": in_china}
    entries = partial(menu.entries, caller=caller)
    asked = {"menu": entries, "both": lambda: both_at_browser(caller)}
    return render_template(template, **always, **places, **asked, **values)


def both_at_browser(asker: Caller) -> list[Ref]:
    """The person who signed in and the guest that the browser was before, whose things are within his reach; only the
    guest where nobody signed in, and nobody for who came without a cookie: he can have nothing yet."""
    if asker.person_id is None and browser.is_new_guest():
        return []
    return list(dict.fromkeys(one.buyer for one in browser.sitters(asker)))


def site() -> str:
    """Where this server is for others, without a slash at the end: "https://shop.example"."""
    return (settings.public_url or request.url_root).rstrip("/")


def go(url: str) -> AnyResponse:
    """See other: the browser goes on with a GET."""
    return redirect(url, code=303)


def local(url: str, otherwise: str) -> str:
    """`url` if it is an address of this server ("/portal?page=2"), else `otherwise`: never send a browser elsewhere."""
    is_local = url.startswith("/") and not url.startswith(("//", "/\\")) and url.isprintable()
    return url if is_local and len(url) <= LONGEST_ADDRESS else otherwise


def came_from() -> str | None:
    """The page of ours that the visitor comes from, None if he comes from elsewhere."""
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:  # as of "http://["
        return None
    if parts.netloc != request.host:
        return None
    return local(f"{parts.path}?{parts.query}" if parts.query else parts.path, "/")


class _Say:
    """say("中文", "English") in a template."""

    def __init__(self, tongue: str) -> None:
        self._english = tongue == "en"

    def __call__(self, zh: str, en: str) -> str:
        return en if self._english else zh
