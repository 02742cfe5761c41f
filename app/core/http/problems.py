"""Problems: every refusal and failure as application/problem+json (RFC 9457) in the person's language."""

from collections.abc import Callable
from typing import Any

import orjson
import structlog
from flask import Flask, Response, request
from gunicorn.http.errors import NoMoreData, ParseException
from marshmallow import ValidationError, fields
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app.core.errors import Refused, constraint_of, refusal_of
from app.core.fields import Out
from app.core.http.request import language, request_id
from app.core.observability import REFUSALS
from app.core.texts import in_language

log = structlog.get_logger("http")

_TITLES = {
    400: ("请求无法读取", "The request cannot be read."),
    401: ("请先登录", "Sign in first."),
    403: ("没有权限", "Not allowed."),
    404: ("没有找到", "Not found."),
    405: ("不支持的方法", "This method is not supported here."),
    409: ("与当前状态冲突", "In conflict with the present state."),
    413: ("内容太大", "Too large."),
    415: ("格式不支持", "This media type is not supported."),
    422: ("内容有误", "Something in it is not right."),
    429: ("太频繁，请稍后再试", "Too many requests: try again later."),
    500: ("出了错，我们已记录", "Something went wrong; it has been recorded."),
    503: ("暂时不可用，请稍后再试", "Not available right now: try again shortly."),
}
_BUSY_STATES = {"57014", "55P03", "57P01", "57P02", "57P03", "53300", "25P03", "25P04"}


class Problem(Out):
    """An error answer."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String()
    errors = fields.Dict(keys=fields.String())
    request_id = fields.String(required=True)


_shown: list[Callable[[int, str], Response]] = []


def shows_in_browsers(show: Callable[[int, str], Response]) -> Callable[[int, str], Response]:
    """Register how a browser is shown a problem of a page: show(status, text). It may ask neither database nor cache,
    which may be what is away."""
    _shown.append(show)
    return show


def problem(
    status: int,
    code: str,
    detail: str | None = None,
    errors: dict[str, Any] | None = None,
    retry_after: int | None = None,
) -> Response:
    """A problem response; 429 and 503 always say when to try again."""
    tongue = language()
    zh, en = _TITLES.get(status, (f"错误 {status}", f"Error {status}"))
    title = en if tongue == "en" else zh
    if retry_after is None and status in {429, 503}:
        retry_after = 1
    response = _page(status, detail or title) or _json(status, code, title, detail, errors)
    response.headers["Content-Language"] = tongue
    response.headers["Cache-Control"] = "no-store"
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    REFUSALS.labels(code).inc()
    return response


def _page(status: int, text: str) -> Response | None:
    """The problem as a page, if a browser asks for one."""
    wants = request.accept_mimetypes.best_match(["application/problem+json", "application/json", "text/html"])
    if wants != "text/html" or request.path.startswith("/api/") or not _shown:
        return None
    return _shown[-1](status, text)


def _json(status: int, code: str, title: str, detail: str | None, errors: dict[str, Any] | None) -> Response:
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "code": code}
    body["detail"] = detail or title
    if errors:
        body["errors"] = in_language(errors, language())
    body["request_id"] = request_id()
    return Response(orjson.dumps(body), status=status, mimetype="application/problem+json")


def init_app(app: Flask) -> None:
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(ValidationError, _invalid)
    app.register_error_handler(IntegrityError, _integrity)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(PoolTimeout, _busy)
    app.register_error_handler(HTTPException, _http)
    # A body that is not what its head says: found out only when the view reads it.
    app.register_error_handler(ParseException, _cut_off)
    app.register_error_handler(NoMoreData, _cut_off)
    app.register_error_handler(Exception, _failed)


def _refused(error: Refused) -> Response:
    return problem(error.status, error.code, error.text(language()), error.errors, error.retry_after)


def _invalid(error: ValidationError) -> Response:
    named = error.messages if isinstance(error.messages, dict) else {"_schema": error.messages}
    return problem(422, "invalid", None, named)


def _integrity(error: IntegrityError) -> Response:
    found = refusal_of(error)
    if found is not None:
        return _refused(found)
    log.error("constraint_without_refusal", constraint=constraint_of(error))
    return _failed(error)


def _database(error: DBAPIError) -> Response:
    state = getattr(error.orig, "sqlstate", None)
    away = error.connection_invalidated or (isinstance(error, OperationalError) and state is None)
    if away or state in _BUSY_STATES:
        log.warning("database_busy_or_away", state=state, error=str(error.orig)[:200])
        return problem(503, "unavailable")
    return _failed(error)


def _busy(error: PoolTimeout) -> Response:
    log.warning("no_connection_free")
    return problem(503, "busy")


def _http(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    codes = {400: "unreadable", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 429: "too_many"}
    response = problem(error.code, codes.get(error.code, f"http_{error.code}"))
    if error.code == 405 and error.response is None:
        valid = getattr(error, "valid_methods", None)
        response.headers["Allow"] = ", ".join(sorted(valid or ()))
    return response


def _cut_off(error: Exception) -> Response:
    return problem(400, "unreadable")


def _failed(error: Exception) -> Response:
    log.exception("request_failed", path=request.path, method=request.method, exc_info=error)
    return problem(500, "internal")
