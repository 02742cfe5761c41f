"""take rates, settlement, bills, payouts

Revision: 0021
After: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COLUMNS = (
    'goods', 'shop_discounts', 'other_discounts', 'funded', 'freight', 'freight_discounts', 'refunded',
    'refunded_to_funders', 'late', 'way_back', 'supply', 'fee',
)  # fmt: skip
SUMS = ('fee_base', 'net', 'to_settled', 'of_debts')
RATES_UNCHANGED = """
CREATE OR REPLACE FUNCTION fees_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rates are only ever added to'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ck_fees_rates_unchanged';
END $$
"""
RATES_RULES = (
    'CREATE TRIGGER fees_rates_unchanged BEFORE UPDATE OR DELETE ON fees_rates'
    ' FOR EACH ROW EXECUTE FUNCTION fees_refuse_change()',
    'CREATE TRIGGER fees_rates_not_emptied BEFORE TRUNCATE ON fees_rates'
    ' FOR EACH STATEMENT EXECUTE FUNCTION fees_refuse_change()',
)


def upgrade():
    _fees()
    _settlement()
    _bills()
    _payees()
    _payouts()


def _fees():
    op.create_table(
        'fees_rates',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=True),
        sa.Column('category_id', sa.Uuid(), nullable=True),
        sa.Column('rate', sa.BigInteger(), nullable=False),
        sa.Column('valid_from', MOMENT, nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('set_by', sa.Uuid(), nullable=False),
        sa.Column('set_at', MOMENT, server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint('rate BETWEEN 0 AND 10000', name=op.f('ck_fees_rates_rate')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_fees_rates')),
        sa.UniqueConstraint(
            'shop_id', 'category_id', 'valid_from', name=op.f('uq_fees_rates_shop_id_category_id_valid_from'),
            postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip
    op.create_index('ix_fees_rates_category', 'fees_rates', ['category_id'])
    op.create_index('ix_fees_rates_set_at', 'fees_rates', ['set_at', 'id'])
    for rule in (RATES_UNCHANGED, *RATES_RULES):
        op.execute(rule)


def _settlement():
    op.create_table(
        'settlement_due',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('due_at', MOMENT, nullable=False),
        sa.Column('problem', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(['order_id'], ['fulfilment_orders.order_id'], name=op.f('fk_settlement_due_order_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_settlement_due')),
    )
    op.create_index('ix_settlement_due_due_at', 'settlement_due', ['due_at', 'id'])
    op.create_index('ix_settlement_due_order', 'settlement_due', ['order_id'])
    op.create_table(
        'settlement_shops',
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('settled', sa.BigInteger(), nullable=False),
        sa.Column('owed', sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            'settled >= 0 AND owed >= 0 AND (settled = 0 OR owed = 0)', name=op.f('ck_settlement_shops_stands')
        ),
        sa.PrimaryKeyConstraint('shop_id', name=op.f('pk_settlement_shops')),
    )
    op.create_table(
        'settlement_entries',
        *(sa.Column(one, sa.Uuid(), nullable=False) for one in ('id', 'settlement_id', 'order_id', 'shop_id')),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('number', sa.BigInteger(), nullable=False),
        *(sa.Column(one, sa.BigInteger(), nullable=False) for one in COLUMNS),
        *(sa.Column(one, sa.BigInteger(), nullable=False) for one in SUMS),
        sa.Column('at', MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('order', 'correction', 'supply')", name=op.f('ck_settlement_entries_kind')),
        sa.CheckConstraint(f"net = {' + '.join(COLUMNS)}", name=op.f('ck_settlement_entries_net')),
        sa.CheckConstraint('net = to_settled + of_debts', name=op.f('ck_settlement_entries_parts')),
        sa.ForeignKeyConstraint(
            ['order_id'], ['fulfilment_orders.order_id'], name=op.f('fk_settlement_entries_order_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_settlement_entries')),
        sa.UniqueConstraint(
            'order_id', 'shop_id', 'number', name=op.f('uq_settlement_entries_order_id_shop_id_number')
        ),
    )
    op.create_index('ix_settlement_entries_shop', 'settlement_entries', ['shop_id', 'at', 'id'])
    op.create_index('ix_settlement_entries_settlement', 'settlement_entries', ['settlement_id'])


def _bills():
    op.create_table(
        'bills_shops',
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('period', sa.Text(), server_default='week', nullable=False),
        sa.Column('billed_until', MOMENT, nullable=True),
        sa.CheckConstraint("period IN ('week', 'month')", name=op.f('ck_bills_shops_period')),
        sa.PrimaryKeyConstraint('shop_id', name=op.f('pk_bills_shops')),
    )
    op.create_table(
        'bills_bills',
        *(sa.Column(one, sa.Uuid(), nullable=False) for one in ('id', 'shop_id')),
        *(sa.Column(one, MOMENT, nullable=False) for one in ('begins', 'ends')),
        sa.Column('state', sa.Text(), nullable=False),
        *(sa.Column(one, sa.BigInteger(), nullable=False) for one in ('entries', *COLUMNS, *SUMS)),
        sa.Column('issued_at', MOMENT, server_default=sa.text('now()'), nullable=False),
        sa.Column('confirm_by', MOMENT, nullable=False),
        *(sa.Column(one, MOMENT, nullable=True) for one in ('confirmed_at', 'paid_at')),
        sa.CheckConstraint("state IN ('issued', 'confirmed', 'paid')", name=op.f('ck_bills_bills_state')),
        sa.CheckConstraint('begins < ends', name=op.f('ck_bills_bills_period')),
        sa.CheckConstraint(
            "(state = 'issued') = (confirmed_at IS NULL)", name=op.f('ck_bills_bills_confirmed_at')
        ),
        sa.CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name=op.f('ck_bills_bills_paid_at')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_bills_bills')),
        sa.UniqueConstraint('shop_id', 'begins', name=op.f('uq_bills_bills_shop_id_begins')),
    )
    op.create_index(
        'ix_bills_bills_due', 'bills_bills', ['confirm_by'], postgresql_where=sa.text("state = 'issued'")
    )
    op.create_index(
        'ix_bills_bills_to_pay', 'bills_bills', ['shop_id'], postgresql_where=sa.text("state = 'confirmed'")
    )
    op.create_table(
        'bills_log',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('bill_id', sa.Uuid(), nullable=False),
        sa.Column('who_kind', sa.Text(), nullable=False),
        sa.Column('who_id', sa.Uuid(), nullable=True),
        sa.Column('before', sa.Text(), nullable=True),
        *(sa.Column(one, sa.Text(), nullable=False) for one in ('after', 'why')),
        sa.Column('at', MOMENT, server_default=sa.text('now()'), nullable=False),
        sa.ForeignKeyConstraint(['bill_id'], ['bills_bills.id'], name=op.f('fk_bills_log_bill_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_bills_log')),
    )
    op.create_index('ix_bills_log_bill', 'bills_log', ['bill_id', 'id'])


def _payees():
    op.create_table(
        'payouts_payees',
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        *(sa.Column(one, sa.Text(), nullable=False) for one in ('channel', 'name', 'bank', 'ends_with')),
        sa.Column('account', sa.LargeBinary(), nullable=False),
        sa.Column('hold_until', MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('shop_id', name=op.f('pk_payouts_payees')),
    )
    op.create_table(
        'payouts_payees_log',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        *(sa.Column(one, sa.Uuid(), nullable=False) for one in ('shop_id', 'who_id')),
        *(sa.Column(one, sa.Text(), nullable=False) for one in ('before', 'after')),
        sa.Column('at', MOMENT, server_default=sa.text('now()'), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_payouts_payees_log')),
    )
    op.create_index('ix_payouts_payees_log_shop', 'payouts_payees_log', ['shop_id', 'id'])


def _payouts():
    op.create_table(
        'payouts_batches',
        sa.Column('id', sa.Uuid(), nullable=False),
        *(sa.Column(one, sa.Text(), nullable=False) for one in ('channel', 'state')),
        sa.Column('made_by', sa.Uuid(), nullable=False),
        sa.Column('made_at', MOMENT, server_default=sa.text('now()'), nullable=False),
        sa.Column('decided_by', sa.Uuid(), nullable=True),
        sa.Column('decided_at', MOMENT, nullable=True),
        sa.Column('why', sa.Text(), server_default='', nullable=False),
        sa.CheckConstraint("state IN ('made', 'approved', 'rejected')", name=op.f('ck_payouts_batches_state')),
        sa.CheckConstraint("(state = 'made') = (decided_by IS NULL)", name=op.f('ck_payouts_batches_decided')),
        sa.CheckConstraint(
            "state <> 'approved' OR decided_by <> made_by", name=op.f('ck_payouts_batches_two_people')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_payouts_batches')),
    )
    op.create_index('ix_payouts_batches_made_at', 'payouts_batches', ['made_at', 'id'])
    op.create_table(
        'payouts_payouts',
        *(sa.Column(one, sa.Uuid(), nullable=False) for one in ('id', 'batch_id', 'shop_id')),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        *(sa.Column(one, sa.Text(), nullable=False) for one in ('state', 'name', 'bank', 'ends_with')),
        sa.Column('account', sa.LargeBinary(), nullable=False),
        sa.Column('tries', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
        sa.Column('next_try_at', MOMENT, nullable=True),
        sa.Column('reason', sa.Text(), server_default='', nullable=False),
        sa.Column('ended_at', MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'done', 'failed')", name=op.f('ck_payouts_payouts_state')
        ),
        sa.CheckConstraint('amount > 0', name=op.f('ck_payouts_payouts_amount')),
        sa.CheckConstraint(
            "(state IN ('done', 'failed')) = (ended_at IS NOT NULL)", name=op.f('ck_payouts_payouts_ended')
        ),
        sa.ForeignKeyConstraint(['batch_id'], ['payouts_batches.id'], name=op.f('fk_payouts_payouts_batch_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_payouts_payouts')),
    )
    op.create_index('ix_payouts_payouts_batch', 'payouts_payouts', ['batch_id', 'id'])
    op.create_index('ix_payouts_payouts_shop', 'payouts_payouts', ['shop_id', 'id'])
    op.create_index(
        'ix_payouts_payouts_next', 'payouts_payouts', ['next_try_at'],
        postgresql_where=sa.text('next_try_at IS NOT NULL'),
    )  # fmt: skip
    op.create_table(
        'payouts_bills',
        *(sa.Column(one, sa.Uuid(), nullable=False) for one in ('bill_id', 'payout_id')),
        sa.ForeignKeyConstraint(['bill_id'], ['bills_bills.id'], name=op.f('fk_payouts_bills_bill_id')),
        sa.ForeignKeyConstraint(['payout_id'], ['payouts_payouts.id'], name=op.f('fk_payouts_bills_payout_id')),
        sa.PrimaryKeyConstraint('bill_id', name=op.f('pk_payouts_bills')),
    )
    op.create_index('ix_payouts_bills_payout', 'payouts_bills', ['payout_id'])
    op.create_table(
        'payouts_sandbox',
        sa.Column('request_id', sa.Uuid(), nullable=False),
        sa.Column('receiver', sa.Text(), nullable=False),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.Column('outcome', sa.Text(), nullable=False),
        sa.Column('at', MOMENT, server_default=sa.text('now()'), nullable=False),
        sa.PrimaryKeyConstraint('request_id', name=op.f('pk_payouts_sandbox')),
    )


def downgrade():
    for one in ('sandbox', 'bills', 'payouts', 'batches', 'payees_log', 'payees'):
        op.drop_table(f'payouts_{one}')
    for one in ('log', 'bills', 'shops'):
        op.drop_table(f'bills_{one}')
    for one in ('settlement_entries', 'settlement_shops', 'settlement_due', 'fees_rates'):
        op.drop_table(one)
    op.execute('DROP FUNCTION fees_refuse_change()')
