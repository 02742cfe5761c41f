"""What is done with applications. Each change of state is a compare-and-set with a line of the log; a moderator's is in
the audit log too."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.core import audit, clock
from app.core.caller import SHOP as SHOP_REF
from app.core.caller import Caller, Ref
from app.core.config import settings
from app.core.db import changed, db
from app.core.errors import Refused, bad_field, said
from app.core.events import emit
from app.core.ids import new_id
from app.people.uploads.actions import use_pictures
from app.store.brands.actions import add_brand
from app.store.brands.models import key_of
from app.store.brands.queries import brand_ids_named
from app.store.onboarding.events import ApplicationFiled, ApplicationMoved
from app.store.onboarding.kinds import KINDS
from app.store.onboarding.kinds.base import CHOICE, DATE, NUMBER, PICTURE, Field, Kind
from app.store.onboarding.models import (
    ACTS,
    APPROVE,
    APPROVED,
    ASK,
    FILE,
    LONGEST_ANSWER,
    READ,
    REFUSE,
    RENAMED,
    SHOP,
    SUSPEND,
    SUSPENDED,
    Answer,
    Application,
    ApplicationLog,
    Verdict,
    sealed,
)
from app.store.onboarding.queries import application_of, locked_application, why_name_stays
from app.store.shops import actions as shops
from app.store.shops.models import SETTINGS, Shop
from app.store.shops.queries import locked_shop, require_right, shop_or_missing

NEEDS_A_REASON = (REFUSE, SUSPEND)


def open_with_papers(shop_id: UUID) -> None:
    """Where papers are looked at first (SHOP_REVIEW), a new shop waits closed for its own. A person who sells his own
    things has none: what he may sell is looked at article by article."""
    if settings.shop_review and not shop_or_missing(shop_id).of_person:
        _moved(_new(shop_id, SHOP, ""), "", None, "")


def file_application(caller: Caller, shop_id: UUID, about: str, name: str, answers: Mapping[str, str]) -> Application:
    """Hand in an application, or hand it in again with what was asked for; answers that are left out stay as they were.

    `answers` by the names of the kind's fields: texts, dates (YYYY-MM-DD), ids of the caller's own uploads. Raises
    Refused: 404, 403 without the right SETTINGS, 422 with the fields at fault, 409 where it cannot be filed now.
    """
    require_right(shop_id, caller.person, SETTINGS)
    kind = KINDS[about]
    found = _known_or_new(shop_id, kind, name.strip())
    after = kind.after(FILE, found.state)
    if after is None:
        raise _wrong_step()
    _write(caller.person, found, kind, answers)
    before = found.state
    filed = {"filed_at": clock.db_now(), "filed_by": caller.person, "version": Application.version + 1, "wants": {}}
    db.session.execute(update(Application).where(Application.id == found.id).values(state=after, **filed))
    db.session.refresh(found)
    emit(ApplicationFiled(found.id, about, shop_id))
    _moved(found, before, caller.person, "")
    return found


def decide(moderator_id: UUID, application_id: UUID, decision: Verdict) -> Application:
    """Say something to an application that one has seen.

    Raises Refused: 404; 409 for a step that does not follow, and for one that was filed anew meanwhile; 422 without a
    reason, a date or a thing to change where these are needed.
    """
    found = locked_application(application_id)
    kind, before = KINDS[found.about], found.state
    after = kind.after(decision.act, before)
    if after is None or found.version != decision.version:
        raise _wrong_step()
    _check(kind, decision)
    found.state, found.reason = after, decision.reason
    found.wants = dict(decision.wants or {}) if decision.act == ASK else {}
    if decision.act == APPROVE:
        found.until = decision.until
    db.session.flush()
    if decision.act == APPROVE and kind.has_name and not brand_ids_named([found.name]) and key_of(found.name):
        add_brand(moderator_id, found.name)  # goods that name it point at it from then on
    audit.record(moderator_id, ACTS[decision.act], Ref(SHOP_REF, found.shop_id), f"{kind.zh}: {decision.reason}")
    _moved(found, before, moderator_id, decision.reason)
    return found


def suspend_shop(moderator_id: UUID, shop_id: UUID, reason: str) -> None:
    """Stop a shop that never filed papers, as one that did. Raises Refused 404, 409 if it is stopped already."""
    found = application_of(shop_id, SHOP)
    if found is None:
        found = _new(shop_id, SHOP, "", APPROVED)
    decide(moderator_id, found.id, Verdict(SUSPEND, found.version, reason))


def rename_shop(caller: Caller, shop_id: UUID, name: str) -> None:
    """Those who run a shop give it another name; goods and search follow. Raises Refused: 404, 403 without the right
    SETTINGS, 409 where it stays (queries.why_name_stays)."""
    require_right(shop_id, caller.person, SETTINGS)
    shop = locked_shop(shop_id)
    if shop.name == name.strip():
        return
    fixed = why_name_stays(shop)
    if fixed is not None:
        raise fixed
    shops.rename_shop(shop_id, name, caller.person)


def rename_for_shop(moderator_id: UUID, shop_id: UUID, new_name: str, why: str) -> None:
    """A moderator gives it another name, whatever was verified: it asked for that, or was called what it may not be.
    Raises Refused 404."""
    before = locked_shop(shop_id).name
    if shops.rename_shop(shop_id, new_name, moderator_id, why):
        audit.record(moderator_id, RENAMED, Ref(SHOP_REF, shop_id), f"{before} → {new_name.strip()}: {why}")


def put_off(application_id: UUID, until: datetime) -> None:
    """An approval holds until then: after an audit that went well. Raises Refused 404, 409 for one not approved."""
    here = (Application.id == application_id, Application.state == APPROVED)
    if not changed(update(Application).where(*here).values(until=until)):
        raise _wrong_step()


def note_reading(moderator_id: UUID, shop_id: UUID, about: str) -> None:
    """Somebody has read the papers: that is written down."""
    audit.record(moderator_id, READ, Ref(SHOP_REF, shop_id), KINDS[about].zh)


def end_approvals(most: int = 100) -> int:
    """Approvals whose time is over end: a brand's has expired, a supplier is suspended until it was looked at again; a
    sweep. Answers how many."""
    over = (Application.state == APPROVED, Application.until <= clock.db_now())
    due = select(Application).where(*over).order_by(Application.until, Application.id).limit(most)
    found = db.session.scalars(due.with_for_update(skip_locked=True)).all()
    for one in found:
        after = KINDS[one.about].ends
        one.until = one.until if after else None
        if after:
            one.state, one.reason = after, "有效期已过 / its time is over"
            _moved(one, APPROVED, None, one.reason)
    db.session.flush()
    return len(found)


def keep_shop_in_step(moved: ApplicationMoved) -> None:
    """A shop sells while its papers are approved; where papers are not asked for, unless it is suspended."""
    if moved.after == APPROVED:
        shops.reopen_shop(moved.shop_id)
    elif moved.after == SUSPENDED or settings.shop_review:
        shops.close_shop(moved.shop_id, moved.after)


def _known_or_new(shop_id: UUID, kind: Kind, name: str) -> Application:
    if kind.has_name and not name:
        raise bad_field("name", "请填写品牌名称", "Name the brand.")
    if not kind.has_name and name:
        raise bad_field("name", "这种申请没有名称", "An application of this kind has no name.")
    db.session.execute(select(Shop.id).where(Shop.id == shop_id).with_for_update(key_share=True))
    known = application_of(shop_id, kind.about, name)
    return locked_application(known.id) if known else _new(shop_id, kind.about, name)


def _new(shop_id: UUID, about: str, name: str, state: str = "") -> Application:
    first = state or KINDS[about].steps[FILE][1]
    made = Application(
        id=new_id(), shop_id=shop_id, about=about, name=name, state=first, wants={}, version=0, reason=""
    )
    db.session.add(made)
    db.session.flush()
    return made


def _write(person_id: UUID, found: Application, kind: Kind, answers: Mapping[str, str]) -> None:
    """Keep what was answered. Raises Refused 422 with each field that is unknown, missing or wrong."""
    mine = select(Answer.field, Answer.words).where(Answer.application_id == found.id)
    known = {row.field: row.words or "" for row in db.session.execute(mine)}
    faults: dict[str, object] = {
        name: [said("没有这一项", "There is no such field.")] for name in answers if kind.field(name) is None
    }
    values: dict[str, dict[str, object]] = {}
    for field in kind.fields:
        text = answers.get(field.name, "").strip() or (known.get(field.name, "") if field.sort == DATE else "")
        if not text and field.required and field.name not in known:
            faults[field.name] = [said("必填", "This is needed.")]
        elif text and (fault := _fault(field, text)):
            faults[field.name] = [fault]
        elif text:
            values[field.name] = _value(field, text)
    if faults:
        raise Refused(422, "invalid", "填写的内容有误", "Some fields are not right.", errors={"answers": faults})
    use_pictures(person_id, [UUID(answers[one].strip()) for one in values if values[one]["upload_id"]], "answers")
    for name, value in values.items():
        row = insert(Answer).values(application_id=found.id, field=name, **value)
        db.session.execute(row.on_conflict_do_update(index_elements=["application_id", "field"], set_=value))


def _fault(field: Field, text: str) -> dict[str, str] | None:
    """Why this is no answer, None if it is one."""
    wrong = said("格式不对", "This does not look right.")
    if len(text) > LONGEST_ANSWER:
        return said(f"最多 {LONGEST_ANSWER} 个字", f"At most {LONGEST_ANSWER} characters.")
    try:
        if field.sort == PICTURE:
            UUID(text)
        if field.sort == DATE and date.fromisoformat(text).isoformat() != text:
            return wrong
    except ValueError:
        return wrong
    if field.sort == DATE and text < clock.china_days(1)[0].isoformat():
        return said("这个日期已经过去", "That day is over.")
    if field.sort == CHOICE and text not in field.words:
        return wrong
    return wrong if field.is_right is not None and not field.is_right(text) else None


def _value(field: Field, text: str) -> dict[str, object]:
    empty: dict[str, object] = {"words": None, "sealed": None, "upload_id": None}
    if field.sort == PICTURE:
        return empty | {"upload_id": UUID(text)}
    return empty | ({"sealed": sealed(text)} if field.sort == NUMBER else {"words": text})


def _check(kind: Kind, decision: Verdict) -> None:
    """Raises Refused 422 where the decision lacks what its act needs."""
    if decision.act in NEEDS_A_REASON and not decision.reason.strip():
        raise bad_field("reason", "请说明原因", "Say why.")
    if decision.act == ASK and not decision.wants and not decision.reason.strip():
        raise bad_field("reason", "请说明要修改什么", "Say what to change.")
    unknown = [name for name in decision.wants or () if kind.field(name) is None]
    if unknown:
        raise bad_field("wants", "没有这一项", "There is no such field.")
    if decision.act == APPROVE and kind.ends and decision.until is None:
        raise bad_field("until", "请填写有效期", "Say until when.")
    if decision.until is not None and decision.until <= clock.now():
        raise bad_field("until", "日期须在今天之后", "This must be a day to come.")


def _moved(found: Application, before: str, who_id: UUID | None, why: str) -> None:
    """The state is another by now: the log says so, and who must know hears it."""
    line = {"who_id": who_id, "before": before, "after": found.state, "why": why}
    db.session.add(ApplicationLog(application_id=found.id, at=clock.db_now(), **line))
    emit(ApplicationMoved(found.id, found.about, found.shop_id, before, found.state))


def _wrong_step() -> Refused:
    zh, en = "申请的状态已经变化，请刷新后再看", "The application stands otherwise by now: look again."
    return Refused(409, "wrong_state", zh, en)
