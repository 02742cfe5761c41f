"""What staff do about people. Each act is written to the audit log; `by` is who acts, None for a command on the server.

Of two who do the same at once one is told that it was done already. There is always an admin who can sign in.
"""

from uuid import UUID

from sqlalchemy import text

from app.core import audit
from app.core.audit import Act
from app.core.caller import PERSON, Ref
from app.core.db import db
from app.core.errors import Refused
from app.people.accounts import actions as accounts
from app.people.factors.actions import take_away
from app.people.staff.queries import STAFF, has_an_admin, roles_of

SUSPENSION = audit.act("suspension", "停用账号", "suspended")
REINSTATEMENT = audit.act("reinstatement", "恢复账号", "reinstated")
GRANT = audit.act("role_granted", "授予角色", "granted a role")
REVOCATION = audit.act("role_revoked", "收回角色", "revoked a role")
FACTOR_TAKEN_AWAY = audit.act("second_factor_taken_away", "重置两步验证", "took away a second factor")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('admins'))")


def suspend(by: UUID | None, person_id: UUID, reason: str) -> None:
    """Keep a person out; he is told the reason when he signs in. What he published stays.

    Raises Refused: 404; 403 for oneself, and for staff unless by an admin; 409 if he is suspended, or the last admin.
    """
    roles = _require_authority(by, person_id)
    if "admin" in roles:
        db.session.execute(_ONE_AT_A_TIME)
    if not accounts.suspend_person(person_id, by, reason):
        raise _done_already()
    if "admin" in roles:
        _keep_an_admin()
    _record(by, SUSPENSION, person_id, reason)


def reinstate(by: UUID | None, person_id: UUID, why: str = "") -> None:
    """Let a suspended person sign in again. Raises Refused as `suspend`, 409 if he is not suspended."""
    _require_authority(by, person_id)
    if not accounts.reinstate_person(person_id):
        raise _done_already()
    _record(by, REINSTATEMENT, person_id, why)


def grant(by: UUID | None, person_id: UUID, role: str, why: str = "") -> None:
    """Give a role; only admins may. The log tells role and reason. Raises Refused: 404, 422, 403, 409 if he has it."""
    _require_admin(by)
    if not accounts.grant_role(person_id, role):
        raise _done_already()
    _record(by, GRANT, person_id, _with_reason(role, why))


def revoke(by: UUID | None, person_id: UUID, role: str, why: str = "") -> None:
    """Take a role away; only admins may, and none his own "admin". Raises Refused: 403, 409 if he has it not, or is the
    last admin."""
    _require_admin(by)
    if role == "admin":
        if by == person_id:
            raise _oneself()
        db.session.execute(_ONE_AT_A_TIME)
    if not accounts.revoke_role(person_id, role):
        raise _done_already()
    if role == "admin":
        _keep_an_admin()
    _record(by, REVOCATION, person_id, _with_reason(role, why))


def take_away_second_factor(by: UUID | None, person_id: UUID, why: str = "") -> None:
    """For who lost his phone: his sessions end, at the next sign-in a password is enough. Only admins may, and none for
    himself, who else has only to be found with an open browser. Raises Refused: 403, 409 if there is none."""
    _require_admin(by)
    if by == person_id:
        raise _oneself()
    if not take_away(person_id):
        raise _done_already()
    accounts.end_sessions(person_id)
    _record(by, FACTOR_TAKEN_AWAY, person_id, why)


def _require_authority(by: UUID | None, person_id: UUID) -> set[str]:
    """The roles of the person. Raises Refused 403 for who may not judge him."""
    if by is None:
        return roles_of([person_id])[person_id]
    if by == person_id:
        raise _oneself()
    roles = roles_of([by, person_id])
    if roles[person_id].intersection(STAFF) and "admin" not in roles[by]:
        zh, en = "工作人员的账号只能由管理员处理", "Only an admin may do this to one of the staff."
        raise Refused(403, "staff", zh, en)
    return roles[person_id]


def _require_admin(by: UUID | None) -> None:
    if by is not None and "admin" not in roles_of([by])[by]:
        raise Refused(403, "forbidden", "只有管理员可以这样做", "Only an admin may do this.")


def _keep_an_admin() -> None:
    """Undoes the change that would leave nobody who can give roles. Raises Refused 409."""
    if not has_an_admin():
        zh, en = "不能失去最后一位管理员", "This is the last admin: there must be another one first."
        raise Refused(409, "last_admin", zh, en)


def _record(by: UUID | None, what: Act, person_id: UUID, why: str) -> None:
    audit.record(by, what, Ref(PERSON, person_id), why)


def _with_reason(role: str, why: str) -> str:
    return f"{role}: {why}" if why else role


def _oneself() -> Refused:
    return Refused(403, "oneself", "不能对自己这样做", "You may not do this to yourself.")


def _done_already() -> Refused:
    zh, en = "已经是这样了：可能同事刚刚处理过", "It is so already: perhaps a colleague was faster."
    return Refused(409, "done_already", zh, en)
