"""Pages of second-hand: of those who sell, and of moderators."""

from app.core.ids import new_id
from tests.security import doors_secondhand as of
from tests.security.pages import MODERATOR, OWNER, PERSON, PageRow
from tests.security.town import Values

ALL, ONE, WORDS = "/second-hand", "/second-hand/<uuid:article_id>", "/admin/prohibited-words"


def form(values: Values) -> dict[str, str]:
    place = {"province": "浙江", "city": "杭州", "district": "西湖"}
    return {"id": str(new_id()), "title": "旧书", "condition": "good", "way": "meet", "price": "12.50", **place}


ROWS = [
    PageRow("GET", f"{ALL}/new", PERSON),
    PageRow("POST", ALL, PERSON, 303, form=form),
    PageRow("GET", "/me/second-hand", PERSON),
    PageRow("GET", f"{ONE}/edit", OWNER, own=of.article),
    PageRow("POST", ONE, OWNER, 303, of.article, form),
    PageRow("POST", f"{ONE}/withdrawal", OWNER, 303, of.article),
    PageRow("POST", f"{ONE}/relisting", OWNER, 303, of.article_off),
    PageRow("POST", f"{ONE}/handover", OWNER, 303, of.sold, lambda v: {"code": v["code"]}),
    PageRow("POST", f"{ONE}/parcel", OWNER, 303, of.to_send, lambda v: {"carrier": "sandbox", "number": "SB1"}),
    PageRow("POST", f"{ONE}/reports", PERSON, 303, of.article, lambda v: {"reason": "假货"}),
    PageRow("GET", f"{ONE}/reports", PERSON, own=of.article),
    PageRow("GET", WORDS, MODERATOR),
    PageRow("POST", WORDS, MODERATOR, 303, form=of.new_word),
    PageRow("POST", f"{WORDS}/<uuid:word_id>/removal", MODERATOR, 303, of.word),
]
