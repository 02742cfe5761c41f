"""The page of the machine, for admins."""

from urllib.parse import urlencode

from flask import request
from werkzeug.wrappers import Response

from app.core import paging, retrying
from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import ADMIN
from app.core.http.pages import PageDoor, came_from, go, page
from app.operate.health import actions, queries
from app.operate.health.schemas import FactsQuery
from app.operate.moderation.queries import MOST_COUNTED

JOBS = "/admin/jobs"
PAGE = 50
door = PageDoor("health", __name__, who=ADMIN)
menu.add(menu.ADMIN_VIEW, JOBS, "后台任务", "Jobs", order=40, scopes=frozenset({ADMIN}))


@door.get(JOBS)
def show_jobs(caller: Caller) -> str:
    """Listeners, failed facts, sweeps, parts: as they are now."""
    asked = FactsQuery().load(request.args.to_dict())
    scope = f"facts:{asked['listener']}"
    after = paging.values_of(scope, asked["cursor"])
    facts = retrying.kept_aside(PAGE + 1, after[0] if after else 0, asked["listener"] or None)
    cursor = paging.cursor(scope, [facts[PAGE - 1].id]) if len(facts) > PAGE else None
    following = "?" + urlencode({"listener": asked["listener"], "cursor": cursor}) if cursor else None
    named = {"facts": facts[:PAGE], "following": following, "listener": asked["listener"], "most": MOST_COUNTED}
    return page("health_jobs.html", machine=queries.machine(), **named)


@door.post(f"{JOBS}/facts/<int:failed_id>/retry")
def retry_fact(caller: Caller, failed_id: int) -> Response:
    """Have the worker tell this fact again now."""
    actions.retry_fact(caller, failed_id)
    return go(came_from() or JOBS)


@door.post(f"{JOBS}/listeners/<name>/retry")
def retry_all_of(caller: Caller, name: str) -> Response:
    """Have the worker tell all failed facts of a listener again now."""
    actions.retry_all_of(caller, name)
    return go(came_from() or JOBS)
