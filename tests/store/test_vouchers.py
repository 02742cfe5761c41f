"""Services at a counter: vouchers are issued, booked, redeemed once, undone, refunded, and expire."""

import re
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core import clock, worker
from app.core.caller import PERSON, Caller, Ref
from app.core.clock import CHINA, iso
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.eventlog import EventRow
from app.core.ids import new_id
from app.store.shops.models import PACKER, READER
from app.store.vouchers import actions, queries
from app.store.vouchers.models import Issue, Slot, Voucher, VoucherLog
from tests import make
from tests.client import Client
from tests.pages import Browser, signed_in
from tests.store.racing import refusals, together

SWEEP = ["store.vouchers.expire_vouchers"]


def service(**named: object) -> make.MadeProduct:
    return make.product(goods_kind="service", title="双人下午茶", **named)


def issued(
    goods: make.MadeProduct, units: int = 1, owner: UUID | None = None, line: UUID | None = None
) -> list[Voucher]:
    made = line or new_id()
    told = Issue(goods.sku_id, goods.id, goods.shop.id, goods.title, "默认")
    in_transaction(lambda: actions.issue(made, units, Ref(PERSON, owner or make.person().id), told))
    return of_line(made)


def of_line(line: UUID) -> list[Voucher]:
    """As they are now, each for itself."""
    db.session.remove()
    found = queries.vouchers_of_line(line)
    db.session.expunge_all()
    return found


def terms(goods: make.MadeProduct, **wanted: object) -> None:
    usual = {"valid_from": None, "valid_until": None, "days": 30, "weekdays": [], "dates": [], "needs_booking": False}
    caller = Caller(person_id=goods.shop.owner.id)
    in_transaction(lambda: actions.set_terms(caller, goods.sku_id, {**usual, **wanted}).sku_id)


def redeem(goods: make.MadeProduct, code: str) -> UUID:
    caller = Caller(person_id=goods.shop.owner.id)
    return in_transaction(lambda: actions.redeem(caller, goods.shop.id, code)[0].id)


def refused(work: object) -> str:
    with pytest.raises(Refused) as found:
        work()
    db.session.rollback()
    return found.value.code


def slot(goods: make.MadeProduct, capacity: int, hours: float = 24) -> UUID:
    at = clock.now() + timedelta(hours=hours)
    in_transaction(lambda: actions.add_slots(Caller(person_id=goods.shop.owner.id), goods.sku_id, [at], capacity))
    return max(queries.slots_of([goods.sku_id]), key=lambda one: one.id).id


def states(line: UUID) -> list[str]:
    return [one.state for one in of_line(line)]


def facts(name: str) -> list[str]:
    return [row.body["voucher_id"] for row in db.session.query(EventRow).filter(EventRow.name == name)]


def test_each_paid_unit_has_a_voucher_once_however_often_it_is_told(app: Flask) -> None:
    goods, line = service(), new_id()
    first = issued(goods, 3, line=line)
    assert len({one.code for one in first}) == 3 and all(re.fullmatch(r"\d{12}", one.code) for one in first)
    assert [one.code for one in issued(goods, 3, line=line)] == [one.code for one in first]
    told = Issue(goods.sku_id, goods.id, goods.shop.id, goods.title, "默认")
    owner, line = Ref(PERSON, make.person().id), new_id()
    found = together(app, *[lambda: in_transaction(lambda: actions.issue(line, 2, owner, told))] * 5)
    assert sum(found) == 2 and len(of_line(line)) == 2


def test_a_voucher_is_redeemed_once_at_its_shop_by_who_may_hand_out(client: Client) -> None:
    goods = service()
    [voucher] = issued(goods)
    path = f"/shops/{goods.shop.id}/redemptions"
    packer = client.as_(make.worker(goods.shop, PACKER).token)
    assert client.as_(make.worker(goods.shop, READER).token).post(path, {"code": voucher.code}).status_code == 403
    other = make.shop()
    strange = client.as_(other.owner.token).post(f"/shops/{other.id}/redemptions", {"code": voucher.code})
    assert strange.status_code == 404
    done = packer.post(path, {"code": f" {voucher.spaced_code.replace(' ', '-')} "})
    assert (done.status_code, done.json["title"]) == (201, "双人下午茶") and voucher.code not in done.text
    assert packer.post(path, {"code": voucher.code}).json["code"] == "used"
    assert packer.post(path, {"code": "000000000000"}).status_code == 404
    assert [one["id"] for one in packer.get(path).json["items"]] == [done.json["id"]]
    assert facts("VoucherRedeemed") == [str(voucher.id)]


def test_of_many_counters_that_redeem_at_once_one_does(app: Flask) -> None:
    goods = service()
    for _ in range(5):
        [voucher] = issued(goods)
        found = together(app, *[partial(redeem, goods, voucher.code)] * 6)
        assert refusals(found) == ["used"] * 5


