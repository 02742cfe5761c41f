"""What is done with second factors: set up, proved, taken away."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, insert, literal, select, update

from app.core import audit, clock
from app.core.caller import PERSON, Ref
from app.core.db import after_commit, changed, db
from app.core.errors import Refused, bad_field
from app.core.observability import security_event
from app.people.factors.models import SET_UP, SecondFactor, lock_minutes, opened, sealed, step_of


def set_up(person_id: UUID, secret: str, code: str) -> None:
    """The person's device shares `secret` from now on, as its `code` proves.

    Raises Refused 422 for a wrong code; 409 for who has a second factor already.
    """
    step = step_of(secret, code, clock.now())
    if step is None:
        raise bad_field(
            "code", "动态码不对，请看时间是否准确", "This code is wrong: is the clock of your device right?"
        )
    db.session.execute(insert(SecondFactor).values(person_id=person_id, secret=sealed(secret), last_step=step))
    audit.record(person_id, SET_UP, Ref(PERSON, person_id))
    after_commit(lambda: security_event("second_factor_set_up", person=str(person_id)))


def prove(person_id: UUID, code: str) -> bool:
    """Whether `code` is one of this person's device, not used before. A wrong one counts: the transaction must commit
    it, also where the person is refused. Raises Refused 429 for who is locked out.
    """
    held = db.session.scalar(select(SecondFactor).where(SecondFactor.person_id == person_id).with_for_update())
    if held is None:
        return False
    now = db.session.execute(select(clock.db_now())).scalar_one()
    if held.locked_until is not None and held.locked_until > now:
        raise _locked_out(held.locked_until - now)
    step = step_of(opened(held.secret), code, clock.now())
    if step is None or step <= held.last_step:
        _count_wrong(person_id, held.tries + 1)
        return False
    fresh = {"last_step": step, "tries": 0, "locked_until": None}
    db.session.execute(update(SecondFactor).where(SecondFactor.person_id == person_id).values(**fresh))
    return True


def take_away(person_id: UUID) -> bool:
    """The person's device is lost: at the next sign-in a password is enough. Answers whether there was one."""
    gone = bool(changed(delete(SecondFactor).where(SecondFactor.person_id == person_id)))
    if gone:
        after_commit(lambda: security_event("second_factor_taken_away", person=str(person_id)))
    return gone


def _count_wrong(person_id: UUID, tries: int) -> None:
    minutes = lock_minutes(tries)
    until = clock.db_now() + literal(timedelta(minutes=minutes)) if minutes else None
    wrong = update(SecondFactor).where(SecondFactor.person_id == person_id).values(tries=tries, locked_until=until)
    db.session.execute(wrong)
    after_commit(lambda: security_event("wrong_second_factor", person=str(person_id), tries=tries))


def _locked_out(left: timedelta) -> Refused:
    seconds = int(left.total_seconds()) + 1
    zh, en = "动态码错误次数过多，请稍后再试", "Too many wrong codes: try again later."
    return Refused(429, "locked_out", zh, en, retry_after=seconds)
