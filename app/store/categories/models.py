"""The tree of categories, and what each asks of its goods.

Its tables keep the name that they had in the catalogue's room: processes of before this version read them so.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import CheckConstraint, Connection, ForeignKey, Index, Table, UniqueConstraint, event, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id

DEEPEST = 4
"""Levels of the tree; 家居 / 家纺 / 床上用品 / 四件套 is as deep as people look."""
LONGEST_NAME, MOST_CHOICES, MOST_ATTRIBUTES = 120, 200, 40
RETURN_DAYS = 7
"""Days in which goods may be sent back without a reason, where a category says nothing else (消费者权益保护法, 25)."""
LONGEST_RETURN = 365
STEP = 33
"""Letters that each level adds to a path: the hexadecimal digits of an id, and a stroke."""
TEXT, NUMBER, CHOICE = "text", "number", "choice"
ATTRIBUTE_KINDS = (TEXT, NUMBER, CHOICE)
PHYSICAL, VIRTUAL, SERVICE = "physical", "virtual", "service"
GOODS_KINDS = (PHYSICAL, VIRTUAL, SERVICE)
"""What is sent, what is only a code or a file, and what is had at a counter by a voucher."""
FIRST_ID = UUID(int=0)


class AttributeWanted(NamedTuple):
    """What a category shall ask of its goods."""

    name: str
    kind: str
    choices: Sequence[str] = ()
    unit: str = ""
    is_required: bool = False
    is_axis: bool = False


class Category(Model):
    """A kind of goods. Every database begins with the general ones (STARTING_CATEGORIES); imports may add more.

    `path` is the ids from the root to itself, as "<32 hex>/" each, so that what lies below it begins with it; one that
    a process of before added has none, and is a root. `return_days`: 0 for what cannot be sent back without a reason.
    `goods_kind`: the only kind of goods that may be listed here, None for any. `needs_review`: a moderator looks at
    goods before they are on sale. One that was merged stays, for those who know its id. `follow_from`: goods above
    this id have not followed its new name or place yet; a sweep sees to them.
    """

    __tablename__ = "catalogue_categories"
    __table_args__ = (
        UniqueConstraint("parent_id", "name", postgresql_nulls_not_distinct=True),
        CheckConstraint(f"length(path) <= {DEEPEST * STEP}", name="depth"),
        CheckConstraint(f"return_days BETWEEN 0 AND {LONGEST_RETURN}", name="return_days"),
        CheckConstraint("goods_kind IN ('physical', 'virtual', 'service')", name="goods_kind"),
        Index("ix_catalogue_categories_order", "position", "name"),
        Index("ix_catalogue_categories_follow", "id", postgresql_where=text("follow_from IS NOT NULL")),
        Index("ix_catalogue_categories_path", "path", postgresql_ops={"path": "text_pattern_ops"}),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("catalogue_categories.id"))
    name: Mapped[str]
    path: Mapped[str] = mapped_column(server_default="")
    position: Mapped[int]
    return_days: Mapped[int] = mapped_column(server_default=str(RETURN_DAYS))
    goods_kind: Mapped[str | None]
    needs_review: Mapped[bool] = mapped_column(server_default="false")
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("catalogue_categories.id"))
    follow_from: Mapped[UUID | None]

    @property
    def depth(self) -> int:
        """1 for a root."""
        return len(self.path) // STEP or 1

    @property
    def whole_path(self) -> str:
        """`path`, also of one that has none."""
        return self.path or step_of(self.id)

    @property
    def ancestor_ids(self) -> list[UUID]:
        """From the root to itself."""
        return [UUID(one) for one in self.whole_path.rstrip("/").split("/")]


class CategoryAttribute(Model):
    """What a category, and all below it, asks of its goods: 材质, 颜色. `is_axis`: variants differ by it.

    `choices` of kind "choice"; `unit` of kind "number" ("cm").
    """

    __tablename__ = "categories_attributes"
    __table_args__ = (
        UniqueConstraint("category_id", "name"),
        CheckConstraint("kind IN ('text', 'number', 'choice')", name="kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    category_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_categories.id", ondelete="CASCADE"))
    name: Mapped[str]
    kind: Mapped[str]
    choices: Mapped[list[Any]]
    unit: Mapped[str]
    is_required: Mapped[bool]
    is_axis: Mapped[bool]
    position: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


def step_of(category_id: UUID) -> str:
    """What a category adds to the path of its parent."""
    return f"{category_id.hex}/"


_NAMES = """护肤：洁面 面霜乳液 精华 面膜 防晒
彩妆：口红 底妆 眼妆 美妆工具
香氛：香水 香薰蜡烛
女装：连衣裙 上衣 裤装 半身裙 外套
男装：T恤 衬衫 长裤 夹克
童装：婴儿服 女童装 男童装
内衣：文胸 睡衣家居服 袜子
鞋靴：女鞋 男鞋 运动鞋
箱包：双肩包 单肩包 拉杆箱
首饰配饰：项链 耳饰 手表 围巾帽子
母婴：奶粉辅食 尿裤湿巾 童车童床
食品：零食 粮油调味 方便速食
茶酒饮料：茶叶 酒 咖啡 饮料
生鲜：水果 蔬菜 肉禽蛋 水产
家居日用：收纳 清洁用品 餐具水杯
家纺：四件套 被子 毛巾
家具：沙发 桌椅 床
厨具：锅具 刀具
家用电器：大家电 厨房小电 个人护理
手机数码：手机 耳机 相机
电脑办公：笔记本电脑 外设 办公用品
运动户外：健身 露营 骑行
图书文具：图书 文具
玩具乐器：玩具 乐器
宠物：宠物食品 宠物用品
汽车用品：车内饰品 养护
健康：保健食品 护理用品
手工文创：手作 文创
其他："""
_NAMESPACE = UUID("5b1f6c1e-0b6e-4c39-9d3e-3d6a2f0c7a11")
_TREE = {root: below.split() for root, _, below in (line.partition("：") for line in _NAMES.splitlines())}
STARTING_CATEGORIES = {uuid5(_NAMESPACE, name): name for name in _TREE}
"""The general categories by id: the same ids everywhere, so that a client may know them."""
_NO_RETURN = {"内衣", "食品", "生鲜", "茶酒饮料"}
"""What spoils, or was worn on the skin, is not taken back without a reason once it was opened."""


def starting_rows() -> list[dict[str, Any]]:
    """The general categories as rows, in their order: the roots, then what is below them."""
    roots = [_row(id_, name, place, None) for place, (id_, name) in enumerate(STARTING_CATEGORIES.items())]
    below = [
        _row(uuid5(_NAMESPACE, f"{root['name']}/{name}"), name, 1000 + root["position"] * 20 + place, root)
        for root in roots
        for place, name in enumerate(_TREE[root["name"]])
    ]
    return roots + below


def _row(id_: UUID, name: str, position: int, parent: dict[str, Any] | None) -> dict[str, Any]:
    root = parent["name"] if parent else name
    return {
        "id": id_,
        "parent_id": parent["id"] if parent else None,
        "name": name,
        "path": (parent["path"] if parent else "") + step_of(id_),
        "position": position,
        "return_days": 0 if root in _NO_RETURN else RETURN_DAYS,
    }


@event.listens_for(Category.__table__, "after_create")
def _add_starting_categories(table: Table, connection: Connection, **_: Any) -> None:
    connection.execute(table.insert(), starting_rows())


refuse_on(
    "uq_catalogue_categories_parent_id_name",
    422,
    "invalid",
    "同一级已有同名分类",
    "There is a category of this name here.",
    field="name",
)
refuse_on(
    "uq_categories_attributes_category_id_name",
    422,
    "invalid",
    "这个分类已有同名属性",
    "This category has an attribute of this name.",
    field="name",
)
refuse_on("fk_catalogue_categories_parent_id", 422, "invalid", "没有这个分类", "No such category.", field="parent_id")