def test_a_redemption_is_undone_within_ten_minutes_by_the_same_shop(client: Client) -> None:
    goods, other = service(), service()
    [voucher] = issued(goods)
    made = redeem(goods, voucher.code)
    mine, strange = (client.as_(one.shop.owner.token) for one in (goods, other))
    assert strange.delete(f"/shops/{other.shop.id}/redemptions/{made}").status_code == 404
    assert mine.delete(f"/shops/{goods.shop.id}/redemptions/{made}").status_code == 204
    assert mine.delete(f"/shops/{goods.shop.id}/redemptions/{made}").json["code"] == "too_late"
    again = redeem(goods, voucher.code)
    with clock.moved(minutes=11):
        assert mine.delete(f"/shops/{goods.shop.id}/redemptions/{again}").json["code"] == "too_late"
    assert states(voucher.line_id) == ["used"] and facts("RedemptionUndone") == [str(voucher.id)]
    log = [(row.before, row.after) for row in db.session.query(VoucherLog).order_by(VoucherLog.id)]
    assert log == [("unused", "used"), ("used", "unused"), ("unused", "used")]


def test_a_voucher_is_valid_by_the_terms_of_the_day_it_was_paid(app: Flask) -> None:
    goods = service()
    now = clock.now()
    terms(goods, valid_from=now + timedelta(days=1), valid_until=now + timedelta(days=10), days=3)
    [voucher] = issued(goods)
    terms(goods, days=300)
    assert refused(lambda: redeem(goods, voucher.code)) == "too_early"
    with clock.moved(days=2):
        assert redeem(goods, voucher.code)
    [late] = issued(goods)
    assert late.valid_until > now + timedelta(days=299)
    with clock.moved(days=301):
        assert refused(lambda: redeem(goods, late.code)) == "expired"


def test_a_voucher_is_not_valid_on_weekdays_and_days_that_are_excluded_in_china(app: Flask) -> None:
    goods = service()
    tomorrow = (clock.now() + timedelta(days=1)).astimezone(CHINA)
    today = clock.now().astimezone(CHINA)
    terms(goods, weekdays=[today.isoweekday()], dates=[tomorrow.date().isoformat()])
    [voucher] = issued(goods)
    assert refused(lambda: redeem(goods, voucher.code)) == "day_off"
    with clock.moved(days=1):
        assert refused(lambda: redeem(goods, voucher.code)) == "day_off"
    with clock.moved(days=2):
        assert redeem(goods, voucher.code)


def test_a_booked_voucher_is_had_on_its_day_and_a_slot_is_never_overbooked(app: Flask, client: Client) -> None:
    goods = service()
    terms(goods, needs_booking=True)
    slot_id, owner = slot(goods, 3), make.person()
    vouchers = issued(goods, 8, owner.id)
    assert refused(lambda: redeem(goods, vouchers[0].code)) == "not_booked"
    caller = Caller(person_id=owner.id)
    works = [partial(in_transaction, partial(actions.book, caller, one.id, slot_id)) for one in vouchers]
    found = together(app, *works)
    assert refusals(found) == ["slot_full"] * 5
    booked = [one for one in of_line(vouchers[0].line_id) if one.slot_id]
    assert len(booked) == 3 and client.get(f"/skus/{goods.sku_id}/slots").json["items"][0]["left"] == 0
    mine = client.as_(owner.token)
    assert mine.delete(f"/me/vouchers/{booked[0].id}/booking").status_code == 204
    free = next(one for one in vouchers if one.id not in {found.id for found in booked})
    body = {"slot_id": str(slot_id)}
    assert mine.put(f"/me/vouchers/{free.id}/booking", body).json["slot_id"] == str(slot_id)
    assert client.as_(make.person().token).put(f"/me/vouchers/{free.id}/booking", body).status_code == 404
    with clock.moved(hours=24):
        assert redeem(goods, free.code)


steps = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["a", "b", "none", "void", "use", "late"])), max_size=14)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(steps)
def test_whatever_is_booked_used_and_refunded_slots_count_exactly_those_who_come(app: Flask, told: list) -> None:
    goods, owner = service(), make.person()
    slots = {"a": slot(goods, 2, 30), "b": slot(goods, 1, 31), "none": None}
    vouchers = issued(goods, 4, owner.id)
    for which, what in told:
        voucher = vouchers[which]
        try:
            if what in slots:
                in_transaction(lambda v=voucher, s=slots[what]: actions.book(Caller(person_id=owner.id), v.id, s).id)
            elif what == "void":
                in_transaction(lambda: actions.void_unused(vouchers[0].line_id, 1))
            elif what == "use":
                redeem(goods, voucher.code)
        except Refused:
            db.session.rollback()
    rows = of_line(vouchers[0].line_id)
    for name in ("a", "b"):
        found = db.session.get(Slot, slots[name])
        assert found is not None and found.booked == sum(one.slot_id == slots[name] for one in rows) <= found.capacity
    assert all(one.slot_id is None for one in rows if one.state == "void")


