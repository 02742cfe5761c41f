"""Questions about applications: how they stand, what was answered, which wait for a moderator."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, literal, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app.core import clock, paging
from app.core.clock import iso
from app.core.db import db
from app.core.errors import Refused, missing
from app.people.accounts.queries import author_cards
from app.people.uploads.queries import picture, uploads_by_id
from app.store.brands.models import key_of
from app.store.brands.queries import keys_beside
from app.store.onboarding.kinds import KINDS
from app.store.onboarding.kinds.base import CHOICE, NUMBER, Field, Kind
from app.store.onboarding.models import (
    APPROVED,
    BRAND,
    RENAMING_EVERY,
    SHOP,
    SUPPLIER,
    WAITING,
    Answer,
    Application,
    ApplicationLog,
    masked,
    opened,
)
from app.store.shops.models import SUSPENDED as STOPPED
from app.store.shops.models import Shop, brand_word
from app.store.shops.queries import is_renamed_since, state_of

LOG_LINES = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """A field with its answer for a reader: `value` a text (a number masked unless he may read it), or a picture whose
    URL opens it for an hour."""

    field: Field
    value: str
    picture: Any


@dataclass(frozen=True, slots=True)
class File:
    """An application with all that its reader may see of it."""

    application: Application
    shop: Shop
    kind: Kind
    answers: Sequence[Shown]
    log: Sequence[tuple[ApplicationLog, str]]


@dataclass(frozen=True, slots=True)
class OtherShop:
    """A shop with papers of the same brand; `sort`: "flagship" or "authorised"."""

    application: Application
    shop_name: str
    sort: str


def application_of(shop_id: UUID, about: str, name: str = "") -> Application | None:
    """The shop's application of this kind."""
    mine = (Application.shop_id == shop_id, Application.about == about, Application.name == name)
    return db.session.scalar(select(Application).where(*mine))


def locked_application(application_id: UUID) -> Application:
    """The application, its row locked. Raises Refused 404."""
    wanted = select(Application).where(Application.id == application_id).with_for_update()
    found = db.session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise _none()
    return found


def files_of(shop_id: UUID, reads_numbers: bool = False) -> list[File]:
    """All applications of a shop, oldest first. Five queries."""
    wanted = select(Application, Shop).join(Shop).where(Application.shop_id == shop_id)
    return _files(db.session.execute(wanted.order_by(Application.created_at, Application.id)).all(), reads_numbers)


def file_or_missing(application_id: UUID, shop_id: UUID | None = None, reads_numbers: bool = False) -> File:
    """One application, of this shop if one is named. `reads_numbers`: for moderators. Raises Refused 404."""
    wanted = select(Application, Shop).join(Shop).where(Application.id == application_id)
    if shop_id is not None:
        wanted = wanted.where(Application.shop_id == shop_id)
    found = _files(db.session.execute(wanted).all(), reads_numbers)
    if not found:
        raise _none()
    return found[0]


def waiting(about: str, limit: int, cursor: str | None) -> tuple[list[tuple[Application, str]], str | None]:
    """A page of (application, the shop's name) that moderators have not decided, the longest waiting first; of one
    kind, or of all for "". One query."""
    scope = f"admin/applications:{about}"
    place = paging.values_of(scope, cursor)
    wanted = select(Application, Shop.name).join(Shop)
    wanted = wanted.where(Application.state.in_(WAITING), Application.filed_at.is_not(None))
    if about:
        wanted = wanted.where(Application.about == about)
    if place is not None:
        after = (datetime.fromisoformat(place[0]), UUID(place[1]))
        wanted = wanted.where(tuple_(Application.filed_at, Application.id) > after)
    oldest_first = wanted.order_by(Application.filed_at, Application.id).limit(limit + 1)
    rows = [(one, name) for one, name in db.session.execute(oldest_first)]
    last = rows[limit - 1][0] if len(rows) > limit else None
    following = paging.cursor(scope, [iso(last.filed_at), str(last.id)]) if last and last.filed_at else None
    return rows[:limit], following


def others_of_brand(found: Application) -> list[OtherShop]:
    """Other shops that are verified, or ask to be, for a brand of this name, the oldest first. Names are compared as
    those of brands are, in Python, since SQL folds no signs as it does: one query for the papers of all brands, some
    thousand short rows, one for what else it goes by, and one for the shops."""
    counts = and_(Application.state == APPROVED, Application.until > clock.db_now())
    asks = and_(Application.state.in_(WAITING), Application.filed_at.is_not(None))
    of_others = (Application.about == BRAND, Application.shop_id != found.shop_id, or_(counts, asks))
    keys = keys_beside(found.name) - {""}
    papers = db.session.execute(select(Application.id, Application.name).where(*of_others))
    same = [row.id for row in papers if key_of(row.name) in keys]
    is_type = and_(Answer.application_id == Application.id, Answer.field == "type")
    wanted = select(Application, Shop.name, Answer.words).join(Shop).outerjoin(Answer, is_type)
    oldest_first = wanted.where(Application.id.in_(same)).order_by(Application.created_at, Application.id)
    return [OtherShop(one, name, sort or "") for one, name, sort in db.session.execute(oldest_first)] if same else []


def word_not_owed(shop: Shop) -> str | None:
    """The word of the shop's name that says it is a brand's own, while it is verified for none: its papers have expired
    or are suspended, or it had none. One query, none for other names."""
    word = brand_word(shop.name)
    return word if word is not None and not brands_of([shop.id])[shop.id] else None


