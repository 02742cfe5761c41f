"""Refusals: what a person asked for and may not or cannot have, said in Chinese and English.

An action raises Refused; the door rolls back and answers application/problem+json (RFC 9457). A constraint of the
database refuses too: `refuse_on` gives its name a refusal.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError, IntegrityError

REPEATABLE = {"40001", "40P01"}
"""SQLSTATE of a serialization failure and of a deadlock: the same transaction may be tried again."""
LATE = {"55P03", "57014"}
"""SQLSTATE of lock_timeout and of statement_timeout: tried at once again it would be late again."""


class Refused(Exception):
    """A request that is refused. `code` is for programs and stays; `zh` and `en` are for people.

    `errors` names the fields at fault: {"price": ["..."]}. `retry_after` is in seconds.
    """

    def __init__(
        self,
        status: int,
        code: str,
        zh: str,
        en: str,
        *,
        errors: Mapping[str, object] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {en}")
        self.status = status
        self.code = code
        self.zh = zh
        self.en = en
        self.errors = dict(errors or {})
        self.retry_after = retry_after

    def text(self, language: str) -> str:
        return self.en if language == "en" else self.zh


def missing(zh: str = "没有找到", en: str = "Not found.") -> Refused:
    """404. Also for what exists but must not be known to the caller: both look the same."""
    return Refused(404, "not_found", zh, en)


def forbidden(zh: str = "没有权限这样做", en: str = "You may not do this.") -> Refused:
    return Refused(403, "forbidden", zh, en)


def said(zh: str, en: str) -> dict[str, str]:
    """A text in both languages, of which core/texts picks the person's."""
    return {"zh": zh, "en": en}


def bad_field(name: str, zh: str, en: str) -> Refused:
    """422 with the field named; the field's text is given in both languages."""
    return Refused(422, "invalid", zh, en, errors={name: [said(zh, en)]})


@dataclass(frozen=True)
class _Rule:
    status: int
    code: str
    zh: str
    en: str
    field: str | None


_rules: dict[str, _Rule] = {}


def refuse_on(constraint: str, status: int, code: str, zh: str, en: str, field: str | None = None) -> None:
    """Say what a violated database constraint means to the person who asked (409, or 422 with `field`)."""
    _rules[constraint] = _Rule(status, code, zh, en, field)


def refusal_of(error: IntegrityError) -> Refused | None:
    """The refusal that a violated constraint stands for, None where no room has named one."""
    rule = _rules.get(constraint_of(error) or "")
    if rule is None:
        return None
    errors = {rule.field: [said(rule.zh, rule.en)]} if rule.field else None
    return Refused(rule.status, rule.code, rule.zh, rule.en, errors=errors)


def constraint_of(error: IntegrityError) -> str | None:
    diagnostics = getattr(error.orig, "diag", None)
    return getattr(diagnostics, "constraint_name", None)


def is_outdated_plan(error: BaseException) -> bool:
    """Whether a prepared statement failed because a migration changed what it reads, or because it is gone."""
    state = getattr(error, "sqlstate", None)
    return state == "26000" or (state == "0A000" and "cached plan" in str(error))


def is_late(error: BaseException) -> bool:
    """Whether a statement waited for others, or took, longer than it may: at once again it would again."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in LATE


def is_repeatable(error: DBAPIError) -> bool:
    """Whether the transaction failed only because of its neighbours."""
    return getattr(error.orig, "sqlstate", None) in REPEATABLE
