"""The steps that set the stalls up; each done once, like all of the town (operate/demo)."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app.core import clock
from app.core.caller import Caller
from app.core.db import db
from app.operate.demo.actions import Step, fills_town, picture_of_goods
from app.operate.demo.queries import planted_id
from app.people.uploads.actions import keep_picture
from app.plays.coupons.actions import make_batch
from app.plays.coupons.models import BatchWanted
from app.plays.promotions.actions import change_promotion
from app.plays.promotions.models import RUNNING, PromotionWanted, Scope
from app.store.catalogue.actions import list_product
from app.store.categories.models import Category
from app.store.onboarding.actions import decide, file_application
from app.store.onboarding.models import APPROVE, CHECK, SUPPLIER, Verdict
from app.store.orders.models import PHYSICAL, SERVICE
from app.store.personalshops.actions import open_personal_shop, set_offer
from app.store.personalshops.models import Wanted
from app.store.secondhand.actions import list_article
from app.store.secondhand.models import GOOD, LIKE_NEW, MEET, PARCEL, ArticleWanted, Place
from app.store.shops.queries import shop_or_missing
from app.store.variants.models import SkuWanted
from app.store.variants.queries import skus_of
from app.store.vouchers.actions import set_terms
from app.store.warehouses.actions import add_warehouse

SHOP, OWNER = "shop:mist", "person:merchant"
COUNTER = {
    "name": "雾里衣橱（湖滨店）",
    "phone": "10000009000",
    "province": "浙江省",
    "city": "杭州市",
    "district": "上城区",
    "street": "灵竹路 8 号",
}
YEAR = timedelta(days=365)
PAPERS = {
    "legal_name": "半山有货商贸有限公司",
    "credit_code": "91350100M000100Y43",
    "brands": "半山有货",
    "ships_from": "浙江省杭州市灵竹路 20 号",
    "returns_to": "浙江省杭州市灵竹路 20 号",
    "phone": "10000009001",
}
"""The credit code is the example of GB 32100: nobody's."""


@fills_town(order=1)
def stall_steps(_scale: int, _planted: Collection[str]) -> list[Step]:
    """The same at each scale."""
    return [
        Step("stall:counter", _open_counter),
        Step("stall:coupon", _offer_coupon),
        Step("stall:service", _offer_service),
        Step("stall:meet", _sell_lamp),
        Step("stall:parcel", _sell_bag),
        Step("stall:supplier", _supply),
        Step("stall:personal-shop", _resell),
    ]


def _open_counter() -> UUID:
    """What the merchant's shop sells can be fetched there, too."""
    return add_warehouse(_who(OWNER), planted_id(SHOP), "湖滨店 Lakeside", COUNTER, True, "每天 10:00–21:00").id


def _offer_coupon() -> UUID:
    """Claimed on the shop's page: from 100 yuan on, 15 off."""
    shop_id, who, now = planted_id(SHOP), _who(OWNER).person, clock.now()
    terms = {"tiers": [{"above": 10_000, "off": 1_500}], "every": False}
    wanted = PromotionWanted("shop_reduction", "湖滨店开业券", terms, Scope(), now, now + YEAR, is_coupon=True)
    made, _ = make_batch(shop_id, who, wanted, BatchWanted(quantity=1000))
    change_promotion(shop_id, who, made.id, {"state": RUNNING}, is_coupon=True)
    return made.id


def _offer_service() -> UUID:
    """A voucher to be redeemed at the counter within 90 days, but on Mondays."""
    caller, words = _who(OWNER), ("一小时穿搭咨询（到店）", "带上三件衣服来店里，搭配师陪你试出五套。每周一休息。")
    sku = SkuWanted(9_900, 200, "一位", {"人数": "一位"})
    made, sku_id = _list(caller, SHOP, words, "女装", ("dress", 0), sku, SERVICE)
    never: dict[str, object] = {"valid_from": None, "valid_until": None, "dates": [], "needs_booking": False}
    set_terms(caller, sku_id, {**never, "days": 90, "weekdays": [1]})
    return made


def _sell_lamp() -> UUID:
    """Handed over where they meet."""
    words = ("台灯，九成新", "搬家出，灯罩完好，线长一米五。")
    return _sell("person:reader", "lamp", ArticleWanted(*words, LIKE_NEW, MEET, 6_800, Place("浙江省", "杭州市")))


def _sell_bag() -> UUID:
    """Sent by parcel."""
    words = ("帆布包，用过一季", "有一处浅浅的磨痕，已清洗。")
    return _sell("person:kol", "bag", ArticleWanted(*words, GOOD, PARCEL, 4_500, Place("上海市", "上海市")))


def _supply() -> UUID:
    """A shop whose papers to supply others were looked at offers its candles for resale."""
    shop_id, caller, moderator = planted_id("shop:hill"), _who("person:nora"), _who("person:moderator").person
    picture = str(keep_picture(caller.person, picture_of_goods("scent", 2)).id)
    filed = file_application(caller, shop_id, SUPPLIER, "", {**PAPERS, "licence": picture, "brand_paper": picture})
    decide(moderator, filed.id, Verdict(CHECK, filed.version, "样品待检"))
    decide(moderator, filed.id, Verdict(APPROVE, filed.version, "样品合格", None, clock.now() + YEAR))
    words = ("山野大豆蜡烛，松针香", "可燃四十小时。由半山有货发货，也供其他店铺转售。")
    sku = SkuWanted(8_900, 150, "一只", {"规格": "一只"})
    made, sku_id = _list(caller, "shop:hill", words, "香氛", ("scent", 2), sku)
    set_offer(caller, sku_id, 5_500, 7_900)
    return made


def _resell() -> UUID:
    """The creator sells it in a shop of her own; the supplier ships."""
    offered = planted_id("stall:supplier")
    sku_id = skus_of([offered])[offered][0].id
    return open_personal_shop(_who("person:kol"), "阿棠的小店", [Wanted(sku_id, 8_600)]).id


def _sell(who: str, kind: str, wanted: ArticleWanted) -> UUID:
    caller = _who(who)
    return list_article(caller, wanted, [keep_picture(caller.person, picture_of_goods(kind, 1)).id]).id


def _list(
    caller: Caller,
    shop: str,
    words: tuple[str, str],
    category: str,
    picture: tuple[str, int],
    sku: SkuWanted,
    goods_kind: str = PHYSICAL,
) -> tuple[UUID, UUID]:
    """Goods of one variant, with title, description and the picture of goods of the town; their ids."""
    shop_id = planted_id(shop)
    made = list_product(
        caller,
        shop_id,
        title=words[0],
        description=words[1],
        brand=shop_or_missing(shop_id).name,
        category_id=db.session.scalar(select(Category.id).where(Category.name == category)),
        uploads=[keep_picture(caller.person, picture_of_goods(*picture)).id],
        skus=[sku],
        goods_kind=goods_kind,
    )
    return made.id, skus_of([made.id])[made.id][0].id


def _who(step: str) -> Caller:
    return Caller(person_id=planted_id(step))
