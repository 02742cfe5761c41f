"""take rates, settlement

Revision: 0020
After: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COLUMNS = (
    'goods', 'shop_discounts', 'other_discounts', 'funded', 'freight', 'freight_discounts', 'refunded',
    'refunded_to_funders', 'late', 'way_back', 'supply', 'fee',
)  # fmt: skip
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
        *(sa.Column(one, sa.BigInteger(), nullable=False) for one in ('fee_base', 'net', 'to_settled', 'of_debts')),
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


def downgrade():
    for one in ('settlement_entries', 'settlement_shops', 'settlement_due', 'fees_rates'):
        op.drop_table(one)
    op.execute('DROP FUNCTION fees_refuse_change()')
