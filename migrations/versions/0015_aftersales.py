"""after-sales cases

Revision: 0015
After: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KINDS = "('refund', 'return', 'exchange', 'price')"
ENDS = "('granted', 'replaced', 'withdrawn', 'rejected', 'expired')"
STATES = (
    "('requested', 'approved', 'sent_back', 'refused', 'disputed',"
    " 'granted', 'replaced', 'withdrawn', 'rejected', 'expired')"
)


def upgrade():
    op.create_table(
        'aftersales_cases',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('buyer_kind', sa.Text(), nullable=False),
        sa.Column('buyer_id', sa.Uuid(), nullable=False),
        *(sa.Column(one, sa.Text(), nullable=False) for one in ('kind', 'reason', 'words', 'state')),
        sa.Column('amount', sa.BigInteger(), nullable=True),
        sa.Column('freight', sa.BigInteger(), nullable=False),
        sa.Column('way_back', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
        sa.Column('due_at', MOMENT, nullable=True),
        *(sa.Column(one, sa.Text(), nullable=True) for one in ('back_carrier', 'back_number')),
        *(sa.Column(one, sa.Text(), nullable=True) for one in ('new_carrier', 'new_number')),
        sa.Column('grant_id', sa.Uuid(), nullable=True),
        sa.Column('opened_at', MOMENT, server_default=sa.text('now()'), nullable=False),
        sa.Column('closed_at', MOMENT, nullable=True),
        sa.CheckConstraint(f'kind IN {KINDS}', name=op.f('ck_aftersales_cases_kind')),
        sa.CheckConstraint(f'state IN {STATES}', name=op.f('ck_aftersales_cases_state')),
        sa.CheckConstraint(
            'amount >= 0 AND freight >= 0 AND way_back >= 0', name=op.f('ck_aftersales_cases_amount')
        ),
        sa.CheckConstraint(
            f'(state IN {ENDS}) = (closed_at IS NOT NULL)', name=op.f('ck_aftersales_cases_closed')
        ),
        sa.ForeignKeyConstraint(['grant_id'], ['refunds_grants.id'], name=op.f('fk_aftersales_cases_grant_id')),
        sa.ForeignKeyConstraint(
            ['order_id'], ['fulfilment_orders.order_id'], name=op.f('fk_aftersales_cases_order_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_aftersales_cases')),
    )
    for name, columns in {
        'order': ['order_id', 'id'],
        'shop': ['shop_id', 'state', 'opened_at', 'id'],
        'buyer': ['buyer_kind', 'buyer_id', 'opened_at', 'id'],
        'state': ['state', 'opened_at', 'id'],
    }.items():
        op.create_index(f'ix_aftersales_cases_{name}', 'aftersales_cases', columns)
    op.create_index(
        'ix_aftersales_cases_due', 'aftersales_cases', ['due_at'], postgresql_where=sa.text('due_at IS NOT NULL')
    )
    op.create_table(
        'aftersales_lines',
        sa.Column('case_id', sa.Uuid(), nullable=False),
        sa.Column('line_id', sa.Uuid(), nullable=False),
        sa.Column('units', sa.BigInteger(), nullable=False),
        sa.CheckConstraint('units >= 0', name=op.f('ck_aftersales_lines_units')),
        sa.ForeignKeyConstraint(['case_id'], ['aftersales_cases.id'], name=op.f('fk_aftersales_lines_case_id')),
        sa.ForeignKeyConstraint(['line_id'], ['orders_lines.id'], name=op.f('fk_aftersales_lines_line_id')),
        sa.PrimaryKeyConstraint('case_id', 'line_id', name=op.f('pk_aftersales_lines')),
    )
    op.create_table(
        'aftersales_pictures',
        sa.Column('case_id', sa.Uuid(), nullable=False),
        sa.Column('upload_id', sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['aftersales_cases.id'], name=op.f('fk_aftersales_pictures_case_id')),
        sa.ForeignKeyConstraint(['upload_id'], ['uploads_uploads.id'], name=op.f('fk_aftersales_pictures_upload_id')),
        sa.PrimaryKeyConstraint('case_id', 'upload_id', name=op.f('pk_aftersales_pictures')),
    )
    op.create_table(
        'aftersales_log',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('case_id', sa.Uuid(), nullable=False),
        sa.Column('who', sa.Text(), nullable=False),
        sa.Column('who_id', sa.Uuid(), nullable=True),
        sa.Column('before', sa.Text(), nullable=True),
        sa.Column('after', sa.Text(), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.Column('at', MOMENT, server_default=sa.text('now()'), nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['aftersales_cases.id'], name=op.f('fk_aftersales_log_case_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_aftersales_log')),
    )
    op.create_index('ix_aftersales_log_case', 'aftersales_log', ['case_id', 'id'])
    op.create_table(
        'aftersales_policies',
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('address', sa.Text(), nullable=False),
        sa.Column('is_insured', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.PrimaryKeyConstraint('shop_id', name=op.f('pk_aftersales_policies')),
    )


def downgrade():
    for one in ('policies', 'log', 'pictures', 'lines', 'cases'):
        op.drop_table(f'aftersales_{one}')
