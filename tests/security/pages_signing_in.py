"""Pages of signing in and out; and the front doors of portal and admin view."""

from tests.security.pages import ANYONE, MODERATOR, PERSON, PageRow

ROWS = [
    PageRow("GET", "/sign-in", ANYONE),
    PageRow("POST", "/sign-in", ANYONE, 401, form=lambda v: {"username": "no", "password": "no"}, ends_session=True),
    PageRow("POST", "/sign-in/code", ANYONE, 401, form=lambda v: {"proof": "x", "code": "0"}, ends_session=True),
    PageRow("GET", "/sign-up", ANYONE),
    PageRow("POST", "/sign-up", ANYONE, 422, form=lambda v: {"username": "a", "password": "no", "nickname": "x"}),
    PageRow("POST", "/sign-out", ANYONE, 303, ends_session=True),
    PageRow("POST", "/language", ANYONE, 303, form=lambda v: {"language": "zh", "next": "/docs"}),
    PageRow("GET", "/second-factor", PERSON),
    PageRow("POST", "/second-factor", PERSON, 422, form=lambda v: {"password": "correct horse", "code": "000000"}),
    PageRow("GET", "/portal", PERSON, (303, 404)),  # on to the first page of its menu, if there is one
    PageRow("GET", "/admin", MODERATOR, 303),
]
