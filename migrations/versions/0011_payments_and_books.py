"""stored balances, the books' proofs; what providers are asked and answer, refunds that are sent, wallets

Revision: 0011
After: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Runs beside the shop. Indexes of large tables are built concurrently, checks are validated without a long lock."""
    _balances()
    with op.get_context().autocommit_block():
        op.execute('SET lock_timeout = 0')
        _reindex('ix_ledger_entries_account_id_id', 'ledger_entries (account_id, id)')
        op.execute('DROP INDEX CONCURRENTLY IF EXISTS ix_ledger_entries_account')


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute('SET lock_timeout = 0')
        _reindex('ix_ledger_entries_account', 'ledger_entries (account_id)')
        op.execute('DROP INDEX CONCURRENTLY IF EXISTS ix_ledger_entries_account_id_id')
    for table in ('ledger_proofs', 'ledger_folded', 'ledger_balances'):
        op.drop_table(table)


def _reindex(name: str, what: str) -> None:
    op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {name}')
    op.execute(f'CREATE INDEX CONCURRENTLY {name} ON {what}')


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
    op.execute('INSERT INTO ledger_folded (id, upto, mark, mark_before) VALUES (1, 0, 0, 0)')
    op.create_table(
        'ledger_proofs',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('accounts', sa.BigInteger(), nullable=False),
        sa.Column('journals', sa.BigInteger(), nullable=False),
        sa.Column('entries', sa.BigInteger(), nullable=False),
        sa.Column('problems', sa.dialects.postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_proofs')),
    )
