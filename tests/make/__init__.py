"""One small factory for each noun: make.post(author=...). Each goes through the room's actions, never round them."""

import importlib.util

from tests.make.application import application, approved, decided, papers
from tests.make.checkout import ADDRESS, MadeCheckout, checkout, opening
from tests.make.deposit import deposit
from tests.make.link import link
from tests.make.person import Made as MadePerson
from tests.make.person import person
from tests.make.product import MadeProduct, as_staff, product
from tests.make.promotion import coupon, coupons, promotion
from tests.make.shop import MadeShop, shop, worker
from tests.make.supplier import offered, supplier
from tests.make.upload import picture_file, upload, upload_form

if importlib.util.find_spec("app.community"):  # a store may run without it (tests/house/test_the_store_alone.py)
    from tests.make.comment import comment
    from tests.make.impression import impression, shown
    from tests.make.post import MadePost, post, tags_on
    from tests.make.report import report

__all__ = [
    "ADDRESS",
    "MadeCheckout",
    "MadePerson",
    "MadePost",
    "MadeProduct",
    "MadeShop",
    "application",
    "approved",
    "as_staff",
    "checkout",
    "comment",
    "coupon",
    "coupons",
    "decided",
    "deposit",
    "impression",
    "link",
    "offered",
    "opening",
    "papers",
    "person",
    "picture_file",
    "post",
    "product",
    "promotion",
    "report",
    "shop",
    "shown",
    "supplier",
    "tags_on",
    "upload",
    "upload_form",
    "worker",
]
