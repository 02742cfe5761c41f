"""A form that is refused changes nothing, though the page that shows its faults is an answer that commits."""

from io import BytesIO

from flask import Flask
from sqlalchemy import text

from app.core.db import db, in_transaction
from app.store.categories.actions import add_category, ask_for
from app.store.categories.models import AttributeWanted
from tests import make
from tests.portal import at_portal
from tests.store.test_onboarding_pages import PICTURES, file_papers


def photo() -> tuple[BytesIO, str]:
    return BytesIO(make.picture_file(640, 480)), "a.jpg"


def held(table: str) -> int:
    db.session.remove()
    return db.session.scalar(text(f"SELECT count(*) FROM {table}")) or 0


def test_papers_with_a_fault_begin_no_application_and_leave_no_picture(app: Flask) -> None:
    shop = make.shop()
    page = file_papers(at_portal(app, shop.owner), shop, id_number="123")
    assert page.status == 422 and 'id="id_number-fault"' in page.text
    assert held("onboarding_applications") == 0
    assert held("uploads_uploads") == len(PICTURES), "those that make.papers sent by itself"


def test_goods_that_do_not_fit_their_category_keep_their_title_and_no_new_picture(app: Flask) -> None:
    goods, category = make.product(title="旧名"), in_transaction(lambda: add_category(None, "衬衫").id)
    in_transaction(lambda: ask_for(None, category, [AttributeWanted("材质", "choice", ["棉", "麻"], is_required=True)]))
    before = held("uploads_uploads")
    page = at_portal(app, goods.shop.owner, f"/portal/products/{goods.id}/edit")
    page.send("/edit", title="新名", category_id=str(category), pictures=[photo()])
    assert page.status == 422 and "材质" in page.text
    assert held("uploads_uploads") == before
    assert "旧名" in page.open(f"/portal/products/{goods.id}").text


def test_terms_with_faults_keep_what_was_typed_and_say_them_in_words(app: Flask) -> None:
    tea = make.product(goods_kind="service")
    page = at_portal(app, tea.shop.owner, f"/portal/skus/{tea.sku_id}/terms")
    typed = {"days": "九十", "valid_until": "2031-05-01T10:00", "dates": "2026-10-01 国庆", "weekday-6": "1"}
    page.send("/terms", **typed, needs_booking="1")
    assert page.status == 422
    assert {name: page.forms[0].fields.get(name) for name in typed} == typed
    assert page.forms[0].fields["needs_booking"] == "1"
    assert "须为整数" in page.text
    assert ">0</div>" not in page.text
    page.send("/terms", days="90")
    assert page.status == 422
    assert "“国庆”不是日期" in page.text


def test_a_time_to_book_with_a_fault_keeps_its_places(app: Flask) -> None:
    tea = make.product(goods_kind="service")
    page = at_portal(app, tea.shop.owner, f"/portal/skus/{tea.sku_id}/terms")
    for starts_at, words in (("", "时间格式不对"), ("2020-05-01T10:00", "这个时间已经过去")):
        page.send("/slots", starts_at=starts_at, capacity="7")
        assert page.status == 422
        assert words in page.text
        form = next(one for one in page.forms if one.action.endswith("/slots"))
        assert (form.fields["starts_at"], form.fields["capacity"]) == (starts_at, "7")


def test_a_code_that_opens_nothing_stays_in_its_field(app: Flask) -> None:
    shop = make.shop()
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/shipping")
    page.send("/pick-ups", code="12345678")
    assert page.status == 422
    form = next(one for one in page.forms if one.action.endswith("/pick-ups"))
    assert form.fields["code"] == "12345678"


def test_an_import_with_a_fault_keeps_the_stock_that_was_typed(app: Flask) -> None:
    shop = make.shop()
    page = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/imports")
    for sent in ({"file": (BytesIO(b"x"), "goods.pdf"), "stock": "7"}, {"stock": "7"}, {"stock": "many"}):
        page.send("/imports", **sent)
        assert page.status == 422
        assert page.forms[0].fields["stock"] == sent["stock"]
    assert "须为整数" in page.text
