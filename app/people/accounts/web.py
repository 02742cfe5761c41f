"""Pages of signing up, in and out, for portal and admin view alike; and of setting up a second factor."""

from typing import Any
from uuid import UUID

import segno
from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import PERSON as PERSON_KIND
from app.core.caller import Caller, Ref
from app.core.config import settings
from app.core.errors import Refused
from app.core.http import browser, menu
from app.core.http.door import PERSON
from app.core.http.forms import form, submitted
from app.core.http.pages import SECOND_STEP, SIGN_IN, PageDoor, go, local, page
from app.core.http.request import device, language
from app.core.joining import join
from app.people.accounts import actions, queries
from app.people.accounts.models import Signed, bad_code
from app.people.accounts.schemas import CodeForm, SetUpForm, SignInForm, SignUpForm
from app.people.factors.models import address_of, offered_secret
from app.people.factors.queries import has_second_factor

PAGE_SECONDS = 12 * 3600
"""A working day: then a browser's session ends, however much it was used."""
CODE_WITHIN = 300
"""Seconds in which the code has to follow the password."""
HOME, WALL = "/portal", "/"
SIGN_UP = "/sign-up"

door = PageDoor("accounts", __name__)


@door.get(SIGN_IN)
def show_sign_in(caller: Caller) -> str:
    """Username and password; `next` is the page to go on to."""
    return _sign_in_page(local(request.args.get("next", ""), ""))


@door.post(SIGN_IN, limit="signin")
def sign_in(caller: Caller) -> str | AnyResponse:
    """The password is right: in, or on to the code. What session the browser had ends."""
    given = SignInForm().load(form())
    following = local(given["next"], "")
    try:
        person = actions.check_password(given["username"], given["password"])
    except Refused as refused:
        shown = _sign_in_page(following, given["username"], refused.text(language()))
        return Response(shown, refused.status, mimetype="text/html")
    if has_second_factor(person.id):
        proof = _proofs().dumps(str(person.id))
        return page("sign_in_code.html", proof=proof, next=following, fault="")
    return _enter(caller, actions.open_session(person, device(), seconds=PAGE_SECONDS), following)


@door.get(SIGN_UP)
def show_sign_up(caller: Caller) -> str:
    """A form for a new account; `next` is the page to go on to."""
    return _sign_up_page({"next": local(request.args.get("next", ""), "")}, {})


@door.post(SIGN_UP, limit="signup")
def sign_up(caller: Caller) -> AnyResponse:
    """Open an account, as POST /accounts does, and go on signed in; what the guest of this browser had is the person's
    from then on. What session the browser had ends."""

    def join_in() -> AnyResponse:
        given = SignUpForm().load(form())
        following = local(given.pop("next"), "")
        return _enter(caller, actions.sign_up(**given, device=device(), seconds=PAGE_SECONDS), following, is_new=True)

    return submitted(join_in, lambda faults: _sign_up_page(form(), faults))


def _code_counted(done: AnyResponse | None) -> AnyResponse:
    """Runs once the wrong code is counted: refusing any earlier would undo it."""
    if done is not None:
        return done
    sent = form()
    shown = page("sign_in_code.html", proof=sent["proof"], next=sent.get("next", ""), fault=bad_code().text(language()))
    return Response(shown, 401, mimetype="text/html")


@door.post(f"{SIGN_IN}/code", limit="signin", then=_code_counted)
def give_code(caller: Caller) -> AnyResponse | None:
    """The code of a person who gave his password a moment ago."""
    given = CodeForm().load(form())
    person_id = _proven(given["proof"])
    if queries.suspension_of(person_id) is not None:
        raise _too_late()
    person = queries.person_or_missing(person_id)
    signed = actions.open_session(person, device(), given["code"], PAGE_SECONDS)
    return _enter(caller, signed, local(given["next"], "")) if signed else None


@door.post("/sign-out")
def sign_out(caller: Caller) -> AnyResponse:
    """This browser's session is over."""
    _end(caller)
    browser.sign_out_browser()
    return go(SIGN_IN)


