"""surplus of deposits in bills; accounts of withdrawals sealed alone; shops of persons who sell their own things

Revision: 0028
After: 0027

Of accounts this is the first half of contract: `account` may be NULL, is written no more, and the worker empties it
where older processes wrote it. Left for the next version: drop `account` with its index and check, and make
`sealed_account` and `ends_with` NOT NULL.
"""

from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

COLUMNS = (
    *('goods', 'shop_discounts', 'other_discounts', 'funded', 'freight', 'freight_discounts', 'refunded'),
    *('refunded_to_funders', 'late', 'way_back', 'supply', 'fee'),
)
ENTRIES, WITHDRAWALS = 'settlement_entries', 'wallets_withdrawals'
OLD_RULES = {'net': f"net = {' + '.join(COLUMNS)}", 'kind': "kind IN ('order', 'correction', 'supply')"}
RULES = {
    'net': f"{OLD_RULES['net']} + deposit",
    'kind': "kind IN ('order', 'correction', 'supply', 'deposit')",
    'about': "(kind = 'deposit') = (order_id IS NULL)",
}
SEALED = 'account IS NOT NULL OR sealed_account IS NOT NULL AND ends_with IS NOT NULL'
# Shops stay locked until all is written, so that no bill closes the time at which an entry is stamped.
ENTER = (
    'WITH missing AS (SELECT w.id, w.shop_id, w.amount FROM deposits_withdrawals w'
    '  WHERE NOT EXISTS (SELECT 1 FROM settlement_entries e WHERE e.settlement_id = w.id)),'
    ' held AS MATERIALIZED (SELECT s.shop_id FROM settlement_shops s'
    '  WHERE s.shop_id IN (SELECT shop_id FROM missing) ORDER BY s.shop_id FOR UPDATE),'
    ' locked AS MATERIALIZED (SELECT count(*) AS shops FROM held)'
    ' INSERT INTO settlement_entries (id, settlement_id, shop_id, kind, number, at, deposit, net, to_settled, of_debts,'
    f"  fee_base, {', '.join(COLUMNS)})"
    " SELECT gen_random_uuid(), m.id, m.shop_id, 'deposit', 1, clock_timestamp(), m.amount, m.amount,"
    f"  p.to_settled, m.amount - p.to_settled, 0, {', '.join('0' for _ in COLUMNS)}"
    ' FROM missing m CROSS JOIN locked CROSS JOIN LATERAL (SELECT coalesce(-sum(e.amount), 0) AS to_settled'
    '  FROM ledger_journals j JOIN ledger_entries e ON e.journal_id = j.id'
    "  JOIN ledger_accounts a ON a.id = e.account_id AND a.name = 'settled:' || m.shop_id"
    "  WHERE (j.kind, j.subject_kind, j.subject_id) = ('deposit_out', 'deposit_withdrawal', m.id)) p"
    ' WHERE locked.shops >= 0'
)


OF_PERSONS = (
    'ALTER TABLE shops_shops ADD COLUMN IF NOT EXISTS of_person boolean DEFAULT false NOT NULL',
    'UPDATE shops_shops SET of_person = true WHERE id IN (SELECT shop_id FROM secondhand_sellers) AND NOT of_person',
    "DELETE FROM shops_closures WHERE why = 'pending' AND shop_id IN (SELECT shop_id FROM secondhand_sellers)",
)
"""They wait for no papers any more."""


def upgrade() -> None:
    """Runs beside the shop, and again after it broke off: rules are looked at without a lock that stops writers. Old
    code writes no `deposit`, which is 0 then; what it still takes out of a deposit meanwhile is named by
    `flask settlement check`."""
    with op.get_context().autocommit_block():
        for table in (ENTRIES, 'bills_bills'):
            op.execute(f'ALTER TABLE {table} ADD COLUMN IF NOT EXISTS deposit bigint DEFAULT 0 NOT NULL')
        op.execute(f'ALTER TABLE {ENTRIES} ALTER COLUMN order_id DROP NOT NULL')
        op.execute(f'ALTER TABLE {WITHDRAWALS} ALTER COLUMN account DROP NOT NULL')
        for one in OF_PERSONS:
            op.execute(one)
        op.execute('SET lock_timeout = 0')
        for name, rule in RULES.items():
            _rule(ENTRIES, name, rule)
        _rule(WITHDRAWALS, 'account', SEALED)
        _index('plain', 'account IS NOT NULL')
        op.execute('DROP INDEX CONCURRENTLY IF EXISTS ix_wallets_withdrawals_unsealed')
        op.execute(ENTER)


def downgrade() -> None:
    """Only where no account was emptied: what is sealed alone cannot be read by the code of before 0025."""
    with op.get_context().autocommit_block():
        op.execute(f"DELETE FROM {ENTRIES} WHERE kind = 'deposit'")
        op.execute(f'ALTER TABLE {ENTRIES} DROP CONSTRAINT IF EXISTS ck_{ENTRIES}_about')
        for name, rule in OLD_RULES.items():
            _rule(ENTRIES, name, rule)
        op.execute(f'ALTER TABLE {ENTRIES} ALTER COLUMN order_id SET NOT NULL')
        op.execute(f'ALTER TABLE {WITHDRAWALS} DROP CONSTRAINT IF EXISTS ck_{WITHDRAWALS}_account')
        op.execute(f"UPDATE {WITHDRAWALS} SET account = coalesce(account, '')")
        op.execute(f'ALTER TABLE {WITHDRAWALS} ALTER COLUMN account SET NOT NULL')
        _index('unsealed', 'sealed_account IS NULL')
        op.execute('DROP INDEX CONCURRENTLY IF EXISTS ix_wallets_withdrawals_plain')
        for table in (ENTRIES, 'bills_bills'):
            op.execute(f'ALTER TABLE {table} DROP COLUMN IF EXISTS deposit')
        op.execute('ALTER TABLE shops_shops DROP COLUMN IF EXISTS of_person')


def _rule(table: str, name: str, rule: str) -> None:
    whole = f'ck_{table}_{name}'
    op.execute(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {whole}')
    op.execute(f'ALTER TABLE {table} ADD CONSTRAINT {whole} CHECK ({rule}) NOT VALID')
    op.execute(f'ALTER TABLE {table} VALIDATE CONSTRAINT {whole}')


def _index(name: str, where: str) -> None:
    whole = f'ix_{WITHDRAWALS}_{name}'
    op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {whole}')
    op.execute(f'CREATE INDEX CONCURRENTLY {whole} ON {WITHDRAWALS} (id) WHERE {where}')
