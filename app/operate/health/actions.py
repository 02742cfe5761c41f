"""What operators do with the machine: have facts told again. Each time is a line of the audit log."""

from app.core import audit, retrying
from app.core.caller import Caller
from app.core.errors import Refused

RETRY = audit.act("facts_retried", "重试失败的事实", "retried failed facts")


def retry_fact(caller: Caller, failed_id: int) -> None:
    """Have a fact that was kept aside told again at once. Raises Refused 409 if it is kept aside no more."""
    listener = retrying.retry_now(failed_id)
    if listener is None:
        raise _gone()
    audit.record(caller.person, RETRY, ("listener", listener), f"1 / {failed_id}")


def retry_all_of(caller: Caller, listener: str) -> None:
    """Have all facts of a listener told again at once. Raises Refused 409 if it has none."""
    number = retrying.retry_all_now(listener)
    if not number:
        raise _gone()
    audit.record(caller.person, RETRY, ("listener", listener), str(number))


def _gone() -> Refused:
    return Refused(409, "not_kept_aside", "已经成功处理，无需重试", "It has been heard by now.")