@door.get(SECOND_STEP, who=PERSON)
def show_second_factor(caller: Caller) -> str:
    """The secret to be read by an authenticator app; who has one already is told so."""
    return _second_factor_page(caller, local(request.args.get("next", ""), HOME), "")


@door.post(SECOND_STEP, who=PERSON, limit="signin")
def set_up_second_factor(caller: Caller) -> str | AnyResponse:
    """The first code proves that the app has the secret. All other sessions of the person end."""
    given = SetUpForm().load(form())
    following = local(given["next"], HOME)
    username = queries.profile_or_missing(caller.person)["username"]
    try:
        actions.check_password(username, given["password"])  # an open browser alone must not be enough
        signed = actions.add_second_factor(caller.person, _session(caller), given["code"], device(), PAGE_SECONDS)
    except Refused as refused:
        fault = refused if refused.code == "bad_credentials" else bad_code()
        shown = _second_factor_page(caller, following, fault.text(language()))
        return Response(shown, refused.status, mimetype="text/html")
    browser.sign_in_browser(signed.access_token, signed.expires_in)
    return go(following)


@door.post("/language")
def choose_language(caller: Caller) -> AnyResponse:
    """The language of all pages in this browser from now on."""
    sent = form()
    answer = go(local(sent.get("next", ""), HOME))
    browser.remember_language(answer, "en" if sent.get("language") == "en" else "zh")
    return answer


def _sign_in_page(following: str, username: str = "", fault: str = "") -> str:
    return page("sign_in.html", next=following, username=username, fault=fault)


def _sign_up_page(filled: dict[str, str], faults: dict[str, Any]) -> str:
    return page("sign_up.html", filled=filled, faults=faults, next=local(filled.get("next", ""), ""))


def _second_factor_page(caller: Caller, following: str, fault: str) -> str:
    if has_second_factor(caller.person):
        return page("second_factor.html", is_set_up=True, next=following)
    secret = offered_secret(_session(caller))
    address = address_of(secret, queries.profile_or_missing(caller.person)["username"])
    # Without `xmldecl` and styles: a plain SVG element, which the page's policy allows.
    code = Markup(segno.make(address, error="m").svg_inline(scale=5, omitsize=True, svgclass="qr", lineclass=None))
    return page("second_factor.html", is_set_up=False, secret=secret, code=code, next=following, fault=fault)


def _enter(caller: Caller, signed: Signed | None, following: str, *, is_new: bool = False) -> AnyResponse:
    """Whoever opens an account here is the guest who bought here; who merely signs in may sit at another's browser."""
    if signed is None:
        raise bad_code()
    _end(caller)
    browser.sign_in_browser(signed.access_token, signed.expires_in)
    join(browser.guest_of_browser(caller).buyer, Ref(PERSON_KIND, signed.person.id), is_sign_in=not is_new)
    return go(following or _home(signed.person.id))


def _home(person_id: UUID) -> str:
    """Where who wanted no page begins: at the portal with anything of his there or a role, else at the wall."""
    roles = queries.profile_or_missing(person_id)["roles"]
    works = bool(roles) or menu.has_some(menu.PORTAL, Caller(person_id=person_id, scopes=frozenset(roles)))
    return HOME if works else WALL


def _end(caller: Caller) -> None:
    if caller.person_id is not None and caller.session_id is not None:
        actions.sign_out(caller.person_id, caller.session_id)


def _session(caller: Caller) -> UUID:
    if caller.session_id is None:
        raise _too_late()
    return caller.session_id


def _proofs() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key, salt="a password was given")


def _proven(proof: str) -> UUID:
    """The person who gave his password, as the form of the code says. Raises Refused 401 if that is too long ago."""
    try:
        return UUID(_proofs().loads(proof, max_age=CODE_WITHIN))
    except BadSignature:
        raise _too_late() from None


def _too_late() -> Refused:
    return Refused(401, "sign_in", "请重新登录", "Sign in again.")