def why_name_stays(shop: Shop) -> Refused | None:
    """Why those who work in the shop may not rename it now, None if they may: a moderator is looking at its papers, its
    name was verified with a brand, it is stopped, or it was renamed a moment ago. One whose name holds a word that it
    may not bear (word_not_owed) need not wait. Four queries at most."""
    shop_id = shop.id
    mine = (Application.shop_id == shop_id, Application.state.in_(WAITING), Application.filed_at.is_not(None))
    if db.session.scalar(select(Application.id).where(*mine).limit(1)) is not None:
        zh, en = "店铺的材料正在审核，结束之后才能改名", "Papers of the shop are being looked at: rename it afterwards."
    elif brands_of([shop_id])[shop_id]:
        zh, en = "店铺名称已随品牌认证核验，改名请联系平台", "The name was verified with a brand: ask us to change it."
    elif state_of(shop_id) == STOPPED:
        zh, en = "店铺已被暂停，不能改名", "A shop that was suspended keeps its name."
    elif brand_word(shop.name) is None and is_renamed_since(shop_id, clock.db_now() - literal(RENAMING_EVERY)):
        zh, en = f"{RENAMING_EVERY.days} 天内只能改名一次", f"A shop is renamed once in {RENAMING_EVERY.days} days."
    else:
        return None
    return Refused(409, "name_stays", zh, en)


def is_supplier(shop_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """SQL: the shop in this column is an approved supplier."""
    mine = (Application.shop_id == shop_id, Application.about == SUPPLIER, Application.state == APPROVED)
    return exists().where(*mine)


def is_approved(shop_id: UUID, about: str) -> bool:
    """Whether the shop's application of this kind is approved now."""
    mine = (Application.shop_id == shop_id, Application.about == about, Application.state == APPROVED)
    return db.session.scalar(select(Application.id).where(*mine).limit(1)) is not None


def brands_of(shop_ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The brands that these shops are verified for now, as {name, type, verified, until}. One query."""
    found: dict[UUID, list[dict[str, Any]]] = {one: [] for one in shop_ids}
    wanted = select(Application, Answer.words).join(Answer, Answer.application_id == Application.id)
    wanted = wanted.where(Application.shop_id.in_(found), Application.about == BRAND, Application.state == APPROVED)
    wanted = wanted.where(Answer.field == "type", Application.until > clock.db_now()).order_by(Application.created_at)
    for one, sort in db.session.execute(wanted) if found else ():
        told = {"name": one.name, "type": sort, "verified": True, "until": one.until}
        found[one.shop_id].append(told)
    return found


def has_papers(shop_id: UUID) -> bool:
    """Whether a moderator has seen who is behind the shop, and said yes."""
    return is_approved(shop_id, SHOP)


def file_json(found: File) -> dict[str, Any]:
    """An application ready for JSON."""
    one = found.application
    return {
        "id": one.id,
        "kind": "application",
        "about": one.about,
        "name": one.name,
        "state": one.state,
        "reason": one.reason,
        "wants": one.wants,
        "until": one.until,
        "filed_at": one.filed_at,
        "created_at": one.created_at,
        "fields": [
            {
                "name": shown.field.name,
                "zh": shown.field.zh,
                "en": shown.field.en,
                "sort": shown.field.sort,
                "required": shown.field.required,
                "choices": list(shown.field.words),
                "value": shown.value or None,
                "picture": shown.picture,
            }
            for shown in found.answers
        ],
        "log": [{"before": row.before, "after": row.after, "why": row.why, "at": row.at} for row, _ in found.log],
    }


def _files(rows: Sequence[Any], reads_numbers: bool) -> list[File]:
    ids = [one.id for one, _ in rows]
    answers: dict[UUID, dict[str, Answer]] = {one: {} for one in ids}
    for answer in db.session.scalars(select(Answer).where(Answer.application_id.in_(ids))) if ids else ():
        answers[answer.application_id][answer.field] = answer
    uploads = uploads_by_id([one.upload_id for some in answers.values() for one in some.values() if one.upload_id])
    logs = _logs(ids)
    return [
        File(
            one,
            shop,
            KINDS[one.about],
            [
                _shown(field, answers[one.id].get(field.name), uploads, reads_numbers)
                for field in KINDS[one.about].fields
            ],
            logs[one.id],
        )
        for one, shop in rows
    ]


def _shown(field: Field, answer: Answer | None, uploads: Mapping[UUID, Any], reads_numbers: bool) -> Shown:
    if answer is None:
        return Shown(field, "", None)
    if answer.upload_id is not None and answer.upload_id in uploads:
        return Shown(field, "", picture(uploads[answer.upload_id], "full", signed=True))
    if field.sort == NUMBER and answer.sealed is not None:
        number = opened(answer.sealed)
        return Shown(field, number if reads_numbers else masked(number), None)
    return Shown(field, answer.words or "", None)


def _logs(ids: Sequence[UUID]) -> dict[UUID, list[tuple[ApplicationLog, str]]]:
    """The log of each, the latest first, with the nicknames of who did it."""
    found: dict[UUID, list[tuple[ApplicationLog, str]]] = {one: [] for one in ids}
    wanted = select(ApplicationLog).where(ApplicationLog.application_id.in_(ids)).order_by(ApplicationLog.id.desc())
    rows = db.session.scalars(wanted.limit(LOG_LINES * max(1, len(ids)))).all() if ids else []
    cards = author_cards({row.who_id for row in rows if row.who_id})
    for row in rows:
        who = cards[row.who_id]["nickname"] if row.who_id in cards else ""
        found[row.application_id].append((row, who))
    return found


def _none() -> Exception:
    return missing("没有这个申请", "There is no such application.")


def word_of(field: Field, value: str, english: bool) -> str:
    """An answer as people read it: of a choice its text."""
    if field.sort != CHOICE:
        return value
    return next((en if english else zh for word, zh, en in field.choices if word == value), value)
