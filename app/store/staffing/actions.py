"""What is done about who works in a shop. Nobody works anywhere against his will: he is asked, and says yes.

Locks are taken in one order: the shop's row, then invitations, then staff.
"""

from uuid import UUID

from sqlalchemy import delete, literal, select

from app.core import clock
from app.core.caller import Caller
from app.core.db import changed, db
from app.core.errors import Refused, bad_field, missing
from app.core.ids import new_id
from app.people.accounts.queries import person_named
from app.store.shops import actions as shops
from app.store.shops.models import OWNER, STAFF, Shop
from app.store.shops.queries import require_right, require_staff, role_of
from app.store.staffing.models import (
    ACCEPTED,
    CHANGED,
    DECLINED,
    GOOD_FOR,
    HANDED_OVER,
    INVITED,
    LEFT,
    MOST_INVITATIONS,
    REMOVED,
    WITHDRAWN,
    Invitation,
    StaffLog,
)
from app.store.staffing.queries import invitation_of_shop, open_invitation, open_invitations


def invite(caller: Caller, shop_id: UUID, username: str, role: str) -> Invitation:
    """Ask somebody to work in the shop; as OWNER: to take it over, which makes who asks a manager.

    Raises Refused: 404, 403 without the right STAFF, 422 for nobody of that name, 409 for who works there already (but
    for the ownership), who is invited already, and beyond MOST_INVITATIONS.
    """
    shop = require_right(shop_id, caller.person, STAFF)
    db.session.execute(select(Shop.id).where(Shop.id == shop_id).with_for_update(key_share=True))
    person = person_named(username.strip())
    if person is None:
        raise bad_field("username", "没有这个用户名", "Nobody has this username.")
    now = role_of(shop_id, person.id)
    if now == OWNER or (now is not None and role != OWNER):
        raise Refused(409, "works_here", "此人已经在店里工作", "This person works in the shop already.")
    if open_invitations(shop_id) >= MOST_INVITATIONS:
        zh, en = f"最多同时有 {MOST_INVITATIONS} 个邀请", f"At most {MOST_INVITATIONS} invitations at a time."
        raise Refused(409, "too_many_invitations", zh, en)
    stale = (Invitation.shop_id == shop_id, Invitation.person_id == person.id)
    db.session.execute(delete(Invitation).where(*stale, Invitation.expires_at <= clock.db_now()))
    moments = {"at": clock.db_now(), "expires_at": clock.db_now() + literal(GOOD_FOR)}
    made = Invitation(id=new_id(), shop_id=shop.id, person_id=person.id, role=role, by_id=caller.person, **moments)
    db.session.add(made)
    db.session.flush()
    _note(shop_id, caller.person, person.id, INVITED, now, role)
    return made


def withdraw_invitation(caller: Caller, shop_id: UUID, invitation_id: UUID) -> None:
    """Ask no more. Raises Refused 404, 403 without the right STAFF."""
    require_right(shop_id, caller.person, STAFF)
    found = invitation_of_shop(invitation_id, shop_id)
    _end(found, caller.person, WITHDRAWN)


def accept_invitation(caller: Caller, invitation_id: UUID) -> Invitation:
    """Work in the shop from now on, or own it.

    Raises Refused 404 for another's or one that is over, 409 for a shop that somebody else owns by now.
    """
    _lock_shop_of(invitation_id)
    found = open_invitation(invitation_id, caller.person)
    before = role_of(found.shop_id, caller.person)
    if found.role == OWNER:
        if not shops.hand_over(found.shop_id, found.by_id, caller.person):
            raise Refused(409, "owned_by_another", "店铺已经易主", "The shop has another owner by now.")
        _note(found.shop_id, found.by_id, caller.person, HANDED_OVER, before, OWNER)
    elif before is None:
        shops.put_to_work(found.shop_id, caller.person, found.role)
    _end(found, caller.person, ACCEPTED)
    return found


def decline_invitation(caller: Caller, invitation_id: UUID) -> None:
    """Say no. Raises Refused 404."""
    _end(open_invitation(invitation_id, caller.person), caller.person, DECLINED)


def change_role(caller: Caller, shop_id: UUID, person_id: UUID, role: str) -> None:
    """Somebody who works in the shop does so as `role` from now on.

    Raises Refused: 404, 403 without the right STAFF, 409 for the owner, and for a role that changed meanwhile.
    """
    require_right(shop_id, caller.person, STAFF)
    before = _worker(shop_id, person_id)
    if OWNER in {before, role}:
        raise _owner_stays()
    if before == role:
        return
    if not shops.change_role(shop_id, person_id, before, role):
        zh, en = "角色刚刚被改过，请刷新", "This role has just been changed: look again."
        raise Refused(409, "changed_meanwhile", zh, en)
    _note(shop_id, caller.person, person_id, CHANGED, before, role)


def remove(caller: Caller, shop_id: UUID, person_id: UUID) -> None:
    """Somebody works in the shop no more; anybody but the owner may also leave by himself.

    Raises Refused: 404, 403 without the right STAFF, 409 for the owner, who hands his shop over first.
    """
    leaves = person_id == caller.person
    if leaves:
        require_staff(shop_id, caller.person)
    else:
        require_right(shop_id, caller.person, STAFF)
    before = _worker(shop_id, person_id)
    if not shops.let_go(shop_id, person_id):
        raise _owner_stays()
    _note(shop_id, caller.person, person_id, LEFT if leaves else REMOVED, before, None)


def forget_unanswered(most: int = 500) -> int:
    """Delete invitations that nobody answered in time; a sweep. Answers how many."""
    old = select(Invitation.id).where(Invitation.expires_at <= clock.db_now()).limit(most)
    over = old.with_for_update(skip_locked=True).cte("over")
    return changed(delete(Invitation).where(Invitation.id.in_(select(over.c.id))))


def _lock_shop_of(invitation_id: UUID) -> None:
    """Of two who take over one shop at once the second waits here, and finds it another's."""
    shop_of = select(Invitation.shop_id).where(Invitation.id == invitation_id).scalar_subquery()
    db.session.execute(select(Shop.id).where(Shop.id == shop_of).with_for_update(key_share=True))


def _worker(shop_id: UUID, person_id: UUID) -> str:
    """What somebody is in the shop. Raises Refused 404 for who does not work there."""
    found = role_of(shop_id, person_id)
    if found is None:
        raise missing("此人不在店里工作", "Nobody of this id works in the shop.")
    return found


def _owner_stays() -> Refused:
    zh, en = "店主不能更换或移除，请先转让店铺", "The owner stays that: hand the shop over first."
    return Refused(409, "owner_stays", zh, en)


def _end(found: Invitation, by_id: UUID, what: str) -> None:
    """The invitation is answered or withdrawn: its row goes, the log says how."""
    db.session.execute(delete(Invitation).where(Invitation.id == found.id))
    _note(found.shop_id, by_id, found.person_id, what, None, found.role)


def _note(shop_id: UUID, who_id: UUID, person_id: UUID, what: str, before: str | None, after: str | None) -> None:
    line = {"who_id": who_id, "person_id": person_id, "what": what, "before": before, "after": after}
    db.session.add(StaffLog(shop_id=shop_id, at=clock.db_now(), **line))
