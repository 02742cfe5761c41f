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
