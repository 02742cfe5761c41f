"""When a service can be had: slots that its terms exclude, times that are over, and what the page of a booking says."""

from datetime import datetime, timedelta

from flask import Flask

from app.core import clock
from app.core.caller import Caller
from app.core.clock import CHINA, iso
from app.core.db import db, in_transaction
from app.store.vouchers import actions
from app.store.vouchers.models import Slot, Voucher
from tests import make
from tests.client import Client
from tests.pages import Browser, signed_in
from tests.portal import at_portal
from tests.store.counting import queries_in
from tests.store.test_vouchers import issued, service, slot, terms


def day(moment: datetime) -> str:
    return moment.astimezone(CHINA).date().isoformat()


def hours(count: float) -> datetime:
    return clock.now() + timedelta(hours=count)


def booking_page(app: Flask, person: make.MadePerson, voucher: Voucher) -> Browser:
    return signed_in(app, person, f"/vouchers/{voucher.id}/booking").follow()


def test_a_booking_page_offers_only_times_at_which_its_voucher_can_be_had(app: Flask) -> None:
    goods, person = service(), make.person()
    good, dated, weekly, late = slot(goods, 3, 24), slot(goods, 3, 48), slot(goods, 3, 72), slot(goods, 3, 24 * 40)
    terms(goods, days=30, dates=[day(hours(48))], weekdays=[hours(72).astimezone(CHINA).isoweekday()])
    [voucher] = issued(goods, 1, person.id)
    page = booking_page(app, person, voucher)
    assert str(good) in page.text
    for excluded in (dated, weekly, late):
        assert str(excluded) not in page.text
        page.send("/booking", slot_id=str(excluded))
        assert page.status == 422
        assert "这张券不能用在这个时段" in page.text
        assert str(good) in page.text


def test_a_time_that_was_booked_up_or_is_over_meanwhile_leads_back_to_the_times_with_a_notice(app: Flask) -> None:
    goods, person, other = service(), make.person(), make.person()
    only, free = slot(goods, 1, 24), slot(goods, 1, 25)
    [mine], [theirs] = issued(goods, 1, person.id), issued(goods, 1, other.id)
    page = booking_page(app, person, mine)
    in_transaction(lambda: actions.book(Caller(person_id=other.id), theirs.id, only).id)
    page.send("/booking", slot_id=str(only))
    assert page.status == 422
    assert "这个时段已约满" in page.text
    assert str(free) in page.text
    for gone in (str(make.person().id), "nonsense"):
        page.send("/booking", slot_id=gone)
        assert page.status == 422
        assert "没有这个时段" in page.text
    page.send("/booking", slot_id=str(free))
    assert page.status == 303
    in_transaction(lambda: actions.void_unused(mine.line_id, 1))
    page.open(f"/vouchers/{mine.id}/booking").send("/booking", slot_id=str(free))
    assert page.status == 422
    assert "这张券已退款" in page.text
    assert str(free) not in page.text


def test_slots_say_whether_the_terms_of_now_allow_them(client: Client) -> None:
    goods = service()
    slot(goods, 3, 24)
    slot(goods, 3, 48)
    terms(goods, days=30, dates=[day(hours(24))])
    items = client.get(f"/skus/{goods.sku_id}/slots").json["items"]
    assert [(one["left"], one["fits_terms"]) for one in items] == [(3, False), (3, True)]


def test_a_shop_opens_no_slot_at_a_time_that_its_terms_exclude(app: Flask, client: Client) -> None:
    goods = service()
    known = slot(goods, 3, 24)
    terms(goods, valid_until=hours(24 * 10), dates=[day(hours(24)), day(hours(48))])
    by, path = client.as_(goods.shop.owner.token), f"/skus/{goods.sku_id}/slots"
    for wrong in (hours(48), hours(24 * 11)):
        refused = by.post(path, {"starts": [iso(hours(72)), iso(wrong)], "capacity": 1})
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["starts"])
        assert day(wrong) in str(refused.json["errors"])
    assert by.post(path, {"starts": [iso(hours(72))], "capacity": 1}).status_code == 201
    at = db.session.get_one(Slot, known).starts_at
    assert by.post(path, {"starts": [iso(at)], "capacity": 5}).json == {"slots": 1}, "some vouchers may come then"
    page = at_portal(app, goods.shop.owner, f"/portal/skus/{goods.sku_id}/terms")
    assert page.text.count("现在的规则不允许此时使用") == 1
    page.send("/slots", starts_at=f"{hours(48).astimezone(CHINA):%Y-%m-%dT%H:%M}", capacity="1")
    assert page.status == 422
    assert f"使用规则不允许在 {day(hours(48))} 的这个时间使用" in page.text


def test_terms_are_not_over_when_they_are_set_and_days_are_of_the_calendar(client: Client) -> None:
    goods = service()
    by, path = client.as_(goods.shop.owner.token), f"/skus/{goods.sku_id}/voucher-terms"
    over = by.put(path, {"valid_from": iso(hours(-48)), "valid_until": iso(hours(-1))})
    assert (over.status_code, list(over.json["errors"])) == (422, ["valid_until"])
    begun = {"valid_from": iso(hours(-48)), "valid_until": iso(hours(1))}
    assert by.put(path, begun).status_code == 200
    for wrong in ("2026-02-31", "2026-2-3", "20260203", "2026-W06-2"):
        assert by.put(path, {"days": 30, "dates": [wrong]}).status_code == 422, wrong
    assert by.put(path, {"days": 30, "dates": ["2028-02-29"]}).status_code == 200


def test_a_service_whose_time_is_over_is_neither_put_into_a_checkout_nor_bought(app: Flask, client: Client) -> None:
    goods = service()
    terms(goods, valid_until=hours(3), days=30)
    mine = client.as_(make.person().token)
    lines = {"lines": [{"sku_id": str(goods.sku_id), "quantity": 1}]}
    held = mine.post("/checkouts", lines)
    assert held.status_code == 201
    in_transaction(lambda: db.session.execute(db.text("UPDATE vouchers_terms SET valid_until = now()")))
    for refused in (
        mine.post("/checkouts", lines),
        mine.post(f"/checkouts/{held.json['id']}/purchase", {}, key="k"),
        mine.post(f"/skus/{goods.sku_id}/purchase", {"quantity": 1}, key="now"),
    ):
        assert (refused.status_code, refused.json["code"]) == (409, "service_over"), refused.text
        assert refused.json["errors"] == {"sku_id": [str(goods.sku_id)]}


def test_only_services_are_asked_for_their_time(client: Client) -> None:
    def asked(goods: make.MadeProduct) -> int:
        with queries_in() as sent:
            client.post("/checkouts", {"lines": [{"sku_id": str(goods.sku_id), "quantity": 1}]})
        return sum("vouchers_terms" in one for one in sent)

    assert (asked(make.product()), asked(service())) == (0, 1)
