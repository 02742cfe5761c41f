"""shops of a whole store

Revision: 0012
After: 0010
"""

import sqlalchemy as sa
from alembic import op


revision = '0012'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'staffing_log',
        sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('who_id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('what', sa.Text(), nullable=False),
        sa.Column('before', sa.Text(), nullable=True),
        sa.Column('after', sa.Text(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_staffing_log')),
    )
    op.create_index('ix_staffing_log_shop', 'staffing_log', ['shop_id', 'id'], unique=False)
    op.create_table(
        'shops_closures',
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('why', sa.Text(), nullable=False),
        sa.Column('since', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.CheckConstraint(
            "why IN ('pending', 'needs_changes', 'refused', 'suspended')", name=op.f('ck_shops_closures_why')
        ),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_shops_closures_shop_id')),
        sa.PrimaryKeyConstraint('shop_id', name=op.f('pk_shops_closures')),
    )
    op.create_table(
        'staffing_invitations',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('shop_id', sa.Uuid(), nullable=False),
        sa.Column('person_id', sa.Uuid(), nullable=False),
        sa.Column('role', sa.Text(), nullable=False),
        sa.Column('by_id', sa.Uuid(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('owner', 'manager', 'packer', 'after_sales', 'reader')", name=op.f('ck_staffing_invitations_role')
        ),
        sa.ForeignKeyConstraint(['person_id'], ['accounts_people.id'], name=op.f('fk_staffing_invitations_person_id')),
        sa.ForeignKeyConstraint(['shop_id'], ['shops_shops.id'], name=op.f('fk_staffing_invitations_shop_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_staffing_invitations')),
        sa.UniqueConstraint('shop_id', 'person_id', name=op.f('uq_staffing_invitations_shop_id_person_id')),
    )
    op.create_index('ix_staffing_invitations_expiry', 'staffing_invitations', ['expires_at'], unique=False)
    op.create_index('ix_staffing_invitations_person', 'staffing_invitations', ['person_id', 'at', 'id'], unique=False)
    op.add_column('shops_shops', sa.Column('in_mall', sa.Boolean(), server_default=sa.text('true'), nullable=False))
    op.create_index(
        'ix_shops_shops_outside', 'shops_shops', ['id'], unique=False, postgresql_where=sa.text('NOT in_mall')
    )


def downgrade() -> None:
    op.drop_index('ix_shops_shops_outside', table_name='shops_shops', postgresql_where=sa.text('NOT in_mall'))
    op.drop_column('shops_shops', 'in_mall')
    op.drop_index('ix_staffing_invitations_person', table_name='staffing_invitations')
    op.drop_index('ix_staffing_invitations_expiry', table_name='staffing_invitations')
    op.drop_table('staffing_invitations')
    op.drop_table('shops_closures')
    op.drop_index('ix_staffing_log_shop', table_name='staffing_log')
    op.drop_table('staffing_log')