def test_what_is_unused_is_refunded_and_what_was_had_is_not(app: Flask) -> None:
    goods = service()
    vouchers = issued(goods, 3)
    line = vouchers[0].line_id
    redeem(goods, vouchers[2].code)
    assert in_transaction(lambda: actions.void_unused(line, 2)) == 2
    assert in_transaction(lambda: actions.void_unused(line, 2)) == 0
    assert states(line) == ["void", "void", "used"]
    assert refused(lambda: redeem(goods, vouchers[0].code)) == "void"


def test_of_a_redemption_and_a_refund_that_meet_exactly_one_happens(app: Flask) -> None:
    goods = service()
    for _ in range(10):
        [voucher] = issued(goods)
        void = partial(in_transaction, partial(actions.void_unused, voucher.line_id, 1))
        used, voided = together(app, partial(redeem, goods, voucher.code), void)
        assert (isinstance(used, Refused), voided) in ((True, 1), (False, 0))


def test_what_was_not_had_in_time_expires_once_and_is_told_for_its_refund(app: Flask) -> None:
    goods = service()
    terms(goods, days=2)
    vouchers = issued(goods, 3)
    redeem(goods, vouchers[0].code)
    assert worker.sweep_once(SWEEP) == 0
    with clock.moved(days=3):
        assert worker.sweep_once(SWEEP) == 2 and worker.sweep_once(SWEEP) == 0
    assert states(vouchers[0].line_id) == ["used", "expired", "expired"]
    assert sorted(facts("VoucherExpired")) == sorted(str(one.id) for one in vouchers[1:])


def test_terms_want_an_end_and_only_services_have_them(client: Client) -> None:
    goods, cup = service(), make.product()
    owner = client.as_(goods.shop.owner.token)
    path = f"/skus/{goods.sku_id}/voucher-terms"
    now = clock.now()
    assert list(owner.put(path, {}).json["errors"]) == ["valid_until"]
    wrong = {"valid_from": iso(now), "valid_until": iso(now - timedelta(days=1))}
    assert owner.put(path, wrong).status_code == 422
    assert owner.put(path, {"days": 30, "dates": ["国庆"]}).status_code == 422
    good = owner.put(path, {"days": 30, "weekdays": [6, 7], "dates": ["2026-10-01"], "needs_booking": True})
    assert (good.json["weekdays"], good.json["needs_booking"]) == ([6, 7], True)
    other = client.as_(cup.shop.owner.token).put(f"/skus/{cup.sku_id}/voucher-terms", {"days": 3})
    assert list(other.json["errors"]) == ["sku_id"]


def test_a_slot_is_not_made_smaller_than_those_who_booked(client: Client) -> None:
    goods, owner = service(), make.person()
    vouchers, slot_id = issued(goods, 2, owner.id), slot(goods, 2)
    for one in vouchers:
        in_transaction(lambda one=one: actions.book(Caller(person_id=owner.id), one.id, slot_id).id)
    starts = [iso(db.session.get_one(Slot, slot_id).starts_at)]
    seller = client.as_(goods.shop.owner.token)
    small = seller.post(f"/skus/{goods.sku_id}/slots", {"starts": starts, "capacity": 1})
    assert (small.status_code, small.json["code"]) == (409, "booked")
    assert seller.post(f"/skus/{goods.sku_id}/slots", {"starts": starts, "capacity": 5}).json == {"slots": 1}


def test_a_time_that_is_over_is_no_time_to_book(client: Client) -> None:
    goods = service()
    path, by = f"/skus/{goods.sku_id}/slots", client.as_(goods.shop.owner.token)
    now = clock.now()
    starts = [iso(now + timedelta(hours=1)), iso(now - timedelta(minutes=1))]
    refused = by.post(path, {"starts": starts, "capacity": 1})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["starts"])
    assert client.get(path).json["items"] == []
    assert by.post(path, {"starts": starts[:1], "capacity": 1}).status_code == 201


def test_a_buyer_shows_his_code_and_the_counter_redeems_and_undoes_it(app: Flask) -> None:
    goods, person = service(), make.person()
    [voucher] = issued(goods, 1, person.id)
    mine = signed_in(app, person, "/vouchers").follow()
    assert voucher.spaced_code in mine.text and "<svg" in mine.text and "双人下午茶" in mine.text
    assert Browser(app).open("/vouchers").status == 200
    counter = signed_in(app, goods.shop.owner, f"/portal/shops/{goods.shop.id}/counter").follow()
    counter.send("/counter", code="123")
    assert counter.status == 422 and "没有这张券" in counter.text
    counter.open(f"/portal/shops/{goods.shop.id}/counter").send("/counter", code=voucher.spaced_code).follow()
    assert "核销成功" in counter.text
    assert voucher.spaced_code not in mine.open("/vouchers").text and "已使用" in mine.text
    counter.send("/undoing").follow()
    assert "已撤销" in counter.text and voucher.spaced_code in mine.open("/vouchers").text
    assert isinstance(voucher.valid_until, datetime)
