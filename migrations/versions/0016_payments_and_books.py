"""stored balances, the books' proofs; what providers are asked and answer, refunds that are sent, wallets

Revision: 0016
After: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

COLUMNS = {
    'payments_payments': (
        "scene text NOT NULL DEFAULT 'page'",
        'how jsonb',
        'pay jsonb',
        'pay_by timestamptz',
        'reference text',
        'next_ask_at timestamptz',
        'asks bigint NOT NULL DEFAULT 0',
        'closing_until timestamptz',
    ),
    'payments_callbacks': ('reference text', 'refund_id uuid'),
    'payments_refunds': (
        'tries bigint NOT NULL DEFAULT 0',
        'next_try_at timestamptz DEFAULT now()',
        'reference text',
        'error text',
        'done_at timestamptz',
    ),
}
INDEXES = {
    'ix_payments_payments_next_ask': "payments_payments (next_ask_at) WHERE state = 'pending'",
    'ix_payments_payments_settled': "payments_payments (gateway, settled_at, id) WHERE state = 'paid'",
    'uq_payments_payments_reference': 'payments_payments (gateway, reference) WHERE reference IS NOT NULL',
    'ix_payments_refunds_next': "payments_refunds (next_try_at) WHERE state <> 'done'",
    'ix_payments_refunds_failed': "payments_refunds (id) WHERE state = 'failed'",
    'ix_payments_refunds_done': "payments_refunds (done_at, id) WHERE state = 'done'",
}
CHECKS = {
    ('payments_payments', 'ck_payments_payments_state'): (
        "state IN ('pending', 'paid', 'failed')",
        "state IN ('pending', 'paid', 'failed', 'closed')",
    ),
    ('payments_callbacks', 'ck_payments_callbacks_outcome'): (
        "outcome IN ('paid', 'failed')",
        "outcome IN ('created', 'paid', 'failed', 'refunded', 'refund_failed')",
    ),
    ('payments_refunds', 'ck_payments_refunds_state'): (
        "state IN ('due', 'sent', 'done')",
        "state IN ('due', 'sent', 'done', 'failed')",
    ),
}
"""(table, name) -> what it was before and what it is from here on."""
UNCHANGED = """
CREATE FUNCTION payments_refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events of payments are only ever added to'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ck_payments_events_unchanged';
END $$
"""


def upgrade() -> None:
    """Runs beside the shop. Indexes of large tables are built concurrently, checks are validated without a long lock."""
    _balances()
    _payments()
    _wallets()
    with op.get_context().autocommit_block():
        op.execute('SET lock_timeout = 0')
        _reindex('ix_ledger_entries_account_id_id', 'ledger_entries (account_id, id)')
        op.execute('DROP INDEX CONCURRENTLY IF EXISTS ix_ledger_entries_account')
        for name, what in INDEXES.items():
            _reindex(name, what)
        op.execute('DROP INDEX CONCURRENTLY IF EXISTS ix_payments_refunds_due')
        for table, name in CHECKS:
            op.execute(f'ALTER TABLE {table} VALIDATE CONSTRAINT {name}')


def downgrade() -> None:
    """What the code of before does not know goes: closed attempts were pending to it, failed refunds due."""
    with op.get_context().autocommit_block():
        op.execute('SET lock_timeout = 0')
        for name in INDEXES:
            op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {name}')
        _reindex('ix_payments_refunds_due', "payments_refunds (created_at) WHERE state = 'due'")
        _reindex('ix_ledger_entries_account', 'ledger_entries (account_id)')
        op.execute('DROP INDEX CONCURRENTLY IF EXISTS ix_ledger_entries_account_id_id')
    op.execute("UPDATE payments_payments SET state = 'pending' WHERE state = 'closed'")
    op.execute("UPDATE payments_refunds SET state = 'due' WHERE state = 'failed'")
    op.execute("DELETE FROM payments_callbacks WHERE outcome NOT IN ('paid', 'failed')")
    for (table, name), (before, _) in CHECKS.items():
        op.execute(f'ALTER TABLE {table} DROP CONSTRAINT {name}')
        op.execute(f'ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({before})')
    for table, columns in COLUMNS.items():
        for column in columns:
            op.drop_column(table, column.split()[0])
    for table in ('wallets_log', 'wallets_withdrawals', 'wallets_payouts', 'payments_sandbox_books', 'payments_events', 'ledger_proofs', 'ledger_folded', 'ledger_balances'):
        op.drop_table(table)
    op.execute('DROP FUNCTION payments_refuse_change_of_events()')


def _reindex(name: str, what: str) -> None:
    op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {name}')
    kind = 'UNIQUE INDEX' if name.startswith('uq_') else 'INDEX'
    op.execute(f'CREATE {kind} CONCURRENTLY {name} ON {what}')


def _payments() -> None:
    """Refunds of before are due at once: nobody sent them."""
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f'ALTER TABLE {table} ADD COLUMN {column}')
    for (table, name), (_, after) in CHECKS.items():
        op.execute(f'ALTER TABLE {table} DROP CONSTRAINT {name}')
        op.execute(f'ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({after}) NOT VALID')
    op.create_table(
        'payments_events',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('payment_id', sa.Uuid(), nullable=False),
        sa.Column('refund_id', sa.Uuid(), nullable=True),
        sa.Column('what', sa.Text(), nullable=False),
        sa.Column('before', sa.Text(), nullable=True),
        sa.Column('after', sa.Text(), nullable=True),
        sa.Column('detail', JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_payments_events')),
    )
    op.create_index('ix_payments_events_payment', 'payments_events', ['payment_id', 'id'])
    op.execute(UNCHANGED)
    for name, when in (('unchanged', 'UPDATE OR DELETE'), ('not_emptied', 'TRUNCATE')):
        each = 'ROW' if name == 'unchanged' else 'STATEMENT'
        op.execute(
            f'CREATE TRIGGER payments_events_{name} BEFORE {when} ON payments_events'
            f' FOR EACH {each} EXECUTE FUNCTION payments_refuse_change_of_events()'
        )
    op.create_table(
        'payments_sandbox_books',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('number', sa.Uuid(), nullable=False),
        sa.Column('payment_id', sa.Uuid(), nullable=False),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_payments_sandbox_books')),
        sa.UniqueConstraint('kind', 'number', name=op.f('uq_payments_sandbox_books_kind_number')),
    )
    op.create_index('ix_payments_sandbox_books_payment', 'payments_sandbox_books', ['payment_id'])


def _balances() -> None:
    op.create_table(
        'ledger_balances',
        sa.Column('account_id', sa.Uuid(), nullable=False),
        sa.Column('currency', sa.Text(), nullable=False),
        sa.Column('guarded', sa.Boolean(), nullable=False),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.CheckConstraint('amount <= 0 OR NOT guarded', name=op.f('ck_ledger_balances_guarded')),
        sa.ForeignKeyConstraint(
            ['account_id'], ['ledger_accounts.id'], name=op.f('fk_ledger_balances_account_id')
        ),
        sa.PrimaryKeyConstraint('account_id', 'currency', name=op.f('pk_ledger_balances')),
    )
    op.create_table(
        'ledger_folded',
        sa.Column('id', sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column('upto', sa.BigInteger(), nullable=False),
        sa.Column('mark', sa.BigInteger(), nullable=False),
        sa.Column('mark_before', sa.BigInteger(), nullable=False),
        sa.CheckConstraint('id = 1', name=op.f('ck_ledger_folded_one')),
        sa.CheckConstraint('mark >= upto', name=op.f('ck_ledger_folded_mark')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_folded')),
    )
    op.execute(
        'INSERT INTO ledger_balances (account_id, currency, guarded, amount)'
        ' SELECT a.id, e.currency, true, sum(e.amount) FROM ledger_accounts a'
        ' JOIN ledger_entries e ON e.account_id = a.id'
        " WHERE a.name ~ '^(wallet:|deposit:|settled:)' GROUP BY a.id, e.currency"
    )
    op.execute('INSERT INTO ledger_folded (id, upto, mark, mark_before) VALUES (1, 0, 0, 0)')
    op.create_table(
        'ledger_proofs',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('accounts', sa.BigInteger(), nullable=False),
        sa.Column('journals', sa.BigInteger(), nullable=False),
        sa.Column('entries', sa.BigInteger(), nullable=False),
        sa.Column('problems', JSONB(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_proofs')),
    )


def _wallets() -> None:
    op.create_table(
        'wallets_payouts',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_wallets_payouts')),
    )
    op.create_table(
        'wallets_withdrawals',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.Column('account', sa.Text(), nullable=False),
        sa.Column('holder', sa.Text(), nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('payout_id', sa.Uuid(), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'sent', 'paid', 'returned')", name=op.f('ck_wallets_withdrawals_state')
        ),
        sa.CheckConstraint('amount > 0', name=op.f('ck_wallets_withdrawals_amount')),
        sa.CheckConstraint(
            "(state = 'asked') = (payout_id IS NULL)", name=op.f('ck_wallets_withdrawals_payout')
        ),
        sa.ForeignKeyConstraint(
            ['payout_id'], ['wallets_payouts.id'], name=op.f('fk_wallets_withdrawals_payout_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_wallets_withdrawals')),
    )
    op.create_index('ix_wallets_withdrawals_person', 'wallets_withdrawals', ['person_id', 'id'])
    op.create_index(
        'ix_wallets_withdrawals_asked', 'wallets_withdrawals', ['id'], postgresql_where=sa.text("state = 'asked'")
    )
    op.create_index('ix_wallets_withdrawals_payout', 'wallets_withdrawals', ['payout_id', 'id'])
    op.create_table(
        'wallets_log',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('withdrawal_id', sa.Uuid(), nullable=False),
        sa.Column('who_id', sa.Uuid(), nullable=True),
        sa.Column('before', sa.Text(), nullable=True),
        sa.Column('after', sa.Text(), nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.ForeignKeyConstraint(
            ['withdrawal_id'], ['wallets_withdrawals.id'], name=op.f('fk_wallets_log_withdrawal_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_wallets_log')),
    )
    op.create_index('ix_wallets_log_withdrawal', 'wallets_log', ['withdrawal_id'])
