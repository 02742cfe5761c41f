"""Everything around the doors: headers, logs and metrics of each request, /healthz, /metrics, /docs."""

import hmac
import os
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import flask_bootstrap
import flask_swagger_ui
import orjson
import structlog
from flask import Blueprint, Flask, Request, Response, abort, g, render_template, request, send_from_directory
from flask.sessions import SessionInterface
from flask_smorest import Api
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client import REGISTRY as LOCAL
from werkzeug.middleware.proxy_fix import ProxyFix

from app.core.config import settings
from app.core.http import limits, problems
from app.core.http.request import request_id
from app.core.observability import ASKED_BY, REQUESTS, health

LARGEST_BODY = 21 << 20
_PAGE_POLICY = (
    "default-src 'self'; script-src 'none'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; object-src 'none'"
)
"""Bootstrap draws its arrows and ticks as data: pictures."""
_JSON_POLICY = "default-src 'none'; frame-ancestors 'none'"
_IN_TWO_LANGUAGES = {"application/json", "application/problem+json", "text/html"}
_SWAGGER = Path(flask_swagger_ui.__file__).parent / "dist"
_BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static/bootstrap5/css"
log = structlog.get_logger("http")
house = Blueprint("house", __name__, template_folder="../pages", static_folder="../pages/static")


def init_app(app: Flask) -> Api:
    """Prepare the app for doors; answers the Api that they are registered with."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=1 << 20,
        API_TITLE="Content community and shop",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
            "info": {"description": "Amounts are whole 分 (CNY minor units); times are ISO 8601 in UTC."},
        },
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        vars(app)["wsgi_app"] = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
    problems.init_app(app)
    app.session_interface = NoSessions()
    app.before_request(_begin)
    app.after_request(_end)
    limits.init_app(app)
    app.register_blueprint(house)
    api = Api(app)
    # flask-smorest words errors its own way; ours are problems in two languages.
    problems.init_app(app)
    return api


class NoSessions(SessionInterface):
    """Flask's signed cookie is not used: who asks is known by his token, a guest by a cookie of core/http/browser."""

    def open_session(self, app: Flask, request: Request) -> None:
        return None


def _begin() -> None:
    g.began = time.perf_counter()
    ASKED_BY.set(request_id())


_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("X-Frame-Options", "DENY"),
)


def _end(response: Response) -> Response:
    took = time.perf_counter() - g.get("began", time.perf_counter())
    _timed(request.endpoint or "none", response.status_code).observe(took)
    headers, kind = response.headers, response.mimetype
    headers.extend(_ALWAYS)
    headers.add("X-Request-Id", request_id())
    if kind in _IN_TWO_LANGUAGES:
        headers.add("Vary", "Accept-Language")
    if "Content-Security-Policy" not in headers:
        headers.add("Content-Security-Policy", _PAGE_POLICY if kind == "text/html" else _JSON_POLICY)
    if request.is_secure:
        headers.add("Strict-Transport-Security", "max-age=31536000")
    if response.status_code >= 500 or took > 1.0:
        log.warning("slow_or_failed", path=request.path, status=response.status_code, ms=round(took * 1000))
    else:
        log.debug("request", path=request.path, status=response.status_code, ms=round(took * 1000, 1))
    return response


@lru_cache(maxsize=4096)
def _timed(door: str, status: int) -> Histogram:
    return REQUESTS.labels(door, status)


def _may_look_inside() -> bool:
    """The inner state is for this machine and for holders of HEALTH_TOKEN only."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.health_token and hmac.compare_digest(given.encode(), settings.health_token.encode()):
        return True
    return request.remote_addr in {"127.0.0.1", "::1"} and "X-Forwarded-For" not in request.headers


@house.get("/healthz")
def healthz() -> Response:
    """200 when ready, 503 when a vital part is away. The parts only for this machine or a token."""
    may_look = _may_look_inside()
    ready, parts = health(only_vital=not may_look)
    body: dict[str, object] = {"status": "ok" if ready else "away"}
    if may_look:
        body["parts"] = parts
    return Response(orjson.dumps(body), status=200 if ready else 503, mimetype="application/json")


@house.get("/metrics")
def metrics() -> Response:
    """Prometheus metrics, of all processes where PROMETHEUS_MULTIPROC_DIR is set."""
    if not _may_look_inside():
        abort(404)
    registry = LOCAL
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        collect: Callable[[CollectorRegistry], object] = multiprocess.MultiProcessCollector
        collect(registry)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


@house.get("/docs")
def docs() -> Response:
    """The API, browsable; all of it served from here."""
    response = Response(render_template("docs.html"), mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
    )
    return response


@house.get("/docs/ui/<path:name>")
def docs_file(name: str) -> Response:
    """A file of Swagger UI, from its wheel."""
    return send_from_directory(_SWAGGER, name, max_age=86400)


@house.get("/pages/bootstrap.css")
def bootstrap() -> Response:
    """Bootstrap's style, from its wheel."""
    return send_from_directory(_BOOTSTRAP, "bootstrap.min.css", max_age=86400)
