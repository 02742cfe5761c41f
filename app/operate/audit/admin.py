"""The page of the audit log. Moderators see it too: a colleague's reason is what the next decision begins with."""

from urllib.parse import urlencode

from flask import request

from app.core import audit, paging
from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import MODERATOR
from app.core.http.pages import PageDoor, page
from app.operate.audit import queries
from app.operate.audit.schemas import AuditQuery

PAGE = 50
door = PageDoor("audit", __name__, who=MODERATOR)
menu.add(menu.ADMIN_VIEW, "/admin/audit", "操作记录", "Audit log", order=30)


@door.get("/admin/audit")
def show_audit(caller: Caller) -> str:
    """What staff did, the latest first; of one person acting, or to one subject."""
    asked = AuditQuery().load(request.args.to_dict())
    narrowed = {name: asked[name].strip() for name in ("who", "subject")}
    scope = f"audit:{narrowed}"
    before = paging.values_of(scope, asked["cursor"])
    who = queries.person_called(narrowed["who"]) if narrowed["who"] else None
    rows = []
    if who or not narrowed["who"]:
        place = before[0] if before else None
        rows = list(audit.acts(PAGE + 1, place, who.id if who else None, narrowed["subject"] or None))
    cursor = paging.cursor(scope, [rows[PAGE - 1].id]) if len(rows) > PAGE else None
    following = "?" + urlencode({**narrowed, "cursor": cursor}) if cursor else None
    is_nobody = bool(narrowed["who"]) and who is None
    named = {"lines": queries.lines(rows[:PAGE]), "following": following, "is_nobody": is_nobody, **narrowed}
    return page("audit_log.html", **named)
