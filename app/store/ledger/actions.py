"""Posting journals: the only way in which money moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core import money
from app.core.caller import Ref
from app.core.db import db
from app.core.ids import new_id
from app.core.plain import prepared
from app.store.ledger.models import GUARDED, Proof, is_guarded

TRIES = 3
FOLD_AT_ONCE = 20_000
"""Entries that one transaction folds at most."""


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
    constraint's name) if `subject` has a journal of this kind: so that a movement done twice cannot stand; in the same
    way 409 "balance_too_low" if a guarded account (models.GUARDED) would hold more than 0, that is, owe us.
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
    guarded = [name for name in names if is_guarded(name)]
    if guarded:
        _post_guarded(given, guarded)
        return ids
    for _ in range(TRIES):
        if _POST.changed(**given) == len(sides):
            return ids
    raise RuntimeError("the accounts of a journal could not be made")


def fold_balances(most: int = FOLD_AT_ONCE) -> int:
    """Bring the stored balances of accounts that are not guarded up to date, by up to `most` entries; answers by how
    many. A sweep, safe in many workers.

    An entry's id is drawn after its journal was written in the same transaction, so whoever has drawn one has a
    transaction number too. What `mark` saw is complete once all transactions with a lower number have ended. After a
    restore into another cluster numbers begin again: a mark from before means nothing, and a new one is set.
    """
    at = _FOLDED.rows()[0]
    was = {"was_upto": at.upto, "was_mark": at.mark, "was_before": at.mark_before}
    if at.mark_before > at.following or at.upto == at.mark:
        last = _LAST_ID.rows()[0].id
        if last > at.mark or at.mark_before > at.following:
            # In two statements: the number is read after the id.
            before = _FOLLOWING.rows()[0].number
            _MOVE_MARK.changed(**was, upto=at.upto, mark=max(last, at.upto), mark_before=before)
        return 0
    upto = min(at.mark, at.upto + most)
    if at.mark_before > at.oldest or not _MOVE_MARK.changed(**was, upto=upto, mark=at.mark, mark_before=at.mark_before):
        return 0
    _FOLD.changed(after=at.upto, upto=upto)
    return int(upto - at.upto)


def note_proof(counts: Mapping[str, int], problems: Sequence[str]) -> None:
    """Keep what a run of `flask ledger prove` found: {"accounts", "journals", "entries"}."""
    db.session.add(Proof(**counts, problems=list(problems)))


def _post_guarded(given: dict[str, Any], guarded: list[str]) -> None:
    """Accounts with their balances are made first, in a statement of its own, so that the one that posts finds them. A
    balance begins with what the account holds: entries from before there were balances count."""
    _OPEN.changed(**{name: given[name] for name in ("names", "fresh", "currencies")}, guarded=guarded)
    if _POST_GUARDED.changed(**given, guarded=guarded) != len(given["amounts"]):
        raise RuntimeError("the balances of a journal could not be moved")


def _check(one: JournalToPost) -> None:
    if not one.entries or any(amount == 0 for _, amount in one.entries):
        raise ValueError(f"journal {one.kind} of {one.subject}: needs entries, none of them 0")
    if sum(amount for _, amount in one.entries) != 0:
        raise ValueError(f"journal {one.kind} of {one.subject}: entries do not sum to 0")


# Accounts are made as they are first named, in the order of their names, so that two journals never wait for each other
# crosswise. One that another transaction made while we waited for it is not seen yet: then nothing is written, and the
# same statement, sent again, finds it.
_KNOWN = (
    "WITH made AS (INSERT INTO ledger_accounts (id, name)"
    "  SELECT w.id, w.name FROM unnest(CAST(:fresh AS uuid[]), CAST(:names AS text[])) AS w (id, name)"
    "  WHERE NOT EXISTS (SELECT 1 FROM ledger_accounts a WHERE a.name = w.name)"
    "  ORDER BY w.name ON CONFLICT (name) DO NOTHING RETURNING id, name),"
    " known AS (SELECT id, name FROM made UNION ALL"
    "  SELECT id, name FROM ledger_accounts WHERE name = ANY(CAST(:names AS text[])))"
)
_MADE = (
    f"{_KNOWN},"
    " posted AS (INSERT INTO ledger_journals (id, kind, subject_kind, subject_id)"
    "  SELECT j.* FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:subject_kinds AS text[]),"
    "   CAST(:subject_ids AS uuid[])) AS j"
    "  WHERE (SELECT count(*) FROM known) = cardinality(CAST(:names AS text[])) RETURNING id),"
)
_SIDES = (
    " sides AS (SELECT e.journal, k.id, e.amount, e.currency, e.place, e.account"
    " FROM unnest(CAST(:journals AS uuid[]), CAST(:accounts AS text[]), CAST(:amounts AS bigint[]),"
    "  CAST(:currencies AS text[])) WITH ORDINALITY AS e (journal, account, amount, currency, place)"
    " JOIN posted ON posted.id = e.journal JOIN known k ON k.name = e.account)"
)
_WRITE = (
    " INSERT INTO ledger_entries (journal_id, account_id, amount, currency)"
    " SELECT journal, id, amount, currency FROM sides ORDER BY place"
)
_POST = prepared(f"{_MADE}{_SIDES}{_WRITE}")
_OPEN = prepared(
    f"{_KNOWN}"
    " INSERT INTO ledger_balances (account_id, currency, guarded, amount)"
    " SELECT k.id, c.currency, true, coalesce((SELECT sum(e.amount) FROM ledger_entries e"
    "  WHERE (e.account_id, e.currency) = (k.id, c.currency)), 0) FROM known k"
    " CROSS JOIN (SELECT DISTINCT currency FROM unnest(CAST(:currencies AS text[])) AS u (currency)) c"
    " WHERE k.name = ANY(CAST(:guarded AS text[])) AND NOT EXISTS"
    "  (SELECT 1 FROM ledger_balances b WHERE (b.account_id, b.currency) = (k.id, c.currency))"
    " ORDER BY k.name, c.currency ON CONFLICT DO NOTHING"
)
# Balances are locked in the order of their accounts' names, then moved: one that another transaction moved while we
# waited is read again by the UPDATE, and the CHECK looks at what comes of it.
_POST_GUARDED = prepared(
    f"{_MADE}{_SIDES},"
    " moves AS (SELECT id, currency, account, sum(amount) AS amount FROM sides"
    "  WHERE account = ANY(CAST(:guarded AS text[])) GROUP BY id, currency, account),"
    " held AS (SELECT b.account_id, b.currency FROM ledger_balances b JOIN moves m"
    "  ON (m.id, m.currency) = (b.account_id, b.currency) ORDER BY m.account, b.currency FOR UPDATE OF b),"
    " moved AS (UPDATE ledger_balances b SET amount = b.amount + m.amount FROM moves m"
    "  JOIN held h ON (h.account_id, h.currency) = (m.id, m.currency)"
    "  WHERE (b.account_id, b.currency) = (m.id, m.currency) RETURNING b.account_id)"
    f"{_WRITE.replace('ORDER BY', 'WHERE (SELECT count(*) FROM moved) = (SELECT count(*) FROM moves) ORDER BY')}"
)
_FOLDED = prepared(
    "SELECT upto, mark, mark_before, CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) AS oldest,"
    " CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint) AS following FROM ledger_folded"
)
_LAST_ID = prepared("SELECT coalesce(max(id), 0) AS id FROM ledger_entries")
_FOLLOWING = prepared("SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint) AS number")
_MOVE_MARK = prepared(
    "UPDATE ledger_folded SET upto = CAST(:upto AS bigint), mark = CAST(:mark AS bigint),"
    "  mark_before = CAST(:mark_before AS bigint)"
    " WHERE (upto, mark, mark_before) = (:was_upto, :was_mark, :was_before)"
)
_FOLD = prepared(
    "INSERT INTO ledger_balances AS b (account_id, currency, guarded, amount)"
    " SELECT e.account_id, e.currency, false, sum(e.amount) FROM ledger_entries e"
    " JOIN ledger_accounts a ON a.id = e.account_id"
    f" WHERE e.id > :after AND e.id <= :upto AND NOT a.name ~ '^({'|'.join(GUARDED)})'"
    " GROUP BY e.account_id, e.currency ORDER BY e.account_id, e.currency"
    " ON CONFLICT (account_id, currency) DO UPDATE SET amount = b.amount + excluded.amount"
)
