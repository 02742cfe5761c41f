"""What people report on pages."""

from uuid import UUID

from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http.door import PERSON
from app.core.http.forms import form
from app.core.http.pages import PageDoor, go, page
from app.operate.moderation import actions
from app.operate.moderation.schemas import ReportIn

ARTICLE = "/second-hand/<uuid:article_id>/reports"
door = PageDoor("moderation", __name__, who=PERSON)


@door.post(ARTICLE)
def report_article(caller: Caller, article_id: UUID) -> AnyResponse:
    """Tell the moderators of an article; told again it is one report."""
    given = ReportIn().load(form())
    actions.report_article(caller, article_id, given["reason"], given["note"])
    return go(f"/second-hand/{article_id}/reports")


@door.get(ARTICLE)
def thank_reporter(caller: Caller, article_id: UUID) -> str:
    """It has been told."""
    return page("moderation_thanks.html", back=f"/second-hand/{article_id}")
