"""refunds: what goes back of paid orders

Revision: 0013
After: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'refunds_grants',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('subject_kind', sa.Text(), nullable=False),
        sa.Column('subject_id', sa.Uuid(), nullable=False),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.Column('freight', sa.BigInteger(), nullable=False),
        sa.Column('refund_id', sa.Uuid(), nullable=True),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint('freight BETWEEN 0 AND amount', name=op.f('ck_refunds_grants_amount')),
        sa.ForeignKeyConstraint(
            ['order_id'], ['fulfilment_orders.order_id'], name=op.f('fk_refunds_grants_order_id')
        ),
        sa.ForeignKeyConstraint(['refund_id'], ['payments_refunds.id'], name=op.f('fk_refunds_grants_refund_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_refunds_grants')),
        sa.UniqueConstraint('subject_kind', 'subject_id', name=op.f('uq_refunds_grants_subject_kind_subject_id')),
    )
    op.create_index('ix_refunds_grants_order', 'refunds_grants', ['order_id', 'id'])
    op.create_table(
        'refunds_shares',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('grant_id', sa.Uuid(), nullable=False),
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('line_id', sa.Uuid(), nullable=True),
        sa.Column('units', sa.BigInteger(), nullable=False),
        sa.Column('holder', sa.Text(), nullable=False),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.CheckConstraint('amount >= 0 AND units >= 0', name=op.f('ck_refunds_shares_amount')),
        sa.ForeignKeyConstraint(['grant_id'], ['refunds_grants.id'], name=op.f('fk_refunds_shares_grant_id')),
        sa.ForeignKeyConstraint(['line_id'], ['orders_lines.id'], name=op.f('fk_refunds_shares_line_id')),
        sa.ForeignKeyConstraint(
            ['order_id'], ['fulfilment_orders.order_id'], name=op.f('fk_refunds_shares_order_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_refunds_shares')),
    )
    op.create_index('ix_refunds_shares_order', 'refunds_shares', ['order_id'])
    op.create_index('ix_refunds_shares_grant', 'refunds_shares', ['grant_id'])


def downgrade():
    op.drop_table('refunds_shares')
    op.drop_table('refunds_grants')
