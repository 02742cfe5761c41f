"""Questions about what staff did."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core import audit
from app.core.audit import Act, AuditRow
from app.core.caller import PERSON, SHOP
from app.operate.moderation.queries import titles_of
from app.people.accounts.models import Person
from app.people.accounts.queries import people_by_id, person_named
from app.store.shops.queries import shops_by_id

KINDS = ("post", "product", "comment")
PATHS = {
    PERSON: "/admin/people/{}",
    **{kind: f"/admin/queue/{kind}/{{}}" for kind in KINDS},
    "listener": "/admin/jobs?listener={}",
}
"""Where a subject of each kind is shown."""
CALLED = {
    PERSON: ("用户", "person"),
    "post": ("内容", "post"),
    "product": ("商品", "product"),
    "comment": ("评论", "comment"),
    "review": ("评价", "review"),
    "article": ("闲置", "second-hand article"),
    "shop": ("店铺", "shop"),
    "case": ("售后", "after-sales case"),
    "category": ("分类", "category"),
    "brand": ("品牌", "brand"),
    "word": ("禁售词", "prohibited word"),
    "refund": ("退款", "refund"),
    "withdrawal": ("提现", "withdrawal"),
    "payout": ("打款文件", "file of withdrawals"),
    "payout_batch": ("打款批次", "batch of payouts"),
    "take_rate": ("费率", "fee"),
    "listener": ("监听者", "listener"),
}
"""What a kind of subject is called, in Chinese and English."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the log for people. `who` is None for a command on the server; `whom`: what the subject is called."""

    row: AuditRow
    act: Act
    who: Person | None
    whom: str
    kind: tuple[str, str]
    path: str


def lines(rows: Sequence[AuditRow]) -> list[Line]:
    """These rows with the names of people and things. At most 11 queries, however many rows."""
    whom = {UUID(row.subject_id) for row in rows if row.subject_kind == PERSON}
    people = people_by_id({row.who_id for row in rows if row.who_id} | whom)
    things = titles_of({(row.subject_kind, UUID(row.subject_id)) for row in rows if row.subject_kind in KINDS})
    names = {(PERSON, str(one.id)): one.nickname for one in people.values()}
    names |= {(kind, str(thing_id)): title for (kind, thing_id), title in things.items()}
    shops = shops_by_id({UUID(row.subject_id) for row in rows if row.subject_kind == SHOP})
    names |= {(SHOP, str(one.id)): one.name for one in shops.values()}
    return [
        Line(
            row=row,
            act=audit.act_named(row.what),
            who=people.get(row.who_id) if row.who_id else None,
            whom=names.get((row.subject_kind, row.subject_id), row.subject_id),
            kind=CALLED.get(row.subject_kind, (row.subject_kind, row.subject_kind)),
            path=PATHS.get(row.subject_kind, "").format(row.subject_id),
        )
        for row in rows
    ]


def person_called(words: str) -> Person | None:
    """The person of this id or username."""
    try:
        return people_by_id([UUID(words)]).get(UUID(words))
    except ValueError:
        return person_named(words)
