"""Articles that persons sell, their sellers, and the words that may not stand in them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.core.caller import Ref
from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id

NEW, LIKE_NEW, GOOD, WORN, FAULTY = "new", "like_new", "good", "worn", "faulty"
CONDITIONS = (NEW, LIKE_NEW, GOOD, WORN, FAULTY)
MEET, PARCEL = "meet", "parcel"
WAYS = (MEET, PARCEL)
"""How it is handed over: in person, or sent."""
OPEN, SOLD, OFF = "open", "sold", "off"
STATES = (OPEN, SOLD, OFF)
MOST_OPEN, MOST_DAILY = 20, 10
"""So many articles a person may have open, and list on one day of China's calendar: who has more is a shop."""
LONGEST_TITLE, LONGEST_DESCRIPTION, MOST_PICTURES = 60, 2000, 9
LONGEST_WORD = 40
MOST_PRICE = 5_000_000
"""In 分 (50,000 yuan): what costs more is not left to two strangers."""

PROHIBITED = (
    *("仿真枪", "气枪", "猎枪", "手枪", "子弹", "弹药", "雷管", "炸药", "管制刀具", "弩箭", "电击器"),
    *("烟花爆竹", "鞭炮", "冰毒", "大麻", "海洛因", "摇头丸", "处方药", "安眠药", "迷药", "香烟", "电子烟"),
    *("象牙", "犀角", "穿山甲", "虎骨", "活体", "野味", "身份证", "银行卡", "驾驶证", "发票", "假币", "公章"),
    *("实名账号", "代开", "裸聊", "色情", "窃听器", "针孔摄像", "人民币样币", "军服", "警服", "刷单"),
)
"""What no person may sell here from the beginning; moderators add words (ProhibitedWord). Compared in one spelling
(search.text.fold) and without what stands between the letters."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article is: as its seller writes it."""

    province: str
    city: str
    district: str = ""


@dataclass(frozen=True, slots=True)
class ArticleWanted:
    """An article to list; `price` in 分."""

    title: str
    description: str
    condition: str
    way: str
    price: int
    place: Place


class Seller(Model):
    """A person who sells articles, and the shop outside the mall that they stand in."""

    __tablename__ = "secondhand_sellers"
    __table_args__ = (UniqueConstraint("shop_id"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"))


class Article(Model):
    """One thing of a person's; its id is that of its goods. Whoever places a purchase of it has it (`purchase_id`)
    until he pays, when it is SOLD, or does not. `price` in 分 and `title` are those of its goods; `words` is what it is
    found by, `city_key` its city without an ending. `why` it is OFF: "" its seller's wish, else what is wrong with it.
    """

    __tablename__ = "secondhand_articles"
    __table_args__ = (
        CheckConstraint(f"condition IN {CONDITIONS}", name="condition"),
        CheckConstraint(f"way IN {WAYS}", name="way"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("price > 0", name="price"),
        CheckConstraint("state <> 'sold' OR purchase_id IS NOT NULL", name="sold"),
        Index("ix_secondhand_articles_open", "listed_at", "id", postgresql_where=text("state = 'open'")),
        Index("ix_secondhand_articles_city", "city_key", "listed_at", "id", postgresql_where=text("state = 'open'")),
        Index("ix_secondhand_articles_words", "words", postgresql_using="gin", postgresql_where=text("state = 'open'")),
        Index("ix_secondhand_articles_seller", "seller_id", "listed_at", "id"),
        Index("ix_secondhand_articles_purchase", "purchase_id", postgresql_where=text("purchase_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_products.id"), primary_key=True)
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("secondhand_sellers.person_id"))
    shop_id: Mapped[UUID]
    sku_id: Mapped[UUID]
    title: Mapped[str]
    description: Mapped[str]
    condition: Mapped[str]
    way: Mapped[str]
    price: Mapped[int]
    province: Mapped[str]
    city: Mapped[str]
    district: Mapped[str]
    city_key: Mapped[str]
    words: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    state: Mapped[str]
    why: Mapped[str] = mapped_column(server_default="")
    purchase_id: Mapped[UUID | None]
    listed_at: Mapped[datetime] = mapped_column(server_default=func.now())

    @property
    def ref(self) -> Ref:
        return Ref("article", self.id)


class ArticleLog(Model):
    """A change of an article's state: who, from what, to what, why."""

    __tablename__ = "secondhand_log"
    __table_args__ = (Index("ix_secondhand_log_article", "article_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    article_id: Mapped[UUID]
    who_id: Mapped[UUID | None]
    before: Mapped[str | None]
    after: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class ProhibitedWord(Model):
    """A word that moderators have added to PROHIBITED; `folded` is its one spelling."""

    __tablename__ = "secondhand_words"
    __table_args__ = (UniqueConstraint("folded"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    word: Mapped[str]
    folded: Mapped[str]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.now())


refuse_on("uq_secondhand_words_folded", 409, "known_already", "已有这个词", "This word is in the list already.")
