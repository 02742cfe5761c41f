"""Posting journals: the only way in which money moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core import money
from app.core.caller import Ref
from app.core.ids import new_id
from app.core.plain import prepared

TRIES = 3


@dataclass(frozen=True, slots=True)
class JournalToPost:
    """A movement of money for `subject`; entries are (account, minor units), debits above 0, that sum to 0."""

    kind: str
    subject: Ref
    entries: Sequence[tuple[str, int]]
    currency: str = money.CURRENCY


def post_journal(kind: str, subject: Ref, entries: Sequence[tuple[str, int]]) -> UUID:
    """Post one journal and answer its id; accounts are made as they are first named.

    Raises ValueError for entries that do not sum to 0, and Refused 409 "already_posted" (at the statement, by the
    constraint's name) if `subject` has a journal of this kind: so that a movement done twice cannot stand.
    """
    return post_journals([JournalToPost(kind, subject, entries)])[0]


def post_journals(journals: Sequence[JournalToPost]) -> list[UUID]:
    """Post several journals in one statement; see post_journal."""
    for one in journals:
        _check(one)
    if not journals:
        return []
    ids = [new_id() for _ in journals]
    sides = [
        (journal_id, name, amount, one.currency)
        for journal_id, one in zip(ids, journals, strict=True)
        for name, amount in one.entries
    ]
    names = sorted({side[1] for side in sides})
    given = {
        "names": names,
        "fresh": [new_id() for _ in names],
        "ids": ids,
        "kinds": [one.kind for one in journals],
        "subject_kinds": [one.subject.kind for one in journals],
        "subject_ids": [one.subject.id for one in journals],
        "journals": [side[0] for side in sides],
        "accounts": [side[1] for side in sides],
        "amounts": [side[2] for side in sides],
        "currencies": [side[3] for side in sides],
    }
    for _ in range(TRIES):
        if _POST.changed(**given) == len(sides):
            return ids
    raise RuntimeError("the accounts of a journal could not be made")


def _check(one: JournalToPost) -> None:
    if not one.entries or any(amount == 0 for _, amount in one.entries):
        raise ValueError(f"journal {one.kind} of {one.subject}: needs entries, none of them 0")
    if sum(amount for _, amount in one.entries) != 0:
        raise ValueError(f"journal {one.kind} of {one.subject}: entries do not sum to 0")


# Accounts are made as they are first named, in the order of their names, so that two journals never wait for each other
# crosswise. One that another transaction made while we waited for it is not seen yet: then nothing is written, and the
# same statement, sent again, finds it.
_POST = prepared(
    "WITH made AS (INSERT INTO ledger_accounts (id, name)"
    "  SELECT w.id, w.name FROM unnest(CAST(:fresh AS uuid[]), CAST(:names AS text[])) AS w (id, name)"
    "  WHERE NOT EXISTS (SELECT 1 FROM ledger_accounts a WHERE a.name = w.name)"
    "  ORDER BY w.name ON CONFLICT (name) DO NOTHING RETURNING id, name),"
    " known AS (SELECT id, name FROM made UNION ALL"
    "  SELECT id, name FROM ledger_accounts WHERE name = ANY(CAST(:names AS text[]))),"
    " posted AS (INSERT INTO ledger_journals (id, kind, subject_kind, subject_id)"
    "  SELECT j.* FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:subject_kinds AS text[]),"
    "   CAST(:subject_ids AS uuid[])) AS j"
    "  WHERE (SELECT count(*) FROM known) = cardinality(CAST(:names AS text[])) RETURNING id)"
    " INSERT INTO ledger_entries (journal_id, account_id, amount, currency)"
    " SELECT e.journal, k.id, e.amount, e.currency"
    " FROM unnest(CAST(:journals AS uuid[]), CAST(:accounts AS text[]), CAST(:amounts AS bigint[]),"
    "  CAST(:currencies AS text[])) WITH ORDINALITY AS e (journal, account, amount, currency, place)"
    " JOIN posted ON posted.id = e.journal JOIN known k ON k.name = e.account ORDER BY e.place"
)
