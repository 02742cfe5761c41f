"""The audit log as staff read it."""

from functools import partial
from html import unescape

from app.core import audit
from app.core.caller import Caller, Ref
from app.core.db import in_transaction
from app.core.ids import new_id
from app.operate.audit.queries import CALLED
from app.operate.moderation.actions import take_down
from app.people.staff.actions import GRANT, grant
from tests import make
from tests.make.person import Made
from tests.pages import Browser


def test_it_says_who_did_what_to_whom_and_why_and_can_be_narrowed(desk: Browser, moderator: Made) -> None:
    post, person = make.post(title="一折起"), make.person(nickname="小满")
    in_transaction(lambda: take_down(Caller(person_id=moderator.id), "post", post.id, "虚假宣传"))
    in_transaction(lambda: grant(None, person.id, "kol"))
    shown = desk.open("/admin/audit").text
    words = ("审核小王", "下架", "一折起", "虚假宣传", "服务器命令", "授予角色", "小满")
    for word in (*words, f"/admin/queue/post/{post.id}"):
        assert word in shown, word
    mine = desk.open(f"/admin/audit?who={moderator.username.upper()}").text
    assert "一折起" in mine and "小满" not in mine
    about = desk.open(f"/admin/audit?subject={person.id}").text
    assert "一折起" not in about and "小满" in about


def test_what_it_was_done_to_is_said_in_words_and_shops_by_their_names(desk: Browser) -> None:
    shop = make.shop(name="青山瓷器")
    for kind in CALLED:
        subject = str(shop.id) if kind == "shop" else str(new_id())
        in_transaction(partial(audit.record, None, GRANT, (kind, subject), "x"))
    shown = desk.open("/admin/audit").text
    assert "青山瓷器" in shown
    for kind, (zh, _) in CALLED.items():
        assert f">{zh}</a>" in shown, kind
        assert f">{kind}</a>" not in shown


def test_who_is_not_there_is_told_apart_from_who_did_nothing(desk: Browser) -> None:
    idle = make.person()
    shown = desk.open("/admin/audit?who=<b>nobody").text
    assert "没有叫这个用户名或编号的人: &lt;b&gt;nobody" in shown and "没有记录" not in shown
    assert "没有叫这个" in desk.open(f"/admin/audit?who={new_id()}").text
    for called in (idle.username, str(idle.id)):
        shown = desk.open(f"/admin/audit?who={called}").text
        assert "没有记录" in shown and "没有叫这个" not in shown


def test_it_goes_on_page_after_page_and_costs_the_same_for_many(
    desk: Browser, moderator: Made, statements: list[str]
) -> None:
    def asked() -> int:
        statements.clear()
        assert desk.open("/admin/audit").status == 200
        return len(statements)

    def fill(number: int) -> None:
        for one in range(number):
            post = make.post()
            in_transaction(partial(take_down, Caller(person_id=moderator.id), "post", post.id, "x"))
            in_transaction(partial(audit.record, None, GRANT, Ref("person", post.author.id), f"{one}."))

    fill(1)
    few = asked()
    fill(30)
    assert asked() == few < 25
    following = unescape(desk.text.split('rel="next" href="')[1].partition('"')[0])
    assert "29." in desk.text and ">0.<" not in desk.text
    assert ">0.<" in desk.open(f"/admin/audit{following}").text
