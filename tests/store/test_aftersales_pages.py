"""The desk of after-sales cases: a shop answers, checks what comes back, says where to; moderators decide disputes."""

import re
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.core.db import db, in_transaction
from app.store.aftersales.models import Case
from app.store.inventory.queries import available
from app.store.returns.queries import policy_of
from app.store.shops.models import AFTER_SALES, PACKER, READER
from tests import make as town
from tests.merchant import Merchant
from tests.pages import Browser, with_second_factor
from tests.statements import statements

CASE = re.compile(r'data-case="([^"]+)" data-state="(\w+)"')


def listed(browser: Browser) -> list[tuple[UUID, str]]:
    return [(UUID(case), state) for case, state in CASE.findall(browser.text)]


def case_of(case_id: UUID) -> Any:
    db.session.rollback()
    return in_transaction(lambda: db.session.get_one(Case, case_id, populate_existing=True))


def page_of(case_id: UUID) -> str:
    return f"/portal/aftersales/{case_id}"


def test_cases_wait_in_the_part_of_the_desk_that_is_to_act(app: Flask) -> None:
    desk = Merchant(app)
    asked, back, disputed = desk.case(), desk.case_sent_back(), desk.dispute()
    browser = desk.at("/aftersales", AFTER_SALES)
    assert listed(browser) == [(asked, "requested")]
    assert "待处理 1" in browser.text and "未处理则自动同意" in browser.text and "手工陶瓷杯" in browser.text
    for part, found in (("to_check", [(back, "sent_back")]), ("disputed", [(disputed, "disputed")]), ("ended", [])):
        assert listed(browser.open(f"{desk.base}/aftersales?part={part}")) == found, part
    assert browser.open(f"{desk.base}/aftersales?part=nonsense").status == 422


def test_a_shop_agrees_and_what_comes_back_is_refunded_and_for_sale_again(app: Flask) -> None:
    desk = Merchant(app)
    case_id = desk.case(pictured=True)
    browser = desk.at(page_of(case_id), AFTER_SALES)
    picture = re.search(r'<img src="([^"]+)"', browser.text)
    assert picture is not None and "杯口有裂" in browser.text and "杭州仓 1 号" in browser.text
    assert browser.open(picture[1].replace("&amp;", "&")).status == 200
    browser.open(page_of(case_id)).send("/approval", words="请寄回").follow()
    assert case_of(case_id).state == "approved" and "请寄回" in browser.text
    back = desk.case_sent_back()
    browser.open(page_of(back)).send("/arrival", is_sellable="true").follow()
    assert "¥10.00" in browser.text and "已退款" in browser.text
    assert case_of(back).state == "granted"
    sku = in_transaction(lambda: db.session.connection().exec_driver_sql(
        "SELECT f.sku_id FROM aftersales_lines c JOIN fulfilment_lines f USING (line_id)"
        f" WHERE c.case_id = '{back}'").scalar_one())  # fmt: skip
    assert in_transaction(lambda: available([sku]))[sku] == 99


def test_a_form_that_is_sent_twice_refunds_once_and_shows_how_the_case_stands(app: Flask) -> None:
    desk = Merchant(app)
    case_id = desk.case("refund")
    browser = desk.at(page_of(case_id))
    form = next(one for one in browser.forms if one.action.endswith("/approval"))
    for done in ("1", "moved"):
        assert browser.post(form.action, **form.fields).status == 303
        assert browser.answer.headers["Location"] == f"{page_of(case_id)}?done={done}"
    count = "SELECT count(*), sum(amount) FROM refunds_grants"
    assert in_transaction(lambda: db.session.connection().exec_driver_sql(count).one()) == (1, 1000)


def test_a_refusal_says_why(app: Flask) -> None:
    desk = Merchant(app)
    case_id = desk.case()
    browser = desk.at(page_of(case_id))
    assert browser.send("/refusal", words=" ").status == 422
    assert 'id="refuse-words-fault"' in browser.text
    assert "拍摄不清" in browser.send("/refusal", words="拍摄不清").follow().text
    assert case_of(case_id).state == "refused"


def test_an_exchange_names_the_parcel_of_the_other_goods(app: Flask) -> None:
    desk = Merchant(app)
    case_id = desk.case_sent_back("exchange")
    browser = desk.at(page_of(case_id))
    for number in ("", "abc"):
        assert browser.open(page_of(case_id)).send("/arrival", carrier="sf", number=number).status == 422
        assert 'id="number-fault"' in browser.text
    assert "SF1234567890123" in browser.send("/arrival", carrier="sf", number="SF1234567890123").follow().text
    assert case_of(case_id).state == "replaced"


