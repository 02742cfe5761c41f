"""What a browser carries: the cookie of a guest, that of a signed-in person, his language; and the token of forms.

A visitor without a guest cookie gets one; it is his guest token (core/guests), so what he does here is his later on.
Whoever signs in gets another cookie, new at each sign-in (ASVS 5.0, V7.2.4), and is that person until it ends.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from flask import g, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.caller import Caller
from app.core.config import settings
from app.core.errors import Refused
from app.core.guests import guest_of, new_guest_token
from app.core.http.request import LANGUAGE, caller_of_page

T = TypeVar("T")
GUEST, SESSION, REACHED = "guest", "session", "reached"
GUEST_SECONDS = LANGUAGE_SECONDS = 180 * 24 * 3600
REACHED_SECONDS = 12 * 3600
"""So long a browser reaches a guest's things after it has shown that it may (`reach_guest`)."""
_PROGRAMS = re.compile(r"(?<!cu)bot\b|spider|crawl|externalhit|preview|whatsapp/|slurp", re.IGNORECASE)
"""In a User-Agent: it only fetches, to index a page or to draw its card in a chat. (Cubot makes phones.)"""


def visitor() -> Caller:
    """Who opens a page: the person who signed in in this browser, else the guest of its cookie."""
    session = request.cookies.get(_cookie(SESSION), "")
    asker = caller_of_page(session) if session else None
    guest = request.cookies.get(_cookie(GUEST), "")
    g.guest_token = guest if guest_of(guest) else new_guest_token()
    if asker is not None and asker.person_id is not None:
        g.form_owner = session
        return asker
    g.form_owner = g.guest_token
    return caller_of_page(g.guest_token)


def guest_of_browser(asker: Caller) -> Caller:
    """The guest that this browser is without the person who signed in: what he began before is still his."""
    guest = guest_of(g.guest_token)
    return replace(asker, person_id=None, session_id=None, scopes=frozenset(), guest_id=guest)


def sitters(asker: Caller) -> list[Caller]:
    """All whose things are within reach of this browser: the person who signed in, the guest that it is without him,
    and a guest of another browser whose purchase it has opened (`reach_guest`); who asks comes first."""
    found = [asker] if asker.person_id is None else [asker, guest_of_browser(asker)]
    reached = _guest_reached(request.cookies.get(_cookie(REACHED), ""))
    nobody = replace(asker, person_id=None, session_id=None, scopes=frozenset())
    return found if reached is None else [*found, replace(nobody, guest_id=reached)]


def of_either(asker: Caller, find: Callable[[Caller], T]) -> tuple[Caller, T]:
    """(whose it is, what `find` answers for him): of all who sit at this browser, the first for whom it is there.

    Raises Refused 404 where it is for none.
    """
    *others, last = sitters(asker)
    for one in others:
        try:
            return one, find(one)
        except Refused as refusal:
            if refusal.status != 404:
                raise
    return last, find(last)


def reach_guest(guest_id: UUID) -> None:
    """From this answer on what this guest began elsewhere is within reach of the browser, for REACHED_SECONDS."""
    body = f"{guest_id.hex}.{int(clock.now().timestamp()) + REACHED_SECONDS}"
    g.reached_cookie = f"{body}.{_reach(body)}"


def _guest_reached(kept: str) -> UUID | None:
    body, _, signature = kept.rpartition(".")
    if not body or not hmac.compare_digest(signature.encode("utf-8", "surrogateescape"), _reach(body).encode()):
        return None
    guest, _, until = body.partition(".")
    return UUID(guest) if clock.now().timestamp() < int(until) else None


def _reach(body: str) -> str:
    return hmac.new(settings.secret_key.encode(), f"reached:{body}".encode(), hashlib.sha256).hexdigest()


def is_new_guest() -> bool:
    """Whether the browser came without a guest's cookie: as who sends none with any request does each time."""
    return bool(request.cookies.get(_cookie(GUEST)) != g.guest_token)


def is_phone() -> bool:
    """Whether it says that it is a phone's: some providers have a page of payment for those."""
    return "Mobile" in request.user_agent.string


def is_looked_at() -> bool:
    """Whether somebody sees this page: not for a HEAD, a page fetched in advance, a program that says it is one."""
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))
    in_advance = any("prefetch" in one or "preview" in one for one in purposes)
    return request.method == "GET" and not in_advance and not _PROGRAMS.search(request.user_agent.string)


def sign_in_browser(token: str, seconds: int) -> None:
    """From this answer on the browser is the session of this access token, for so long."""
    g.session_cookie = (token, seconds)


def sign_out_browser() -> None:
    """From this answer on the browser is a guest."""
    g.session_cookie = ("", 0)


def remember(response: Response) -> None:
    """Give the browser its cookies with this answer."""
    _set(response, _cookie(GUEST), g.guest_token, GUEST_SECONDS)
    changed = g.get("session_cookie")
    if changed is not None:
        _set(response, _cookie(SESSION), *changed)
    if "reached_cookie" in g:
        _set(response, _cookie(REACHED), g.reached_cookie, REACHED_SECONDS)


def remember_language(response: Response, language: str) -> None:
    _set(response, LANGUAGE, language, LANGUAGE_SECONDS)


def form_token() -> str:
    """A token that only a page of ours, opened by this visitor, holds (double submit, signed)."""
    return hmac.new(settings.secret_key.encode(), f"form:{g.form_owner}".encode(), hashlib.sha256).hexdigest()


def check_form() -> None:
    """Raises Refused 403 for a form that was not made for this visitor, or that another site sends for him."""
    sent = request.form.get("form_token", "")
    is_foreign = request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}
    if is_foreign or not hmac.compare_digest(sent.encode(), form_token().encode()):
        zh, en = "页面已过期，请刷新后重试", "This page is out of date: reload it and try again."
        raise Refused(403, "stale_form", zh, en)


def _cookie(name: str) -> str:
    """Over https a name that no other host and no plain connection can set (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{name}" if _is_secure() else name


def _is_secure() -> bool:
    """Also where the proxy in front was not told to us, but people come by https."""
    return request.is_secure or settings.public_url.startswith("https:")


def _set(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="Lax", secure=_is_secure())