@pytest.mark.parametrize(("role", "may"), [(PACKER, False), (READER, False), (AFTER_SALES, True)])
def test_only_who_serves_buyers_answers(app: Flask, role: str, may: bool) -> None:
    desk = Merchant(app)
    case_id = desk.case()
    browser = desk.at(page_of(case_id), role)
    assert browser.status == 200
    assert any(one.action.endswith("/approval") for one in browser.forms) is may
    token = browser.forms[-1].fields["form_token"]
    for step in ("refusal", "approval", "arrival"):
        status = browser.post(f"{page_of(case_id)}/{step}", form_token=token, words="不").status
        assert status == (303 if may else 403), step
    assert case_of(case_id).state == ("refused" if may else "requested")
    assert Merchant(app).at(page_of(case_id)).status == 404


def test_a_shop_says_where_goods_come_back_to(app: Flask) -> None:
    desk = Merchant(app)
    browser = desk.at("/return-policy")
    assert browser.send("/return-policy", address="x" * 301).status == 422
    browser.send("/return-policy", address="杭州仓\r\n1 号", is_insured="true").follow()
    assert "已保存" in browser.text
    policy = in_transaction(lambda: policy_of(desk.shop.id))
    assert (policy.address, policy.is_insured) == ("杭州仓\n1 号", True)
    served = desk.at("/return-policy", AFTER_SALES)
    assert "杭州仓" in served.text and not any(one.action.endswith("/return-policy") for one in served.forms)
    token = served.forms[-1].fields["form_token"]
    assert served.post(f"{desk.base}/return-policy", form_token=token, address="别处").status == 403


def test_a_moderator_decides_a_dispute_once_with_a_part_of_the_money(app: Flask) -> None:
    desk = Merchant(app)
    case_id = desk.dispute()
    moderator = with_second_factor(app, town.person(roles=("moderator",)))[0]
    page = f"/admin/aftersales/{case_id}"
    assert listed(moderator.open("/admin/aftersales")) == [(case_id, "disputed")]
    assert desk.shop.name in moderator.text
    for wrong, field in (
        ({"words": ""}, "decide-words"),
        ({"amount": "10.01"}, "amount"),
        ({"amount": "-1"}, "amount"),
    ):
        assert moderator.open(page).send("/decision", **{"outcome": "granted", "words": "有裂", **wrong}).status == 422
        assert f'id="{field}-fault"' in moderator.text, wrong
    assert moderator.open(page).send("/decision", outcome="approved", words="x").status == 422
    form = next(one for one in moderator.open(page).forms if one.action.endswith("/decision"))
    sent = {**form.fields, "outcome": "granted", "words": "有裂，退一半", "amount": "5"}
    for done in ("1", "moved"):
        assert moderator.post(form.action, **sent).answer.headers["Location"] == f"{page}?done={done}"
    assert "¥5.00" in moderator.follow().text and "有裂，退一半" in moderator.text
    assert case_of(case_id).state == "granted"


def test_a_part_of_the_money_of_several_lines_is_shared_among_them(app: Flask) -> None:
    case_id = Merchant(app).dispute(lines=2)
    moderator = with_second_factor(app, town.person(roles=("moderator",)))[0]
    page = moderator.open(f"/admin/aftersales/{case_id}")
    assert page.send("/decision", outcome="granted", words="x", amount="5").status == 303
    count = "SELECT count(*), sum(amount) FROM refunds_grants"
    assert in_transaction(lambda: db.session.connection().exec_driver_sql(count).one()) == (1, 500)
    assert case_of(case_id).state == "granted"


def test_lists_of_cases_cost_the_same_for_many(app: Flask) -> None:
    desk = Merchant(app)
    case_id = desk.case(lines=2)
    browser, counts = desk.at("/aftersales"), []
    for _ in range(2):
        for path in (f"{desk.base}/aftersales", page_of(case_id)):
            with statements() as seen:
                assert browser.open(path).status == 200
            counts.append(len(seen))
        for _ in range(4):
            case_id = desk.case(lines=3)
    assert counts[:2] == counts[2:]
    assert max(counts) < 25, counts
